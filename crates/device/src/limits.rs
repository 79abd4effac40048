//! How much one guest may hold, and why no more.

/// Contexts of a device. A Linux guest makes one for each open of its DRM device.
pub const MAX_CONTEXTS: usize = 4096;

/// Resources of a device. Each may hold a file descriptor, of which the host has a limited
/// number for all guests; drivers that allocate memory one object at a time stay below.
pub const MAX_RESOURCES: usize = 32_768;

/// Bytes of one blob: as much as the largest GPU's memory today.
pub const MAX_BLOB_SIZE: u64 = 1 << 38;

/// Pieces that a resource's backing lies in: 1 GiB of single 4 KiB pages, which is one 2D resource
/// of [`render_2d::MAX_SIZE`] in each direction with no two pages side by side. Linux guests merge
/// neighbours. QEMU takes 16384 (`virtio_gpu_create_mapping_iov` in `hw/display/virtio-gpu.c`).
pub const MAX_BACKING_PIECES: usize = 262_144;

/// Pieces of all backings together: 16 GiB of single pages. The host keeps some 50 bytes of each,
/// 200 MiB in all.
pub const MAX_PIECES: usize = 1 << 22;

/// Bytes of a device's blobs and backings in memfds together, which the guest fills at will and the host
/// pays for. Rings and reply buffers take a few MiB; the rest is room for guests whose GPU
/// memory is all shared memory.
pub const MAX_SHM_BYTES: u64 = 1 << 36;

/// Bytes of 2D resources together, and of the copies that are shown of classic ones. The host pays
/// for them. 16 screens of 3840 x 2160 pixels with three buffers each take 1.6 GB.
pub const MAX_2D_BYTES: u64 = 1 << 31;

/// Scanouts of a device (`VIRTIO_GPU_MAX_SCANOUTS` in `linux/virtio_gpu.h`): the response with
/// their modes has no room for more.
pub const MAX_SCANOUTS: usize = 16;

/// Fences that are waited for, together. Each holds a descriptor of a queue, which has at most
/// 32768 (virtio 1.4, 2.7).
pub const MAX_FENCES: usize = 65_536;
