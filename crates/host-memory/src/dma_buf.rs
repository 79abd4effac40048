use std::os::fd::AsFd;

/// Whether a descriptor is a dma-buf's: drivers import what they are given, and one that is
/// given a pipe may wait for it to speak.
///
/// Dma-bufs have had a file system of their own since Linux 5.3.
pub fn is_dma_buf(fd: impl AsFd) -> bool {
    // `DMA_BUF_MAGIC` (Linux `include/uapi/linux/magic.h`).
    rustix::fs::fstatfs(fd).is_ok_and(|of| of.f_type == 0x444d_4142)
}
