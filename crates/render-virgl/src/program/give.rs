//! What a program is given before it draws: uniforms, textures, images and buffers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use host_gl::{Current, IndexedTarget, Program};

use super::link::Told;
use super::{Linked, LinkedStage, StageState};
use crate::error::Result;
use crate::guest::Scope;
use crate::image::BufferPart;
use crate::resource::Resource;
use crate::sub_context::State;
use crate::twin::Use;

impl Linked {
    /// The buffers that the shaders use, and how.
    pub(crate) fn each_buffer(
        &self,
        state: &State,
        visit: &mut impl FnMut(&Arc<Resource>, Use) -> Result<()>,
    ) -> Result<()> {
        for stage in &self.stages {
            let (text, given) = (&stage.variant.text, state.stage(stage.stage));
            for constants in &text.constants {
                if let Some((resource, ..)) = given.buffers.get(&constants.buffer.into()) {
                    visit(resource, Use::Reads)?;
                }
            }
            for sampler in &text.samplers {
                for view in bound(&given.views, sampler.index, sampler.length) {
                    view.buffer
                        .iter()
                        .try_for_each(|one| visit(one, Use::Reads))?;
                }
            }
            for image in &text.images {
                for buffer in bound(&given.images, image.index, image.length)
                    .filter_map(|image| image.buffer.as_ref())
                {
                    let used = match image.written {
                        true => Use::Writes(0..buffer.buffer()?.size()),
                        false => Use::Reads,
                    };
                    visit(buffer, used)?;
                }
            }
            for storage in &text.storage {
                for part in bound(&given.storage, storage.index, storage.length) {
                    let used = match storage.written {
                        true => part.written(),
                        false => Use::Reads,
                    };
                    visit(&part.resource, used)?;
                }
            }
            for counters in &text.counters {
                for part in bound(&state.counters, counters.buffer, None) {
                    visit(&part.resource, part.written())?;
                }
            }
        }
        Ok(())
    }
}

impl Scope<'_> {
    /// The uniforms that stand for state.
    pub(super) fn give_state(&self, linked: &Linked) {
        let (gl, program, places) = (self.gl, &linked.program, &linked.places);
        let values = &self.state.values;
        let flip = if values.is_flipped() { -1.0 } else { 1.0 };
        let set = |place: &Option<Told>, value: f32| {
            if let Some(place) = place.as_ref().and_then(|place| place.if_new([value, 0.0])) {
                gl.set_float(program, place, value);
            }
        };
        set(&places.y_scale, flip);
        let rasterizer = self.state.bound.rasterizer.as_ref();
        set(
            &places.point_size,
            rasterizer.map_or(1.0, |one| one.point_size),
        );
        set(
            &places.alpha_reference,
            self.state
                .bound
                .tests
                .as_ref()
                .map_or(0.0, |one| one.alpha_ref),
        );
        if let Some(place) = places.clip_planes {
            gl.set_vec4s(program, place, values.clip_planes.as_slice());
        }
        if let Some(place) = places.polygon_stipple {
            gl.set_uints(program, place, values.polygon_stipple.as_slice());
        }
        if let Some(place) = places.outer_levels {
            gl.set_vec4s(program, place, &[values.tessellation.outer]);
        }
        if let Some(place) = &places.inner_levels {
            let inner = values.tessellation.inner;
            if let Some(place) = place.if_new(inner) {
                gl.set_vec2(program, place, inner);
            }
        }
        if let Some(place) = &places.fragment_y {
            let scale = [-1.0, self.state.framebuffer.height() as f32];
            if let Some(place) = place.if_new(scale) {
                gl.set_vec2(program, place, scale);
            }
        }
    }
}

pub(super) fn give_constants(
    gl: &Current<'_>,
    program: &Program,
    stage: &LinkedStage,
    given: &StageState,
) {
    let Some((place, vectors)) = stage.constants else {
        return;
    };
    if stage.version.swap(given.version, Ordering::Relaxed) != given.version {
        let count = vectors.min(given.constants.len());
        gl.set_uvec4s(
            program,
            place,
            given.constants.get(..count).unwrap_or_default(),
        );
    }
}

