//! One command buffer submitted many times, also while it is still under way.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Commands, Gpu, Needs, Output, Semaphores, Stage, wgsl, words};

pub(crate) fn needs(_: &mut Needs) {}

const TIMES: u32 = 50;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let buffer = gpu.readback(64 * 4, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer(0, kind, &buffer);
    let shader = gpu.shader(wgsl!("step"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::new(&shader, vk::ShaderStageFlags::COMPUTE, c"cs");
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    let commands = Commands::once(gpu, 0)?;
    let many = vk::CommandBufferUsageFlags::SIMULTANEOUS_USE;
    commands.begin_with(&vk::CommandBufferBeginInfo::default().flags(many))?;
    commands
        .compute(&pipeline)
        .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
        .dispatch(1, 1, 1)
        .barrier();
    commands.end()?;
    for _ in 0..TIMES {
        gpu.submit(0, &[&commands, &commands], Semaphores::default(), None)?;
    }
    gpu.idle()?;
    let step = |word: u32| word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let wanted = (0..TIMES * 2).fold(0, |word, _| step(word));
    let read = buffer.read()?;
    let right = words(&read).iter().all(|word| *word == wanted);
    expect(right, || format!("after {} runs the word is not {wanted:#x}", TIMES * 2))?;
    // And recorded anew, for one submission.
    commands.begin()?;
    commands.fill_buffer(&buffer, 0..128, 0).barrier();
    commands.end()?;
    let fence = gpu.fence(false)?;
    gpu.submit(0, &[&commands], Semaphores::default(), Some(&fence))?;
    gpu.wait(&fence)?;
    Ok(Output::Bytes(buffer.read()?))
}
