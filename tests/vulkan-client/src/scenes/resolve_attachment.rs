//! Four samples a pixel, resolved by the render pass, with a sample mask and alpha to coverage.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, cell};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let samples = vk::SampleCountFlags::TYPE_4;
    let target = gpu.target_of(TargetSpec { samples, ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let plain = vk::PipelineMultisampleStateCreateInfo::default().rasterization_samples(samples);
    let ways = [
        plain,
        plain.sample_mask(&[0b0101]),
        plain.alpha_to_coverage_enable(true),
        plain.sample_mask(&[0b0001]).alpha_to_coverage_enable(true),
    ];
    let mut pipelines = Vec::new();
    for (index, way) in (0..).zip(ways) {
        let viewport = [cell(index, 2)];
        pipelines.push(rects.pipeline(&target, |spec| {
            spec.samples = way;
            spec.viewports = &viewport;
            spec.topology = vk::PrimitiveTopology::TRIANGLE_LIST;
        })?);
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, BACKDROP]);
        for pipeline in &pipelines {
            c.graphics(pipeline);
            rects.draw(c, [-0.93, -0.87, 0.83, 0.91], [0.9, 0.7, 0.2, 0.5]);
            rects.draw(c, [0.93, 0.77, -0.63, -0.41], [0.2, 0.7, 0.9, 0.75]);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
