//! Descriptor sets allocated, freed, allocated anew, and reset with their pool.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{BACKDROP, Binding, Gpu, GraphicsSpec, Needs, Output, bytes, pair, wgsl};

pub(crate) fn needs(_: &mut Needs) {}

const SETS: u32 = 32;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let kind = Kind::UNIFORM_BUFFER;
    let none = vk::DescriptorSetLayoutCreateFlags::empty();
    let set_layout = gpu.set_layout(&[Binding::of(kind)], none)?;
    let sizes = [vk::DescriptorPoolSize { ty: kind, descriptor_count: SETS }];
    let pool = gpu.create_descriptor_pool(
        &vk::DescriptorPoolCreateInfo::default()
            .flags(vk::DescriptorPoolCreateFlags::FREE_DESCRIPTOR_SET)
            .max_sets(SETS)
            .pool_sizes(&sizes),
    )?;
    let allocate = |_| gpu.allocate_set(*pool, *set_layout, None);
    let mut sets = (0..SETS).map(allocate).collect::<Result<Vec<_>>>()?;
    gpu.free_sets(&pool, &sets.split_off(20))?;
    gpu.free_sets(&pool, &[sets.swap_remove(3), sets.swap_remove(5)])?;
    gpu.reset_pool(&pool)?;
    let sets = (0..SETS).map(allocate).collect::<Result<Vec<_>>>()?;

    let rect = |i: u32| {
        let (x, y) = ((i % 8) as f32 / 4.0 - 1.0, (i / 8) as f32 / 2.0 - 1.0);
        let shade = i as f32 / SETS as f32;
        [x, y, x + 0.2, y + 0.4, shade, 1.0 - shade, 0.3, 1.0]
    };
    let stride = 256;
    let mut uniforms = vec![0; stride * SETS as usize];
    for i in 0..SETS {
        uniforms[i as usize * stride..][..32].copy_from_slice(&bytes(&rect(i)));
    }
    let buffer = gpu.upload(&uniforms, vk::BufferUsageFlags::UNIFORM_BUFFER)?;
    for (i, set) in sets.iter().enumerate() {
        let info = [vk::DescriptorBufferInfo {
            buffer: *buffer.raw,
            offset: (i * stride) as u64,
            range: 32,
        }];
        let write =
            vk::WriteDescriptorSet::default().dst_set(*set).descriptor_type(kind).buffer_info(&info);
        gpu.update_sets(&[write], &[]);
    }
    // Set 7 becomes a copy of set 30.
    let copy = vk::CopyDescriptorSet::default()
        .src_set(sets[30])
        .dst_set(sets[7])
        .descriptor_count(1);
    gpu.update_sets(&[], &[copy]);
    let layout = gpu.layout(&[*set_layout], 0)?;
    let shader = gpu.shader(wgsl!("uniform"))?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
        for set in &sets {
            c.bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[*set], &[]).draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
