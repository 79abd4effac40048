//! Textures: what they are, views of them, and where they are bound.

mod copy;
mod probe;
mod read;
mod storage;
mod upload;

use std::sync::Arc;

use crate::garbage::Dead;
use crate::object::Handle;
use crate::{Buffer, Current, Error, PixelFormat, enums as gl};

pub use probe::FormatSupport;

/// What a texture is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextureDesc {
    /// `GL_TEXTURE_2D` and its like; not buffer textures.
    pub target: u32,
    /// The sized internal format.
    pub internal: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In pixels; of arrays, layers; of cubes, faces: six times the layers.
    pub depth: u32,
    /// Mip levels, at least 1.
    pub levels: u32,
    /// Samples a pixel; 0 and 1 are not multisampled, unless the target is.
    pub samples: u32,
    /// How its texels are addressed.
    pub texels: Texels,
}

/// How texels are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Texels {
    /// One by one.
    Pixels(PixelFormat),
    /// In blocks: their width, height, depth in pixels, and bytes.
    Blocks([u32; 4]),
}

/// A texture whose storage does not change.
#[derive(Debug)]
pub struct Texture {
    handle: Handle,
    desc: TextureDesc,
    /// What a buffer texture shows.
    _buffer: Option<Arc<Buffer>>,
}

/// A part of a level: pixels, and layers or faces as depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Box3 {
    /// The corner.
    pub origin: [u32; 3],
    /// The size.
    pub size: [u32; 3],
}

impl Texture {
    /// What it is.
    pub fn desc(&self) -> &TextureDesc {
        &self.desc
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The size of a level, layers or faces as depth. None if there is no such level.
    pub fn level_size(&self, level: u32) -> Option<[u32; 3]> {
        let TextureDesc {
            target,
            width,
            height,
            depth,
            levels,
            ..
        } = self.desc;
        let shrink = |size: u32| size.checked_shr(level).unwrap_or(0).max(1);
        (level < levels).then(|| match target {
            gl::TEXTURE_3D => [shrink(width), shrink(height), shrink(depth)],
            gl::TEXTURE_1D | gl::TEXTURE_1D_ARRAY => [shrink(width), 1, depth],
            _ => [shrink(width), shrink(height), depth],
        })
    }

    fn check(&self, level: u32, region: &Box3) -> Result<(), Error> {
        let size = self
            .level_size(level)
            .ok_or(Error::OutsideTexture("the level"))?;
        let within = |axis: usize| {
            let end = region.origin[axis].checked_add(region.size[axis]);
            end.is_some_and(|end| end <= size[axis])
        };
        match [0, 1, 2].into_iter().all(within) {
            true => Ok(()),
            false => Err(Error::OutsideTexture("the region")),
        }
    }

    /// A level and a part of it as GL takes them.
    pub(crate) fn place(
        &self,
        level: u32,
        region: &Box3,
    ) -> Result<(i32, [i32; 3], [i32; 3]), Error> {
        self.check(level, region)?;
        let target = self.desc.target;
        Ok((
            int(level)?,
            origin(target, region.origin)?,
            extent(target, region.size)?,
        ))
    }

    fn is_multisampled(&self) -> bool {
        is_multisample(self.desc.target)
    }
}

impl TextureDesc {
    /// What it takes, in bytes: all levels and samples. None if the number does not fit.
    fn bytes(&self) -> Option<u64> {
        let shrink = |size: u32, level: u32| size.checked_shr(level).unwrap_or(0).max(1);
        let is_3d = self.target == gl::TEXTURE_3D;
        let level = |level: u32| {
            let depth = if is_3d {
                shrink(self.depth, level)
            } else {
                self.depth
            };
            let region = Box3 {
                origin: [0; 3],
                size: [shrink(self.width, level), shrink(self.height, level), depth],
            };
            region.bytes(self.texels)
        };
        // Beyond these all levels are one pixel.
        let sum = (0..self.levels.min(u32::BITS))
            .try_fold(0u64, |sum, number| sum.checked_add(level(number)?))?;
        sum.checked_mul(self.samples.max(1).into())
    }
}

const fn is_multisample(target: u32) -> bool {
    matches!(
        target,
        gl::TEXTURE_2D_MULTISAMPLE | gl::TEXTURE_2D_MULTISAMPLE_ARRAY
    )
}

impl Box3 {
    /// Bytes of the part when texels lie without gaps. None if the number does not fit, or
    /// blocks would be cut.
    pub(crate) fn bytes(&self, texels: Texels) -> Option<u64> {
        let [width, height, depth] = self.size;
        match texels {
            Texels::Pixels(pixel) => pixel.image_bytes(width, height, depth),
            Texels::Blocks([x, y, z, bytes]) => {
                let blocks = |size: u32, block: u32| u64::from(size.div_ceil(block.max(1)));
                let plane = blocks(width, x).checked_mul(blocks(height, y))?;
                plane
                    .checked_mul(blocks(depth, z))?
                    .checked_mul(bytes.into())
            }
        }
    }
}

/// GL's sizes are signed.
fn int(number: u32) -> Result<i32, Error> {
    i32::try_from(number).map_err(|_| Error::OutsideTexture("the size"))
}

impl Current<'_> {
    /// Makes a texture of zeros.
    ///
    /// # Errors
    /// [`Error::Refused`] for what GL does not have, [`Error::OutOfMemory`].
    pub fn create_texture(&self, desc: &TextureDesc) -> Result<Texture, Error> {
        let bytes = desc.bytes().ok_or(Error::OutOfMemory)?;
        let texture = Texture {
            handle: self.texture_name().charged(self.charge(bytes)?),
            desc: *desc,
            _buffer: None,
        };
        self.clear_errors();
        self.bind_scratch(desc.target, &texture.handle);
        self.allocate(desc)?;
        self.check()?;
        if !is_multisample(desc.target) {
            self.gl_tex_parameteri(desc.target, gl::TEXTURE_MIN_FILTER, gl::NEAREST as i32);
            self.gl_tex_parameteri(desc.target, gl::TEXTURE_MAG_FILTER, gl::NEAREST as i32);
        }
        self.zero_texture(&texture)?;
        Ok(texture)
    }

