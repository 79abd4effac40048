//! Vertices captured into a buffer, counted, and drawn from there.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Place, Stage, glsl, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, transform_feedback.transform_feedback);
}

const VERTICES: u32 = 60;
const STRIDE: u32 = 32;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::BufferUsageFlags as B;
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let size = u64::from(VERTICES * STRIDE);
    let usage = B::TRANSFORM_FEEDBACK_BUFFER_EXT | B::VERTEX_BUFFER;
    let captured = gpu.buffer(size, usage, Place::Device)?;
    let usage = B::TRANSFORM_FEEDBACK_COUNTER_BUFFER_EXT | B::INDIRECT_BUFFER;
    let counter = gpu.buffer(4, usage, Place::Device)?;
    let layout = gpu.layout(&[], 0)?;
    let capture = gpu.shader(glsl!("capture.vert"))?;
    let replay = gpu.shader(glsl!("replay.vert"))?;
    let colour = gpu.shader(glsl!("colour.frag"))?;
    let capturing = gpu.graphics_pipeline(&GraphicsSpec {
        raster: vk::PipelineRasterizationStateCreateInfo::default()
            .rasterizer_discard_enable(true)
            .line_width(1.0),
        ..GraphicsSpec::new(&[Stage::main(&capture, S::VERTEX)], &layout, &target)
    })?;
    let attribute = |location, offset| vk::VertexInputAttributeDescription {
        location,
        binding: 0,
        format: vk::Format::R32G32B32A32_SFLOAT,
        offset,
    };
    let replaying = gpu.graphics_pipeline(&GraphicsSpec {
        bindings: &[vk::VertexInputBindingDescription { stride: STRIDE, ..Default::default() }],
        attributes: &[attribute(0, 0), attribute(1, 16)],
        ..GraphicsSpec::new(
            &[Stage::main(&replay, S::VERTEX), Stage::main(&colour, S::FRAGMENT)],
            &layout,
            &target,
        )
    })?;
    let none = vk::QueryPipelineStatisticFlags::empty();
    let pool = gpu.queries(vk::QueryType::TRANSFORM_FEEDBACK_STREAM_EXT, 1, none)?;
    gpu.run(|c| {
        c.reset_queries(*pool, 0, 1)
            .begin_target(&target, &[BACKDROP])
            .graphics(&capturing)
            .begin_stream_query(*pool, 0)
            .begin_capture(&captured)
            .draw(0..VERTICES)
            .end_capture(&counter)
            .end_stream_query(*pool, 0)
            .end_render_pass();
        let from = vk::PipelineStageFlags::TRANSFORM_FEEDBACK_EXT;
        let to = vk::PipelineStageFlags::VERTEX_INPUT | vk::PipelineStageFlags::DRAW_INDIRECT;
        let written = vk::MemoryBarrier::default()
            .src_access_mask(
                vk::AccessFlags::TRANSFORM_FEEDBACK_WRITE_EXT
                    | vk::AccessFlags::TRANSFORM_FEEDBACK_COUNTER_WRITE_EXT,
            )
            .dst_access_mask(
                vk::AccessFlags::VERTEX_ATTRIBUTE_READ | vk::AccessFlags::INDIRECT_COMMAND_READ,
            );
        c.pipeline_barrier(from, to, &[written], &[])
            .begin_target(&target, &[BACKDROP])
            .graphics(&replaying)
            .vertices(&[&captured])
            .draw_captured(&counter, STRIDE)
            .end_render_pass();
    })?;
    let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WAIT;
    let [written, needed] = gpu.query_results::<[u64; 2]>(&pool, 1, flags)?[0];
    let triangles = u64::from(VERTICES / 3);
    expect(written == triangles && needed == triangles, || {
        format!("{written} primitives written and {needed} needed, not {triangles}")
    })?;
    target.picture()
}
