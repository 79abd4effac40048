//! Textures.

use super::Gl;
use crate::error::{Error, Result};

impl Gl {
    /// An empty square texture, bound, that is read texel by texel.
    pub(crate) fn texture(&self, format: u32, levels: i32, side: i32) -> Result<glow::Texture> {
        let texture = self.bound(glow::TEXTURE_2D)?;
        self.tex_storage_2d(glow::TEXTURE_2D, levels, format, side, side);
        self.nearest(glow::TEXTURE_2D);
        Ok(texture)
    }

    /// The same with [`tiles`].
    pub(crate) fn tiled(&self, format: u32, side: i32) -> Result<glow::Texture> {
        let texture = self.texture(format, 1, side)?;
        let area = [0, 0, side, side];
        self.upload(glow::TEXTURE_2D, 0, area, &tiles(side, 0));
        Ok(texture)
    }

    /// A new texture of this kind, bound.
    pub(crate) fn bound(&self, kind: u32) -> Result<glow::Texture> {
        let texture = self.create_texture().map_err(Error::Gl)?;
        self.bind_texture(kind, Some(texture));
        Ok(texture)
    }

    /// Has the texture bound to `kind` read texel by texel.
    pub(crate) fn nearest(&self, kind: u32) {
        self.filter(kind, glow::NEAREST, glow::NEAREST);
    }

    /// Has the texture bound to `kind` read with these filters.
    pub(crate) fn filter(&self, kind: u32, smaller: u32, larger: u32) {
        for (name, value) in [
            (glow::TEXTURE_MIN_FILTER, smaller),
            (glow::TEXTURE_MAG_FILTER, larger),
        ] {
            self.tex_parameter_i32(kind, name, value.cast_signed());
        }
    }
}

/// Texels of a coloured pattern that has no symmetry; `shade` makes it another one.
pub(crate) fn tiles(side: i32, shade: u8) -> Vec<u8> {
    let step = |at: i32| u8::try_from(at * 255 / side.max(1)).unwrap_or(u8::MAX);
    let texel = |at: i32| {
        let (x, y) = (at % side, at / side);
        let odd = if (x / 4 + y / 8) % 2 == 0 { 40 } else { 200 };
        [step(x), step(y), odd ^ shade, 255 - step(x) / 2]
    };
    (0..side * side).flat_map(texel).collect()
}

/// Bytes of a square of RGBA8.
pub(crate) fn bytes_of(side: i32) -> usize {
    usize::try_from(side * side * 4).unwrap_or_default()
}
