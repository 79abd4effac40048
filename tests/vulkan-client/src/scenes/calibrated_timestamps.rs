//! The device's clock and the host's, read at one moment, against the time of a submission.

use ash::vk;

use crate::error::{Result, expect, require};
use crate::gpu::{Gpu, Needs, Output};

pub(crate) fn needs(needs: &mut Needs) {
    needs.extension(ash::ext::calibrated_timestamps::NAME);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::TimeDomainKHR as Clock;
    let domains = gpu.time_domains()?;
    let both = [Clock::DEVICE, Clock::CLOCK_MONOTONIC];
    require(both.iter().all(|clock| domains.contains(clock)), "both clocks")?;
    let bits = gpu.graphics().properties.timestamp_valid_bits;
    require(bits > 0, "timestamps on the graphics queue")?;
    let none = vk::QueryPipelineStatisticFlags::empty();
    let pool = gpu.queries(vk::QueryType::TIMESTAMP, 1, none)?;
    let ([device_before, host_before], _) = gpu.calibrated_timestamps(both)?;
    gpu.run(|c| {
        let last = vk::PipelineStageFlags::BOTTOM_OF_PIPE;
        c.reset_queries(*pool, 0, 1).write_timestamp(last, *pool, 0);
    })?;
    let ([device_after, host_after], deviation) = gpu.calibrated_timestamps(both)?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WAIT;
    let at = gpu.query_results::<u64>(&pool, 1, flags)?[0];
    expect(host_before < host_after, || format!("the host's {host_before}, then {host_after}"))?;
    let mask = u64::MAX >> (64 - bits);
    let (before, after) = (device_before & mask, device_after & mask);
    expect(before <= at && at <= after, || {
        format!("the submission's {at} is not between {before} and {after}")
    })?;
    expect(deviation < 1_000_000_000, || format!("off by {deviation} ns"))?;
    Ok(Output::Bytes(vec![1]))
}
