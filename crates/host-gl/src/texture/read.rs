//! Texels from textures into memory.

use std::ffi::c_void;

use crate::pitch::checked;
use crate::texture::{Box3, Texels, Texture, extent, int, origin};
use crate::{Attachment, Current, Error, Layer, Output, Pitch, PixelFormat, enums as gl};

impl Current<'_> {
    /// Reads texels of a part of a level into `data`, without gaps.
    ///
    /// # Errors
    /// [`Error::OutsideTexture`]; [`Error::OutOfRange`] if `data` is too short;
    /// [`Error::Refused`] and [`Error::Missing`] where the host cannot read such a texture.
    pub fn read_texture(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        data: &mut [u8],
    ) -> Result<(), Error> {
        self.read_texture_into(texture, level, region, Pitch::TIGHT, data.into())
    }

    /// Reads texels of a part of a level into memory in which they are to lie as `pitch` says;
    /// what is in the gaps stays.
    ///
    /// # Errors
    /// As of [`Self::read_texture`].
    pub fn read_texture_into(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        pitch: Pitch,
        mut data: Output<'_>,
    ) -> Result<(), Error> {
        texture.check(level, region)?;
        let strides = checked(texture, region, pitch, data.len())?;
        if strides.all == 0 {
            return Ok(());
        }
        if texture.is_multisampled() {
            return Err(Error::Missing("reading textures with several samples"));
        }
        let has_sub_image = self.caps().features.texture_sub_image;
        self.clear_errors();
        self.packing(pitch, || match texture.desc.texels {
            Texels::Pixels(pixel) if !has_sub_image || is_picture(texture, pixel, region) => {
                let read =
                    self.read_by_framebuffer(texture, level, region, pixel, pitch, &mut data);
                match read {
                    // Not all that can be a texture can be a framebuffer.
                    Err(Error::Refused(_)) if has_sub_image => {
                        self.read_sub_image(texture, level, region, &mut data)
                    }
                    read => read,
                }
            }
            _ if has_sub_image => self.read_sub_image(texture, level, region, &mut data),
            _ => self.read_whole_blocks(texture, level, region, &mut data),
        })?;
        self.check()
    }

    /// Reads layer by layer through a framebuffer. The pixel store says what `pitch` does.
    pub(crate) fn read_by_framebuffer(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        pixel: PixelFormat,
        pitch: Pitch,
        data: &mut Output<'_>,
    ) -> Result<(), Error> {
        let place = Attachment::of(texture);
        let [x, y, z] = region.origin;
        let [width, height, depth] = region.size;
        let layer = Box3 {
            size: [width, height, 1],
            ..*region
        };
        let strides = checked(texture, region, pitch, data.len())?;
        let stride = match texture.desc.target {
            gl::TEXTURE_1D_ARRAY => strides.row,
            _ => strides.layer,
        };
        let size = checked(texture, &layer, pitch, data.len())?.all;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let corner = [int(x)?, int(y)?];
        self.with_scratch_to_read(place, || {
            for number in 0..depth {
                let layer = Layer::One(z.saturating_add(number));
                self.attach_read(place, Some((texture, level, layer)));
                self.read_color(matches!(place, Attachment::Color(_)).then_some(0));
                let mut data = data.part(stride.saturating_mul(number.into()), size)?;
                self.read_pixels_packed(corner, [width, height], pixel, &mut data)?;
            }
            Ok(())
        })
    }

    fn read_sub_image(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        data: &mut Output<'_>,
    ) -> Result<(), Error> {
        let target = texture.desc.target;
        let level = int(level)?;
        let [x, y, z] = origin(target, region.origin)?;
        let [width, height, depth] = extent(target, region.size)?;
        let name = self.name(&texture.handle);
        let length = i32::try_from(data.len()).map_err(|_| Error::OutOfMemory)?;
        let data = data.start().cast::<c_void>();
        // SAFETY: of both: GL writes no more than `length` bytes, which are mapped at `data`.
        unsafe {
            match texture.desc.texels {
                Texels::Pixels(p) => self.gl_get_texture_sub_image(
                    name,
                    level,
                    x,
                    y,
                    z,
                    width,
                    height,
                    depth,
                    p.format(),
                    p.kind(),
                    length,
                    data,
                ),
                Texels::Blocks(_) => self.gl_get_compressed_texture_sub_image(
                    name, level, x, y, z, width, height, depth, length, data,
                ),
            }
        }
        Ok(())
    }

    /// Only a whole level can be read.
    fn read_whole_blocks(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        data: &mut Output<'_>,
    ) -> Result<(), Error> {
        let size = texture.level_size(level).unwrap_or([0; 3]);
        let whole = Box3 {
            origin: [0; 3],
            size,
        };
        let has = self.caps().features.texture_image_read;
        if !has || *region != whole || texture.desc.target == gl::TEXTURE_CUBE_MAP {
            return Err(Error::Missing("reading parts of compressed textures"));
        }
        self.bind_scratch(texture.desc.target, &texture.handle);
        let level = int(level)?;
        let target = texture.desc.target;
        // SAFETY: `data` has the bytes of the whole level: `checked` has found so.
        unsafe { self.gl_get_compressed_tex_image(target, level, data.start().cast()) };
        Ok(())
    }
}

/// Whether a framebuffer is the way to read it: drivers copy the part that is asked for. Where
/// they are asked for a part of a texture, some copy all of it first (NVIDIA's, 580).
fn is_picture(texture: &Texture, pixel: PixelFormat, region: &Box3) -> bool {
    let is_color = matches!(Attachment::of(texture), Attachment::Color(_));
    is_color && region.size[2] == 1 && pixel.bytes() > 0
}
