//! State that is set at once, without an object.

use host_gl::{Current, enums as gl};
use wire_virgl::{ClipPlanes, RasterizerFlags, Scissor, Slots, StencilRef, TessState, Viewport};

use crate::blend::{self, switch};
use crate::guest::Scope;
use crate::sub_context::Dirty;
use crate::{depth_stencil, rasterizer};

/// As many as the protocol has.
const VIEWPORTS: usize = wire_virgl::limits::MAX_VIEWPORTS as usize;

/// The values.
#[derive(Debug)]
pub(crate) struct Values {
    viewports: [Viewport; VIEWPORTS],
    scissors: [Scissor; VIEWPORTS],
    stencil_ref: StencilRef,
    sample_mask: u32,
    min_samples: u32,
    pub(crate) tessellation: TessState,
    pub(crate) patch_vertices: u32,
    pub(crate) clip_planes: Box<ClipPlanes>,
    pub(crate) polygon_stipple: Box<[u32; 32]>,
}

impl Default for Values {
    fn default() -> Self {
        const VIEWPORT: Viewport = Viewport {
            scale: [0.0; 3],
            translate: [0.0; 3],
        };
        Self {
            viewports: [VIEWPORT; VIEWPORTS],
            scissors: [Scissor {
                min: (0, 0),
                max: (0, 0),
            }; VIEWPORTS],
            stencil_ref: StencilRef { front: 0, back: 0 },
            sample_mask: u32::MAX,
            min_samples: 0,
            tessellation: TessState {
                outer: [1.0; 4],
                inner: [1.0; 2],
            },
            patch_vertices: 0,
            clip_planes: Box::default(),
            polygon_stipple: Box::new([u32::MAX; 32]),
        }
    }
}

impl Values {
    /// Whether the guest's rows go the other way: then shaders turn them round.
    pub(crate) fn is_flipped(&self) -> bool {
        self.viewports[0].scale[1] < 0.0
    }
}

fn place<T: Copy>(to: &mut [T], from: &Slots<T>) {
    let start = from.start as usize;
    for (slot, value) in to.iter_mut().skip(start).zip(&from.values) {
        *slot = *value;
    }
}

impl Scope<'_> {
    pub(crate) fn set_viewport_state(&mut self, viewports: &Slots<Viewport>) {
        place(&mut self.state.values.viewports, viewports);
        self.state.dirty |= Dirty::VIEWPORTS;
    }

    pub(crate) fn set_scissor_state(&mut self, scissors: &Slots<Scissor>) {
        place(&mut self.state.values.scissors, scissors);
        self.state.dirty |= Dirty::SCISSORS;
    }

    pub(crate) fn set_stencil_ref(&mut self, reference: StencilRef) {
        self.state.values.stencil_ref = reference;
        self.state.dirty |= Dirty::TESTS;
    }

    pub(crate) fn set_blend_color(&mut self, [r, g, b, a]: [f32; 4]) {
        self.gl.blend_color(r, g, b, a);
    }

    pub(crate) fn set_sample_mask(&mut self, mask: u32) {
        self.state.values.sample_mask = mask;
        self.state.dirty |= Dirty::SAMPLES;
    }

    pub(crate) fn set_min_samples(&mut self, samples: u32) {
        self.state.values.min_samples = samples;
        self.state.dirty |= Dirty::SAMPLES;
    }

    pub(crate) fn set_clip_state(&mut self, planes: &ClipPlanes) {
        *self.state.values.clip_planes = *planes;
    }

    pub(crate) fn set_polygon_stipple(&mut self, pattern: &[u32; 32]) {
        *self.state.values.polygon_stipple = *pattern;
    }

    pub(crate) fn set_tess_state(&mut self, levels: &TessState) {
        self.state.values.tessellation = *levels;
        if self.gl.caps().features.tessellation_shader && !self.gl.caps().api.is_es() {
            self.gl.tessellation_levels(levels.outer, levels.inner);
        }
    }

    /// Brings GL what has changed since the last draw.
    pub(crate) fn apply_values(&mut self) {
        let (gl, state) = (self.gl, &mut *self.state);
        let dirty = std::mem::replace(&mut state.dirty, Dirty::empty());
        let (values, bound) = (&state.values, &state.bound);
        if let Some(blend) = bound
            .blend
            .as_ref()
            .filter(|_| dirty.contains(Dirty::BLEND))
        {
            blend::apply(gl, blend, &state.framebuffer);
        }
        if let Some(tests) = bound
            .tests
            .as_ref()
            .filter(|_| dirty.contains(Dirty::TESTS))
        {
            depth_stencil::apply(gl, tests, values.stencil_ref);
        }
        if let Some(rasterizer) = &bound.rasterizer {
            if dirty.contains(Dirty::RASTERIZER) {
                rasterizer::apply(gl, rasterizer);
            }
            let halfz = rasterizer.flags.contains(RasterizerFlags::CLIP_HALFZ);
            if dirty.intersects(Dirty::VIEWPORTS | Dirty::RASTERIZER) {
                apply_viewports(gl, &values.viewports, halfz);
            }
            if dirty.intersects(Dirty::SCISSORS | Dirty::RASTERIZER) {
                let on = rasterizer.flags.contains(RasterizerFlags::SCISSOR);
                apply_scissors(gl, &values.scissors, on);
            }
        }
        if dirty.intersects(Dirty::SAMPLES | Dirty::BLEND) {
            let samples = state.framebuffer.samples();
            apply_samples(gl, values, samples);
        }
    }
}

