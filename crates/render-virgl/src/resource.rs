//! Resources: buffers, textures, and plain memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use context::{Backing, ResourceRequest};
use format::Format;
use host_gl::{Buffer, BufferAccess, Charge, Current, Features, Texture, TextureDesc, enums as gl};
use host_memory::Shm;
use wire_virgl::{BindFlags, TextureTarget};

use crate::error::{Error, Result};
use crate::formats::Formats;
use crate::limits::MAX_SYSTEM_BYTES;
use crate::renderer::Mapping;
use crate::twin::Twin;

/// A resource, which lives as long as something names it or uses it.
#[derive(Debug)]
pub(crate) struct Resource {
    /// What it is.
    pub(crate) spec: Spec,
    /// Where its content is.
    pub(crate) storage: Storage,
    /// Where the guest maps a buffer, and GL cannot.
    twin: Option<Twin>,
    /// What it takes beside GL's objects.
    _charge: Option<Charge>,
    backing: Mutex<Option<Backing>>,
}

/// What a resource is to be: a request whose numbers were checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub(crate) target: TextureTarget,
    /// None of buffers whose format means nothing here.
    pub(crate) format: Option<Format>,
    pub(crate) bind: BindFlags,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) depth: u32,
    pub(crate) array_size: u32,
    pub(crate) last_level: u32,
    pub(crate) samples: u32,
}

/// Where the content is.
#[derive(Debug)]
pub(crate) enum Storage {
    /// A buffer of GL.
    Buffer(Arc<Buffer>),
    /// A texture of GL.
    Texture(Arc<Texture>),
    /// Memory: the backing while there is one, and this until then.
    System(Mutex<Vec<u8>>),
}

impl Resource {
    /// Makes a resource of zeros.
    pub(crate) fn create(
        gl: &Current<'_>,
        formats: &Formats,
        request: &ResourceRequest,
    ) -> Result<Self> {
        let spec = Spec::parse(request)?;
        let mut charge = None;
        let storage = match spec.target {
            TextureTarget::Buffer if spec.is_system() => {
                let size = u64::from(spec.width);
                if size > MAX_SYSTEM_BYTES {
                    return Err(Error::Outside("the size of a staging buffer"));
                }
                charge = Some(gl.charge(size)?);
                Storage::System(Mutex::new(vec![0; spec.width as usize]))
            }
            TextureTarget::Buffer => {
                let access = BufferAccess::Dynamic;
                Storage::Buffer(Arc::new(gl.create_buffer(spec.width.into(), access)?))
            }
            _ => Storage::Texture(Arc::new(gl.create_texture(&spec.texture(gl, formats)?)?)),
        };
        Ok(Self {
            spec,
            storage,
            twin: None,
            _charge: charge,
            backing: Mutex::new(None),
        })
    }

    /// Makes a buffer of zeros in memory that the guest can map, at least `size` bytes of it.
    pub(crate) fn create_shared(
        gl: &Current<'_>,
        request: &ResourceRequest,
        size: u64,
        mapping: Mapping,
    ) -> Result<(Self, Shm)> {
        let spec = Spec::parse(request)?;
        if spec.target != TextureTarget::Buffer {
            return Err(Error::Unsupported("a texture that the guest maps"));
        }
        if u64::from(spec.width) > size {
            return Err(Error::Outside("a buffer's blob"));
        }
        let (buffer, pages, twin, charge) = match mapping {
            Mapping::Pinned => {
                let (buffer, pages) = gl.create_shared_buffer(size)?;
                (buffer, pages, None, None)
            }
            Mapping::Copied => {
                // The pages, and the twin.
                let charge = gl.charge(size.saturating_mul(2))?;
                let buffer = gl.create_buffer(size, BufferAccess::Dynamic)?;
                let pages = Shm::new("paravane-virgl", size);
                let pages = pages.map_err(|_| host_gl::Error::OutOfMemory)?;
                let twin = Twin::new(pages.clone(), size)?;
                (buffer, pages, Some(twin), Some(charge))
            }
        };
        let resource = Self {
            spec,
            storage: Storage::Buffer(Arc::new(buffer)),
            twin,
            _charge: charge,
            backing: Mutex::new(None),
        };
        Ok((resource, pages))
    }

