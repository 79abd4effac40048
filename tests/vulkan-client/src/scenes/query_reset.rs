//! Queries that the host resets and the device uses again, round after round.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{BACKDROP, Gpu, Needs, Output, bytes, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.host_query_reset, core.occlusion_query_precise);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |_| {})?;
    let none = vk::QueryPipelineStatisticFlags::empty();
    let pool = gpu.queries(vk::QueryType::OCCLUSION, 2, none)?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WITH_AVAILABILITY;
    let mut counts = Vec::new();
    for round in 1..=6u16 {
        gpu.reset_queries(&pool, 2);
        let before = gpu.query_results::<[u64; 2]>(&pool, 2, flags).unwrap_or_default();
        expect(before.iter().all(|[_, available]| *available == 0), || {
            format!("round {round}: a query is available after its reset")
        })?;
        let side = f32::from(round) * 0.25 - 1.0;
        gpu.run(|c| {
            c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
            c.begin_query(*pool, 0, vk::QueryControlFlags::PRECISE);
            rects.draw(c, [-1.0, -1.0, side, side], [1.0; 4]);
            c.end_query(*pool, 0).end_render_pass();
        })?;
        let after = gpu.query_results::<[u64; 2]>(&pool, 1, flags)?[0];
        let wanted = [u64::from(round * 32).pow(2), 1];
        expect(after == wanted, || format!("round {round}: {after:?}, not {wanted:?}"))?;
        counts.push(after[0]);
    }
    Ok(Output::Bytes(bytes(&counts)))
}
