//! Points, lines, strips and fans, with index buffers and primitive restart.

use ash::vk;
use vk::PrimitiveTopology as T;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Stage, bytes, cell, glsl};

pub(crate) fn needs(_: &mut Needs) {}

const WAYS: [(T, bool); 9] = [
    (T::POINT_LIST, false),
    (T::LINE_LIST, false),
    (T::LINE_STRIP, false),
    (T::LINE_STRIP, true),
    (T::TRIANGLE_LIST, false),
    (T::TRIANGLE_STRIP, false),
    (T::TRIANGLE_STRIP, true),
    (T::TRIANGLE_FAN, false),
    (T::TRIANGLE_FAN, true),
];

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let point = |i: u32| {
        let turn = i as f32 * 0.55;
        [turn.cos() * 0.9, turn.sin() * (0.5 + (i % 3) as f32 * 0.2)]
    };
    let points: Vec<f32> = (0..12).flat_map(point).collect();
    let vertices = gpu.upload(&bytes(&points), vk::BufferUsageFlags::VERTEX_BUFFER)?;
    let plain = [0u16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    let restarting = [0u16, 1, 2, 3, 0xffff, 4, 5, 6, 7, 0xffff, 8, 9, 10, 11, 0xffff, 0, 6, 9];
    let indices = gpu.upload(
        &bytes(&[&plain[..], &restarting].concat()),
        vk::BufferUsageFlags::INDEX_BUFFER,
    )?;
    let stages = [
        (gpu.shader(glsl!("points.vert"))?, vk::ShaderStageFlags::VERTEX),
        (gpu.shader(glsl!("colour.frag"))?, vk::ShaderStageFlags::FRAGMENT),
    ];
    let layout = gpu.layout(&[], 0)?;
    let mut pipelines = Vec::new();
    for (index, (topology, restart)) in (0..).zip(WAYS) {
        let viewports = [cell(index, 3)];
        pipelines.push(gpu.graphics_pipeline(&GraphicsSpec {
            topology,
            restart,
            viewports: &viewports,
            bindings: &[vk::VertexInputBindingDescription { stride: 8, ..Default::default() }],
            attributes: &[vk::VertexInputAttributeDescription {
                format: vk::Format::R32G32_SFLOAT,
                ..Default::default()
            }],
            ..GraphicsSpec::new(
                &stages.each_ref().map(|(module, stage)| Stage::main(module, *stage)),
                &layout,
                &target,
            )
        })?);
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .vertices(&[&vertices])
            .indices(&indices, 0, vk::IndexType::UINT16);
        for (pipeline, (_, restart)) in pipelines.iter().zip(WAYS) {
            c.graphics(pipeline);
            match restart {
                true => c.draw_indexed(restarting.len() as u32, 1, 12, 0, 0),
                false => c.draw_indexed(12, 1, 0, 0, 0),
            };
        }
        c.end_render_pass();
    })?;
    target.picture()
}
