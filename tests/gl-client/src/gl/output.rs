//! What a scene makes.

use super::SIDE;
use crate::error::{Result, expect};

/// What a scene makes, to be compared.
pub(crate) enum Output {
    /// [`SIDE`] by [`SIDE`] texels of RGBA8, the bottom row first.
    Picture(Vec<u8>),
    /// The contents of a buffer.
    Bytes(Vec<u8>),
}

impl Output {
    /// The bytes, of whichever kind.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Picture(bytes) | Self::Bytes(bytes) => bytes,
        }
    }

    /// The name of the file for a scene.
    pub(crate) fn file_name(&self, scene: &str) -> String {
        match self {
            Self::Picture(_) => format!("{scene}.png"),
            Self::Bytes(_) => format!("{scene}.bin"),
        }
    }

    /// Checks one texel of a picture, give or take one step a channel.
    pub(crate) fn expect_texel(&self, x: i32, y: i32, expected: [u8; 4]) -> Result<()> {
        let at = usize::try_from(y * SIDE + x).unwrap_or(usize::MAX);
        let texel: [u8; 4] = *self.bytes().as_chunks().0.get(at).unwrap_or(&[0, 0, 0, 0]);
        let near = texel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1);
        expect(near, || {
            format!("texel {x}, {y} is {texel:?} and should be {expected:?}")
        })
    }

    /// Checks a buffer's words.
    pub(crate) fn expect_words(&self, expected: &[u32]) -> Result<()> {
        let words: Vec<u32> = self
            .bytes()
            .as_chunks()
            .0
            .iter()
            .map(|word| u32::from_le_bytes(*word))
            .collect();
        expect(words.starts_with(expected), || {
            let start = &words[..words.len().min(expected.len())];
            format!("the buffer is {start:?} and should be {expected:?}")
        })
    }
}
