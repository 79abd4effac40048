//! What of the context's state and of the neighbouring stages goes into the text.

use super::program::Neighbor;
use crate::ir::ImageFormat;

/// What the components of an attribute, a texture or a colour buffer are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// Floating-point or normalised.
    #[default]
    Float,
    /// Signed integers.
    Int,
    /// Unsigned integers.
    Uint,
}

/// How a component of a colour goes into a colour buffer, or comes from a buffer texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Swizzle {
    /// Red.
    X,
    /// Green.
    Y,
    /// Blue.
    Z,
    /// Alpha.
    W,
    /// Zero.
    Zero,
    /// One.
    One,
}

/// What a component of a texture that is compared with a reference value gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compared {
    /// How much of what is compared passes.
    #[default]
    Result,
    /// Zero.
    Zero,
    /// One.
    One,
}

/// A colour buffer as a fragment shader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColorBuffer {
    /// What it holds.
    pub numbers: Numbers,
    /// What is written into red, green, blue and alpha: other than the identity where the
    /// host's format is not the guest's (alpha in a red buffer, BGRA in RGBA).
    pub swizzle: [Swizzle; 4],
    /// Whether red, green and blue are encoded as sRGB, as the host's format does not.
    pub encode_srgb: bool,
}

impl Default for ColorBuffer {
    fn default() -> Self {
        Self {
            numbers: Numbers::Float,
            swizzle: [Swizzle::X, Swizzle::Y, Swizzle::Z, Swizzle::W],
            encode_srgb: false,
        }
    }
}

/// When a comparison with a reference value holds: OpenGL's functions of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Never.
    Never,
    /// The value is less.
    Less,
    /// They are the same.
    Equal,
    /// The value is not more.
    LessOrEqual,
    /// The value is more.
    Greater,
    /// They differ.
    NotEqual,
    /// The value is not less.
    GreaterOrEqual,
    /// Always.
    Always,
}

/// The varyings that are replaced by the coordinate in a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PointSprite {
    /// Bit `n` for number `n`.
    pub replaced: u32,
    /// Whether the numbers are of TEXCOORD (the guest was told of `TGSI_TEXCOORD`), or of
    /// GENERIC.
    pub texcoord: bool,
    /// Whether the coordinate counts from the other end than `gl_PointCoord`, for PCOORD too.
    pub flip: bool,
}

/// One entry of a stream-out declaration (`virgl_so_output` in `virgl_protocol.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capture {
    /// The output register.
    pub register: u16,
    /// Its first captured component, 0 to 3.
    pub first: u8,
    /// How many components, 1 to 4; with `first` at most 4.
    pub components: u8,
    /// The buffer, 0 to 3.
    pub buffer: u8,
    /// Where in a vertex of the buffer it is, in words of 32 bits.
    pub offset: u16,
    /// The vertex stream, 0 to 3.
    pub stream: u8,
}

/// What transform feedback captures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StreamOutput {
    /// Words of 32 bits that one vertex takes in each buffer.
    pub strides: [u16; 4],
    /// What goes there.
    pub captures: Vec<Capture>,
}

/// The first binding of this shader's resources of each kind: resource `n` is at the first
/// plus `n`. Stages of one program need ranges that do not overlap. Where the target can say
/// bindings ([`super::Program::bindings_in_text`]) they are in the text, otherwise the caller
/// binds by name after linking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bindings {
    /// Uniform buffers.
    pub constants: u16,
    /// Texture units.
    pub samplers: u16,
    /// Image units.
    pub images: u16,
    /// Storage buffers.
    pub storage: u16,
    /// Atomic counter buffers; these are not added to, as TGSI numbers them for all stages.
    pub counters: u16,
}

