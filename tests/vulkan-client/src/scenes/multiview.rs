//! Four views drawn at once into the layers of one image.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Gpu, GraphicsSpec, ImageSpec, Needs, Output, WHOLE, around, kept, need, pair, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk11.multiview);
}

const VIEWS: u32 = 4;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let image = gpu.image(ImageSpec {
        layers: VIEWS,
        view: vk::ImageViewType::TYPE_2D_ARRAY,
        ..ImageSpec::default()
    })?;
    let attachments = [kept(image.spec.format, vk::SampleCountFlags::TYPE_1)];
    let colours = [vk::AttachmentReference {
        attachment: 0,
        layout: vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL,
    }];
    let subpasses = [vk::SubpassDescription::default().color_attachments(&colours)];
    let dependencies = around(1);
    let masks = [0b1111];
    let mut views = vk::RenderPassMultiviewCreateInfo::default().view_masks(&masks);
    let pass = gpu.create_render_pass(
        &vk::RenderPassCreateInfo::default()
            .attachments(&attachments)
            .subpasses(&subpasses)
            .dependencies(&dependencies)
            .push_next(&mut views),
    )?;
    let framebuffer = gpu.framebuffer(&pass, &[*image.view])?;
    let shader = gpu.shader(wgsl!("views"))?;
    let layout = gpu.layout(&[], 0)?;
    let pipeline =
        gpu.graphics_pipeline(&GraphicsSpec::for_pass(&pair(&shader), &layout, *pass))?;
    let clears = [BACKDROP];
    let begin = vk::RenderPassBeginInfo::default()
        .render_pass(*pass)
        .framebuffer(*framebuffer)
        .render_area(WHOLE)
        .clear_values(&clears);
    gpu.run(|c| {
        c.begin_render_pass(&begin, vk::SubpassContents::INLINE)
            .graphics(&pipeline)
            .draw(0..3)
            .end_render_pass();
    })?;
    Ok(Output::Bytes(gpu.read_image(&image, 0, 4)?))
}
