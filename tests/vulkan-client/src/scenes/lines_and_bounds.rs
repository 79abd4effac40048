//! Wide lines, outlines of triangles, and the depth bounds test.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, cell, depth, need};
use crate::scenes::rects::{ALL, Rects};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.wide_lines, core.fill_mode_non_solid, core.depth_bounds);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let format = vk::Format::D32_SFLOAT;
    let target = gpu.target_of(TargetSpec { depth: Some(format), ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let viewports = [0, 1, 2, 3].map(|index| [cell(index, 2)]);
    let lines = rects.pipeline(&target, |spec| {
        spec.viewports = &viewports[0];
        spec.topology = vk::PrimitiveTopology::LINE_STRIP;
        spec.dynamic = &[vk::DynamicState::LINE_WIDTH];
    })?;
    let outlines = rects.pipeline(&target, |spec| {
        spec.viewports = &viewports[1];
        spec.raster = spec.raster.polygon_mode(vk::PolygonMode::LINE);
    })?;
    let slope = rects.pipeline(&target, |spec| {
        spec.viewports = &viewports[2];
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::ALWAYS);
    })?;
    let bounded = rects.pipeline(&target, |spec| {
        spec.viewports = &viewports[2];
        spec.depth_stencil = spec.depth_stencil.depth_bounds_test_enable(true);
        spec.dynamic = &[vk::DynamicState::DEPTH_BOUNDS];
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, depth(1.0, 0)]).graphics(&lines);
        for (width, inset) in [(1.0, 0.9), (3.0, 0.6), (5.0, 0.3)] {
            c.set_line_width(width);
            rects.draw(c, [-inset, -inset, inset, inset], [inset, 1.0, 0.4, 1.0]);
        }
        c.graphics(&outlines);
        rects.draw(c, [-0.8, -0.7, 0.8, 0.6], [1.0, 0.8, 0.4, 1.0]);
        c.graphics(&slope);
        rects.draw_deep(c, ALL, [0.2, 0.2, 0.2, 1.0], [0.0, 1.0]);
        c.graphics(&bounded);
        for (low, high, shade) in [(0.1, 0.3, 0.3), (0.4, 0.5, 0.6), (0.8, 1.0, 0.9)] {
            c.set_depth_bounds(low, high);
            rects.draw(c, [-1.0, -0.8, 1.0, 0.8], [shade, 0.5, 1.0 - shade, 1.0]);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
