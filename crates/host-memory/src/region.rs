use std::ffi::c_void;
use std::io;
use std::os::fd::BorrowedFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

use rustix::mm::{MapFlags, ProtFlags};

/// An access that does not lie inside the memory, or a word access that is not aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{size} bytes at offset {offset:#x} are not aligned inside {len:#x} bytes")]
pub struct OutOfRange {
    /// Where the access starts, in bytes.
    pub offset: u64,
    /// How many bytes it covers.
    pub size: u64,
    /// The memory's length in bytes.
    pub len: u64,
}

/// A shared read-write mapping, unmapped when dropped.
///
/// Offsets and lengths are in bytes. Every access is checked against the length.
#[derive(Debug)]
pub struct Region {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the pages are plain shared memory; they belong to no thread.
unsafe impl Send for Region {}
// SAFETY: all access through `&Region` is atomic.
unsafe impl Sync for Region {}

impl Region {
    /// Maps `len` bytes of `fd` from `offset` on, a multiple of the page size; shared, readable
    /// and writable.
    pub(crate) fn map(fd: BorrowedFd<'_>, offset: u64, len: usize) -> io::Result<Self> {
        // SAFETY: a null hint lets the kernel choose fresh addresses, so no existing
        // mapping is touched.
        let base = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                fd,
                offset,
            )?
        };
        let base = NonNull::new(base.cast::<u8>())
            .ok_or_else(|| io::Error::other("the kernel mapped memory at address zero"))?;
        Ok(Self { base, len })
    }

    /// The length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a region is never empty")]
    pub fn len(&self) -> u64 {
        self.len as u64
    }

    /// The first byte, for a host API that takes the pages as they are.
    ///
    /// The guest writes there too: whoever reads through the pointer keeps to atomics or
    /// leaves it to a device.
    pub fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Copies `buf.len()` bytes out, from `offset` on.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> Result<(), OutOfRange> {
        let src = self.span(offset, buf.len())?;
        // SAFETY: `span` has checked that `buf.len()` bytes at `src` are mapped.
        unsafe { copy_out(src, buf) };
        Ok(())
    }

    /// Copies `bytes` in, from `offset` on.
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), OutOfRange> {
        let dst = self.span(offset, bytes.len())?;
        // SAFETY: `span` has checked that `bytes.len()` bytes at `dst` are mapped.
        unsafe { copy_in(dst, bytes) };
        Ok(())
    }

    /// Fills `len` bytes from `offset` on with `value`.
    pub fn fill(&self, offset: u64, len: u64, value: u8) -> Result<(), OutOfRange> {
        let size = usize::try_from(len).unwrap_or(usize::MAX);
        let dst = self.span(offset, size)?;
        // SAFETY: `span` has checked that `size` bytes at `dst` are mapped.
        unsafe { fill(dst, size, value) };
        Ok(())
    }

    /// Loads the word at `offset`, a multiple of 4. `order` is one that a load can have.
    #[inline]
    pub fn load_u32(&self, offset: u64, order: Ordering) -> Result<u32, OutOfRange> {
        Ok(self.word(offset)?.load(order))
    }

    /// Stores the word at `offset`, a multiple of 4. `order` is one that a store can have.
    #[inline]
    pub fn store_u32(&self, offset: u64, value: u32, order: Ordering) -> Result<(), OutOfRange> {
        self.word(offset)?.store(value, order);
        Ok(())
    }

    /// Sets bits in the word at `offset`, a multiple of 4; returns what it was.
    pub fn fetch_or_u32(&self, offset: u64, bits: u32, order: Ordering) -> Result<u32, OutOfRange> {
        Ok(self.word(offset)?.fetch_or(bits, order))
    }

    /// Keeps only `bits` in the word at `offset`, a multiple of 4; returns what it was.
    pub fn fetch_and_u32(
        &self,
        offset: u64,
        bits: u32,
        order: Ordering,
    ) -> Result<u32, OutOfRange> {
        Ok(self.word(offset)?.fetch_and(bits, order))
    }

    #[inline]
    fn word(&self, offset: u64) -> Result<&AtomicU32, OutOfRange> {
        let word = self.span(offset, size_of::<u32>())?.cast::<u32>();
        if !word.is_aligned() {
            return Err(self.out_of_range(offset, size_of::<u32>()));
        }
        // SAFETY: in bounds, aligned, mapped for as long as `self` lives, and accessed by
        // atomics only.
        Ok(unsafe { AtomicU32::from_ptr(word.as_ptr()) })
    }

    #[inline]
    fn span(&self, offset: u64, size: usize) -> Result<NonNull<u8>, OutOfRange> {
        let start = usize::try_from(offset).ok();
        let end = start.and_then(|start| start.checked_add(size));
        match (start, end) {
            // SAFETY: `start` is at most `len`, so the result points into the mapping or
            // to its end.
            (Some(start), Some(end)) if end <= self.len => Ok(unsafe { self.base.add(start) }),
            _ => Err(self.out_of_range(offset, size)),
        }
    }

    #[cold]
    fn out_of_range(&self, offset: u64, size: usize) -> OutOfRange {
        OutOfRange {
            offset,
            size: size as u64,
            len: self.len(),
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: `base` and `len` are what `mmap` returned, and nothing borrowed from
        // `self` outlives it.
        let unmapped = unsafe { rustix::mm::munmap(self.base.as_ptr().cast::<c_void>(), self.len) };
        debug_assert!(unmapped.is_ok());
    }
}

