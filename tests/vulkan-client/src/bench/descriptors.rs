//! Descriptor sets written over and over, with a submission that uses one now and then.

use ash::vk;

use crate::bench::Step;
use crate::error::Result;
use crate::gpu::{Binding, DescriptorSet, Gpu, Place, Stage, wgsl};

const SETS: usize = 64;
const ROUNDS: usize = 16;

pub(super) fn start(gpu: &Gpu) -> Result<Step> {
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let usage = vk::BufferUsageFlags::STORAGE_BUFFER | vk::BufferUsageFlags::TRANSFER_DST;
    let words = gpu.buffer(64 * 1024, usage, Place::Device)?;
    gpu.run(|c| {
        c.fill_buffer(&words, 0..words.size, 1).barrier();
    })?;
    let set = |_| gpu.descriptors(&[Binding::of(kind)]);
    let sets = (0..SETS).map(set).collect::<Result<Vec<DescriptorSet>>>()?;
    let shader = gpu.shader(wgsl!("step"))?;
    let layout = gpu.layout(&[*sets[0].layout], 0)?;
    let stage = Stage::new(&shader, vk::ShaderStageFlags::COMPUTE, c"cs");
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    let gpu = gpu.clone();
    Ok(Box::new(move || {
        for round in 0..ROUNDS {
            for (number, set) in sets.iter().enumerate() {
                let offset = ((round * SETS + number) % 60 * 1024) as u64;
                set.buffer_range(0, kind, &words, offset, 256);
            }
        }
        gpu.run(|c| {
            c.compute(&pipeline)
                .bind_sets(
                    vk::PipelineBindPoint::COMPUTE,
                    *layout,
                    0,
                    &[sets[0].raw],
                    &[],
                )
                .dispatch(1, 1, 1);
        })?;
        Ok((SETS * ROUNDS) as f64)
    }))
}
