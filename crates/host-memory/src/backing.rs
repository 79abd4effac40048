use std::sync::Arc;

use crate::{OutOfRange, Pages};

/// The guest's memory behind a classic resource, in as many pieces as the guest's pages lie in
/// (`struct virtio_gpu_mem_entry` in `linux/virtio_gpu.h`). Clones share the pages.
///
/// Offsets are in bytes from the first piece's start, as if the pieces lay one behind the other.
/// The guest may write there at any moment: copy out once, then check the copy.
#[derive(Clone, Debug, Default)]
pub struct Backing {
    pieces: Arc<[Placed]>,
    len: u64,
}

/// Bytes of mapped memory that lie one behind the other.
#[derive(Clone, Debug)]
pub struct Piece {
    pages: Pages,
    offset: u64,
    len: u64,
}

/// A piece, and where in the backing it starts.
#[derive(Clone, Debug)]
struct Placed {
    start: u64,
    piece: Piece,
}

impl Piece {
    /// `len` bytes of `pages`, from `offset` on.
    ///
    /// # Errors
    /// They do not lie inside `pages`.
    pub fn new(pages: Pages, offset: u64, len: u64) -> Result<Self, OutOfRange> {
        match offset.checked_add(len) {
            Some(end) if end <= pages.len() => Ok(Self { pages, offset, len }),
            _ => Err(OutOfRange {
                offset,
                size: len,
                len: pages.len(),
            }),
        }
    }

