//! Timestamps: unavailable before, available after, and never running backwards.

use ash::vk;

use crate::error::{Result, expect, require};
use crate::gpu::{Gpu, Needs, Output, Place};

pub(crate) fn needs(_: &mut Needs) {}

const COUNT: u32 = 8;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let bits = gpu.graphics().properties.timestamp_valid_bits;
    require(bits > 0, "timestamps on the graphics queue")?;
    let none = vk::QueryPipelineStatisticFlags::empty();
    let pool = gpu.queries(vk::QueryType::TIMESTAMP, COUNT, none)?;
    let usage = vk::BufferUsageFlags::TRANSFER_DST;
    let filled = gpu.buffer(1 << 20, usage, Place::Device)?;
    gpu.run(|c| {
        c.reset_queries(*pool, 0, COUNT);
    })?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WITH_AVAILABILITY;
    let before = gpu.query_results::<[u64; 2]>(&pool, COUNT as usize, flags);
    let available = before.unwrap_or_default().iter().any(|[_, available]| *available != 0);
    expect(!available, || "a query is available after its reset".into())?;
    gpu.run(|c| {
        for query in 0..COUNT {
            let last = vk::PipelineStageFlags::BOTTOM_OF_PIPE;
            c.write_timestamp(last, *pool, query)
                .fill_buffer(&filled, 0..1 << 20, query)
                .barrier();
        }
    })?;
    let after: Vec<[u64; 2]> = gpu.query_results(&pool, COUNT as usize, flags)?;
    let mask = u64::MAX >> (64 - bits);
    expect(after.iter().all(|[time, available]| *available == 1 && time & !mask == 0), || {
        format!("values and availability {after:?} with {bits} valid bits")
    })?;
    let forwards = after.windows(2).all(|pair| pair[0][0] <= pair[1][0]);
    expect(forwards, || format!("time ran backwards: {after:?}"))?;
    Ok(Output::Bytes(vec![COUNT as u8]))
}
