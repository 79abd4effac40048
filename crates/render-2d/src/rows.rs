use context::{Backing, Box3d, Transfer};
use host_memory::{OutOfRange, Region};

use crate::Error;

/// Bytes that are moved at once. They go through a buffer that stays in the cache: memory is
/// walked over once to read and once to write.
const PIECE: usize = 1 << 14;

/// Where the rows of a transfer lie, in the guest's memory and in the image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    count: u64,
    /// Of a row.
    bytes: u64,
    memory: Places,
    image: Places,
}

/// The first row's offset, and bytes from row to row.
#[derive(Clone, Copy, Debug)]
struct Places {
    first: u64,
    stride: u64,
}

impl Places {
    fn of_row(&self, row: u64) -> u64 {
        self.first.saturating_add(row.saturating_mul(self.stride))
    }
}

impl Rows {
    /// Those of `transfer` in an image of `width` pixels, of `pixel` bytes each; `len` bytes of
    /// memory are there. The region lies inside the image. None if no byte moves.
    pub(crate) fn new(
        transfer: &Transfer,
        width: u32,
        pixel: u32,
        len: u64,
    ) -> Result<Option<Self>, Error> {
        let (width, pixel) = (u64::from(width), u64::from(pixel));
        let Box3d { x, y, .. } = transfer.region;
        let count = u64::from(transfer.region.height);
        // All of these are products and sums of a few numbers below 2^15 and one below 2^32.
        let bytes = u64::from(transfer.region.width).saturating_mul(pixel);
        let pitch = width.saturating_mul(pixel);
        let stride = match transfer.stride {
            0 => pitch,
            stride => stride.into(),
        };
        if bytes == 0 || count == 0 {
            return Ok(None);
        }
        if stride < bytes && count > 1 {
            return Err(Error::Overlap { row: bytes, stride });
        }
        let rows = Self {
            count,
            bytes,
            memory: Places {
                first: transfer.offset,
                stride,
            },
            image: Places {
                first: u64::from(y)
                    .saturating_mul(pitch)
                    .saturating_add(u64::from(x).saturating_mul(pixel)),
                stride: pitch,
            },
        };
        rows.check(len).map(|()| Some(rows))
    }

    fn check(&self, len: u64) -> Result<(), Error> {
        let last = self
            .count
            .saturating_sub(1)
            .saturating_mul(self.memory.stride);
        let size = last.saturating_add(self.bytes);
        match self.memory.first.checked_add(size) {
            Some(end) if end <= len => Ok(()),
            _ => Err(Error::OutsideMemory(OutOfRange {
                offset: self.memory.first,
                size,
                len,
            })),
        }
    }

    /// Copies from the guest's memory to the image.
    pub(crate) fn to_image(self, memory: &Backing, image: &Region) -> Result<(), OutOfRange> {
        self.pieces(|piece, from, to| {
            memory.read(from, piece)?;
            image.write(to, piece)
        })
    }

    /// Copies from the image to the guest's memory.
    pub(crate) fn to_memory(self, image: &Region, memory: &Backing) -> Result<(), OutOfRange> {
        self.pieces(|piece, to, from| {
            image.read(from, piece)?;
            memory.write(to, piece)
        })
    }

    /// Calls `step` for each piece of each row, with its offsets in the memory and in the image.
    fn pieces(
        self,
        mut step: impl FnMut(&mut [u8], u64, u64) -> Result<(), OutOfRange>,
    ) -> Result<(), OutOfRange> {
        let rows = self.joined();
        let mut buffer = vec![0; usize::try_from(rows.bytes).map_or(PIECE, |it| it.min(PIECE))];
        for row in 0..rows.count {
            let (memory, image) = (rows.memory.of_row(row), rows.image.of_row(row));
            for done in (0..rows.bytes).step_by(PIECE) {
                let left = rows.bytes.saturating_sub(done);
                let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                let piece = buffer.get_mut(..size).unwrap_or_default();
                step(
                    piece,
                    memory.saturating_add(done),
                    image.saturating_add(done),
                )?;
            }
        }
        Ok(())
    }

    /// The same bytes as one row, where no gap is between the rows.
    fn joined(self) -> Self {
        let is_tight = self.memory.stride == self.bytes && self.image.stride == self.bytes;
        match is_tight {
            true => Self {
                count: 1,
                bytes: self.bytes.saturating_mul(self.count),
                ..self
            },
            false => self,
        }
    }
}
