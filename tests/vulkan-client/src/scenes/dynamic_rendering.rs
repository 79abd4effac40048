//! Rendering without a render pass object, suspended in one command buffer, resumed in the next.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Commands, Gpu, Image, ImageSpec, Needs, Output, Semaphores, WHOLE, cleared, depth,
    need,
};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.dynamic_rendering);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let picture = gpu.image(ImageSpec::default())?;
    let deep = gpu.image(ImageSpec::depth(vk::Format::D32_SFLOAT))?;
    let rects = Rects::new(gpu)?;
    let formats = [picture.spec.format];
    let rendering = vk::PipelineRenderingCreateInfo::default()
        .color_attachment_formats(&formats)
        .depth_attachment_format(deep.spec.format);
    let pipeline = rects.pipeline_for(vk::RenderPass::null(), |spec| {
        spec.chain = std::ptr::from_ref(&rendering).cast();
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
    })?;
    let (first, second) = (Commands::once(gpu, 0)?, Commands::once(gpu, 0)?);
    first.begin()?;
    first
        .transition(&picture, vk::ImageLayout::UNDEFINED, COLOUR)
        .transition(&deep, vk::ImageLayout::UNDEFINED, DEPTH);
    begin(&first, &picture, &deep, vk::RenderingFlags::SUSPENDING);
    first.graphics(&pipeline);
    rects.draw_deep(&first, [-0.8, -0.8, 0.4, 0.4], [0.9, 0.5, 0.1, 1.0], [0.1, 0.9]);
    first.end_rendering();
    first.end()?;
    second.begin()?;
    begin(&second, &picture, &deep, vk::RenderingFlags::RESUMING);
    second.graphics(&pipeline);
    rects.draw_deep(&second, [-0.4, -0.4, 0.8, 0.8], [0.1, 0.5, 0.9, 1.0], [0.9, 0.1]);
    second.end_rendering();
    second.transition(&picture, COLOUR, vk::ImageLayout::TRANSFER_SRC_OPTIMAL);
    second.end()?;
    let fence = gpu.fence(false)?;
    gpu.submit(0, &[&first, &second], Semaphores::default(), Some(&fence))?;
    gpu.wait(&fence)?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}

const COLOUR: vk::ImageLayout = vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL;
const DEPTH: vk::ImageLayout = vk::ImageLayout::DEPTH_STENCIL_ATTACHMENT_OPTIMAL;

fn begin(c: &Commands, picture: &Image, deep: &Image, flags: vk::RenderingFlags) {
    let colours = [cleared(picture, COLOUR, BACKDROP)];
    let deep = cleared(deep, DEPTH, depth(1.0, 0));
    let info = vk::RenderingInfo::default()
        .flags(flags)
        .render_area(WHOLE)
        .layer_count(1)
        .color_attachments(&colours)
        .depth_attachment(&deep);
    c.begin_rendering(&info);
}
