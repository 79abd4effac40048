//! A thousand small dispatches a submission, each after a barrier.

use ash::vk;

use crate::bench::Step;
use crate::bench::flight::Flight;
use crate::error::Result;
use crate::gpu::{Binding, Gpu, Place, Stage, wgsl};

const DISPATCHES: u32 = 1000;

pub(super) fn start(gpu: &Gpu) -> Result<Step> {
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let usage = vk::BufferUsageFlags::STORAGE_BUFFER | vk::BufferUsageFlags::TRANSFER_DST;
    let words = gpu.buffer(16 * 64 * 4, usage, Place::Device)?;
    gpu.run(|c| {
        c.fill_buffer(&words, 0..words.size, 1).barrier();
    })?;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer(0, kind, &words);
    let shader = gpu.shader(wgsl!("step"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::new(&shader, vk::ShaderStageFlags::COMPUTE, c"cs");
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    let mut flight = Flight::new(gpu)?;
    Ok(Box::new(move || {
        // The closure drops what it uses in this order: first the flight, which waits.
        flight.wait()?;
        let (set, _words) = (&set, &words);
        flight.submit(|c| {
            c.compute(&pipeline).bind_sets(
                vk::PipelineBindPoint::COMPUTE,
                *layout,
                0,
                &[set.raw],
                &[],
            );
            let written = vk::MemoryBarrier::default()
                .src_access_mask(vk::AccessFlags::SHADER_WRITE)
                .dst_access_mask(vk::AccessFlags::SHADER_READ | vk::AccessFlags::SHADER_WRITE);
            let stage = vk::PipelineStageFlags::COMPUTE_SHADER;
            for _ in 0..DISPATCHES {
                c.dispatch(16, 1, 1)
                    .pipeline_barrier(stage, stage, &[written], &[]);
            }
        })?;
        Ok(DISPATCHES.into())
    }))
}
