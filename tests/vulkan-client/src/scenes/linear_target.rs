//! Drawing straight to a linear image that the host reads, as untiled swapchains do.

use ash::vk;

use crate::error::{Result, require};
use crate::gpu::{BACKDROP, Gpu, ImageSpec, Needs, Output, Place, WHOLE, cleared, depth, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.dynamic_rendering);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    draw_with(gpu, None)
}

/// Draws two crossing rectangles, which `deep` tells apart by a depth test.
pub(crate) fn draw_with(gpu: &Gpu, deep: Option<vk::Format>) -> Result<Output> {
    let spec = ImageSpec {
        tiling: vk::ImageTiling::LINEAR,
        usage: vk::ImageUsageFlags::COLOR_ATTACHMENT | vk::ImageUsageFlags::TRANSFER_SRC,
        place: Place::Readback,
        ..ImageSpec::default()
    };
    let features = gpu.format(spec.format).linear_tiling_features;
    let drawn = features.contains(vk::FormatFeatureFlags::COLOR_ATTACHMENT);
    require(drawn, "linear images that can be drawn to")?;
    let picture = gpu.image(spec)?;
    let deep = deep.map(|format| gpu.image(ImageSpec::depth(format))).transpose()?;
    let rects = Rects::new(gpu)?;
    let formats = [picture.spec.format];
    let mut rendering =
        vk::PipelineRenderingCreateInfo::default().color_attachment_formats(&formats);
    if let Some(deep) = &deep {
        rendering = rendering.depth_attachment_format(deep.spec.format);
    }
    let pipeline = rects.pipeline_for(vk::RenderPass::null(), |spec| {
        spec.chain = std::ptr::from_ref(&rendering).cast();
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
    })?;
    use vk::ImageLayout as L;
    gpu.run(|c| {
        c.transition(&picture, L::UNDEFINED, L::COLOR_ATTACHMENT_OPTIMAL);
        let colours = [cleared(&picture, L::COLOR_ATTACHMENT_OPTIMAL, BACKDROP)];
        let mut info = vk::RenderingInfo::default()
            .render_area(WHOLE)
            .layer_count(1)
            .color_attachments(&colours);
        let behind;
        if let Some(deep) = &deep {
            c.transition(deep, L::UNDEFINED, L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL);
            behind = cleared(deep, L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL, depth(1.0, 0));
            info = info.depth_attachment(&behind);
        }
        c.begin_rendering(&info);
        c.graphics(&pipeline);
        rects.draw_deep(c, [-0.8, -0.8, 0.4, 0.4], [0.9, 0.5, 0.1, 1.0], [0.1, 0.9]);
        rects.draw_deep(c, [-0.4, -0.4, 0.8, 0.8], [0.1, 0.5, 0.9, 1.0], [0.9, 0.1]);
        c.end_rendering();
        c.transition(&picture, L::COLOR_ATTACHMENT_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}
