//! Instance attributes that advance every third instance, or never.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, bytes, need, pair, wgsl};

pub(crate) fn needs(needs: &mut Needs) {
    need!(
        needs,
        vertex_divisor.vertex_attribute_instance_rate_divisor,
        vertex_divisor.vertex_attribute_instance_rate_zero_divisor,
    );
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let usage = vk::BufferUsageFlags::VERTEX_BUFFER;
    let place = |i: u32| {
        let (x, y) = ((i % 6) as f32 / 3.0 - 0.83, (i / 6) as f32 / 3.0 - 0.83);
        [x, y, 0.12, 0.12]
    };
    let places: Vec<f32> = (0..36).flat_map(place).collect();
    let colours: Vec<u8> = (0..12u8).flat_map(|i| [i * 20, 255 - i * 20, i * 9, 255]).collect();
    let buffers = [
        gpu.upload(&bytes(&[0.0f32, -1.0, 1.0, 0.0, -1.0, 0.0, 0.0, 1.0]), usage)?,
        gpu.upload(&bytes(&places), usage)?,
        gpu.upload(&colours, usage)?,
    ];
    let shader = gpu.shader(wgsl!("instanced"))?;
    let layout = gpu.layout(&[], 0)?;
    let binding = |binding, stride, input_rate| vk::VertexInputBindingDescription {
        binding,
        stride,
        input_rate,
    };
    use vk::VertexInputRate as Rate;
    let bindings = [
        binding(0, 8, Rate::VERTEX),
        binding(1, 16, Rate::INSTANCE),
        binding(2, 4, Rate::INSTANCE),
    ];
    let attribute = |location, format| vk::VertexInputAttributeDescription {
        location,
        binding: location,
        format,
        offset: 0,
    };
    let attributes = [
        attribute(0, vk::Format::R32G32_SFLOAT),
        attribute(1, vk::Format::R32G32B32A32_SFLOAT),
        attribute(2, vk::Format::R8G8B8A8_UNORM),
    ];
    let pipeline = |divisor| {
        gpu.graphics_pipeline(&GraphicsSpec {
            topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
            bindings: &bindings,
            attributes: &attributes,
            divisors: &[vk::VertexInputBindingDivisorDescriptionEXT { binding: 2, divisor }],
            ..GraphicsSpec::new(&pair(&shader), &layout, &target)
        })
    };
    let (third, never) = (pipeline(3)?, pipeline(0)?);
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .vertices(&[&buffers[0], &buffers[1], &buffers[2]])
            .graphics(&third)
            .draw_range(4, 30, 0, 0)
            .graphics(&never)
            .draw_range(4, 6, 0, 30)
            .end_render_pass();
    })?;
    target.picture()
}
