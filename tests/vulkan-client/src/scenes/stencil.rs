//! The stencil test: a mask, counting with each operation, and separate faces.

use ash::vk;
use vk::{CompareOp as C, StencilOp as S};

use crate::error::{Error, Result};
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, cell, depth};
use crate::scenes::rects::{ALL, Rects};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target =
        gpu.target_of(TargetSpec { depth: Some(stencil_format(gpu)?), ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let mut pipelines = Vec::new();
    for (index, (pass, fail)) in (0..).zip(OPERATIONS) {
        let viewport = [cell(index, 3)];
        let write = state(C::GREATER, pass, fail, 0x0f);
        let show = state(C::LESS_OR_EQUAL, S::KEEP, S::KEEP, 0);
        let pipeline = |face, colours: bool| {
            rects.pipeline(&target, |spec| {
                spec.viewports = &viewport;
                spec.depth_stencil = spec.depth_stencil.stencil_test_enable(true).front(face).back(face);
                spec.dynamic = &[vk::DynamicState::STENCIL_REFERENCE];
                spec.raster = spec.raster.rasterizer_discard_enable(false);
                spec.blend = if colours { &[crate::gpu::OPAQUE] } else { &[INVISIBLE] };
            })
        };
        pipelines.push((pipeline(write, false)?, pipeline(show, true)?));
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, depth(1.0, 6)]);
        let both = vk::StencilFaceFlags::FRONT_AND_BACK;
        for (write, show) in &pipelines {
            c.graphics(write).set_stencil_reference(both, 9);
            rects.draw(c, [-0.9, -0.9, 0.3, 0.3], [1.0; 4]);
            rects.draw(c, [-0.3, -0.3, 0.9, 0.9], [1.0; 4]);
            c.set_stencil_reference(both, 3);
            rects.draw(c, [-0.6, -0.6, 0.6, 0.6], [1.0; 4]);
            c.graphics(show);
            for level in 0..16u8 {
                let shade = f32::from(level) / 15.0;
                c.set_stencil_reference(both, level.into());
                rects.draw(c, ALL, [shade, 1.0 - shade, f32::from(level % 4) / 3.0, 1.0]);
            }
        }
        c.end_render_pass();
    })?;
    target.picture()
}

/// A format with stencil that the device can draw to.
pub(crate) fn stencil_format(gpu: &Gpu) -> Result<vk::Format> {
    let usable = |format: &vk::Format| {
        let features = gpu.format(*format).optimal_tiling_features;
        features.contains(vk::FormatFeatureFlags::DEPTH_STENCIL_ATTACHMENT)
    };
    [vk::Format::D24_UNORM_S8_UINT, vk::Format::D32_SFLOAT_S8_UINT]
        .into_iter()
        .find(usable)
        .ok_or_else(|| Error::Unsupported("a format with depth and stencil".into()))
}

fn state(compare: C, pass: S, fail: S, write: u32) -> vk::StencilOpState {
    vk::StencilOpState {
        fail_op: fail,
        pass_op: pass,
        depth_fail_op: S::KEEP,
        compare_op: compare,
        compare_mask: 0x0f,
        write_mask: write,
        reference: 0,
    }
}

const INVISIBLE: vk::PipelineColorBlendAttachmentState = vk::PipelineColorBlendAttachmentState {
    color_write_mask: vk::ColorComponentFlags::empty(),
    ..crate::gpu::OPAQUE
};

/// What to do where the test passes, and where it fails.
const OPERATIONS: [(S, S); 9] = [
    (S::REPLACE, S::KEEP),
    (S::ZERO, S::KEEP),
    (S::INCREMENT_AND_CLAMP, S::KEEP),
    (S::DECREMENT_AND_CLAMP, S::INCREMENT_AND_CLAMP),
    (S::INVERT, S::KEEP),
    (S::INCREMENT_AND_WRAP, S::DECREMENT_AND_WRAP),
    (S::DECREMENT_AND_WRAP, S::ZERO),
    (S::KEEP, S::INVERT),
    (S::KEEP, S::REPLACE),
];
