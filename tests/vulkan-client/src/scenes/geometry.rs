//! A geometry shader that makes stars of points, in two invocations each.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Stage, bytes, glsl, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.geometry_shader);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let point = |i: u32| [(i % 4) as f32 * 0.5 - 0.75, (i / 4) as f32 * 0.5 - 0.75];
    let points: Vec<f32> = (0..16).flat_map(point).collect();
    let vertices = gpu.upload(&bytes(&points), vk::BufferUsageFlags::VERTEX_BUFFER)?;
    let modules = [
        (gpu.shader(glsl!("points.vert"))?, S::VERTEX),
        (gpu.shader(glsl!("burst.geom"))?, S::GEOMETRY),
        (gpu.shader(glsl!("colour.frag"))?, S::FRAGMENT),
    ];
    let layout = gpu.layout(&[], 0)?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::POINT_LIST,
        bindings: &[vk::VertexInputBindingDescription { stride: 8, ..Default::default() }],
        attributes: &[vk::VertexInputAttributeDescription {
            format: vk::Format::R32G32_SFLOAT,
            ..Default::default()
        }],
        ..GraphicsSpec::new(
            &modules.each_ref().map(|(module, stage)| Stage::main(module, *stage)),
            &layout,
            &target,
        )
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .vertices(&[&vertices])
            .draw(0..16)
            .end_render_pass();
    })?;
    target.picture()
}
