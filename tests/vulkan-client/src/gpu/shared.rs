//! Memory that another program would see, mapped.

use std::os::fd::OwnedFd;
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags};

use crate::error::{Error, Result};

/// A dma-buf's bytes. Nothing else uses them while they are borrowed: the device is idle, and
/// there is no other program.
pub(crate) struct Shared {
    base: NonNull<u8>,
    size: usize,
}

impl Shared {
    pub(crate) fn map(fd: &OwnedFd, size: usize) -> Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the kernel chooses the place, where nothing else is.
        let base = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                size,
                protection,
                MapFlags::SHARED,
                fd,
                0,
            )
        }
        .map_err(|error| Error::Wrong(format!("mapping a dma-buf: {error}")))?;
        let base = NonNull::new(base.cast())
            .ok_or_else(|| Error::Wrong("a dma-buf is mapped at address zero".into()))?;
        Ok(Self { base, size })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for as long as `self` lives.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.size) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.size) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: what `map` mapped, and nothing borrowed from it is left.
        let _ = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), self.size) };
    }
}
