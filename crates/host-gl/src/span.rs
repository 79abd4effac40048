//! Memory that GL reads or writes by a pointer.
//!
//! It is a slice of ours, or pages that a guest sees too. A guest may write to those while GL
//! copies them, and no reference to them exists: GL gets the pointer, and what it takes is what
//! was there at some moment. That is as harmless as a guest that had written the same before, for
//! whatever GL copies without acting upon it: plain texels, and the bytes of buffers. What we or a
//! driver's decoder parse has to be a copy (docs/decisions/0008-guest-memory-and-gl.md).

use std::marker::PhantomData;

use host_memory::Region;

use crate::Error;

/// Bytes that GL reads.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    start: *const u8,
    len: usize,
    of: PhantomData<&'a [u8]>,
}

/// Bytes that GL writes.
#[derive(Debug)]
pub struct Output<'a> {
    start: *mut u8,
    len: usize,
    of: PhantomData<&'a mut [u8]>,
}

impl<'a> Input<'a> {
    /// `len` bytes of memory that a guest may write to meanwhile.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn of_pages(pages: &'a Region, offset: u64, len: u64) -> Result<Self, Error> {
        let (start, len) = span(pages, offset, len)?;
        Ok(Self {
            start,
            len,
            of: PhantomData,
        })
    }

    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// The first byte; as many as [`Self::len`] are mapped for as long as `self` lives.
    pub(crate) fn start(self) -> *const u8 {
        self.start
    }

    /// A part of it.
    pub(crate) fn part(self, offset: u64, len: usize) -> Result<Self, Error> {
        let offset = inside(self.len, offset, len)?;
        Ok(Self {
            start: self.start.wrapping_add(offset),
            len,
            of: PhantomData,
        })
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self {
            start: bytes.as_ptr(),
            len: bytes.len(),
            of: PhantomData,
        }
    }
}

impl<'a> Output<'a> {
    /// `len` bytes of memory that a guest may write to meanwhile.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn of_pages(pages: &'a Region, offset: u64, len: u64) -> Result<Self, Error> {
        let (start, len) = span(pages, offset, len)?;
        Ok(Self {
            start,
            len,
            of: PhantomData,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The first byte; as many as [`Self::len`] are mapped for as long as `self` lives.
    pub(crate) fn start(&mut self) -> *mut u8 {
        self.start
    }

    /// A part of it.
    pub(crate) fn part(&mut self, offset: u64, len: usize) -> Result<Output<'_>, Error> {
        let offset = inside(self.len, offset, len)?;
        Ok(Output {
            start: self.start.wrapping_add(offset),
            len,
            of: PhantomData,
        })
    }
}

impl<'a> From<&'a mut [u8]> for Output<'a> {
    fn from(bytes: &'a mut [u8]) -> Self {
        Self {
            start: bytes.as_mut_ptr(),
            len: bytes.len(),
            of: PhantomData,
        }
    }
}

fn span(pages: &Region, offset: u64, len: u64) -> Result<(*mut u8, usize), Error> {
    let all = usize::try_from(pages.len()).unwrap_or(usize::MAX);
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let offset = inside(all, offset, len)?;
    Ok((pages.base().as_ptr().wrapping_add(offset), len))
}

/// The offset, if so many bytes from there on are inside.
fn inside(all: usize, offset: u64, len: usize) -> Result<usize, Error> {
    let start = usize::try_from(offset).ok();
    let fits = |start: &usize| start.checked_add(len).is_some_and(|end| end <= all);
    start.filter(fits).ok_or(Error::OutOfRange {
        what: "memory",
        offset,
        size: len as u64,
        len: all as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_memory::Shm;

    #[test]
    fn a_span_is_inside_what_it_is_of() {
        let pages = Shm::new("test", 4096).unwrap();
        let len = pages.len();
        assert_eq!(Input::of_pages(&pages, len - 4, 4).unwrap().len(), 4);
        assert!(Input::of_pages(&pages, len - 4, 5).is_err());
        assert!(Input::of_pages(&pages, u64::MAX, 1).is_err());
        assert!(Output::of_pages(&pages, 1, u64::MAX).is_err());
        let mut output = Output::of_pages(&pages, 16, 64).unwrap();
        let base = pages.base().as_ptr();
        assert_eq!(output.part(8, 56).unwrap().start(), base.wrapping_add(24));
        assert!(output.part(8, 57).is_err());
        let input = Input::from(&[0; 9][..]);
        assert_eq!(input.part(9, 0).unwrap().len(), 0);
        assert!(input.part(9, 1).is_err());
    }
}
