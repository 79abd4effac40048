//! What of the state changes the text of a shader.

use std::sync::Arc;

use format::ChannelKind;
use shader::back::glsl::{
    Bindings, ColorBuffer, Compared, Comparison, Key, Numbers, PointSprite, Swizzle,
};
use shader::ir::{ImageFormat, Semantic};
use wire_virgl::{CompareFunc, PolygonMode, RasterizerFlags as F, ShaderStage};

use super::{Kind, Language, StageState};
use crate::blend::is_dual_source;
use crate::guest::Scope;
use crate::rasterizer::visible_fill;
use crate::sampler::{self, WHOLE_TEXEL};
use crate::shader::{ShaderObject, Usage};
use crate::surface::Surface;

/// A colour's components as shaders write them.
const WRITTEN: [Swizzle; 4] = [Swizzle::X, Swizzle::Y, Swizzle::Z, Swizzle::W];

impl Scope<'_> {
    /// Of a dispatch.
    pub(super) fn compute_key(&self, shader: &Arc<ShaderObject>) -> Key {
        let mut key = Key {
            plain_constants: true,
            counters: counters(std::slice::from_ref(shader)),
            shared_bytes: shader.shared_bytes,
            bindings: bindings(ShaderStage::Compute, Usage::default(), &self.host.language),
            ..Key::default()
        };
        set_lookups(&mut key, self.state.stage(ShaderStage::Compute), shader);
        key
    }

    /// What of the state changes the text of bound shader `index`.
    pub(super) fn key(&self, bound: &[Arc<ShaderObject>], index: usize, kind: Kind) -> Key {
        let state = &*self.state;
        let flags = state
            .bound
            .rasterizer
            .as_ref()
            .map_or(F::empty(), |one| one.flags);
        let mut key = Key {
            plain_constants: true,
            previous: index
                .checked_sub(1)
                .and_then(|before| bound.get(before))
                .map(|before| before.interface.outputs.clone()),
            next: index
                .checked_add(1)
                .and_then(|after| bound.get(after))
                .map(|after| after.interface.inputs.clone()),
            counters: counters(bound),
            flat: flags.contains(F::FLATSHADE),
            ..Key::default()
        };
        let Some(shader) = bound.get(index) else {
            return key;
        };
        set_lookups(&mut key, state.stage(shader.stage), shader);
        if let Some(elements) = &state.vertices.elements {
            key.attributes = elements.numbers;
        }
        let is_last = bound
            .iter()
            .rposition(|one| one.stage != ShaderStage::Fragment);
        if is_last == Some(index) {
            self.last_stage_key(&mut key, shader, flags);
        }
        if shader.stage == ShaderStage::Fragment {
            self.fragment_key(&mut key, flags, kind);
        }
        key
    }

    fn last_stage_key(&self, key: &mut Key, shader: &ShaderObject, flags: F) {
        let caps = self.gl.caps();
        key.scale_y = true;
        key.halve_z = flags.contains(F::CLIP_HALFZ) && !caps.features.clip_control;
        key.clamp_vertex_color = flags.contains(F::CLAMP_VERTEX_COLOR);
        key.point_size = caps.api.is_es() && !flags.contains(F::POINT_SIZE_PER_VERTEX);
        key.stream_output = shader.stream_output.clone();
        let clips = |number| {
            shader
                .interface
                .outputs
                .find(Semantic::ClipDistance, number)
                .is_some()
        };
        if !clips(0) && !clips(1) {
            let planes = self
                .state
                .bound
                .rasterizer
                .as_ref()
                .map_or(0, |one| one.clip_plane_enable);
            key.clip_planes = 8u8.saturating_sub(planes.leading_zeros() as u8);
        }
    }

    fn fragment_key(&self, key: &mut Key, flags: F, kind: Kind) {
        let state = &*self.state;
        (key.color_buffers, key.colors) = colors_of(&state.framebuffer.color);
        key.dual_source = state
            .bound
            .blend
            .as_ref()
            .is_some_and(|blend| is_dual_source(blend));
        key.clamp_fragment_color = flags.contains(F::CLAMP_FRAGMENT_COLOR);
        key.two_sided = flags.contains(F::LIGHT_TWOSIDE);
        key.flip_origin = true;
        let rasterizer = state.bound.rasterizer.as_ref();
        let is_filled = rasterizer.is_none_or(|one| visible_fill(one) == PolygonMode::Fill);
        let stipples = kind == Kind::Polygons && is_filled;
        key.polygon_stipple = stipples && flags.contains(F::POLY_STIPPLE);
        let tests = state
            .bound
            .tests
            .as_ref()
            .filter(|tests| tests.alpha_enable);
        key.alpha_test = tests.map(|tests| comparison(tests.alpha_func));
        if kind == Kind::Points && flags.contains(F::POINT_QUAD_RASTERIZATION) {
            let replaced = state
                .bound
                .rasterizer
                .as_ref()
                .map_or(0, |one| one.sprite_coord_enable);
            let lower = flags.contains(F::SPRITE_COORD_LOWER_LEFT);
            let flip = self.gl.caps().api.is_es() && !lower;
            key.point_sprite = PointSprite {
                replaced,
                texcoord: true,
                flip,
            };
        }
    }
}

