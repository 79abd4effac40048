//! Barriers, events, timestamps and submissions in the way of Vulkan 1.3.

use ash::vk;
use vk::AccessFlags2 as A;
use vk::PipelineStageFlags2 as S;

use crate::error::{Result, expect, require};
use crate::gpu::{Commands, Gpu, Needs, Output, Owned, Place, need, whole, words};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.synchronization2, vk12.timeline_semaphore);
}

const SIZE: u64 = 65_536;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let middle = gpu.buffer(SIZE, usage, Place::Device)?;
    let result = gpu.readback(SIZE, usage)?;
    let event = gpu.create_event(&vk::EventCreateInfo::default())?;
    let written = [vk::MemoryBarrier2::default()
        .src_stage_mask(S::ALL_TRANSFER)
        .src_access_mask(A::TRANSFER_WRITE)
        .dst_stage_mask(S::ALL_TRANSFER | S::HOST)
        .dst_access_mask(A::TRANSFER_READ | A::TRANSFER_WRITE | A::HOST_READ)];
    let dependency = vk::DependencyInfo::default().memory_barriers(&written);
    let (first, second) = (Commands::once(gpu, 0)?, Commands::once(gpu, 0)?);
    let pool = timestamps(gpu)?;
    first.begin()?;
    first
        .reset_queries(*pool, 0, 2)
        .write_timestamp2(S::NONE, *pool, 0)
        .fill_buffer(&middle, 0..SIZE, 0x0101_0101)
        .set_event2(*event, &dependency)
        .wait_events2(&[*event], &[dependency])
        .fill_buffer(&middle, 4096..8192, 0x0202_0202)
        .pipeline_barrier2(&dependency);
    first.end()?;
    second.begin()?;
    second.fill_buffer(&middle, 16_384..32_768, 0x0303_0303).pipeline_barrier2(&dependency);
    second
        .copy_buffer(&middle, &result, &[whole(SIZE)])
        .pipeline_barrier2(&dependency)
        .write_timestamp2(S::ALL_COMMANDS, *pool, 1);
    second.end()?;

    let timeline = gpu.timeline(1)?;
    let binary = gpu.create_semaphore(&vk::SemaphoreCreateInfo::default())?;
    let signal = |semaphore: &vk::Semaphore, value| {
        vk::SemaphoreSubmitInfo::default()
            .semaphore(*semaphore)
            .value(value)
            .stage_mask(S::ALL_COMMANDS)
    };
    let buffer = |c: &Commands| {
        [vk::CommandBufferSubmitInfo::default().command_buffer(c.raw())]
    };
    let (first, second) = (buffer(&first), buffer(&second));
    let between = [signal(&timeline, 5), signal(&binary, 0)];
    let done = [signal(&timeline, 9)];
    gpu.submit2(&[
        vk::SubmitInfo2::default()
            .command_buffer_infos(&first)
            .signal_semaphore_infos(&between),
        vk::SubmitInfo2::default()
            .wait_semaphore_infos(&between)
            .command_buffer_infos(&second)
            .signal_semaphore_infos(&done),
    ])?;
    // Some lavapipes signal the fence a moment before the semaphore.
    gpu.wait_value(*timeline, 9)?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WAIT;
    let times = gpu.query_results::<u64>(&pool, 2, flags)?;
    expect(times[0] <= times[1], || format!("time ran backwards: {times:?}"))?;
    let read = result.read()?;
    let numbers = words(&read);
    let wanted = |i: usize| match i * 4 {
        4096..8192 => 0x0202_0202,
        16_384..32_768 => 0x0303_0303,
        _ => 0x0101_0101,
    };
    let right = numbers.iter().enumerate().all(|(i, word)| *word == wanted(i));
    expect(right, || "the fills are not in their order".into())?;
    Ok(Output::Bytes(read))
}

fn timestamps(gpu: &Gpu) -> Result<Owned<vk::QueryPool>> {
    let bits = gpu.graphics().properties.timestamp_valid_bits;
    require(bits > 0, "timestamps on the graphics queue")?;
    gpu.queries(vk::QueryType::TIMESTAMP, 2, vk::QueryPipelineStatisticFlags::empty())
}
