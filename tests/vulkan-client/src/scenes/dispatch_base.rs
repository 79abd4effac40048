//! Dispatches that start at other workgroups than the first.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Gpu, Needs, Output, Stage, wgsl, words};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let buffer = gpu.readback(16 * 64 * 4, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer(0, kind, &buffer);
    let shader = gpu.shader(wgsl!("step"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::new(&shader, vk::ShaderStageFlags::COMPUTE, c"cs");
    let info = vk::ComputePipelineCreateInfo::default()
        .flags(vk::PipelineCreateFlags::DISPATCH_BASE)
        .stage(stage.info())
        .layout(*layout);
    let pipeline = gpu.compute_pipeline_from(vk::PipelineCache::null(), info)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch_base(4, 0, 0, 8, 1, 1)
            .barrier()
            .dispatch_base(10, 0, 0, 6, 1, 1)
            .barrier();
    })?;
    let read = buffer.read()?;
    let once = 1_013_904_223u32;
    let twice = once.wrapping_mul(1_664_525).wrapping_add(once);
    let wanted = |group: usize| match group {
        4..10 | 12..16 => once,
        10..12 => twice,
        _ => 0,
    };
    let right = words(&read).iter().enumerate().all(|(i, word)| *word == wanted(i / 64));
    expect(right, || "other workgroups ran than were asked for".into())?;
    Ok(Output::Bytes(read))
}
