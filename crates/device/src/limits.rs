//! How much one guest may hold, and why no more.

/// Contexts of a device. A Linux guest makes one for each open of its DRM device.
pub const MAX_CONTEXTS: usize = 4096;

/// Resources of a device. Each may hold a file descriptor, of which the host has a limited
/// number for all guests; drivers that allocate memory one object at a time stay below.
pub const MAX_RESOURCES: usize = 32_768;

/// Bytes of one blob: as much as the largest GPU's memory today.
pub const MAX_BLOB_SIZE: u64 = 1 << 38;

/// Pieces that a resource's backing lies in. Linux guests merge neighbours; QEMU takes no more
/// than this either (`virtio_gpu_create_mapping_iov` in `hw/display/virtio-gpu.c`).
pub const MAX_BACKING_PIECES: usize = 16_384;

/// Bytes of a device's blobs and backings in memfds together, which the guest fills at will and the host
/// pays for. Rings and reply buffers take a few MiB; the rest is room for guests whose GPU
/// memory is all shared memory.
pub const MAX_SHM_BYTES: u64 = 1 << 36;
