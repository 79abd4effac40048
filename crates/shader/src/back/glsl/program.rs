//! What the caller gets beside the text, and what it has to know of a shader before.

use super::key::Numbers;
use crate::ir::{
    Declaration, Detail, File, ImageFormat, Index, Instruction, Interpolation, Location, Semantic,
    Shader, Stage, Target, Varying,
};
use crate::valid::Valid;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One varying on its way between stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Linked {
    /// Its meaning.
    pub semantic: Semantic,
    /// Which of those that mean this.
    pub number: u16,
    /// How a fragment shader has it interpolated; nothing on the side that writes it, and in
    /// other stages.
    pub interpolation: Option<Interpolation>,
    /// Where a fragment shader has it evaluated.
    pub location: Location,
}

/// The stage on the other side of varyings, and those.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Neighbor {
    /// The stage.
    pub stage: Stage,
    /// In the order of semantic and number, each once.
    pub varyings: Arc<[Linked]>,
}

/// What a shader takes from the stage before it and gives to the one after, whatever the
/// key. Stages are matched by it: a key's `previous` is the [`Neighbor`] that
/// [`Interface::outputs`] of the stage before makes, and `next` that of
/// [`Interface::inputs`] of the stage after.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface {
    /// What it takes, for the key of the stage before.
    pub inputs: Neighbor,
    /// What it gives, for the key of the stage after.
    pub outputs: Neighbor,
    /// Its counter buffers, whose lengths all stages of a program have to agree on
    /// ([`super::Key::counters`]).
    pub counters: Vec<Counters>,
    /// The samplers that it may compare with a reference value, one bit each: those of
    /// [`super::Key::shadows`] that change its text.
    pub shadows: u32,
    /// The buffer textures that it may look up, one bit each: those of
    /// [`super::Key::texel_buffers`] that change its text.
    pub texel_buffers: u32,
    /// The samplers that it may look up, one bit each: those of [`super::Key::clamped`] that
    /// change its text.
    pub samplers: u32,
}

impl Interface {
    /// The interface of a shader.
    pub fn new(valid: &Valid) -> Self {
        let shader = valid.shader();
        Self {
            inputs: side(shader, File::Input),
            outputs: side(shader, File::Output),
            counters: counters(shader),
            shadows: samplers(shader, Target::is_shadow),
            texel_buffers: samplers(shader, |target| target == Target::Buffer),
            samplers: samplers(shader, |_| true),
        }
    }
}

/// The samplers that are used with such a target, one bit each.
fn samplers(shader: &Shader, is_such: fn(Target) -> bool) -> u32 {
    let is_used = |one: &&Instruction| {
        let target = one.texture.as_ref().and_then(|texture| texture.target);
        target.is_some_and(is_such)
    };
    let instructions = shader.instructions.iter().filter(is_used);
    let samplers = instructions.filter_map(|one| one.sources.last());
    samplers.fold(0, |bits, sampler| match sampler.register.index {
        Index::Direct(index) => {
            let index = u32::try_from(index).ok();
            bits | index
                .and_then(|index| 1_u32.checked_shl(index))
                .unwrap_or_default()
        }
        Index::Indirect(_) => u32::MAX,
    })
}

/// The counter buffers of a shader.
pub(super) fn counters(shader: &Shader) -> Vec<Counters> {
    let mut buffers = BTreeMap::<u16, u32>::new();
    for declaration in &shader.declarations {
        if let (File::HwAtomic, Some(buffer)) = (declaration.file, declaration.dimension) {
            let length = u32::from(declaration.last).saturating_add(1);
            let known = buffers.entry(buffer).or_insert(length);
            *known = length.max(*known);
        }
    }
    let buffers = buffers.into_iter();
    buffers
        .map(|(buffer, length)| Counters { buffer, length })
        .collect()
}

fn side(shader: &Shader, file: File) -> Neighbor {
    let mut varyings = BTreeMap::new();
    for declaration in shader.declarations.iter().filter(|one| one.file == file) {
        for (_, varying) in registers(declaration) {
            if let Some((semantic, number)) = varying.semantic
                && is_rasterised(varying)
            {
                let linked = Linked {
                    semantic,
                    number,
                    interpolation: varying.interpolation,
                    location: varying.location,
                };
                varyings.entry((semantic, number)).or_insert(linked);
            }
        }
    }
    Neighbor {
        stage: shader.stage,
        varyings: varyings.into_values().collect(),
    }
}

/// Whether some of it is in the first vertex stream. Others are captured and no more.
pub(super) fn is_rasterised(varying: Varying) -> bool {
    varying.streams.contains(&0)
}

/// Each register of a declaration, with the number that its semantic has there.
pub(super) fn registers(declaration: &Declaration) -> impl Iterator<Item = (u16, Varying)> {
    let varying = match declaration.detail {
        Detail::Varying(varying) => Some(varying),
        _ => None,
    };
    let first = declaration.first;
    (first..=declaration.last).filter_map(move |index| {
        let varying = varying?;
        let by = index.checked_sub(first)?;
        let semantic = match varying.semantic {
            Some((semantic, number)) => Some((semantic, number.checked_add(by)?)),
            None => None,
        };
        Some((
            index,
            Varying {
                semantic,
                ..varying
            },
        ))
    })
}

