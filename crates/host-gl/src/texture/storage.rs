//! The storage of textures, and its first zeros.

use crate::texture::{Box3, Texels, Texture, int};
use crate::{Current, Error, TextureDesc, enums as gl};

impl Current<'_> {
    /// Gives the bound texture its storage.
    pub(super) fn allocate(&self, desc: &TextureDesc) -> Result<(), Error> {
        let TextureDesc {
            target, internal, ..
        } = *desc;
        let (width, height, depth) = (int(desc.width)?, int(desc.height)?, int(desc.depth)?);
        let (levels, samples) = (int(desc.levels)?, int(desc.samples.max(1))?);
        match target {
            gl::TEXTURE_1D => self.gl_tex_storage_1d(target, levels, internal, width),
            gl::TEXTURE_1D_ARRAY => self.gl_tex_storage_2d(target, levels, internal, width, depth),
            gl::TEXTURE_2D | gl::TEXTURE_RECTANGLE | gl::TEXTURE_CUBE_MAP => {
                self.gl_tex_storage_2d(target, levels, internal, width, height);
            }
            gl::TEXTURE_3D | gl::TEXTURE_2D_ARRAY | gl::TEXTURE_CUBE_MAP_ARRAY => {
                self.gl_tex_storage_3d(target, levels, internal, width, height, depth);
            }
            gl::TEXTURE_2D_MULTISAMPLE => self.allocate_samples(internal, samples, width, height),
            gl::TEXTURE_2D_MULTISAMPLE_ARRAY => {
                match self.caps().features.texture_storage_multisample {
                    true => self.gl_tex_storage_3d_multisample(
                        target, samples, internal, width, height, depth, 1,
                    ),
                    false => self.gl_tex_image_3d_multisample(
                        target, samples, internal, width, height, depth, 1,
                    ),
                }
            }
            _ => return Err(Error::Missing("such a texture target")),
        }
        Ok(())
    }

    fn allocate_samples(&self, internal: u32, samples: i32, width: i32, height: i32) {
        let target = gl::TEXTURE_2D_MULTISAMPLE;
        match self.caps().features.texture_storage_multisample {
            true => self.gl_tex_storage_2d_multisample(target, samples, internal, width, height, 1),
            false => self.gl_tex_image_2d_multisample(target, samples, internal, width, height, 1),
        }
    }

    pub(super) fn zero_texture(&self, texture: &Texture) -> Result<(), Error> {
        let desc = &texture.desc;
        for level in 0..desc.levels {
            let size = texture.level_size(level).unwrap_or([0; 3]);
            let whole = Box3 {
                origin: [0; 3],
                size,
            };
            match desc.texels {
                Texels::Pixels(pixel) if self.caps().features.clear_texture => {
                    let name = texture.handle.name();
                    let (format, kind) = (pixel.format(), pixel.kind());
                    let level = int(level)?;
                    // SAFETY: null stands for zeros.
                    unsafe { self.gl_clear_tex_image(name, level, format, kind, std::ptr::null()) };
                }
                Texels::Pixels(_) if texture.is_multisampled() => self.zero_samples(texture)?,
                texels => self.zero_by_upload(texture, level, &whole, texels)?,
            }
        }
        self.check()
    }

    /// Slice by slice, because a whole level may be large.
    fn zero_by_upload(
        &self,
        texture: &Texture,
        level: u32,
        whole: &Box3,
        texels: Texels,
    ) -> Result<(), Error> {
        let deep = match texels {
            Texels::Blocks([_, _, z, _]) => z.max(1),
            Texels::Pixels(_) => 1,
        };
        let [width, height, depth] = whole.size;
        let slice = |z: u32| Box3 {
            origin: [0, 0, z],
            size: [width, height, deep.min(depth.saturating_sub(z))],
        };
        let size = slice(0)
            .bytes(texels)
            .and_then(|size| usize::try_from(size).ok());
        let zeros = vec![0; size.ok_or(Error::OutOfMemory)?];
        for z in (0..depth).step_by(deep as usize) {
            self.upload(texture, level, &slice(z), &zeros)?;
        }
        Ok(())
    }
}