    /// Whether no GL has anything of it.
    pub(crate) fn is_system(&self) -> bool {
        matches!(self.storage, Storage::System(_))
    }

    /// The guest's memory, if it has given some.
    pub(crate) fn backing(&self) -> Option<Backing> {
        self.lock().clone()
    }

    /// Gives it memory.
    pub(crate) fn attach_backing(&self, backing: Backing) -> Result<()> {
        let mut slot = self.lock();
        if slot.is_some() {
            return Err(Error::Misbehaved("a resource has memory already"));
        }
        *slot = Some(backing);
        Ok(())
    }

    /// Takes its memory away.
    pub(crate) fn detach_backing(&self) {
        *self.lock() = None;
    }

    /// Writes what a command answers: into memory that no GL ever sees, and into the guest's,
    /// where it looks.
    pub(crate) fn write_system(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        let outside = Error::Outside("an answer");
        let Storage::System(memory) = &self.storage else {
            return Err(Error::Misbehaved("an answer goes to no such buffer"));
        };
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let start = usize::try_from(offset).map_err(|_| outside.clone())?;
        let place = memory
            .get_mut(start..)
            .and_then(|memory| memory.get_mut(..bytes.len()));
        place.ok_or(outside.clone())?.copy_from_slice(bytes);
        match self.backing() {
            Some(backing) => backing.write(offset, bytes).map_err(|_| outside),
            None => Ok(()),
        }
    }

    /// The buffer.
    pub(crate) fn buffer(&self) -> Result<&Arc<Buffer>> {
        match &self.storage {
            Storage::Buffer(buffer) => Ok(buffer),
            _ => Err(Error::Misbehaved("the resource is no buffer")),
        }
    }

    /// What is needed besides, if the guest maps the buffer and GL cannot.
    pub(crate) fn twin(&self) -> Option<&Twin> {
        self.twin.as_ref()
    }

