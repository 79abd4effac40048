use std::ffi::c_void;
use std::sync::Arc;

use crate::garbage::Dead;
use crate::object::Handle;
use crate::{Buffer, Current, Error, PixelFormat, enums as gl};

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
    fn bytes(&self, texels: Texels) -> Option<u64> {
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
        let name = self.name(buffer.handle());
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

    /// Writes texels into a part of a level. They lie without gaps, as `pixel` says, or for
    /// compressed textures in blocks.
    ///
    /// # Errors
    /// [`Error::OutsideTexture`]; [`Error::OutOfRange`] if `data` is too short.
    pub fn upload(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        texels: Texels,
        data: &[u8],
    ) -> Result<(), Error> {
        texture.check(level, region)?;
        let data = checked(region, texels, data.len())
            .and_then(|size| data.get(..size).ok_or(Error::OutsideTexture("the data")))?;
        if data.is_empty() {
            return Ok(());
        }
        self.bind_scratch(texture.desc.target, &texture.handle);
        match texture.desc.target {
            gl::TEXTURE_CUBE_MAP => self.upload_faces(level, region, texels, texture, data),
            _ => self.upload_bound(texture.desc.target, level, region, texels, texture, data),
        }
    }

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
        texels: Texels,
        data: &mut [u8],
    ) -> Result<(), Error> {
        texture.check(level, region)?;
        let size = checked(region, texels, data.len())?;
        let data = data
            .get_mut(..size)
            .ok_or(Error::OutsideTexture("the data"))?;
        if data.is_empty() {
            return Ok(());
        }
        if texture.is_multisampled() {
            return Err(Error::Missing("reading textures with several samples"));
        }
        self.clear_errors();
        let features = &self.caps().features;
        if features.texture_sub_image {
            self.read_sub_image(texture, level, region, texels, data)?;
        } else if let Texels::Pixels(pixel) = texels {
            self.read_by_framebuffer(texture, level, region, pixel, data)?;
        } else {
            self.read_whole_blocks(texture, level, region, data)?;
        }
        self.check()
    }

    /// Copies texels without conversion.
    ///
    /// # Errors
    /// [`Error::OutsideTexture`]; [`Error::Refused`] for pairs of formats that don't go
    /// together.
    pub fn copy_texture(
        &self,
        (from, from_level, region): (&Texture, u32, &Box3),
        (to, to_level, to_origin): (&Texture, u32, [u32; 3]),
    ) -> Result<(), Error> {
        from.check(from_level, region)?;
        check_copy((from, from_level, region), (to, to_level, to_origin))?;
        let [x, y, z] = origin(from.desc.target, region.origin)?;
        let [to_x, to_y, to_z] = origin(to.desc.target, to_origin)?;
        let [width, height, depth] = extent(from.desc.target, region.size)?;
        self.clear_errors();
        self.gl_copy_image_sub_data(
            self.name(&from.handle),
            from.desc.target,
            int(from_level)?,
            x,
            y,
            z,
            self.name(&to.handle),
            to.desc.target,
            int(to_level)?,
            to_x,
            to_y,
            to_z,
            width,
            height,
            depth,
        );
        self.check()
    }

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

    fn texture_name(&self) -> Handle {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_textures(1, &mut name) };
        Handle::new(name, Dead::Texture, self.shared_owner())
    }

    /// Gives the bound texture its storage.
    fn allocate(&self, desc: &TextureDesc) -> Result<(), Error> {
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

    fn zero_texture(&self, texture: &Texture) -> Result<(), Error> {
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
            self.upload(texture, level, &slice(z), texels, &zeros)?;
        }
        Ok(())
    }

    fn upload_faces(
        &self,
        level: u32,
        region: &Box3,
        texels: Texels,
        texture: &Texture,
        data: &[u8],
    ) -> Result<(), Error> {
        let face = Box3 {
            size: [region.size[0], region.size[1], 1],
            ..*region
        };
        let size = checked(&face, texels, data.len())?;
        let faces = (region.origin[2]..).zip(data.chunks_exact(size.max(1)));
        for (face_number, data) in faces {
            let target = gl::TEXTURE_CUBE_MAP_POSITIVE_X.saturating_add(face_number);
            self.upload_bound(target, level, &face, texels, texture, data)?;
        }
        Ok(())
    }

    /// The texture is bound to the scratch unit; `data` has exactly the region's bytes.
    fn upload_bound(
        &self,
        target: u32,
        level: u32,
        region: &Box3,
        texels: Texels,
        texture: &Texture,
        data: &[u8],
    ) -> Result<(), Error> {
        let level = int(level)?;
        let [x, y, z] = origin(target, region.origin)?;
        let [width, height, depth] = extent(target, region.size)?;
        let length = i32::try_from(data.len()).map_err(|_| Error::OutOfMemory)?;
        let internal = texture.desc.internal;
        let data = data.as_ptr().cast::<c_void>();
        // SAFETY: of all: `data` is as long as GL reads: by the region and the texels, with
        // an alignment of 1, no row length set, and no pixel buffer object bound.
        unsafe {
            match (dimensions(target), texels) {
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
                    target, level, x, width, internal, length, data,
                ),
                (2, Texels::Blocks(_)) => self.gl_compressed_tex_sub_image_2d(
                    target, level, x, y, width, height, internal, length, data,
                ),
                (_, Texels::Blocks(_)) => self.gl_compressed_tex_sub_image_3d(
                    target, level, x, y, z, width, height, depth, internal, length, data,
                ),
            }
        }
        Ok(())
    }

    fn read_sub_image(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        texels: Texels,
        data: &mut [u8],
    ) -> Result<(), Error> {
        let target = texture.desc.target;
        let level = int(level)?;
        let [x, y, z] = origin(target, region.origin)?;
        let [width, height, depth] = extent(target, region.size)?;
        let name = self.name(&texture.handle);
        let length = i32::try_from(data.len()).map_err(|_| Error::OutOfMemory)?;
        let data = data.as_mut_ptr().cast::<c_void>();
        // SAFETY: of both: GL writes no more than `length` bytes, the slice's.
        unsafe {
            match texels {
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

    /// Only a whole level can be read; then the part is taken out of it.
    fn read_whole_blocks(
        &self,
        texture: &Texture,
        level: u32,
        region: &Box3,
        data: &mut [u8],
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
        // SAFETY: `data` has the bytes of the whole level.
        unsafe { self.gl_get_compressed_tex_image(target, level, data.as_mut_ptr().cast()) };
        Ok(())
    }
}

/// Not every driver looks whether a copy's target is inside its level, whether blocks are as
/// large, and whether the parts of one texture overlap.
fn check_copy(
    (from, from_level, region): (&Texture, u32, &Box3),
    (to, to_level, to_origin): (&Texture, u32, [u32; 3]),
) -> Result<(), Error> {
    let outside = Error::OutsideTexture("the target of a copy");
    let (block, bytes) = block_of(from.desc.texels);
    let (to_block, to_bytes) = block_of(to.desc.texels);
    let level = to.level_size(to_level).ok_or(outside.clone())?;
    let fits = |axis: usize| {
        let size = region.size[axis]
            .div_ceil(block[axis])
            .checked_mul(to_block[axis]);
        let end = size.and_then(|size| size.checked_add(to_origin[axis]));
        let all = level[axis].checked_next_multiple_of(to_block[axis]);
        let is_aligned = region.origin[axis].is_multiple_of(block[axis])
            && to_origin[axis].is_multiple_of(to_block[axis]);
        is_aligned && end.is_some_and(|end| all.is_some_and(|all| end <= all))
    };
    let apart = |axis: usize| region.origin[axis].abs_diff(to_origin[axis]) >= region.size[axis];
    let is_same = from.handle.name() == to.handle.name() && from_level == to_level;
    let samples = |texture: &Texture| texture.desc.samples.max(1);
    let is_legal = bytes == to_bytes
        && samples(from) == samples(to)
        && [0, 1, 2].into_iter().all(fits)
        && (!is_same || [0, 1, 2].into_iter().any(apart));
    if is_legal { Ok(()) } else { Err(outside) }
}

/// The size of a block in texels, and its bytes.
fn block_of(texels: Texels) -> ([u32; 3], u32) {
    match texels {
        Texels::Pixels(pixel) => ([1; 3], pixel.bytes()),
        Texels::Blocks([x, y, z, bytes]) => ([x, y, z].map(|size| size.max(1)), bytes),
    }
}

/// Bytes of the region's texels, if the data has as many.
fn checked(region: &Box3, texels: Texels, len: usize) -> Result<usize, Error> {
    let size = region.bytes(texels).unwrap_or(u64::MAX);
    match usize::try_from(size) {
        Ok(bytes) if bytes <= len => Ok(bytes),
        _ => Err(Error::OutOfRange {
            what: "texels",
            offset: 0,
            size,
            len: len as u64,
        }),
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

/// Of arrays of lines, GL's second coordinate is the layer.
fn origin(target: u32, [x, y, z]: [u32; 3]) -> Result<[i32; 3], Error> {
    Ok(match target {
        gl::TEXTURE_1D_ARRAY => [int(x)?, int(z)?, 0],
        _ => [int(x)?, int(y)?, int(z)?],
    })
}

fn extent(target: u32, [width, height, depth]: [u32; 3]) -> Result<[i32; 3], Error> {
    Ok(match target {
        gl::TEXTURE_1D_ARRAY => [int(width)?, int(depth)?, 1],
        _ => [int(width)?, int(height)?, int(depth)?],
    })
}
