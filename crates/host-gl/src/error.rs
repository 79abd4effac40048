/// Why the host's GL did not do something, by whose fault it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// EGL is not installed.
    #[error(
        "libEGL.so.1 cannot be loaded ({0}); install EGL and a driver (Debian: libegl1 libgl1-mesa-dri)"
    )]
    NoEgl(String),
    /// EGL is there and has no display, or none of the kind asked for.
    #[error("no EGL display: {0}")]
    NoDisplay(String),
    /// The display has no context of any version asked for.
    #[error("no GL context: {0}")]
    NoContext(String),
    /// EGL failed on a legal call; the number is EGL's.
    #[error("EGL {call} failed with {code:#06x}")]
    Egl {
        /// The call.
        call: &'static str,
        /// `eglGetError`'s number.
        code: i32,
    },
    /// The context is current on another thread, or another one is in use on this thread:
    /// the caller misused us.
    #[error("the GL context is in use elsewhere")]
    InUse,
    /// GL has no memory left.
    #[error("the GL driver is out of memory")]
    OutOfMemory,
    /// The objects of the group would take more than they may ([`crate::MemoryLimit`]).
    #[error("more than {limit} bytes of buffers and textures")]
    OverLimit {
        /// In bytes.
        limit: u64,
    },
    /// GL refused a call.
    #[error("the GL driver refused: {0}")]
    Refused(GlError),
    /// A range is not inside the buffer or texture that it is of, or a slice is too short.
    #[error("{what}: {size} bytes at {offset} are not within {len}")]
    OutOfRange {
        /// Of what.
        what: &'static str,
        /// In bytes.
        offset: u64,
        /// In bytes.
        size: u64,
        /// In bytes.
        len: u64,
    },
    /// A size, a level or a layer is not one of the texture's.
    #[error("not within the texture: {0}")]
    OutsideTexture(&'static str),
    /// The driver lacks the feature.
    #[error("the GL driver lacks {0}")]
    Missing(&'static str),
    /// A shader or a program does not build; the driver's log.
    #[error("the GL driver's compiler: {0}")]
    Compile(String),
}

/// An error that `glGetError` returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.name())]
pub struct GlError(pub u32);

impl GlError {
    /// GL's name for it.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x0500 => "GL_INVALID_ENUM",
            0x0501 => "GL_INVALID_VALUE",
            0x0502 => "GL_INVALID_OPERATION",
            0x0503 => "GL_STACK_OVERFLOW",
            0x0504 => "GL_STACK_UNDERFLOW",
            0x0505 => "GL_OUT_OF_MEMORY",
            0x0506 => "GL_INVALID_FRAMEBUFFER_OPERATION",
            0x0507 => "GL_CONTEXT_LOST",
            _ => "an unknown error",
        }
    }
}
