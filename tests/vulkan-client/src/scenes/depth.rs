//! The depth test with each comparison, depth writes, bias and crossing surfaces.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, cell, depth};
use crate::scenes::rects::{ALL, Rects};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target =
        gpu.target_of(TargetSpec { depth: Some(vk::Format::D16_UNORM), ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let mut pipelines = Vec::new();
    for (index, compare) in (0..).zip(COMPARISONS) {
        let viewport = [cell(index, 4)];
        pipelines.push(rects.pipeline(&target, |spec| {
            spec.viewports = &viewport;
            spec.depth_stencil = spec
                .depth_stencil
                .depth_test_enable(true)
                .depth_write_enable(index % 2 == 0)
                .depth_compare_op(compare);
        })?);
    }
    let lower = [vk::Viewport { y: 128.0, width: 256.0, height: 128.0, ..cell(0, 1) }];
    let crossing = rects.pipeline(&target, |spec| {
        spec.viewports = &lower;
        spec.depth_stencil =
            spec.depth_stencil.depth_test_enable(true).depth_write_enable(true).depth_compare_op(vk::CompareOp::LESS);
        spec.raster = spec.raster.depth_bias_enable(true);
        spec.dynamic = &[vk::DynamicState::DEPTH_BIAS];
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, depth(0.5, 0)]);
        for pipeline in &pipelines {
            c.graphics(pipeline);
            rects.draw_deep(c, [-0.9, -0.9, 0.4, 0.4], [0.9, 0.2, 0.1, 1.0], [0.25; 2]);
            rects.draw_deep(c, [-0.4, -0.4, 0.9, 0.9], [0.1, 0.8, 0.2, 1.0], [0.5; 2]);
            rects.draw_deep(c, [-0.6, -0.1, 0.6, 0.1], [0.2, 0.3, 1.0, 1.0], [0.75; 2]);
        }
        c.graphics(&crossing).set_depth_bias(0.0, 0.0, 0.0);
        rects.draw_deep(c, ALL, [0.9, 0.9, 0.2, 1.0], [0.0, 0.45]);
        rects.draw_deep(c, [-1.0, -0.7, 1.0, 0.0], [0.7, 0.1, 0.8, 1.0], [0.45, 0.0]);
        c.set_depth_bias(1000.0, 0.0, 1.0);
        rects.draw_deep(c, [-1.0, 0.2, 1.0, 0.9], [0.1, 0.7, 0.8, 1.0], [0.45, 0.0]);
        c.end_render_pass();
    })?;
    target.picture()
}

const COMPARISONS: [vk::CompareOp; 8] = [
    vk::CompareOp::NEVER,
    vk::CompareOp::LESS,
    vk::CompareOp::EQUAL,
    vk::CompareOp::LESS_OR_EQUAL,
    vk::CompareOp::GREATER,
    vk::CompareOp::NOT_EQUAL,
    vk::CompareOp::GREATER_OR_EQUAL,
    vk::CompareOp::ALWAYS,
];
