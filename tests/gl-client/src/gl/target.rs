//! What scenes draw into.

use super::{Gl, Output};
use crate::error::{Error, Result};

/// Width and height of a scene's picture, in texels.
pub(crate) const SIDE: i32 = 128;

/// What is behind the scenes: no channel is like another.
pub(crate) const BACKDROP: [f32; 4] = [0.05, 0.1, 0.2, 1.0];

/// A framebuffer with a colour texture, and one for depth and stencil.
pub(crate) struct Target {
    pub(crate) framebuffer: glow::Framebuffer,
    pub(crate) colour: glow::Texture,
}

impl Gl {
    /// A cleared picture's target, bound, with a viewport of its size.
    pub(crate) fn target(&self) -> Result<Target> {
        self.target_of(SIDE)
    }

    /// The same of another size.
    pub(crate) fn target_of(&self, side: i32) -> Result<Target> {
        let colour = self.texture(glow::RGBA8, 1, side)?;
        let depth = self.texture(glow::DEPTH24_STENCIL8, 1, side)?;
        let framebuffer = self.framebuffer(&[
            (glow::COLOR_ATTACHMENT0, glow::TEXTURE_2D, colour),
            (glow::DEPTH_STENCIL_ATTACHMENT, glow::TEXTURE_2D, depth),
        ])?;
        self.viewport(0, 0, side, side);
        let [red, green, blue, alpha] = BACKDROP;
        self.clear_color(red, green, blue, alpha);
        self.clear(glow::COLOR_BUFFER_BIT | glow::DEPTH_BUFFER_BIT | glow::STENCIL_BUFFER_BIT);
        Ok(Target {
            framebuffer,
            colour,
        })
    }

    /// A framebuffer of these attachments (point, kind of texture, texture), bound.
    pub(crate) fn framebuffer(
        &self,
        attachments: &[(u32, u32, glow::Texture)],
    ) -> Result<glow::Framebuffer> {
        let framebuffer = self.create_framebuffer().map_err(Error::Gl)?;
        self.bind_framebuffer(glow::FRAMEBUFFER, Some(framebuffer));
        for (point, kind, texture) in attachments {
            self.framebuffer_texture_2d(glow::FRAMEBUFFER, *point, *kind, Some(*texture), 0);
        }
        match self.check_framebuffer_status(glow::FRAMEBUFFER) {
            glow::FRAMEBUFFER_COMPLETE => Ok(framebuffer),
            status => Err(Error::Gl(format!("framebuffer status {status:#06x}"))),
        }
    }

    /// What was drawn into the framebuffer that is bound.
    pub(crate) fn picture(&self) -> Result<Output> {
        let mut texels = vec![0; super::texture::bytes_of(SIDE)];
        self.download([0, 0, SIDE, SIDE], &mut texels);
        self.check()?;
        Ok(Output::Picture(texels))
    }

    /// The contents of the buffer that is bound to `target`, so many bytes.
    pub(crate) fn contents(&self, target: u32, length: usize) -> Result<Output> {
        let mut bytes = vec![0; length];
        self.read_buffer_data(target, &mut bytes);
        self.check()?;
        Ok(Output::Bytes(bytes))
    }
}