const WORD: usize = size_of::<u64>();

/// # Safety
/// `buf.len()` bytes at `src` are mapped, and other threads access them by atomics only.
unsafe fn copy_out(src: NonNull<u8>, buf: &mut [u8]) {
    let head = src.align_offset(WORD).min(buf.len());
    let (head, rest) = buf.split_at_mut(head);
    let (words, tail) = rest.as_chunks_mut::<WORD>();
    let mut at = src.as_ptr();
    // SAFETY: the three loops walk `at` over exactly `buf.len()` bytes from `src`, and the
    // word loads start where `align_offset` made it aligned.
    unsafe {
        for byte in head {
            *byte = AtomicU8::from_ptr(at).load(Ordering::Relaxed);
            at = at.add(1);
        }
        for word in words {
            *word = AtomicU64::from_ptr(at.cast())
                .load(Ordering::Relaxed)
                .to_ne_bytes();
            at = at.add(WORD);
        }
        for byte in tail {
            *byte = AtomicU8::from_ptr(at).load(Ordering::Relaxed);
            at = at.add(1);
        }
    }
}

/// # Safety
/// `bytes.len()` bytes at `dst` are mapped, and other threads access them by atomics only.
unsafe fn copy_in(dst: NonNull<u8>, bytes: &[u8]) {
    let head = dst.align_offset(WORD).min(bytes.len());
    let (head, rest) = bytes.split_at(head);
    let (words, tail) = rest.as_chunks::<WORD>();
    let mut at = dst.as_ptr();
    // SAFETY: the three loops walk `at` over exactly `bytes.len()` bytes from `dst`, and
    // the word stores start where `align_offset` made it aligned.
    unsafe {
        for byte in head {
            AtomicU8::from_ptr(at).store(*byte, Ordering::Relaxed);
            at = at.add(1);
        }
        for word in words {
            AtomicU64::from_ptr(at.cast()).store(u64::from_ne_bytes(*word), Ordering::Relaxed);
            at = at.add(WORD);
        }
        for byte in tail {
            AtomicU8::from_ptr(at).store(*byte, Ordering::Relaxed);
            at = at.add(1);
        }
    }
}

/// # Safety
/// `size` bytes at `dst` are mapped, and other threads access them by atomics only.
unsafe fn fill(dst: NonNull<u8>, size: usize, value: u8) {
    let chunk = [value; 4096];
    let mut done = 0;
    while done < size {
        let n = chunk.len().min(size - done);
        // SAFETY: `done + n` is at most `size`.
        unsafe { copy_in(dst.add(done), &chunk[..n]) };
        done += n;
    }
}
