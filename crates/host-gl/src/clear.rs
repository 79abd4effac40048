//! Clears of the bound framebuffer, and of textures.

use crate::texture::Texels;
use crate::{Box3, Current, Error, Texture, enums as gl};

impl Current<'_> {
    /// Clears colour buffer `index` of the framebuffer that is bound for drawing.
    pub fn clear_color_float(&self, index: u32, color: [f32; 4]) {
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        // SAFETY: a colour is four numbers.
        unsafe { self.gl_clear_bufferfv(gl::COLOR, index, color.as_ptr()) };
    }

    /// The same for a buffer of signed integers.
    pub fn clear_color_int(&self, index: u32, color: [i32; 4]) {
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        // SAFETY: a colour is four numbers.
        unsafe { self.gl_clear_bufferiv(gl::COLOR, index, color.as_ptr()) };
    }

    /// The same for a buffer of unsigned integers.
    pub fn clear_color_uint(&self, index: u32, color: [u32; 4]) {
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        // SAFETY: a colour is four numbers.
        unsafe { self.gl_clear_bufferuiv(gl::COLOR, index, color.as_ptr()) };
    }

    /// Clears depth.
    pub fn clear_depth(&self, depth: f32) {
        // SAFETY: depth is one number.
        unsafe { self.gl_clear_bufferfv(gl::DEPTH, 0, &depth) };
    }

    /// Clears stencil.
    pub fn clear_stencil_value(&self, stencil: u32) {
        let stencil = stencil.cast_signed();
        // SAFETY: stencil is one number.
        unsafe { self.gl_clear_bufferiv(gl::STENCIL, 0, &stencil) };
    }

    /// Fills a part of a texture with one texel, whose bytes come first in `texel`.
    ///
    /// # Errors
    /// [`Error::Missing`] without [`crate::Features::clear_texture`] and for compressed
    /// textures.
    pub fn clear_texture(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        texel: &[u8; 16],
    ) -> Result<(), Error> {
        let Texels::Pixels(pixel) = texture.desc().texels else {
            return Err(Error::Missing("clearing compressed textures"));
        };
        if !self.caps().features.clear_texture {
            return Err(Error::Missing("clearing textures"));
        }
        let (level, [x, y, z], [width, height, depth]) = texture.place(level, region)?;
        let name = self.name(texture.handle());
        let (format, kind, texel) = (pixel.format(), pixel.kind(), texel.as_ptr().cast());
        self.clear_errors();
        // SAFETY: no pixel has more than 16 bytes.
        unsafe {
            self.gl_clear_tex_sub_image(
                name, level, x, y, z, width, height, depth, format, kind, texel,
            );
        }
        self.check()
    }
}
