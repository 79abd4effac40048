//! Prefix sums by a compute shader with shared memory, barriers and atomics, checked by the host.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Gpu, Needs, Output, Place, Stage, bytes, glsl, whole, words};

pub(crate) fn needs(_: &mut Needs) {}

const GROUPS: u32 = 64;
const WORDS: u32 = GROUPS * 256;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let input: Vec<u32> = (0..WORDS).map(|i| i.wrapping_mul(2_654_435_761) >> 20).collect();
    let storage = vk::BufferUsageFlags::STORAGE_BUFFER;
    let source = gpu.upload(&bytes(&input), storage)?;
    let size = u64::from(WORDS) * 4;
    let sums = gpu.buffer(size, storage | vk::BufferUsageFlags::TRANSFER_SRC, Place::Device)?;
    let result = gpu.readback(size, vk::BufferUsageFlags::TRANSFER_DST)?;
    let total = gpu.readback(4, storage)?;

    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let set = gpu.descriptors(&[Binding::of(kind); 3])?;
    set.buffer(0, kind, &source).buffer(1, kind, &sums).buffer(2, kind, &total);
    let shader = gpu.shader(glsl!("scan.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(GROUPS, 1, 1)
            .barrier()
            .copy_buffer(&sums, &result, &[whole(size)])
            .barrier();
    })?;

    let scan = |group: &[u32]| {
        let mut sum = 0u32;
        group.iter().map(|word| { sum += word; sum }).collect::<Vec<_>>()
    };
    let expected: Vec<u32> = input.chunks(256).flat_map(scan).collect();
    let read = result.read()?;
    expect(words(&read) == expected, || "the prefix sums differ from the host's".into())?;
    let (total, sum) = (words(&total.read()?)[0], input.iter().sum::<u32>());
    expect(total == sum, || format!("the atomic total is {total}, not {sum}"))?;
    Ok(Output::Bytes(read))
}