    /// The texture.
    pub(crate) fn texture(&self) -> Result<&Arc<Texture>> {
        match &self.storage {
            Storage::Texture(texture) => Ok(texture),
            _ => Err(Error::Misbehaved("the resource is no texture")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Backing>> {
        self.backing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spec {
    fn parse(request: &ResourceRequest) -> Result<Self> {
        let target = TextureTarget::from_number(request.target);
        let target = target.ok_or(Error::Misbehaved("a resource's target is unknown"))?;
        let spec = Self {
            target,
            format: Format::from_wire(request.format),
            bind: BindFlags::from_bits_truncate(request.bind),
            width: request.width,
            height: request.height.max(1),
            depth: request.depth.max(1),
            array_size: request.array_size.max(1),
            last_level: request.last_level,
            samples: request.nr_samples,
        };
        // Its flags say which pages are to be mapped how, which a blob does itself, and where the
        // host keeps the first row (`VIRGL_RESOURCE_Y_0_TOP`), which no guest sees: transfers,
        // draws and copies all count rows from the same end, with the flag as without.
        spec.check()?;
        Ok(spec)
    }

    /// What GL would refuse with less to say, or take in another sense.
    fn check(&self) -> Result<()> {
        use TextureTarget as T;
        let is_array = matches!(self.target, T::Texture1DArray | T::Texture2DArray);
        let layers_fit = match self.target {
            T::Cube => self.array_size == 6,
            T::CubeArray => self.array_size.is_multiple_of(6),
            _ => is_array || self.array_size == 1,
        };
        let is_flat = matches!(self.target, T::Buffer | T::Texture1D | T::Texture1DArray);
        let has_levels = !matches!(self.target, T::Buffer | T::Rect);
        let largest = self.width.max(self.height).max(self.depth).max(1);
        let levels_fit = match has_levels && self.samples <= 1 {
            true => self.last_level <= largest.ilog2(),
            false => self.last_level == 0,
        };
        let sampled = matches!(self.target, T::Texture2D | T::Texture2DArray);
        let rules = [
            (
                self.width > 0 || self.target == T::Buffer,
                "a texture without a width",
            ),
            (layers_fit, "a resource's number of layers"),
            (!is_flat || self.height == 1, "a resource's height"),
            (
                self.target == T::Texture3D || self.depth == 1,
                "a resource's depth",
            ),
            (levels_fit, "a resource's number of levels"),
            (
                self.samples <= 1 || sampled,
                "samples of a resource that has none",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, broken)) => Err(Error::Misbehaved(broken)),
            None => Ok(()),
        }
    }

    /// Bytes that commands alone give a meaning: no GL ever sees them.
    fn is_system(&self) -> bool {
        let flags = BindFlags::CUSTOM | BindFlags::STAGING;
        !self.bind.is_empty() && flags.contains(self.bind)
    }

    fn texture(&self, gl: &Current<'_>, formats: &Formats) -> Result<TextureDesc> {
        let format = self
            .format
            .ok_or(Error::Misbehaved("a texture's format is unknown"))?;
        let host = formats
            .of(format)
            .ok_or(Error::Unsupported("a texture's format"))?;
        // GL has no compressed rectangles. Mesa makes them when it is asked for some compressed
        // format, and to be looked at, not to be sampled.
        let is_compressed = format.description().layout.is_compressed();
        let target = match self.target {
            TextureTarget::Rect if is_compressed => gl::TEXTURE_2D,
            target => gl_target(target, self.samples, gl.caps().api.is_es()),
        };
        if !has_target(target, &gl.caps().features) {
            return Err(Error::Unsupported("a texture's target"));
        }
        Ok(TextureDesc {
            target,
            internal: host.gl.internal,
            width: self.width,
            height: self.height,
            depth: match self.target {
                TextureTarget::Texture3D => self.depth,
                _ => self.array_size,
            },
            levels: self.last_level.saturating_add(1),
            samples: self.samples,
            texels: host.texels,
        })
    }
}

/// GL's number for a shape. OpenGL ES has no textures of one dimension, and those that are one
/// pixel high do as well; nor rectangles.
pub(crate) const fn gl_target(target: TextureTarget, samples: u32, is_es: bool) -> u32 {
    use TextureTarget as T;
    match target {
        T::Buffer => gl::TEXTURE_BUFFER,
        T::Texture1D if is_es => gl::TEXTURE_2D,
        T::Texture1DArray if is_es => gl::TEXTURE_2D_ARRAY,
        T::Rect if is_es => gl::TEXTURE_2D,
        T::Texture1D => gl::TEXTURE_1D,
        T::Texture2D if samples > 1 => gl::TEXTURE_2D_MULTISAMPLE,
        T::Texture2DArray if samples > 1 => gl::TEXTURE_2D_MULTISAMPLE_ARRAY,
        T::Texture2D => gl::TEXTURE_2D,
        T::Texture3D => gl::TEXTURE_3D,
        T::Cube => gl::TEXTURE_CUBE_MAP,
        T::Rect => gl::TEXTURE_RECTANGLE,
        T::Texture1DArray => gl::TEXTURE_1D_ARRAY,
        T::Texture2DArray => gl::TEXTURE_2D_ARRAY,
        T::CubeArray => gl::TEXTURE_CUBE_MAP_ARRAY,
    }
}

fn has_target(target: u32, features: &Features) -> bool {
    match target {
        gl::TEXTURE_CUBE_MAP_ARRAY => features.cube_map_array,
        gl::TEXTURE_2D_MULTISAMPLE => features.texture_multisample,
        gl::TEXTURE_2D_MULTISAMPLE_ARRAY => features.texture_multisample_array,
        _ => true,
    }
}
