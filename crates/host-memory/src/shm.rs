use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{FallocateFlags, MemfdFlags, SealFlags};

use crate::{Region, page_align};

/// A sealed memfd and its mapping; clones share both.
///
/// The length never changes after creation: the fd is sealed against shrinking and growing,
/// so a guest that holds it cannot make the host's mapping fault.
#[derive(Clone, Debug)]
pub struct Shm {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    fd: OwnedFd,
    region: Region,
}

impl Shm {
    /// Makes zero-filled memory of `len` bytes, rounded up to whole pages.
    ///
    /// `name` shows up in `/proc/*/maps`. Fails when `len` is 0 or more than the host can map,
    /// and for the reasons that `memfd_create`, `ftruncate` and `mmap` have.
    pub fn new(name: &str, len: u64) -> io::Result<Self> {
        let (fd, region) = sealed_memfd(name, len)?;
        Ok(Self {
            inner: Arc::new(Inner { fd, region }),
        })
    }

    /// Gives the memory back to the system; the pages stay where they are, and are zero.
    pub fn discard(&self) -> io::Result<()> {
        let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        Ok(rustix::fs::fallocate(self.fd(), how, 0, self.len())?)
    }

    /// The memfd, to pass to whoever shall see the same pages.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.inner.fd.as_fd()
    }
}

impl AsFd for Shm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd()
    }
}

impl Deref for Shm {
    type Target = Region;

    fn deref(&self) -> &Region {
        &self.inner.region
    }
}

/// A zero-filled memfd of `len` bytes, rounded up to whole pages, whose size is fixed; and its
/// mapping.
pub(crate) fn sealed_memfd(name: &str, len: u64) -> io::Result<(OwnedFd, Region)> {
    let len = page_align(len)
        .filter(|len| *len != 0)
        .ok_or(io::ErrorKind::InvalidInput)?;
    let size = usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
    let fd = rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    rustix::fs::ftruncate(&fd, len)?;
    rustix::fs::fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    let region = Region::map(fd.as_fd(), 0, size)?;
    Ok((fd, region))
}
