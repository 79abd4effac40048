//! Pipeline statistics of a draw and of a dispatch.

use ash::vk;
use vk::QueryPipelineStatisticFlags as S;

use crate::error::{Result, expect};
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, Needs, Output, Place, Stage, bytes, need, pair, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.pipeline_statistics_query);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let shader = gpu.shader(wgsl!("grid"))?;
    let layout = gpu.layout(&[], 0)?;
    let pipeline =
        gpu.graphics_pipeline(&GraphicsSpec::new(&pair(&shader), &layout, &target))?;
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let storage = gpu.buffer(4096, vk::BufferUsageFlags::STORAGE_BUFFER, Place::Device)?;
    let set = gpu.descriptors(&[Binding::of(kind); 2])?;
    set.buffer(0, kind, &storage).buffer_range(1, kind, &storage, 2048, 2048);
    let compute_shader = gpu.shader(wgsl!("arguments"))?;
    let compute_layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::new(&compute_shader, vk::ShaderStageFlags::COMPUTE, c"cs");
    let compute = gpu.compute_pipeline(stage, &compute_layout)?;

    let counted = S::INPUT_ASSEMBLY_VERTICES
        | S::INPUT_ASSEMBLY_PRIMITIVES
        | S::VERTEX_SHADER_INVOCATIONS
        | S::FRAGMENT_SHADER_INVOCATIONS;
    let pool = gpu.queries(vk::QueryType::PIPELINE_STATISTICS, 1, counted)?;
    let dispatched = S::COMPUTE_SHADER_INVOCATIONS;
    let compute_pool = gpu.queries(vk::QueryType::PIPELINE_STATISTICS, 1, dispatched)?;
    let none = vk::QueryControlFlags::empty();
    gpu.run(|c| {
        c.reset_queries(*pool, 0, 1)
            .reset_queries(*compute_pool, 0, 1)
            .begin_query(*pool, 0, none)
            .begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .draw_range(3, 64, 0, 0)
            .end_render_pass()
            .end_query(*pool, 0)
            .begin_query(*compute_pool, 0, none)
            .compute(&compute)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *compute_layout, 0, &[set.raw], &[])
            .dispatch(4, 1, 1)
            .end_query(*compute_pool, 0);
    })?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WAIT;
    let [vertices, primitives, shaded, fragments] =
        gpu.query_results::<[u64; 4]>(&pool, 1, flags)?[0];
    let invocations = gpu.query_results::<u64>(&compute_pool, 1, flags)?[0];
    // The specification lets devices shade more or fewer, within reason.
    expect(vertices == 192 && primitives == 64 && shaded > 0 && fragments > 0, || {
        format!("{vertices} vertices, {primitives} primitives, {shaded} and {fragments} shaded")
    })?;
    expect(invocations == 64, || format!("{invocations} invocations, not 64"))?;
    Ok(Output::Bytes(bytes(&[vertices, primitives, invocations])))
}
