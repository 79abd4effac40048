//! Four samples a pixel, resolved by commands, part of the picture at a time.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, ImageSpec, Needs, Output, TargetSpec};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let samples = vk::SampleCountFlags::TYPE_4;
    let target = gpu.target_of(TargetSpec { samples, ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| {
        spec.samples = spec.samples.rasterization_samples(samples);
        spec.topology = vk::PrimitiveTopology::TRIANGLE_LIST;
    })?;
    let picture = gpu.image(ImageSpec::default())?;
    let (all, quarter) = (picture.layers(0, 0..1), vk::Extent3D { width: 128, height: 128, depth: 1 });
    let part = |sx, sy, dx, dy| vk::ImageResolve {
        src_subresource: all,
        src_offset: vk::Offset3D { x: sx, y: sy, z: 0 },
        dst_subresource: all,
        dst_offset: vk::Offset3D { x: dx, y: dy, z: 0 },
        extent: quarter,
    };
    gpu.run(|c| {
        use vk::ImageLayout as L;
        c.begin_target(&target, &[BACKDROP, BACKDROP]).graphics(&pipeline);
        rects.draw(c, [-0.93, -0.87, 0.83, 0.91], [0.9, 0.3, 0.2, 1.0]);
        rects.draw(c, [0.93, 0.77, -0.63, -0.41], [0.2, 0.4, 0.9, 1.0]);
        c.end_render_pass()
            .transition(&picture, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .resolve_image(&target.colours[0], &picture, &[part(0, 0, 128, 128), part(128, 128, 0, 0)])
            .resolve_image(&target.colours[0], &picture, &[part(128, 0, 128, 0), part(64, 64, 0, 128)])
            .transition(&picture, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}
