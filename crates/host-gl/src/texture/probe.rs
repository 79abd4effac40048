//! What formats of textures can do, as trial shows.

use crate::texture::Texels;
use crate::{Current, TextureDesc, enums as gl};

/// What a format of textures can do, as trial shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FormatSupport {
    /// There are such textures.
    pub texture: bool,
    /// A framebuffer with it is complete.
    pub render: bool,
    /// They can be read back.
    pub read: bool,
    /// The most samples that a pixel may have; 0 is one.
    pub samples: u32,
}

impl Current<'_> {
    /// Tries what a format can do.
    pub fn probe_format(&self, internal: u32, texels: Texels) -> FormatSupport {
        /// Large enough for every block, in pixels.
        const SIDE: u32 = 16;
        let desc = TextureDesc {
            target: gl::TEXTURE_2D,
            internal,
            width: SIDE,
            height: SIDE,
            depth: 1,
            levels: 1,
            samples: 0,
            texels,
        };
        let Ok(texture) = self.create_texture(&desc) else {
            return FormatSupport::default();
        };
        let render = matches!(texels, Texels::Pixels(_)) && self.is_renderable(&texture);
        let samples = match render {
            true if self.caps().features.internalformat_query => self.max_samples(internal),
            true => self.most_samples(&desc),
            false => 0,
        };
        let features = &self.caps().features;
        let read = match texels {
            _ if features.texture_sub_image || features.texture_image_read => true,
            Texels::Pixels(pixel) => render && self.is_readable(&texture, pixel),
            Texels::Blocks(_) => false,
        };
        FormatSupport {
            texture: true,
            render,
            read,
            samples,
        }
    }

    fn max_samples(&self, internal: u32) -> u32 {
        let features = &self.caps().features;
        if !features.texture_multisample {
            return 0;
        }
        let mut samples = [0i32; 1];
        let target = match self.caps().is_at_least(42, 31) {
            true => gl::TEXTURE_2D_MULTISAMPLE,
            false => gl::RENDERBUFFER,
        };
        // SAFETY: GL writes at most one number; the first is the largest.
        unsafe {
            self.gl_get_internalformativ(target, internal, gl::SAMPLES, 1, samples.as_mut_ptr());
        }
        self.clear_errors();
        u32::try_from(samples[0]).unwrap_or(0)
    }

    /// The same by trial.
    fn most_samples(&self, desc: &TextureDesc) -> u32 {
        if !self.caps().features.texture_multisample {
            return 0;
        }
        let halves = |samples: &u32| Some(samples / 2).filter(|samples| *samples > 1);
        let numbers = std::iter::successors(Some(self.caps().limits.max_samples), halves);
        let mut numbers = numbers.filter(|samples| *samples > 1);
        let found = numbers.find(|samples| {
            let desc = TextureDesc {
                target: gl::TEXTURE_2D_MULTISAMPLE,
                samples: *samples,
                ..*desc
            };
            let texture = self.create_texture(&desc);
            texture.is_ok_and(|texture| self.is_renderable(&texture))
        });
        found.unwrap_or(0)
    }
}
