//! Occlusion queries, exact ones, read by the host and copied by the device.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, depth, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.occlusion_query_precise);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let spec = TargetSpec { depth: Some(vk::Format::D32_SFLOAT), ..TargetSpec::default() };
    let target = gpu.target_of(spec)?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| {
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
    })?;
    let none = vk::QueryPipelineStatisticFlags::empty();
    let pool = gpu.queries(vk::QueryType::OCCLUSION, 4, none)?;
    let copied = gpu.readback(32, vk::BufferUsageFlags::TRANSFER_DST)?;
    // A quarter of the picture, then what is behind it in full, in half, and nothing at all.
    let draws = [
        Some(([-1.0, -1.0, 0.0, 0.0], 0.25)),
        Some(([-0.5, -0.5, -0.25, -0.25], 0.5)),
        Some(([-0.5, -1.0, 0.5, 0.0], 0.75)),
        None,
    ];
    gpu.run(|c| {
        c.reset_queries(*pool, 0, 4);
        c.begin_target(&target, &[BACKDROP, depth(1.0, 0)]).graphics(&pipeline);
        for (query, rect) in (0..).zip(draws) {
            c.begin_query(*pool, query, vk::QueryControlFlags::PRECISE);
            if let Some((corners, depth)) = rect {
                rects.draw_deep(c, corners, [1.0; 4], [depth; 2]);
            }
            c.end_query(*pool, query);
        }
        let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WAIT;
        c.end_render_pass().copy_queries(*pool, 0..4, &copied, 8, flags).barrier();
    })?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WITH_AVAILABILITY;
    let results: Vec<[u64; 2]> = gpu.query_results(&pool, 4, flags)?;
    let expected = [128 * 128, 0, 64 * 128, 0].map(|count| [count, 1]);
    expect(results == expected, || format!("counts and availability {results:?}, not {expected:?}"))?;
    let copied = copied.read()?;
    expect(copied == crate::gpu::bytes(&expected.map(|[count, _]| count)), || {
        format!("the device copied {copied:?}")
    })?;
    target.picture()
}
