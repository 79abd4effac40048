//! How much a driver may ask for in one request, and why no more.

/// Bytes of the longest fixed part, header included: those of `VIRTIO_GPU_CMD_CTX_CREATE` and of
/// `VIRTIO_GPU_CMD_SET_SCANOUT_BLOB`.
pub const MAX_HEAD: usize = 96;

/// Scanouts of a device (`VIRTIO_GPU_MAX_SCANOUTS`): the response with their modes has no room for
/// more.
pub const MAX_SCANOUTS: u32 = 16;

/// Rings of a context: the specification numbers them 0 to 63 (5.7.6.7).
pub const MAX_RINGS: u32 = 64;

/// Entries of a resource's guest memory: 1 GiB of single 4 KiB pages, which is one 16384 x 16384
/// image of 4-byte pixels with no two pages side by side. QEMU stops at 16384 entries.
pub const MAX_MEM_ENTRIES: u32 = 262_144;

/// Bytes of a command stream in one request. Mesa's virgl driver sends at most 256 KiB
/// (`VIRGL_MAX_CMDBUF_DWORDS`) and its Venus driver moves anything big to shared memory; the
/// factor of 256 is for programs that are neither.
pub const MAX_SUBMIT: u32 = 64 * 1024 * 1024;

/// Bytes of a context's name: the request has no room for more.
pub const MAX_DEBUG_NAME: u32 = 64;

/// Bytes of an EDID: the response has no room for more.
pub const MAX_EDID: u32 = 1024;

/// Bytes of a capset that a response is read with. Venus' and virgl's have less than 2 KiB; the
/// rest is for others.
pub const MAX_CAPSET: u32 = 64 * 1024;

/// Planes of a scanout's format (`strides` and `offsets` of `struct virtio_gpu_set_scanout_blob`).
pub const MAX_PLANES: usize = 4;
