//! How much a client may ask for in one message, and why no more.

/// Bytes of a client's name. The reference server takes as much; real names are process
/// names, and Mesa's own buffers for them hold 4 KiB.
pub const MAX_NAME: u32 = 1024 * 1024;

/// Bytes of a command stream in one message. Mesa's virgl driver sends at most 256 KiB
/// (`VIRGL_MAX_CMDBUF_DWORDS`) and its Venus driver moves anything big to shared memory; the
/// factor of 256 is for programs that are neither.
pub const MAX_SUBMIT: u32 = 64 * 1024 * 1024;

/// Bytes of pixels in one transfer through the socket, which only protocol version 0 does:
/// one 8192 x 8192 image of 4-byte pixels.
pub const MAX_TRANSFER: u32 = 256 * 1024 * 1024;

/// Batches in one submission. Mesa sends one batch a queue submission.
pub const MAX_BATCHES: u32 = 4096;

/// Sync points in one submission or wait, all batches together. A program that waits for
/// all its fences at once stays far below.
pub const MAX_SYNCS: u32 = 65_536;

/// DRM syncobj handles in one message: as many as the kernel takes in one page of handles,
/// four times over.
pub const MAX_SYNCOBJS: u32 = 4096;
