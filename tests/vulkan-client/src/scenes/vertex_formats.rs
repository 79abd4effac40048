//! Vertex attributes in twelve formats, at odd offsets and strides.

use ash::vk;
use vk::Format as F;

use crate::error::{Result, require};
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, bytes, cell, pair, wgsl};

pub(crate) fn needs(_: &mut Needs) {}

const FORMATS: [F; 12] = [
    F::R8_UNORM,
    F::R8G8_UNORM,
    F::R8G8B8A8_UNORM,
    F::R8G8B8A8_SNORM,
    F::B8G8R8A8_UNORM,
    F::A2B10G10R10_UNORM_PACK32,
    F::R16_UNORM,
    F::R16G16_SNORM,
    F::R16G16B16A16_SFLOAT,
    F::R32_SFLOAT,
    F::R32G32B32_SFLOAT,
    F::R32G32B32A32_SFLOAT,
];

/// Bytes from one vertex to the next.
const STRIDE: u32 = 28;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let shader = gpu.shader(wgsl!("triangle"))?;
    let layout = gpu.layout(&[], 0)?;
    let corner = |i: u32| bytes(&[[-0.9f32, 0.9, 0.9][i as usize], [0.9f32, 0.9, -0.9][i as usize]]);
    // Bytes that are sensible numbers in most of the formats.
    let noise = |i: u32| (0..STRIDE - 8).map(move |b| (0x30 + i * 7 + b * 5 % 23) as u8);
    let vertices: Vec<u8> = (0..3).flat_map(|i| corner(i).into_iter().chain(noise(i))).collect();
    let vertices = gpu.upload(&vertices, vk::BufferUsageFlags::VERTEX_BUFFER)?;
    let mut pipelines = Vec::new();
    for (index, format) in (0..).zip(FORMATS) {
        let features = gpu.format(format).buffer_features;
        require(
            features.contains(vk::FormatFeatureFlags::VERTEX_BUFFER),
            format!("{format:?} as a vertex attribute"),
        )?;
        let viewports = [cell(index, 4)];
        let attribute =
            |location, format, offset| vk::VertexInputAttributeDescription {
                location,
                binding: 0,
                format,
                offset,
            };
        pipelines.push(gpu.graphics_pipeline(&GraphicsSpec {
            viewports: &viewports,
            bindings: &[vk::VertexInputBindingDescription { stride: STRIDE, ..Default::default() }],
            attributes: &[attribute(0, F::R32G32_SFLOAT, 0), attribute(1, format, 12)],
            ..GraphicsSpec::new(&pair(&shader), &layout, &target)
        })?);
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).vertices(&[&vertices]);
        for pipeline in &pipelines {
            c.graphics(pipeline).draw(0..3);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