/// How many colour buffers there are, and how a shader sees each.
pub(crate) fn colors_of(buffers: &[Option<Arc<Surface>>]) -> (u8, [ColorBuffer; 8]) {
    let mut colors = [ColorBuffer::default(); 8];
    for (color, surface) in colors.iter_mut().zip(buffers) {
        let Some(surface) = surface else {
            continue;
        };
        let first = surface.format.description().channels.first();
        color.numbers = match first.map(|channel| channel.kind) {
            Some(ChannelKind::Sint) => Numbers::Int,
            Some(ChannelKind::Uint) => Numbers::Uint,
            _ => Numbers::Float,
        };
        color.swizzle = surface.ordered(WRITTEN);
    }
    let count = u8::try_from(buffers.len()).unwrap_or(u8::MAX).min(8);
    (count, colors)
}

/// What the key has of textures and images.
fn set_lookups(key: &mut Key, given: &StageState, shader: &ShaderObject) {
    let uses = &shader.interface;
    key.images = image_formats(given);
    key.shadows = of_used(uses.shadows, [Compared::Result; 4], || {
        sampler::shadows(&given.views)
    });
    key.texel_buffers = of_used(uses.texel_buffers, WHOLE_TEXEL, || {
        sampler::texels(&given.views)
    });
    key.clamped = of_used(uses.samplers, [false; 3], || {
        sampler::clamped(&given.samplers)
    });
    key.lod_biased = uses.samplers & sampler::lod_biased(&given.samplers);
}

/// What is in the slots that a shader uses in this way; nothing of others, so that they don't
/// change its key.
fn of_used<T: Copy>(used: u32, none: T, all: impl FnOnce() -> [T; 32]) -> [T; 32] {
    let mut kept = [none; 32];
    if used != 0 {
        for (index, (kept, slot)) in kept.iter_mut().zip(all()).enumerate() {
            if used >> index & 1 != 0 {
                *kept = slot;
            }
        }
    }
    kept
}

fn image_formats(given: &StageState) -> [Option<ImageFormat>; 32] {
    let mut formats = [None; 32];
    for (format, image) in formats.iter_mut().zip(&given.images) {
        *format = image.as_ref().and_then(|image| image.in_text);
    }
    formats
}

fn counters(bound: &[Arc<ShaderObject>]) -> [u32; 8] {
    let mut lengths = [0; 8];
    for counters in bound.iter().flat_map(|shader| &shader.interface.counters) {
        if let Some(length) = lengths.get_mut(usize::from(counters.buffer)) {
            *length = counters.length.max(*length);
        }
    }
    lengths
}

/// Texture units and uniform buffers have a range for each stage, so that a shader's text
/// does for all programs. There are too few places for images and storage buffers: stages
/// take those that the stages before leave.
pub(super) fn bindings(stage: ShaderStage, before: Usage, language: &Language) -> Bindings {
    let stage = match stage {
        ShaderStage::Compute => 0,
        stage => stage.number() as u16,
    };
    Bindings {
        constants: stage.saturating_mul(language.constants),
        samplers: stage.saturating_mul(language.samplers),
        images: before.images,
        storage: before.storage,
        counters: 0,
    }
}

const fn comparison(func: CompareFunc) -> Comparison {
    match func {
        CompareFunc::Never => Comparison::Never,
        CompareFunc::Less => Comparison::Less,
        CompareFunc::Equal => Comparison::Equal,
        CompareFunc::LessEqual => Comparison::LessOrEqual,
        CompareFunc::Greater => Comparison::Greater,
        CompareFunc::NotEqual => Comparison::NotEqual,
        CompareFunc::GreaterEqual => Comparison::GreaterOrEqual,
        CompareFunc::Always => Comparison::Always,
    }
}
