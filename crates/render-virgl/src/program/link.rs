//! Programs are linked, and what their language cannot say is looked up by name.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use host_gl::{Current, LinkOptions, Program};
use shader::back::glsl::{self, Bindings};
use wire_virgl::ShaderStage;

use super::{Linked, LinkedStage};
use crate::error::Result;
use crate::program_cache::ProgramCache;
use crate::shader::Variant;

/// Places of the uniforms of state.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) y_scale: Option<Told>,
    pub(super) clip_planes: Option<i32>,
    pub(super) point_size: Option<Told>,
    pub(super) alpha_reference: Option<Told>,
    pub(super) polygon_stipple: Option<i32>,
    pub(super) fragment_y: Option<Told>,
    pub(super) outer_levels: Option<i32>,
    pub(super) inner_levels: Option<Told>,
}

/// The place of a uniform of one or two floats, and what was put there last.
#[derive(Debug)]
pub(super) struct Told {
    place: i32,
    bits: AtomicU64,
}

impl Told {
    /// What is there is not known: no state is such a NaN.
    fn new(place: i32) -> Self {
        let bits = AtomicU64::new(u64::MAX);
        Self { place, bits }
    }

    /// The place, unless the values are there already.
    pub(super) fn if_new(&self, [x, y]: [f32; 2]) -> Option<i32> {
        let bits = u64::from(x.to_bits()) << 32 | u64::from(y.to_bits());
        (self.bits.swap(bits, Ordering::Relaxed) != bits).then_some(self.place)
    }
}

pub(super) fn link(
    gl: &Current<'_>,
    cache: Option<&ProgramCache>,
    variants: Vec<(ShaderStage, Arc<Variant>, Bindings)>,
) -> Result<Linked> {
    let feedback = variants
        .iter()
        .flat_map(|(_, variant, _)| &variant.text.feedback);
    let names = feedback.map(|name| CString::new(name.as_str()));
    let names: Vec<_> = names.collect::<Result<_, _>>().unwrap_or_default();
    let located = variants.iter().map(|(_, variant, _)| &variant.text);
    let located: Vec<_> = located.flat_map(locations).collect();
    let mut options = LinkOptions {
        streamed: names.iter().map(CString::as_c_str).collect(),
        keeps_binary: cache.is_some(),
        ..LinkOptions::default()
    };
    for (place, name) in &located {
        match *place {
            Place::Attribute(place) => options.attributes.push((place, name)),
            Place::Color(place, index) => options.outputs.push((place, index, name)),
        }
    }
    let program = match cache {
        None => compile(gl, &variants, &options)?,
        Some(cache) => {
            let texts = variants.iter();
            let texts: Vec<_> = texts
                .map(|(stage, variant, _)| (*stage, variant.text.text.as_str()))
                .collect();
            let key = cache.key(&texts, &options);
            match cache.load(gl, &key) {
                Some(program) => program,
                None => {
                    let program = compile(gl, &variants, &options)?;
                    cache.keep(gl, &key, &program);
                    program
                }
            }
        }
    };
    let stages = variants.into_iter().map(|(stage, variant, bindings)| {
        bind_by_name(gl, &program, &variant, bindings);
        let plain = variant
            .text
            .constants
            .iter()
            .find(|constants| constants.plain);
        let constants = plain.and_then(|constants| {
            let place = gl.uniform_location(&program, &constants.name)?;
            Some((place, constants.vectors as usize))
        });
        let biases = biases(gl, &program, &variant);
        LinkedStage {
            stage,
            variant,
            bindings,
            constants,
            biases,
            version: AtomicU64::new(u64::MAX),
        }
    });
    let stages: Vec<_> = stages.collect();
    let places = places(gl, &program, &stages);
    Ok(Linked {
        program,
        stages,
        places,
    })
}

