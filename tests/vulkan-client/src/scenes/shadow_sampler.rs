//! A depth texture sampled with a comparison.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, ImageSpec, Needs, Output, TargetSpec, depth, sampler_info, wgsl};
use crate::scenes::rects::Rects;
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let format = vk::Format::D16_UNORM;
    let target = gpu.target_of(TargetSpec { depth: Some(format), ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| {
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
    })?;
    let depths = gpu.image(ImageSpec {
        usage: vk::ImageUsageFlags::SAMPLED | vk::ImageUsageFlags::TRANSFER_DST,
        ..ImageSpec::depth(format)
    })?;
    let whole = vk::ImageCopy {
        src_subresource: depths.layers(0, 0..1),
        dst_subresource: depths.layers(0, 0..1),
        extent: depths.mip_extent(0),
        ..Default::default()
    };
    gpu.run(|c| {
        use vk::ImageLayout as L;
        c.begin_target(&target, &[BACKDROP, depth(0.9, 0)]).graphics(&pipeline);
        rects.draw_deep(c, [-0.9, -0.9, 0.5, 0.0], [1.0; 4], [0.8, 0.1]);
        rects.draw_deep(c, [-0.3, -0.2, 0.9, 0.8], [1.0; 4], [0.2, 0.6]);
        c.end_render_pass().transition(&depths, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL);
        if let Some(from) = &target.depth {
            c.copy_image(from, &depths, &[whole]);
        }
        c.transition(&depths, L::TRANSFER_DST_OPTIMAL, L::SHADER_READ_ONLY_OPTIMAL);
    })?;
    let sampler = gpu.create_sampler(
        &sampler_info(vk::Filter::NEAREST)
            .compare_enable(true)
            .compare_op(vk::CompareOp::LESS_OR_EQUAL),
    )?;
    picture_of(gpu, wgsl!("shadow"), &depths.view, &sampler)
}
