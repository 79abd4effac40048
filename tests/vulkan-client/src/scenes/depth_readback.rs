//! The depth buffer itself, copied back to the host after a slope was drawn into it.

use ash::vk;

use crate::error::{Error, Result, expect};
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, depth};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let spec = TargetSpec { depth: Some(vk::Format::D32_SFLOAT), ..TargetSpec::default() };
    let target = gpu.target_of(spec)?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| {
        spec.depth_stencil = spec
            .depth_stencil
            .depth_test_enable(true)
            .depth_write_enable(true)
            .depth_compare_op(vk::CompareOp::ALWAYS);
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, depth(0.625, 0)]).graphics(&pipeline);
        rects.draw_deep(c, [-0.5, -0.5, 0.5, 0.5], [1.0; 4], [0.125, 0.875]);
        c.end_render_pass();
    })?;
    let image = target.depth.as_ref().ok_or_else(|| Error::Wrong("no depth buffer".into()))?;
    let read = gpu.read_image(image, 0, 4)?;
    let first = read.first_chunk().map(|bytes| f32::from_le_bytes(*bytes));
    expect(first == Some(0.625), || format!("the corner was cleared to 0.625, it is {first:?}"))?;
    Ok(Output::Bytes(read))
}
