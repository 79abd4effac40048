//! Uniforms that live in the descriptor set itself, written in part and copied between sets.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, DescriptorSet, Gpu, GraphicsSpec, Needs, Output, bytes, need, pair, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.inline_uniform_block);
}

const KIND: vk::DescriptorType = vk::DescriptorType::INLINE_UNIFORM_BLOCK;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    // The count of this kind is in bytes.
    let bindings = [Binding::of(KIND).times(32)];
    let (first, second) = (gpu.descriptors(&bindings)?, gpu.descriptors(&bindings)?);
    write(&first, 0, &bytes(&[-0.9f32, -0.9, 0.3, 0.2, 0.8, 0.4, 0.1, 1.0]));
    let all = vk::CopyDescriptorSet::default()
        .src_set(first.raw)
        .dst_set(second.raw)
        .descriptor_count(32);
    gpu.update_sets(&[], &[all]);
    write(&second, 8, &bytes(&[0.9f32, 0.9]));
    write(&second, 20, &bytes(&[0.9f32, 0.7]));

    let layout = gpu.layout(&[*first.layout], 0)?;
    let shader = gpu.shader(wgsl!("uniform"))?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
        for set in [&second, &first] {
            c.bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[set.raw], &[]).draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}

/// Writes bytes at an offset, which the array element stands for.
fn write(set: &DescriptorSet, offset: u32, data: &[u8]) {
    let mut block = vk::WriteDescriptorSetInlineUniformBlock::default().data(data);
    let mut write = set.at(0, offset, KIND).push_next(&mut block);
    write.descriptor_count = data.len() as u32;
    set.write(write);
}
