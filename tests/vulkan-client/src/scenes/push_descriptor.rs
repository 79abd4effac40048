//! Descriptors that travel in the command buffer, written plainly and by a template.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, Needs, Output, bytes, pair, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    needs.extension(ash::khr::push_descriptor::NAME);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let kind = Kind::UNIFORM_BUFFER;
    let flags = vk::DescriptorSetLayoutCreateFlags::PUSH_DESCRIPTOR_KHR;
    let set_layout = gpu.set_layout(&[Binding::of(kind)], flags)?;
    let layout = gpu.layout(&[*set_layout], 0)?;
    let shader = gpu.shader(wgsl!("uniform"))?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    let rect = |i: u32| {
        let at = i as f32 / 8.0 - 1.0;
        [at, at * 0.8, at + 0.4, at * 0.8 + 0.5, at.abs(), 0.5, 1.0 - at.abs(), 1.0]
    };
    let uniform = vk::BufferUsageFlags::UNIFORM_BUFFER;
    let buffers = (0..12).map(|i| gpu.upload(&bytes(&rect(i)), uniform));
    let buffers = buffers.collect::<Result<Vec<_>>>()?;
    let entries = [vk::DescriptorUpdateTemplateEntry {
        descriptor_count: 1,
        descriptor_type: kind,
        stride: size_of::<vk::DescriptorBufferInfo>(),
        ..Default::default()
    }];
    let template = gpu.create_descriptor_update_template(
        &vk::DescriptorUpdateTemplateCreateInfo::default()
            .descriptor_update_entries(&entries)
            .template_type(vk::DescriptorUpdateTemplateType::PUSH_DESCRIPTORS_KHR)
            .pipeline_bind_point(vk::PipelineBindPoint::GRAPHICS)
            .pipeline_layout(*layout),
    )?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
        for (index, buffer) in buffers.iter().enumerate() {
            let info =
                vk::DescriptorBufferInfo { buffer: *buffer.raw, offset: 0, range: vk::WHOLE_SIZE };
            if index % 2 == 0 {
                let infos = [info];
                let write =
                    vk::WriteDescriptorSet::default().descriptor_type(kind).buffer_info(&infos);
                c.push_descriptors(vk::PipelineBindPoint::GRAPHICS, *layout, &[write]);
            } else {
                c.push_descriptors_with(&template, *layout, &info);
            }
            c.draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
