//! What a scene makes.

use crate::error::{Result, expect};
use crate::gpu::SIDE;

/// What a scene makes, to be compared byte by byte.
pub(crate) enum Output {
    /// [`SIDE`] by [`SIDE`] texels of RGBA8, the top row first.
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

    /// The texel of a picture.
    pub(crate) fn texel(&self, x: u32, y: u32) -> [u8; 4] {
        let at = (y * SIDE + x) as usize;
        self.bytes()
            .as_chunks()
            .0
            .get(at)
            .copied()
            .unwrap_or_default()
    }

    /// Checks one texel of a picture, give or take one step a channel.
    pub(crate) fn expect_texel(&self, x: u32, y: u32, rgba: [u8; 4]) -> Result<()> {
        let has = self.texel(x, y);
        let near = has
            .iter()
            .zip(rgba)
            .all(|(has, want)| has.abs_diff(want) <= 1);
        expect(near, || format!("texel {x},{y} is {has:?}, not {rgba:?}"))
    }
}