    /// Makes another view of a texture's storage: levels and layers from some on.
    ///
    /// # Errors
    /// [`Error::Refused`] for views that GL does not have.
    pub fn create_view(
        &self,
        of: &Texture,
        desc: &TextureDesc,
        first_level: u32,
        first_layer: u32,
    ) -> Result<Texture, Error> {
        let charge = self.charge(0)?.with(of.handle.charge());
        let view = Texture {
            handle: self.texture_name().charged(charge),
            desc: *desc,
            _buffer: None,
        };
        let layers = if desc.target == gl::TEXTURE_3D {
            1
        } else {
            desc.depth
        };
        self.clear_errors();
        self.gl_texture_view(
            view.handle.name(),
            desc.target,
            self.name(&of.handle),
            desc.internal,
            first_level,
            desc.levels,
            first_layer,
            layers,
        );
        self.check()?;
        Ok(view)
    }

    /// Makes a texture of a part of a buffer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], and [`Error::Refused`] for formats that buffers don't have.
    pub fn create_buffer_texture(
        &self,
        buffer: &Arc<Buffer>,
        internal: u32,
        texels: Texels,
        offset: u64,
        size: u64,
    ) -> Result<Texture, Error> {
        let (start, length) = buffer.range(offset, size)?;
        let target = gl::TEXTURE_BUFFER;
        let desc = TextureDesc {
            target,
            internal,
            width: u32::try_from(size).unwrap_or(u32::MAX),
            height: 1,
            depth: 1,
            levels: 1,
            samples: 0,
            texels,
        };
        let charge = self.charge(0)?.with(buffer.handle().charge());
        let texture = Texture {
            handle: self.texture_name().charged(charge),
            desc,
            _buffer: Some(Arc::clone(buffer)),
        };
        self.clear_errors();
        self.bind_scratch(target, &texture.handle);
        let name = self.buffer_in_use(buffer);
        if self.caps().features.texture_buffer_range {
            self.gl_tex_buffer_range(target, internal, name, start, length);
        } else if offset == 0 {
            self.gl_tex_buffer(target, internal, name);
        } else {
            return Err(Error::Missing("buffer textures with an offset"));
        }
        self.check()?;
        Ok(texture)
    }

    /// Binds a texture to a unit.
    pub fn bind_texture(&self, unit: u32, texture: &Texture) {
        self.bind_to_unit(unit, texture.desc.target, &texture.handle);
    }

    /// Unbinds what is bound to a unit's target.
    pub fn unbind_texture(&self, unit: u32, target: u32) {
        self.use_unit(unit);
        self.gl_bind_texture(target, 0);
        self.context.kept.bound.texture(unit, target, 0);
        self.context.held.texture(unit, target, None);
    }

    /// Binds a level of a texture, and one layer of it or all, to an image unit. `access` is
    /// `GL_READ_ONLY` and its like.
    pub fn bind_image(
        &self,
        unit: u32,
        texture: &Texture,
        level: u32,
        layer: Option<u32>,
        access: u32,
        format: u32,
    ) {
        let name = self.name(&texture.handle);
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let (level, index) = (number(level), number(layer.unwrap_or(0)));
        let layered = u8::from(layer.is_none());
        self.gl_bind_image_texture(unit, name, level, layered, index, access, format);
        self.context.held.image(unit, texture.handle.charge());
    }

    /// Empties an image unit.
    pub fn unbind_image(&self, unit: u32) {
        self.gl_bind_image_texture(unit, 0, 0, 0, 0, gl::READ_ONLY, gl::R32F);
        self.context.held.image(unit, None);
    }

    /// Sets a parameter of a texture: `GL_TEXTURE_SWIZZLE_R` and its like.
    pub fn texture_parameter(&self, texture: &Texture, name: u32, value: u32) {
        self.bind_scratch(texture.desc.target, &texture.handle);
        let value = i32::try_from(value).unwrap_or(i32::MAX);
        self.gl_tex_parameteri(texture.desc.target, name, value);
    }

    fn texture_name(&self) -> Handle {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_textures(1, &mut name) };
        Handle::new(name, Dead::Texture, self.shared_owner())
    }
}

/// Of arrays of lines, GL's second coordinate is the layer.
fn origin(target: u32, [x, y, z]: [u32; 3]) -> Result<[i32; 3], Error> {
    Ok(match target {
        gl::TEXTURE_1D_ARRAY => [int(x)?, int(z)?, 0],
        _ => [int(x)?, int(y)?, int(z)?],
    })
}

pub(crate) fn extent(target: u32, [width, height, depth]: [u32; 3]) -> Result<[i32; 3], Error> {
    Ok(match target {
        gl::TEXTURE_1D_ARRAY => [int(width)?, int(depth)?, 1],
        _ => [int(width)?, int(height)?, int(depth)?],
    })
}
