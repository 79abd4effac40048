//! A framebuffer without images, which are named when the render pass begins.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, ImageSpec, Needs, Output, SIDE, WHOLE, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.imageless_framebuffer);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let spec = ImageSpec::default();
    let images = [gpu.image(spec)?, gpu.image(spec)?];
    let formats = [spec.format];
    let attachments = [vk::FramebufferAttachmentImageInfo::default()
        .usage(spec.usage)
        .width(SIDE)
        .height(SIDE)
        .layer_count(1)
        .view_formats(&formats)];
    let mut without =
        vk::FramebufferAttachmentsCreateInfo::default().attachment_image_infos(&attachments);
    let mut info = vk::FramebufferCreateInfo::default()
        .flags(vk::FramebufferCreateFlags::IMAGELESS)
        .render_pass(*target.pass)
        .width(SIDE)
        .height(SIDE)
        .layers(1)
        .push_next(&mut without);
    info.attachment_count = 1;
    let framebuffer = gpu.create_framebuffer(&info)?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |_| {})?;
    for (image, shade) in images.iter().zip([0.2, 0.8]) {
        let views = [*image.view];
        let mut named = vk::RenderPassAttachmentBeginInfo::default().attachments(&views);
        let clears = [BACKDROP];
        let begin = vk::RenderPassBeginInfo::default()
            .render_pass(*target.pass)
            .framebuffer(*framebuffer)
            .render_area(WHOLE)
            .clear_values(&clears)
            .push_next(&mut named);
        gpu.run(|c| {
            c.begin_render_pass(&begin, vk::SubpassContents::INLINE).graphics(&pipeline);
            rects.draw(c, [-shade, -0.5, shade, 0.5], [shade, 0.5, 1.0 - shade, 1.0]);
            c.end_render_pass();
        })?;
    }
    let bytes: Vec<u8> = gpu.read_image(&images[0], 0, 4)?;
    let other = gpu.read_image(&images[1], 0, 4)?;
    // The upper half of the one over the lower half of the other.
    let half = bytes.len() / 2;
    Ok(Output::Picture([&bytes[..half], &other[half..]].concat()))
}
