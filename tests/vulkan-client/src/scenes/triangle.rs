//! One triangle from two vertex buffers, which is where every program starts.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, bytes, pair, wgsl};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let usage = vk::BufferUsageFlags::VERTEX_BUFFER;
    let places = gpu.device_buffer(&bytes(&[0.0f32, -0.8, 0.8, 0.7, -0.8, 0.7]), usage)?;
    let colours = gpu.device_buffer(&[255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255], usage)?;
    let shader = gpu.shader(wgsl!("triangle"))?;
    let layout = gpu.layout(&[], 0)?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        bindings: &BINDINGS,
        attributes: &ATTRIBUTES,
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .vertices(&[&places, &colours])
            .draw(0..3)
            .end_render_pass();
    })?;
    let output = target.picture()?;
    output.expect_texel(0, 0, [13, 26, 51, 255])?;
    Ok(output)
}

const BINDINGS: [vk::VertexInputBindingDescription; 2] = [
    vk::VertexInputBindingDescription {
        binding: 0,
        stride: 8,
        input_rate: vk::VertexInputRate::VERTEX,
    },
    vk::VertexInputBindingDescription {
        binding: 1,
        stride: 4,
        input_rate: vk::VertexInputRate::VERTEX,
    },
];

const ATTRIBUTES: [vk::VertexInputAttributeDescription; 2] = [
    vk::VertexInputAttributeDescription {
        location: 0,
        binding: 0,
        format: vk::Format::R32G32_SFLOAT,
        offset: 0,
    },
    vk::VertexInputAttributeDescription {
        location: 1,
        binding: 1,
        format: vk::Format::R8G8B8A8_UNORM,
        offset: 0,
    },
];
