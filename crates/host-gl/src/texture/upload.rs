//! Texels from memory into textures.

use std::ffi::c_void;

use crate::pitch::checked;
use crate::texture::{Box3, Texels, Texture, extent, int, origin};
use crate::{Current, Error, Input, Pitch, enums as gl};

impl Current<'_> {
    /// Writes texels into a part of a level. They lie without gaps, in the texture's own kind.
    ///
    /// # Errors
    /// [`Error::OutsideTexture`]; [`Error::OutOfRange`] if `data` is too short.
    pub fn upload(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        data: &[u8],
    ) -> Result<(), Error> {
        self.upload_from(texture, level, region, Pitch::TIGHT, data.into())
    }

    /// Writes texels into a part of a level from memory in which they lie as `pitch` says.
    ///
    /// # Errors
    /// [`Error::OutsideTexture`]; [`Error::OutOfRange`] if `data` is too short.
    pub fn upload_from(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        pitch: Pitch,
        data: Input<'_>,
    ) -> Result<(), Error> {
        texture.check(level, region)?;
        let strides = checked(texture, region, pitch, data.len())?;
        if strides.all == 0 {
            return Ok(());
        }
        self.bind_scratch(texture.desc.target, &texture.handle);
        self.unpacking(pitch, || match texture.desc.target {
            gl::TEXTURE_CUBE_MAP => self.upload_faces(texture, level, region, pitch, data),
            target => self.upload_bound(texture, target, level, region, pitch, data),
        })
    }

    fn upload_faces(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        pitch: Pitch,
        data: Input<'_>,
    ) -> Result<(), Error> {
        let face = Box3 {
            size: [region.size[0], region.size[1], 1],
            ..*region
        };
        let stride = checked(texture, region, pitch, data.len())?.layer;
        let size = checked(texture, &face, pitch, data.len())?.all;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        for face_number in 0..region.size[2] {
            let data = data.part(stride.saturating_mul(face_number.into()), size)?;
            let number = region.origin[2].saturating_add(face_number);
            let target = gl::TEXTURE_CUBE_MAP_POSITIVE_X.saturating_add(number);
            self.upload_bound(texture, target, level, &face, pitch, data)?;
        }
        Ok(())
    }

    /// The texture is bound to the scratch unit, and the pixel store says what `pitch` does.
    fn upload_bound(
        &self,
        texture: &Texture,
        target: u32,
        level: u32,
        region: &Box3,
        pitch: Pitch,
        data: Input<'_>,
    ) -> Result<(), Error> {
        let level = int(level)?;
        let [x, y, z] = origin(target, region.origin)?;
        let [width, height, depth] = extent(target, region.size)?;
        let size = checked(texture, region, pitch, data.len())?.all;
        let length = i32::try_from(size).map_err(|_| Error::OutOfMemory);
        let internal = texture.desc.internal;
        let data = data.start().cast::<c_void>();
        // SAFETY: of all: as many bytes are mapped at `data` as GL reads, which `checked` has
        // found: by the region, the texels and the pixel store, with an alignment of 1 and no
        // pixel buffer object bound. They stay until GL returns, when it has read them.
        unsafe {
            match (dimensions(target), texture.desc.texels) {
                (1, Texels::Pixels(p)) => {
                    self.gl_tex_sub_image_1d(target, level, x, width, p.format(), p.kind(), data);
                }
                (2, Texels::Pixels(p)) => self.gl_tex_sub_image_2d(
                    target,
                    level,
                    x,
                    y,
                    width,
                    height,
                    p.format(),
                    p.kind(),
                    data,
                ),
                (_, Texels::Pixels(p)) => self.gl_tex_sub_image_3d(
                    target,
                    level,
                    x,
                    y,
                    z,
                    width,
                    height,
                    depth,
                    p.format(),
                    p.kind(),
                    data,
                ),
                (1, Texels::Blocks(_)) => self.gl_compressed_tex_sub_image_1d(
                    target, level, x, width, internal, length?, data,
                ),
                (2, Texels::Blocks(_)) => self.gl_compressed_tex_sub_image_2d(
                    target, level, x, y, width, height, internal, length?, data,
                ),
                (_, Texels::Blocks(_)) => self.gl_compressed_tex_sub_image_3d(
                    target, level, x, y, z, width, height, depth, internal, length?, data,
                ),
            }
        }
        Ok(())
    }
}

/// How many sizes GL takes for a target.
const fn dimensions(target: u32) -> u32 {
    match target {
        gl::TEXTURE_1D => 1,
        gl::TEXTURE_3D
        | gl::TEXTURE_2D_ARRAY
        | gl::TEXTURE_CUBE_MAP_ARRAY
        | gl::TEXTURE_CUBE_MAP => 3,
        _ => 2,
    }
}