pub(super) fn give_resources(
    gl: &Current<'_>,
    program: &Program,
    stage: &LinkedStage,
    given: &StageState,
    counters: &[Option<BufferPart>],
) -> Result<()> {
    give_buffers(gl, stage, given)?;
    give_textures(gl, stage, given);
    give_biases(gl, program, stage, given);
    for image in &stage.variant.text.images {
        for index in indices(image.index, image.length) {
            if let Some(image) = given
                .images
                .get(usize::from(index))
                .and_then(Option::as_ref)
            {
                image.bind(gl, stage.bindings.images.saturating_add(index).into());
            }
        }
    }
    for storage in &stage.variant.text.storage {
        for index in indices(storage.index, storage.length) {
            let place = stage.bindings.storage.saturating_add(index).into();
            match given
                .storage
                .get(usize::from(index))
                .and_then(Option::as_ref)
            {
                Some(part) => part.bind(gl, IndexedTarget::ShaderStorage, place)?,
                None => gl.unbind_buffer_range(IndexedTarget::ShaderStorage, place),
            }
        }
    }
    for one in &stage.variant.text.counters {
        if let Some(part) = counters
            .get(usize::from(one.buffer))
            .and_then(Option::as_ref)
        {
            part.bind(gl, IndexedTarget::AtomicCounter, one.buffer.into())?;
        }
    }
    Ok(())
}

/// One, or those of an array.
fn indices(first: u16, length: Option<u16>) -> std::ops::Range<u16> {
    first..first.saturating_add(length.unwrap_or(1))
}

fn give_buffers(gl: &Current<'_>, stage: &LinkedStage, given: &StageState) -> Result<()> {
    for constants in stage
        .variant
        .text
        .constants
        .iter()
        .filter(|constants| !constants.plain)
    {
        let place = stage
            .bindings
            .constants
            .saturating_add(constants.buffer)
            .into();
        match given.buffers.get(&constants.buffer.into()) {
            Some((resource, offset, length)) => {
                let buffer = resource.buffer()?;
                // Mesa's length may go past the end of the buffer.
                let left = buffer.size().saturating_sub((*offset).into());
                let length = u64::from(*length).min(left);
                let target = IndexedTarget::Uniform;
                gl.bind_buffer_range(target, place, buffer, (*offset).into(), length)?;
            }
            None => gl.unbind_buffer_range(IndexedTarget::Uniform, place),
        }
    }
    Ok(())
}

fn give_textures(gl: &Current<'_>, stage: &LinkedStage, given: &StageState) {
    for sampler in &stage.variant.text.samplers {
        let last = sampler.index.saturating_add(sampler.length.unwrap_or(1));
        for index in sampler.index..last {
            let unit = u32::from(stage.bindings.samplers.saturating_add(index));
            let slot = usize::from(index);
            let Some(view) = given.views.get(slot).and_then(Option::as_ref) else {
                continue;
            };
            let texture = view.prepare(gl, sampler.target.is_shadow());
            gl.bind_texture(unit, texture);
            if view.has_sampler() {
                let state = given.samplers.get(slot).and_then(Option::as_ref);
                let state = state.map(|state| state.of(gl, view));
                gl.bind_sampler(unit, state.as_deref());
            }
        }
    }
}

fn give_biases(gl: &Current<'_>, program: &Program, stage: &LinkedStage, given: &StageState) {
    for (index, told) in &stage.biases {
        let sampler = given.samplers.get(usize::from(*index));
        let bias = sampler.and_then(Option::as_ref).map(|one| one.lod_bias);
        let bias = bias.unwrap_or_default();
        if let Some(place) = told.if_new([bias, 0.0]) {
            gl.set_float(program, place, bias);
        }
    }
}

/// What is in one slot, or in those of an array.
fn bound<T>(slots: &[Option<T>], first: u16, length: Option<u16>) -> impl Iterator<Item = &T> {
    indices(first, length).filter_map(|index| slots.get(usize::from(index))?.as_ref())
}