fn compile(
    gl: &Current<'_>,
    variants: &[(ShaderStage, Arc<Variant>, Bindings)],
    options: &LinkOptions<'_>,
) -> Result<Program> {
    let shaders = variants.iter().map(|(_, variant, _)| variant.compiled(gl));
    let shaders: Vec<_> = shaders.collect::<Result<_>>()?;
    let program = gl.link(&shaders, options).inspect_err(|error| {
        let texts = variants
            .iter()
            .map(|(_, variant, _)| variant.text.text.as_str());
        tracing::debug!(
            "the driver refuses a program: {error}\n{}",
            texts.collect::<String>()
        );
    })?;
    Ok(program)
}

/// Where something is that a text only names.
#[derive(Clone, Copy, Debug)]
enum Place {
    Attribute(u32),
    /// The colour buffer, and which of its colours.
    Color(u32, u32),
}

/// Where the language cannot say locations.
fn locations(text: &glsl::Program) -> Vec<(Place, CString)> {
    if text.locations_in_text {
        return Vec::new();
    }
    let attributes = text.attributes.iter().map(|number| {
        let place = Place::Attribute((*number).into());
        (place, format!("attribute{number}"))
    });
    let written = |buffer: &u32| text.colors.checked_shr(*buffer).unwrap_or(0) & 1 != 0;
    let colors = (0..8).filter(written).map(|buffer| {
        let place = match text.dual_source && buffer == 1 {
            true => Place::Color(0, 1),
            false => Place::Color(buffer, 0),
        };
        (place, format!("color{buffer}"))
    });
    let named = attributes.chain(colors);
    named
        .filter_map(|(place, name)| Some((place, CString::new(name).ok()?)))
        .collect()
}

/// Where the language cannot say bindings.
fn bind_by_name(gl: &Current<'_>, program: &Program, variant: &Variant, bindings: Bindings) {
    if variant.text.bindings_in_text {
        return;
    }
    for constants in variant
        .text
        .constants
        .iter()
        .filter(|constants| !constants.plain)
    {
        if let Some(block) = gl.uniform_block(program, &constants.name) {
            let binding = bindings.constants.saturating_add(constants.buffer);
            gl.bind_uniform_block(program, block, binding.into());
        }
    }
    for sampler in &variant.text.samplers {
        for element in 0..sampler.length.unwrap_or(1) {
            let name = match sampler.length {
                Some(_) => format!("{}[{element}]", sampler.name),
                None => sampler.name.clone(),
            };
            if let Some(place) = gl.uniform_location(program, &name) {
                let unit = bindings.samplers.saturating_add(sampler.index);
                gl.set_int(program, place, unit.saturating_add(element).into());
            }
        }
    }
}

/// Where samplers' biases go, by the samplers' numbers.
fn biases(gl: &Current<'_>, program: &Program, variant: &Variant) -> Vec<(u16, Told)> {
    let samplers = variant.text.samplers.iter();
    let place = |sampler: &glsl::Sampler| {
        let place = gl.uniform_location(program, sampler.lod_bias.as_ref()?)?;
        Some((sampler.index, Told::new(place)))
    };
    samplers.filter_map(place).collect()
}

fn places(gl: &Current<'_>, program: &Program, stages: &[LinkedStage]) -> Places {
    let asked = |asks: fn(&glsl::Uniforms) -> bool, name: &str| {
        let asked = stages
            .iter()
            .any(|stage| asks(&stage.variant.text.uniforms));
        asked.then(|| gl.uniform_location(program, name)).flatten()
    };
    let place = |asks, name: &str| asked(asks, name).map(Told::new);
    Places {
        y_scale: place(|one| one.y_scale, "y_scale"),
        clip_planes: asked(|one| one.clip_planes > 0, "clip_planes"),
        point_size: place(|one| one.point_size, "point_size"),
        alpha_reference: place(|one| one.alpha_reference, "alpha_reference"),
        polygon_stipple: asked(|one| one.polygon_stipple, "polygon_stipple"),
        fragment_y: place(|one| one.fragment_y, "fragment_y"),
        outer_levels: asked(|one| one.tessellation_levels, "outer_levels"),
        inner_levels: place(|one| one.tessellation_levels, "inner_levels"),
    }
}
