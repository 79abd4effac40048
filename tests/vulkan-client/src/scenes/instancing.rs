//! Instances whose place and colour come from a buffer, drawn from different first instances.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, bytes, pair, wgsl};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let usage = vk::BufferUsageFlags::VERTEX_BUFFER;
    let diamond = gpu.upload(&bytes(&[0.0f32, -1.0, 1.0, 0.0, -1.0, 0.0, 0.0, 1.0]), usage)?;
    let instance = |i: u32| {
        let turn = i as f32 * 0.4;
        let (radius, size) = (0.1 + i as f32 * 0.013, 0.03 + i as f32 * 0.001);
        let place = [turn.cos() * radius, turn.sin() * radius, size, size * 1.5];
        let colour = [(i * 4) as u8, (255 - i * 3) as u8, (i * 11) as u8, 255];
        [bytes(&place), colour.to_vec()].concat()
    };
    let instances = gpu.upload(&(0..64).flat_map(instance).collect::<Vec<_>>(), usage)?;
    let shader = gpu.shader(wgsl!("instanced"))?;
    let layout = gpu.layout(&[], 0)?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        bindings: &BINDINGS,
        attributes: &ATTRIBUTES,
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .vertices(&[&diamond, &instances])
            .draw_range(4, 20, 0, 0)
            .draw_range(4, 30, 0, 34)
            .draw_range(3, 10, 1, 22)
            .end_render_pass();
    })?;
    target.picture()
}

const BINDINGS: [vk::VertexInputBindingDescription; 2] = [
    vk::VertexInputBindingDescription {
        binding: 0,
        stride: 8,
        input_rate: vk::VertexInputRate::VERTEX,
    },
    vk::VertexInputBindingDescription {
        binding: 1,
        stride: 20,
        input_rate: vk::VertexInputRate::INSTANCE,
    },
];

const ATTRIBUTES: [vk::VertexInputAttributeDescription; 3] = [
    vk::VertexInputAttributeDescription {
        location: 0,
        binding: 0,
        format: vk::Format::R32G32_SFLOAT,
        offset: 0,
    },
    vk::VertexInputAttributeDescription {
        location: 1,
        binding: 1,
        format: vk::Format::R32G32B32A32_SFLOAT,
        offset: 0,
    },
    vk::VertexInputAttributeDescription {
        location: 2,
        binding: 1,
        format: vk::Format::R8G8B8A8_UNORM,
        offset: 16,
    },
];
