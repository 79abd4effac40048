//! The language that goes out, and what of the context's state goes into the text.

use super::error::Unsupported;

/// A desktop GLSL, core profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    version: u16,
    /// Vectors of four that a uniform block can hold (`GL_MAX_UNIFORM_BLOCK_SIZE` / 16).
    pub uniform_block_vectors: u16,
}

impl Target {
    /// The version as the text says it: 330 to 460. Nothing for what is older or no
    /// version. Blocks hold what OpenGL promises, 1,024 vectors.
    pub const fn new(version: u16) -> Option<Self> {
        match version {
            330 | 400 | 410 | 420 | 430 | 440 | 450 | 460 => Some(Self {
                version,
                uniform_block_vectors: 1024,
            }),
            _ => None,
        }
    }

    /// The version.
    pub const fn version(self) -> u16 {
        self.version
    }

    /// The target has this version, or the shader cannot be written for it.
    pub(super) const fn needs(self, version: u16) -> Result<(), Unsupported> {
        if self.version >= version {
            Ok(())
        } else {
            Err(Unsupported::Version(version))
        }
    }
}

/// What the components of an attribute or of a colour buffer are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Floating-point or normalised.
    #[default]
    Float,
    /// Signed integers.
    Int,
    /// Unsigned integers.
    Uint,
}

/// State of the context that GLSL has in the text and gallium has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Vertex: whether `gl_Position.y` is multiplied by the uniform `y_scale`.
    pub scale_y: bool,
    /// Vertex: how many user clip planes there are, 0 to 8; the uniform `clip_planes`
    /// has them.
    pub clip_planes: u8,
    /// Vertex: what each attribute holds.
    pub attributes: [Numbers; 32],
    /// Fragment: how many colour buffers a shader that writes all of them writes, 0 to 8.
    pub color_buffers: u8,
    /// Fragment: what each colour buffer holds.
    pub colors: [Numbers; 8],
    /// Fragment: whether the second colour is the second source of blending.
    pub dual_source: bool,
    /// Fragment: whether back faces take the back colours.
    pub two_sided: bool,
    /// Fragment: whether colours are flat where the shader leaves it open.
    pub flat: bool,
    /// Fragment: whether the coordinate's origin is the other corner than the shader says.
    pub flip_origin: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scale_y: false,
            clip_planes: 0,
            attributes: [Numbers::Float; 32],
            color_buffers: 1,
            colors: [Numbers::Float; 8],
            dual_source: false,
            two_sided: false,
            flat: false,
            flip_origin: false,
        }
    }
}
