//! Memory that transfers go from and to.

use std::ops::Range;

use context::{Backing, Piece, TransferSource, TransferTarget};
use host_gl::{Input, Output};

use crate::error::{Error, Result};
use crate::resource::Resource;

/// Memory that pixels come from.
pub(crate) enum Source<'a> {
    Backing(Backing),
    Bytes(&'a [u8]),
}

/// Memory that pixels go to.
pub(crate) enum Target<'a> {
    Backing(Backing),
    Bytes(&'a mut [u8]),
}

pub(super) const NOT_THERE: Error = Error::Outside("the memory of a transfer");

/// Bytes of it that lie one behind the other.
pub(super) enum Run<'a> {
    Pages(Piece),
    Bytes(&'a [u8]),
}

/// The same to be written.
pub(super) enum RunMut<'a> {
    Pages(Piece),
    Bytes(&'a mut [u8]),
}

impl Run<'_> {
    pub(super) fn input(&self) -> Result<Input<'_>> {
        Ok(match self {
            Self::Pages(piece) => Input::of_pages(piece.pages(), piece.offset(), piece.len())?,
            Self::Bytes(bytes) => (*bytes).into(),
        })
    }
}

impl RunMut<'_> {
    pub(super) fn output(&mut self) -> Result<Output<'_>> {
        Ok(match self {
            Self::Pages(piece) => Output::of_pages(piece.pages(), piece.offset(), piece.len())?,
            Self::Bytes(bytes) => (&mut **bytes).into(),
        })
    }
}

impl Source<'_> {
    pub(crate) fn of<'a>(resource: &Resource, source: TransferSource<'a>) -> Result<Source<'a>> {
        match source {
            TransferSource::Backing => backing_of(resource).map(Source::Backing),
            TransferSource::Bytes(bytes) => Ok(Source::Bytes(bytes)),
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Backing(backing) => backing.len(),
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// The `len` bytes from `offset` on, where GL can be shown them.
    pub(super) fn run(&self, offset: u64, len: u64) -> Option<Run<'_>> {
        match self {
            Self::Backing(backing) => backing.contiguous(offset, len).map(Run::Pages),
            Self::Bytes(bytes) => Some(Run::Bytes(bytes.get(range(offset, len)?)?)),
        }
    }

    pub(super) fn read(&self, offset: u64, to: &mut [u8]) -> Result<()> {
        match self {
            Self::Backing(backing) => backing.read(offset, to).map_err(|_| NOT_THERE),
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).map_err(|_| NOT_THERE)?;
                let from = bytes.get(start..).and_then(|bytes| bytes.get(..to.len()));
                to.copy_from_slice(from.ok_or(NOT_THERE)?);
                Ok(())
            }
        }
    }
}

impl Target<'_> {
    pub(crate) fn of<'a>(resource: &Resource, target: TransferTarget<'a>) -> Result<Target<'a>> {
        match target {
            TransferTarget::Backing => backing_of(resource).map(Target::Backing),
            TransferTarget::Bytes(bytes) => Ok(Target::Bytes(bytes)),
            TransferTarget::Memory(memory) => Ok(Target::Backing(memory.clone())),
        }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Backing(backing) => backing.len(),
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// The `len` bytes from `offset` on, where GL can be shown them.
    pub(super) fn run(&mut self, offset: u64, len: u64) -> Option<RunMut<'_>> {
        match self {
            Self::Backing(backing) => backing.contiguous(offset, len).map(RunMut::Pages),
            Self::Bytes(bytes) => Some(RunMut::Bytes(bytes.get_mut(range(offset, len)?)?)),
        }
    }

    pub(super) fn write(&mut self, offset: u64, from: &[u8]) -> Result<()> {
        match self {
            Self::Backing(backing) => backing.write(offset, from).map_err(|_| NOT_THERE),
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).map_err(|_| NOT_THERE)?;
                let to = bytes
                    .get_mut(start..)
                    .and_then(|bytes| bytes.get_mut(..from.len()));
                to.ok_or(NOT_THERE)?.copy_from_slice(from);
                Ok(())
            }
        }
    }
}

fn range(offset: u64, len: u64) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    Some(start..end)
}

pub(super) fn backing_of(resource: &Resource) -> Result<Backing> {
    resource
        .backing()
        .ok_or(Error::Misbehaved("a transfer of a resource without memory"))
}