    /// The memory that the bytes are part of.
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// Where in [`Piece::pages`] the bytes start.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Backing {
    /// The memory that `pieces` make up in this order. `None` if that is more bytes than 64 bits
    /// count.
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Option<Self> {
        let (mut placed, mut len) = (Vec::new(), 0u64);
        for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
            let start = len;
            len = start.checked_add(piece.len)?;
            placed.push(Placed { start, piece });
        }
        Some(Self {
            pieces: placed.into(),
            len,
        })
    }

    /// The first `len` bytes; none if there are fewer.
    pub fn first(&self, len: u64) -> Option<Self> {
        let mut left = len;
        let pieces = self.pieces().map_while(|piece| {
            let len = piece.len.min(left);
            left = left.saturating_sub(len);
            (len > 0).then(|| Piece {
                len,
                ..piece.clone()
            })
        });
        Self::new(pieces).filter(|first| first.len == len)
    }

    /// How many bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces, in their order; none of them is empty.
    pub fn pieces(&self) -> impl ExactSizeIterator<Item = &Piece> {
        self.pieces.iter().map(|placed| &placed.piece)
    }

    /// The `len` bytes from `offset` on, if they lie one behind the other in the host's memory
    /// too. Then they need no copy to be handed to a host API that takes a pointer.
    pub fn contiguous(&self, offset: u64, len: u64) -> Option<Piece> {
        self.check(offset, len).ok()?;
        let placed = self.pieces.get(self.index_of(offset)?)?;
        let skipped = offset.checked_sub(placed.start)?;
        let rest = placed.piece.len.checked_sub(skipped)?;
        (len <= rest).then(|| Piece {
            pages: placed.piece.pages.clone(),
            offset: placed.piece.offset.saturating_add(skipped),
            len,
        })
    }

    /// Copies `buf.len()` bytes out, from `offset` on.
    ///
    /// # Errors
    /// They do not lie inside; nothing is copied then.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> Result<(), OutOfRange> {
        self.check(offset, buf.len() as u64)?;
        let mut rest = buf;
        self.walk(offset, rest.len() as u64, |pages, at, size| {
            let (chunk, behind) = std::mem::take(&mut rest).split_at_mut(size);
            rest = behind;
            pages.read(at, chunk)
        })
    }

    /// Copies `bytes` in, from `offset` on.
    ///
    /// # Errors
    /// They would not lie inside; nothing is copied then.
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), OutOfRange> {
        self.check(offset, bytes.len() as u64)?;
        let mut rest = bytes;
        self.walk(offset, rest.len() as u64, |pages, at, size| {
            let (chunk, behind) = rest.split_at(size);
            rest = behind;
            pages.write(at, chunk)
        })
    }

    fn check(&self, offset: u64, size: u64) -> Result<(), OutOfRange> {
        match offset.checked_add(size) {
            Some(end) if end <= self.len => Ok(()),
            _ => Err(OutOfRange {
                offset,
                size,
                len: self.len,
            }),
        }
    }

    /// The piece that the byte at `offset` is in.
    fn index_of(&self, offset: u64) -> Option<usize> {
        self.pieces
            .partition_point(|placed| placed.start <= offset)
            .checked_sub(1)
    }

    /// Calls `step` for each run of bytes within one piece, with the memory, the offset therein
    /// and the run's length; together they are the `size` bytes from `offset` on.
    fn walk(
        &self,
        offset: u64,
        size: u64,
        mut step: impl FnMut(&Pages, u64, usize) -> Result<(), OutOfRange>,
    ) -> Result<(), OutOfRange> {
        let first = self.index_of(offset).unwrap_or(0);
        let mut at = offset;
        let mut left = size;
        for placed in self.pieces.iter().skip(first) {
            if left == 0 {
                break;
            }
            let piece = &placed.piece;
            let skipped = at.saturating_sub(placed.start);
            let run = piece.len.saturating_sub(skipped).min(left);
            // A run is part of a slice, whose length is a `usize`.
            let run_size = usize::try_from(run).unwrap_or(usize::MAX);
            step(&piece.pages, piece.offset.saturating_add(skipped), run_size)?;
            at = at.saturating_add(run);
            left = left.saturating_sub(run);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shm;

    /// 10 bytes: 3 at the end of one page, 4 and 3 of another, swapped.
    fn backing() -> (Backing, Pages, Pages) {
        let page = crate::page_size() as u64;
        let make = || Pages::from(Shm::new("test", page).unwrap());
        let (one, two) = (make(), make());
        let pieces = [
            Piece::new(one.clone(), page - 3, 3).unwrap(),
            Piece::new(two.clone(), 100, 0).unwrap(),
            Piece::new(two.clone(), 100, 4).unwrap(),
            Piece::new(two.clone(), 8, 3).unwrap(),
        ];
        (Backing::new(pieces).unwrap(), one, two)
    }

    #[test]
    fn bytes_go_to_the_pieces_that_they_are_in() {
        let (backing, one, two) = backing();
        assert_eq!(backing.len(), 10);
        assert_eq!(backing.pieces().len(), 3);
        backing.write(0, b"abcdefghij").unwrap();
        let bytes_at = |pages: &Pages, offset, size| {
            let mut bytes = vec![0; size];
            pages.read(offset, &mut bytes).unwrap();
            bytes
        };
        assert_eq!(bytes_at(&one, one.len() - 4, 4), b"\0abc");
        assert_eq!(bytes_at(&two, 99, 6), b"\0defg\0");
        assert_eq!(bytes_at(&two, 7, 5), b"\0hij\0");
    }

    #[test]
    fn every_part_reads_back() {
        let (backing, ..) = backing();
        backing.write(0, b"abcdefghij").unwrap();
        for start in 0..=10 {
            for end in start..=10 {
                let mut part = vec![0; end - start];
                backing.read(start as u64, &mut part).unwrap();
                assert_eq!(part, b"abcdefghij"[start..end]);
                let mut written = vec![b'-'; end - start];
                backing.write(start as u64, &written).unwrap();
                backing.read(start as u64, &mut written).unwrap();
                assert!(written.iter().all(|byte| *byte == b'-'));
                backing.write(0, b"abcdefghij").unwrap();
            }
        }
    }

    #[test]
    fn what_is_outside_is_refused_and_copies_nothing() {
        let (backing, one, _) = backing();
        backing.write(0, b"abcdefghij").unwrap();
        for (offset, size) in [(0, 11), (10, 1), (11, 0), (u64::MAX, 1), (9, 2)] {
            let mut buf = vec![7; size];
            assert!(backing.read(offset, &mut buf).is_err());
            assert!(buf.iter().all(|byte| *byte == 7));
            assert!(backing.write(offset, &buf).is_err());
        }
        assert!(backing.read(10, &mut []).is_ok());
        assert!(Backing::default().read(0, &mut []).is_ok());
        assert!(Backing::default().read(0, &mut [0]).is_err());
        let mut whole = [0; 10];
        backing.read(0, &mut whole).unwrap();
        assert_eq!(&whole, b"abcdefghij");
        assert!(Piece::new(one.clone(), one.len(), 1).is_err());
        assert!(Piece::new(one, u64::MAX, 2).is_err());
    }

    #[test]
    fn the_first_bytes_are_a_memory_of_their_own() {
        let (backing, ..) = backing();
        backing.write(0, b"abcdefghij").unwrap();
        for len in 0..=10 {
            let first = backing.first(len).unwrap();
            let mut bytes = vec![0; len as usize];
            first.read(0, &mut bytes).unwrap();
            assert_eq!(bytes, b"abcdefghij"[..len as usize]);
            assert_eq!(first.len(), len);
            assert!(first.read(len, &mut [0]).is_err());
        }
        assert!(backing.first(11).is_none());
        assert!(backing.first(u64::MAX).is_none());
    }

    #[test]
    fn a_part_of_one_piece_is_contiguous() {
        let (backing, ..) = backing();
        let at = |offset, len| {
            let piece = backing.contiguous(offset, len)?;
            Some((piece.offset(), piece.len()))
        };
        assert_eq!(at(3, 4), Some((100, 4)));
        assert_eq!(at(4, 2), Some((101, 2)));
        assert_eq!(at(7, 3), Some((8, 3)));
        assert_eq!(at(2, 2), None);
        assert_eq!(at(3, 5), None);
        assert_eq!(at(9, 2), None);
        assert_eq!(at(u64::MAX, 2), None);
    }
}
