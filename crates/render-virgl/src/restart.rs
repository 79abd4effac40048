//! Primitives that start anew at an index of the guest's choice, where GL has one of its own
//! (OpenGL ES: the greatest of the type).

use std::ops::Range;
use std::sync::Arc;

use host_gl::{Buffer, BufferAccess, IndexType};
use wire_virgl::Draw;

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::vertex::Indices;

/// Indices that are looked at at once.
const PIECE: u64 = 1 << 18;

/// How GL gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// No index is special.
    Off,
    /// The greatest of the type is, or what GL is told.
    AsItIs,
    /// This one is, which is written anew as the greatest of 32 bits.
    Rewritten(u32),
}

impl Restart {
    /// For these indices; `has_index` if GL can be told the index.
    pub(crate) fn of(draw: &Draw, index_type: IndexType, has_index: bool) -> Self {
        let greatest = match index_type {
            IndexType::U8 => u8::MAX.into(),
            IndexType::U16 => u16::MAX.into(),
            IndexType::U32 => u32::MAX,
        };
        match draw.restart_index {
            _ if !draw.primitive_restart => Self::Off,
            _ if has_index => Self::AsItIs,
            index if index > greatest => Self::Off,
            index if index == greatest => Self::AsItIs,
            index => Self::Rewritten(index),
        }
    }
}

impl Scope<'_> {
    /// The indices in a part of their buffer, of 32 bits each, with `restart` as the greatest.
    /// GL is waited for, if it writes them.
    pub(crate) fn rewritten(
        &self,
        indices: &Indices,
        restart: u32,
        part: Range<u64>,
    ) -> Result<Arc<Buffer>> {
        let from = indices.resource.buffer()?;
        if part.end > from.size() {
            return Err(Error::Outside("the indices of a draw"));
        }
        let bytes = u64::from(indices.index_type.size());
        let count = part.end.saturating_sub(part.start) / bytes;
        let size = count.saturating_mul(4);
        let to = self.gl.create_buffer(size, BufferAccess::Stream)?;
        let mut old = Vec::new();
        let mut done = 0;
        while done < count {
            let some = (count - done).min(PIECE);
            let len = usize::try_from(some.saturating_mul(bytes)).unwrap_or(0);
            old.resize(len, 0);
            let at = part.start.saturating_add(done.saturating_mul(bytes));
            self.gl.read_buffer(from, at, &mut old)?;
            let new = rewrite(&old, indices.index_type, restart);
            self.gl.write_buffer(&to, done.saturating_mul(4), &new)?;
            done = done.saturating_add(some);
        }
        Ok(Arc::new(to))
    }
}

fn rewrite(old: &[u8], index_type: IndexType, restart: u32) -> Vec<u8> {
    let new = |index: u32| match index == restart {
        true => u32::MAX.to_ne_bytes(),
        false => index.to_ne_bytes(),
    };
    let words: Vec<_> = match index_type {
        IndexType::U8 => old.iter().map(|index| new((*index).into())).collect(),
        IndexType::U16 => {
            let words = old.as_chunks::<2>().0.iter();
            words
                .map(|word| new(u16::from_ne_bytes(*word).into()))
                .collect()
        }
        IndexType::U32 => {
            let words = old.as_chunks::<4>().0.iter();
            words.map(|word| new(u32::from_ne_bytes(*word))).collect()
        }
    };
    words.as_flattened().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_virgl::PrimitiveMode;

    #[test]
    fn an_index_that_no_index_is_restarts_nothing() {
        let of = |index_type, primitive_restart, restart_index, has_index| {
            let draw = Draw {
                start: 0,
                count: 3,
                mode: PrimitiveMode::Triangles,
                indexed: true,
                instance_count: 1,
                index_bias: 0,
                start_instance: 0,
                primitive_restart,
                restart_index,
                min_index: 0,
                max_index: 3,
                count_from_streamout: 0,
            };
            Restart::of(&draw, index_type, has_index)
        };
        assert_eq!(of(IndexType::U8, false, 7, false), Restart::Off);
        assert_eq!(of(IndexType::U8, true, 7, true), Restart::AsItIs);
        assert_eq!(of(IndexType::U8, true, 255, false), Restart::AsItIs);
        assert_eq!(of(IndexType::U8, true, 256, false), Restart::Off);
        assert_eq!(
            of(IndexType::U16, true, 255, false),
            Restart::Rewritten(255)
        );
        assert_eq!(of(IndexType::U32, true, u32::MAX, false), Restart::AsItIs);
        assert_eq!(of(IndexType::U32, true, 0, false), Restart::Rewritten(0));
    }

    #[test]
    fn the_restart_index_becomes_the_greatest() {
        let words = |bytes: Vec<u8>| -> Vec<u32> {
            let words = bytes.as_chunks::<4>().0.iter();
            words.map(|word| u32::from_ne_bytes(*word)).collect()
        };
        let bytes = rewrite(&[1, 9, 255], IndexType::U8, 9);
        assert_eq!(words(bytes), [1, u32::MAX, 255]);
        let old: Vec<u8> = [500u16, 2, 500]
            .iter()
            .flat_map(|n| n.to_ne_bytes())
            .collect();
        assert_eq!(
            words(rewrite(&old, IndexType::U16, 500)),
            [u32::MAX, 2, u32::MAX]
        );
        let old = 70_000u32.to_ne_bytes();
        assert_eq!(words(rewrite(&old, IndexType::U32, 0)), [70_000]);
    }
}
