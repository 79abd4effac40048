//! A descriptor set written from one structure as an update template says.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, ImageSpec, Needs, Output, bytes, checkerboard, pair,
    wgsl,
};

pub(crate) fn needs(_: &mut Needs) {}

/// What the template reads: not in the order of the bindings, and with a gap.
#[repr(C)]
#[derive(Clone, Copy)]
struct Data {
    sampler: vk::DescriptorImageInfo,
    gap: [u64; 3],
    image: vk::DescriptorImageInfo,
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let texture = gpu.texture(ImageSpec::texture(16, 16), &checkerboard(16, 16, 2))?;
    let sampler = gpu.sampler(vk::Filter::NEAREST)?;
    let set = gpu.descriptors(&[Binding::of(Kind::SAMPLED_IMAGE), Binding::of(Kind::SAMPLER)])?;
    let entry = |binding, kind, offset| vk::DescriptorUpdateTemplateEntry {
        dst_binding: binding,
        dst_array_element: 0,
        descriptor_count: 1,
        descriptor_type: kind,
        offset,
        stride: size_of::<vk::DescriptorImageInfo>(),
    };
    let entries = [
        entry(0, Kind::SAMPLED_IMAGE, std::mem::offset_of!(Data, image)),
        entry(1, Kind::SAMPLER, std::mem::offset_of!(Data, sampler)),
    ];
    let template = gpu.create_descriptor_update_template(
        &vk::DescriptorUpdateTemplateCreateInfo::default()
            .descriptor_update_entries(&entries)
            .template_type(vk::DescriptorUpdateTemplateType::DESCRIPTOR_SET)
            .descriptor_set_layout(*set.layout),
    )?;
    let data = Data {
        sampler: vk::DescriptorImageInfo { sampler: *sampler, ..Default::default() },
        gap: [u64::MAX; 3],
        image: vk::DescriptorImageInfo {
            image_view: *texture.view,
            image_layout: vk::ImageLayout::SHADER_READ_ONLY_OPTIMAL,
            ..Default::default()
        },
    };
    gpu.update_set_with(set.raw, &template, &data);

    let shader = gpu.shader(wgsl!("texture"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    #[rustfmt::skip]
    let corners = [
        -0.7f32, -0.9, 0.0, 0.0,   0.9, -0.5, 1.0, 0.0,  -0.9, 0.5, 0.0, 1.0,   0.7, 0.9, 1.0, 1.0,
    ];
    let vertices = gpu.upload(&bytes(&corners), vk::BufferUsageFlags::VERTEX_BUFFER)?;
    let attribute = |location, offset| vk::VertexInputAttributeDescription {
        location,
        binding: 0,
        format: vk::Format::R32G32_SFLOAT,
        offset,
    };
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        bindings: &[vk::VertexInputBindingDescription { stride: 16, ..Default::default() }],
        attributes: &[attribute(0, 0), attribute(1, 8)],
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .vertices(&[&vertices])
            .bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[set.raw], &[])
            .draw(0..4)
            .end_render_pass();
    })?;
    target.picture()
}