/// All that changes the text of a shader, besides the shader and the [`super::Target`].
/// Two draws whose keys are equal can share the text; the default is a draw without
/// anything special. Fields that say a stage do nothing for the others; "the last stage"
/// is the last before rasterisation: vertex, tessellation evaluation or geometry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Where resources are bound.
    pub bindings: Bindings,
    /// Whether constant buffer 0 is an array of plain uniforms, not a uniform block. It has
    /// to be where it is longer than a block can be.
    pub plain_constants: bool,
    /// The stage before, of those that are bound, and what it gives. What it doesn't give
    /// is read as (0, 0, 0, 1). Without it, the usual stage is taken to give all.
    pub previous: Option<Neighbor>,
    /// The stage after, and what it takes. What it doesn't take is not written. Without it,
    /// a fragment shader is taken to read everything, without interpolation qualifiers.
    pub next: Option<Neighbor>,
    /// The length of each counter buffer: the most that a bound stage says of it
    /// ([`super::Interface::counters`]).
    pub counters: [u32; 8],
    /// Vertex: what each attribute holds.
    pub attributes: [Numbers; 32],
    /// All stages: the format of each bound image, where the shader names none (its
    /// [`super::Image::format`] says so). Without one here either the image is taken to hold
    /// floats.
    pub images: [Option<ImageFormat>; 32],
    /// All stages: what each sampler of a shadow target gives in red, green, blue and alpha:
    /// the view's swizzle, which GLSL has no place for as it has one component. An array of
    /// samplers goes by its first.
    pub shadows: [[Compared; 4]; 32],
    /// All stages: which component of its texels each buffer texture gives in red, green, blue
    /// and alpha, as OpenGL has no swizzle for those. An array of samplers goes by its first.
    pub texel_buffers: [[Swizzle; 4]; 32],
    /// All stages: the directions (s, t, r) in which the coordinate for each sampler is clamped
    /// to the texture before anything is looked up: `GL_CLAMP`, which the core profile doesn't
    /// have. An array of samplers goes by its first.
    pub clamped: [[bool; 3]; 32],
    /// All stages: the samplers at which the uniform [`super::Sampler::lod_bias`] is added to the
    /// level of detail, one bit each, as samplers of OpenGL ES have no such state. An array of
    /// samplers goes by its first.
    pub lod_biased: u32,
    /// The last stage: whether `gl_Position.y` is multiplied by the uniform `y_scale`.
    pub scale_y: bool,
    /// The last stage: whether depth goes from 0 to 1 in clip space (`clip_halfz`) while the
    /// context's goes from -1 to 1.
    pub halve_z: bool,
    /// The last stage: how many user clip planes there are, 0 to 8; the uniform `clip_planes`
    /// has them.
    pub clip_planes: u8,
    /// The last stage: whether points take the uniform `point_size`, whatever size the shader
    /// gives them (OpenGL ES has no state for it).
    pub point_size: bool,
    /// The last stage: whether colours are clamped to 0..1.
    pub clamp_vertex_color: bool,
    /// The last stage: what transform feedback captures.
    pub stream_output: StreamOutput,
    /// The last stage and fragment: whether colours are flat where the shader leaves it open.
    /// Both need the same.
    pub flat: bool,
    /// Compute: bytes of shared memory (`req_local_mem` of the shader's object).
    pub shared_bytes: u32,
    /// Fragment: how many colour buffers a shader that writes all of them writes, 0 to 8.
    pub color_buffers: u8,
    /// Fragment: what each colour buffer is.
    pub colors: [ColorBuffer; 8],
    /// Fragment: whether the second colour is the second source of blending.
    pub dual_source: bool,
    /// Fragment: whether colours are clamped to 0..1.
    pub clamp_fragment_color: bool,
    /// Fragment: whether back faces take the back colours.
    pub two_sided: bool,
    /// Fragment: whether the coordinate's origin is the other corner than the shader says.
    /// OpenGL ES cannot say the origin; there the uniform `fragment_y` (scale and offset)
    /// is applied instead, and this says whether.
    pub flip_origin: bool,
    /// Fragment: the alpha test, against the uniform `alpha_reference`.
    pub alpha_test: Option<Comparison>,
    /// Fragment: whether the uniform `polygon_stipple`, of 32 words, discards.
    pub polygon_stipple: bool,
    /// Fragment: varyings replaced by the coordinate in a point; of points alone.
    pub point_sprite: PointSprite,
}

impl Default for Key {
    fn default() -> Self {
        Self {
            bindings: Bindings::default(),
            plain_constants: false,
            previous: None,
            next: None,
            counters: [0; 8],
            attributes: [Numbers::Float; 32],
            images: [None; 32],
            shadows: [[Compared::Result; 4]; 32],
            texel_buffers: [[Swizzle::X, Swizzle::Y, Swizzle::Z, Swizzle::W]; 32],
            clamped: [[false; 3]; 32],
            lod_biased: 0,
            scale_y: false,
            halve_z: false,
            clip_planes: 0,
            point_size: false,
            clamp_vertex_color: false,
            stream_output: StreamOutput::default(),
            flat: false,
            shared_bytes: 0,
            color_buffers: 1,
            colors: [ColorBuffer::default(); 8],
            dual_source: false,
            clamp_fragment_color: false,
            two_sided: false,
            flip_origin: false,
            alpha_test: None,
            polygon_stipple: false,
            point_sprite: PointSprite::default(),
        }
    }
}
