use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{FileType, SealFlags, SeekFrom};
use rustix::io::Errno;

use crate::shm::sealed_memfd;
use crate::{Region, page_align, page_size};

/// A mapping of memory that someone else made: a dma-buf, or a memfd received. Clones
/// share it.
#[derive(Clone, Debug)]
pub struct Mapping {
    region: Arc<Region>,
}

impl Mapping {
    /// Maps the first `len` bytes of `fd`, rounded up to whole pages, readable and writable.
    ///
    /// The fd itself is not kept. What could shrink under the mapping is refused, because
    /// touching pages past the end kills the process: a memfd is sealed against shrinking
    /// here if it is not yet, and a file that cannot be sealed is `PermissionDenied`. A
    /// `len` of 0 or past the memory's end is `InvalidInput`.
    pub fn new(fd: BorrowedFd<'_>, len: u64) -> io::Result<Self> {
        refuse_shrinkable(fd)?;
        let len = page_align(len)
            .filter(|len| *len != 0)
            .ok_or(io::ErrorKind::InvalidInput)?;
        check_size(fd, len)?;
        let size = usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
        let region = Arc::new(Region::map(fd, 0, size)?);
        Ok(Self { region })
    }

    /// Maps `len` bytes of `fd` from `offset` on: memory of a virtual machine, whose monitor is
    /// trusted not to shrink it. Such files often cannot be sealed.
    ///
    /// The fd itself is not kept. An `offset` or a `len` that is no multiple of the page size, a
    /// `len` of 0, or an end past the memory's is `InvalidInput`.
    pub fn of_machine(fd: BorrowedFd<'_>, offset: u64, len: u64) -> io::Result<Self> {
        let page = page_size() as u64;
        if len == 0 || !offset.is_multiple_of(page) || !len.is_multiple_of(page) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let end = offset.checked_add(len).ok_or(io::ErrorKind::InvalidInput)?;
        check_size(fd, end)?;
        let size = usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
        let region = Arc::new(Region::map(fd, offset, size)?);
        Ok(Self { region })
    }

    /// Makes zero-filled memory like [`crate::Shm::new`], and lets go of the fd: whoever shall see the
    /// same pages gets it, and the mapping costs no fd.
    pub fn with_memfd(name: &str, len: u64) -> io::Result<(Self, OwnedFd)> {
        let (fd, region) = sealed_memfd(name, len)?;
        let region = Arc::new(region);
        Ok((Self { region }, fd))
    }
}

impl Deref for Mapping {
    type Target = Region;

    fn deref(&self) -> &Region {
        &self.region
    }
}

fn refuse_shrinkable(fd: BorrowedFd<'_>) -> io::Result<()> {
    match rustix::fs::fcntl_get_seals(fd) {
        Ok(seals) if seals.contains(SealFlags::SHRINK) => Ok(()),
        Ok(_) => rustix::fs::fcntl_add_seals(fd, SealFlags::SHRINK)
            .map_err(|_| io::ErrorKind::PermissionDenied.into()),
        Err(Errno::INVAL) => refuse_file(fd),
        Err(error) => Err(error.into()),
    }
}

/// A dma-buf has no seals and needs none: its size is fixed. It is no regular file either.
fn refuse_file(fd: BorrowedFd<'_>) -> io::Result<()> {
    let stat = rustix::fs::fstat(fd)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Err(io::ErrorKind::PermissionDenied.into()),
        _ => Ok(()),
    }
}

/// Seeking to the end tells the size of a memfd and of a dma-buf alike; device files that
/// cannot seek bound `mmap` themselves.
fn check_size(fd: BorrowedFd<'_>, len: u64) -> io::Result<()> {
    match rustix::fs::seek(fd.as_fd(), SeekFrom::End(0)) {
        Ok(size) if page_align(size).is_none_or(|size| size < len) => {
            Err(io::ErrorKind::InvalidInput.into())
        }
        Ok(_) | Err(Errno::SPIPE) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