fn apply_viewports(gl: &Current<'_>, viewports: &[Viewport], halfz: bool) {
    let Some(first) = viewports.first() else {
        return;
    };
    if !gl.caps().features.viewport_array {
        let [x, y, width, height] = rectangle(first);
        gl.viewport(x as i32, y as i32, width as i32, height as i32);
        gl.depth_range(depths(first, halfz));
        return;
    }
    let count = gl.caps().limits.max_viewports as usize;
    for (index, viewport) in (0..).zip(viewports).take(count) {
        gl.viewport_indexed(index, rectangle(viewport));
        gl.depth_range_indexed(index, depths(viewport, halfz));
    }
}

/// A viewport scales by half of its size, from its middle.
fn rectangle(viewport: &Viewport) -> [f32; 4] {
    let [scale_x, scale_y] = [viewport.scale[0], viewport.scale[1]].map(f32::abs);
    let [x, y, _] = viewport.translate;
    [x - scale_x, y - scale_y, scale_x * 2.0, scale_y * 2.0]
}

fn depths(viewport: &Viewport, halfz: bool) -> [f32; 2] {
    let (scale, middle) = (viewport.scale[2], viewport.translate[2]);
    match halfz {
        true => [middle, middle + scale],
        false => [middle - scale, middle + scale],
    }
}

fn apply_scissors(gl: &Current<'_>, scissors: &[Scissor], on: bool) {
    switch(gl, gl::SCISSOR_TEST, on);
    if !on {
        return;
    }
    let count = match gl.caps().features.viewport_array {
        true => gl.caps().limits.max_viewports as usize,
        false => 1,
    };
    for (index, scissor) in (0..).zip(scissors).take(count) {
        let ((x, y), (right, bottom)) = (scissor.min, scissor.max);
        let size = [right.saturating_sub(x), bottom.saturating_sub(y)].map(i32::from);
        let ([x, y], [width, height]) = ([x, y].map(i32::from), size);
        match count {
            1 => gl.scissor([x, y, width, height]),
            _ => gl.scissor_indexed(index, [x, y, width, height]),
        }
    }
}

/// The guest's mask for as many samples as there are, which may be more than it asked for. Its
/// own stay in their places, where shaders fetch them.
fn sample_mask(gl: &Current<'_>, mask: u32, samples: u32) -> u32 {
    let real = match mask == u32::MAX || samples < 2 {
        true => samples,
        false => gl.integer(gl::SAMPLES).min(32),
    };
    if real <= samples {
        return mask;
    }
    let own = |sample: u32| sample.checked_rem(samples).unwrap_or(sample);
    let is_on = |sample: &u32| mask.checked_shr(own(*sample)).unwrap_or(0) & 1 != 0;
    (0..real)
        .filter(is_on)
        .fold(0, |mask, sample| mask | 1 << sample)
}

fn apply_samples(gl: &Current<'_>, values: &Values, samples: u32) {
    if gl.caps().features.texture_multisample {
        switch(gl, gl::SAMPLE_MASK, values.sample_mask != u32::MAX);
        gl.sample_maski(0, sample_mask(gl, values.sample_mask, samples));
    }
    if gl.caps().features.sample_shading {
        let on = values.min_samples > 1 && samples > 1;
        switch(gl, gl::SAMPLE_SHADING, on);
        if on {
            gl.min_sample_shading(values.min_samples as f32 / samples as f32);
        }
    }
}
