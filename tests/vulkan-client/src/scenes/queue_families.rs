//! A buffer handed from queue family to queue family, each of which adds its mark.

use ash::vk;

use crate::error::{Result, expect, require};
use crate::gpu::{Buffer, Commands, Gpu, Needs, Output, Place, Semaphores, whole, words};

pub(crate) fn needs(needs: &mut Needs) {
    needs.every_family = true;
}

const SIZE: u64 = 4096;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let able = vk::QueueFlags::GRAPHICS | vk::QueueFlags::COMPUTE | vk::QueueFlags::TRANSFER;
    let queues: Vec<usize> = (0..gpu.queues().len())
        .filter(|queue| gpu.queues()[*queue].properties.queue_flags.intersects(able))
        .collect();
    require(queues.len() > 1, "a second queue family that copies")?;
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let travelling = gpu.buffer(SIZE, usage, Place::Device)?;
    let result = gpu.readback(SIZE, usage)?;
    let mut passed: Option<vk::Semaphore> = None;
    let mut kept = Vec::new();
    // Round through all families and back to the first.
    let route: Vec<usize> = queues.iter().chain(&queues[..1]).copied().collect();
    for (step, queue) in route.iter().enumerate() {
        let commands = Commands::once(gpu, *queue)?;
        commands.begin()?;
        if let Some(previous) = step.checked_sub(1) {
            hand_over(&commands, gpu, &travelling, route[previous], *queue);
        } else {
            commands.fill_buffer(&travelling, 0..SIZE, 0).barrier();
        }
        let at = step as u64 * 64;
        commands.fill_buffer(&travelling, at..at + 64, step as u32 + 1).barrier();
        match route.get(step + 1) {
            Some(next) => hand_over(&commands, gpu, &travelling, *queue, *next),
            None => {
                commands.copy_buffer(&travelling, &result, &[whole(SIZE)]).barrier();
            }
        }
        commands.end()?;
        let semaphore = gpu.create_semaphore(&vk::SemaphoreCreateInfo::default())?;
        let last = step + 1 == route.len();
        let (wait, signal) = (passed.map(|semaphore| (semaphore, 0)), [(*semaphore, 0)]);
        let semaphores =
            Semaphores { wait: wait.as_slice(), signal: if last { &[] } else { &signal } };
        gpu.submit(*queue, &[&commands], semaphores, None)?;
        passed = Some(*semaphore);
        kept.push((commands, semaphore));
    }
    gpu.idle()?;
    let read = words(&result.read()?);
    let right = (0..route.len()).all(|step| read[step * 16] == step as u32 + 1);
    expect(right, || format!("the marks of {} steps are {:?}", route.len(), &read[..64]))?;
    // Not the marks: another driver over the same device may have fewer families.
    Ok(Output::Bytes(vec![1]))
}

/// One half of a change of owner; the other queue records the same.
fn hand_over(c: &Commands, gpu: &Gpu, buffer: &Buffer, from: usize, to: usize) {
    let family = |queue: usize| gpu.queues()[queue].family;
    let barrier = vk::BufferMemoryBarrier::default()
        .src_access_mask(vk::AccessFlags::TRANSFER_WRITE)
        .dst_access_mask(vk::AccessFlags::TRANSFER_READ | vk::AccessFlags::TRANSFER_WRITE)
        .src_queue_family_index(family(from))
        .dst_queue_family_index(family(to))
        .buffer(*buffer.raw)
        .size(vk::WHOLE_SIZE);
    c.buffer_barrier(barrier);
}
