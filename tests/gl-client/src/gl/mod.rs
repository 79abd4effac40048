//! OpenGL as this program uses it: a context, and calls that are safe to make.
//!
//! What scenes make is not deleted one by one: it ends with the context, of which every scene
//! has its own.

mod calls;
mod egl;
mod output;
mod program;
mod target;
mod texture;

use glow::HasContext;

use crate::error::{Error, Result};

pub(crate) use output::Output;
pub(crate) use target::{BACKDROP, SIDE};
pub(crate) use texture::tiles;

/// A current context and its functions.
pub(crate) struct Gl {
    raw: glow::Context,
    version: (u32, u32),
    /// Dropped last.
    _current: egl::Current,
}

impl Gl {
    /// Opens a context of its own.
    pub(crate) fn open() -> Result<Self> {
        let current = egl::Current::open()?;
        // SAFETY: the context is current, and the addresses are those of its functions.
        let raw = unsafe { glow::Context::from_loader_function(|name| current.address(name)) };
        let version = (raw.version().major, raw.version().minor);
        let gl = Self {
            raw,
            version,
            _current: current,
        };
        gl.pixel_store_i32(glow::PACK_ALIGNMENT, 1);
        gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 1);
        // A core profile draws nothing without one.
        let array = gl.create_vertex_array().map_err(Error::Gl)?;
        gl.bind_vertex_array(Some(array));
        Ok(gl)
    }

    /// The driver and its version as it names them.
    pub(crate) fn describe(&self) -> String {
        let (major, minor) = self.version;
        let renderer = self.get_parameter_string(glow::RENDERER);
        let version = self.get_parameter_string(glow::VERSION);
        format!("{renderer}, OpenGL {major}.{minor} ({version})")
    }

    /// Skips the scene unless the context is of this version or a later one.
    pub(crate) fn require(&self, major: u32, minor: u32) -> Result<()> {
        if self.version >= (major, minor) {
            return Ok(());
        }
        Err(Error::Unsupported(format!("no OpenGL {major}.{minor}")))
    }

    /// Fails if a call has gone wrong.
    pub(crate) fn check(&self) -> Result<()> {
        match self.get_error() {
            glow::NO_ERROR => Ok(()),
            error => Err(Error::Gl(format!("error {error:#06x}"))),
        }
    }

    /// A buffer with these contents, bound to `target`.
    pub(crate) fn buffer(&self, target: u32, bytes: &[u8]) -> Result<glow::Buffer> {
        let buffer = self.create_buffer().map_err(Error::Gl)?;
        self.bind_buffer(target, Some(buffer));
        self.buffer_data(target, bytes, glow::STATIC_DRAW);
        Ok(buffer)
    }

    /// A vertex buffer whose elements are `size` floats; attribute `index` reads it.
    pub(crate) fn attribute(&self, index: u32, size: i32, floats: &[f32]) -> Result<glow::Buffer> {
        let buffer = self.buffer(glow::ARRAY_BUFFER, &bytes(floats))?;
        self.enable_vertex_attrib_array(index);
        self.vertex_attrib_pointer_f32(index, size, glow::FLOAT, false, 0, 0);
        Ok(buffer)
    }
}

/// The bytes of floats, as a buffer has them.
pub(crate) fn bytes(floats: &[f32]) -> Vec<u8> {
    floats
        .iter()
        .flat_map(|float| float.to_le_bytes())
        .collect()
}
