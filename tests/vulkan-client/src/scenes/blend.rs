//! Sixteen ways of blending, one a cell: factors, operations, constants and write masks.

use ash::vk;
use vk::{BlendFactor as F, BlendOp as O};

use crate::error::Result;
use crate::gpu::{Gpu, Needs, OPAQUE, Output, cell, colour};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let mut pipelines = Vec::new();
    for (index, (src, dst, op)) in (0..).zip(WAYS) {
        let blend = [vk::PipelineColorBlendAttachmentState {
            blend_enable: vk::TRUE,
            src_color_blend_factor: src,
            dst_color_blend_factor: dst,
            color_blend_op: op,
            src_alpha_blend_factor: F::ONE,
            dst_alpha_blend_factor: F::ONE_MINUS_SRC_ALPHA,
            color_write_mask: match index {
                15 => vk::ColorComponentFlags::G | vk::ColorComponentFlags::A,
                _ => vk::ColorComponentFlags::RGBA,
            },
            ..OPAQUE
        }];
        pipelines.push(rects.pipeline(&target, |spec| {
            spec.viewports = std::slice::from_ref(&VIEWPORTS[index as usize]);
            spec.blend = &blend;
            spec.blend_constants = [0.25, 0.5, 0.75, 0.4];
            let dynamic = index as usize == DYNAMIC;
            spec.dynamic = if dynamic { &[vk::DynamicState::BLEND_CONSTANTS] } else { &[] };
        })?);
    }
    gpu.run(|c| {
        c.begin_target(&target, &[colour([0.3, 0.5, 0.2, 0.8])]);
        for (index, pipeline) in pipelines.iter().enumerate() {
            c.graphics(pipeline);
            if index == DYNAMIC {
                c.set_blend_constants(&[0.9, 0.1, 0.6, 0.7]);
            }
            rects.draw(c, [-0.9, -0.9, 0.5, 0.5], [0.8, 0.3, 0.1, 0.5]);
            rects.draw(c, [-0.2, -0.2, 0.9, 0.9], [0.1, 0.4, 0.9, 0.7]);
            rects.draw(c, [-1.0, 0.0, 1.0, 0.1], [1.0, 1.0, 1.0, 0.1]);
        }
        c.end_render_pass();
    })?;
    target.picture()
}

/// The cell whose constants are set by a command.
const DYNAMIC: usize = 10;

const VIEWPORTS: [vk::Viewport; 16] = {
    let mut all = [cell(0, 4); 16];
    let mut index = 1;
    while index < 16 {
        all[index as usize] = cell(index, 4);
        index += 1;
    }
    all
};

const WAYS: [(F, F, O); 16] = [
    (F::SRC_ALPHA, F::ONE_MINUS_SRC_ALPHA, O::ADD),
    (F::ONE, F::ONE, O::ADD),
    (F::ONE, F::ONE, O::SUBTRACT),
    (F::ONE, F::ONE, O::REVERSE_SUBTRACT),
    (F::ONE, F::ONE, O::MIN),
    (F::ONE, F::ONE, O::MAX),
    (F::DST_COLOR, F::ZERO, O::ADD),
    (F::ZERO, F::SRC_COLOR, O::ADD),
    (F::ONE_MINUS_DST_COLOR, F::ONE, O::ADD),
    (F::CONSTANT_COLOR, F::ONE_MINUS_CONSTANT_COLOR, O::ADD),
    (F::CONSTANT_COLOR, F::ONE_MINUS_CONSTANT_COLOR, O::ADD),
    (F::CONSTANT_ALPHA, F::ONE_MINUS_CONSTANT_ALPHA, O::ADD),
    (F::SRC_ALPHA_SATURATE, F::ONE, O::ADD),
    (F::DST_ALPHA, F::ONE_MINUS_DST_ALPHA, O::ADD),
    (F::ONE_MINUS_SRC_COLOR, F::SRC_COLOR, O::ADD),
    (F::ONE, F::ZERO, O::ADD),
];
