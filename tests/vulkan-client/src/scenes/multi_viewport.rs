//! Four viewports with scissors of their own, chosen by a geometry shader.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Stage, cell, glsl, need, wgsl};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.multi_viewport, core.geometry_shader);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let grid = gpu.shader(wgsl!("grid"))?;
    let spread = gpu.shader(glsl!("viewports.geom"))?;
    let layout = gpu.layout(&[], 0)?;
    let viewports = [0, 1, 2, 3].map(|index| cell(index, 2));
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        viewports: &viewports,
        dynamic: &[vk::DynamicState::SCISSOR],
        ..GraphicsSpec::new(
            &[
                Stage::new(&grid, S::VERTEX, c"vs"),
                Stage::main(&spread, S::GEOMETRY),
                Stage::new(&grid, S::FRAGMENT, c"fs"),
            ],
            &layout,
            &target,
        )
    })?;
    let scissor = |x, y, width, height| vk::Rect2D {
        offset: vk::Offset2D { x, y },
        extent: vk::Extent2D { width, height },
    };
    let scissors = [
        scissor(0, 0, 256, 256),
        scissor(140, 20, 100, 60),
        scissor(0, 0, 90, 200),
        scissor(160, 160, 256 - 160, 33),
    ];
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .set_scissors(0, &scissors[..2])
            .set_scissors(2, &scissors[2..])
            .draw_range(3, 64, 0, 0)
            .end_render_pass();
    })?;
    target.picture()
}