impl Neighbor {
    /// The varying of this meaning and number.
    pub fn find(&self, semantic: Semantic, number: u16) -> Option<&Linked> {
        let key = (semantic, number);
        let found = self
            .varyings
            .binary_search_by_key(&key, |one| (one.semantic, one.number));
        found.ok().and_then(|place| self.varyings.get(place))
    }
}

/// A constant buffer of a shader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constants {
    /// Which of the stage's constant buffers.
    pub buffer: u16,
    /// The name of the uniform block, or of the uniform array `uvec4[]`.
    pub name: String,
    /// Its length in vectors of four words. A buffer that is bound there has to be as long.
    pub vectors: u32,
    /// Whether it is an array of plain uniforms ([`super::Key::plain_constants`]).
    pub plain: bool,
}

/// One or more samplers of a shader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampler {
    /// The first of the stage's samplers that it is.
    pub index: u16,
    /// How many, if it is an array.
    pub length: Option<u16>,
    /// The uniform's name.
    pub name: String,
    /// The shape. On OpenGL ES, one-dimensional and rectangle textures are two-dimensional.
    pub target: Target,
    /// What it gives; for a shadow target the result of comparing.
    pub numbers: Numbers,
    /// The uniform that is added to the level of detail ([`super::Key::lod_biased`]).
    pub lod_bias: Option<String>,
}

/// One or more images of a shader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The first of the stage's images that it is.
    pub index: u16,
    /// How many, if it is an array.
    pub length: Option<u16>,
    /// The uniform's name.
    pub name: String,
    /// The shape. On OpenGL ES as with samplers.
    pub target: Target,
    /// Its format, if the shader names one; otherwise [`super::Key::images`] may.
    pub format: Option<ImageFormat>,
    /// Whether the shader reads it or does atomics on it.
    pub read: bool,
    /// Whether the shader writes it or does atomics on it.
    pub written: bool,
}

/// One or more storage buffers of a shader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// The first of the stage's buffers that it is. They count from the lowest register that
    /// is declared: Mesa numbers registers from the lowest binding of the GLSL program, and
    /// binds its blocks from 0 (`lower_ssbo_bindings` in `nir_to_tgsi.c`).
    pub index: u16,
    /// How many, if it is an array of blocks.
    pub length: Option<u16>,
    /// The block's name.
    pub name: String,
    /// Whether the shader writes it or does atomics on it.
    pub written: bool,
}

/// An atomic counter buffer of a shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counters {
    /// Which buffer.
    pub buffer: u16,
    /// Its length in counters of four bytes.
    pub length: u32,
}

/// Uniforms of the default block that a text asks the caller to set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uniforms {
    /// `float y_scale`.
    pub y_scale: bool,
    /// The length of `vec4 clip_planes[]`, 0 to 8.
    pub clip_planes: u8,
    /// `float point_size`.
    pub point_size: bool,
    /// `float alpha_reference`.
    pub alpha_reference: bool,
    /// `uint polygon_stipple[32]`; the highest bit of a word is its first pixel.
    pub polygon_stipple: bool,
    /// `vec4 outer_levels` and `vec2 inner_levels`
    /// ([`super::passthrough_tess_control`]).
    pub tessellation_levels: bool,
    /// `vec2 fragment_y`: what the coordinate's y is multiplied by, and what is added.
    pub fragment_y: bool,
}

/// A shader as text, and what the caller binds to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The stage that the text is for.
    pub stage: Stage,
    /// The text for `glShaderSource`.
    pub text: String,
    /// Whether the bindings of the key are in the text for blocks and uniforms of the older
    /// kinds too (uniform blocks, samplers). Storage buffers, images and counters always
    /// have theirs in the text.
    pub bindings_in_text: bool,
    /// Whether the locations of attributes (called `attribute` with their number) and of
    /// colours (`color` with theirs) are in the text.
    pub locations_in_text: bool,
    /// The locations of the vertex attributes that are read: attribute `n` is at `n`.
    pub attributes: Vec<u16>,
    /// The constant buffers.
    pub constants: Vec<Constants>,
    /// The samplers.
    pub samplers: Vec<Sampler>,
    /// The images.
    pub images: Vec<Image>,
    /// The storage buffers.
    pub storage: Vec<Storage>,
    /// The counter buffers.
    pub counters: Vec<Counters>,
    /// The uniforms of state.
    pub uniforms: Uniforms,
    /// Clip distances that it writes, which the caller enables.
    pub clip_distances: u8,
    /// The names for `glTransformFeedbackVaryings` with `GL_INTERLEAVED_ATTRIBS`, among them
    /// `gl_NextBuffer` and `gl_SkipComponents1` to `4`.
    pub feedback: Vec<String>,
    /// Colour buffers that it writes, one bit each.
    pub colors: u8,
    /// Whether colour 1 is the second source of blending, at index 1 of location 0.
    pub dual_source: bool,
    /// The workgroup's size (compute).
    pub workgroup: [u32; 3],
}

impl Program {
    /// A text that nothing is bound to.
    pub(super) fn empty(stage: Stage, text: String) -> Self {
        Self {
            stage,
            text,
            bindings_in_text: true,
            locations_in_text: true,
            attributes: Vec::new(),
            constants: Vec::new(),
            samplers: Vec::new(),
            images: Vec::new(),
            storage: Vec::new(),
            counters: Vec::new(),
            uniforms: Uniforms::default(),
            clip_distances: 0,
            feedback: Vec::new(),
            colors: 0,
            dual_source: false,
            workgroup: [1; 3],
        }
    }
}
