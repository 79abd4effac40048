//! Passes that load what is there, over parts of the picture, with another render area each.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, Needs, Output, around, kept};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |_| {})?;
    let attachments = [kept(vk::Format::R8G8B8A8_UNORM, vk::SampleCountFlags::TYPE_1)
        .load_op(vk::AttachmentLoadOp::LOAD)
        .initial_layout(vk::ImageLayout::TRANSFER_SRC_OPTIMAL)];
    let colours = [vk::AttachmentReference {
        attachment: 0,
        layout: vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL,
    }];
    let subpasses = [vk::SubpassDescription::default().color_attachments(&colours)];
    let dependencies = around(1);
    let loading = gpu.create_render_pass(
        &vk::RenderPassCreateInfo::default()
            .attachments(&attachments)
            .subpasses(&subpasses)
            .dependencies(&dependencies),
    )?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
        rects.draw(c, [-0.9, -0.9, 0.0, 0.0], [0.9, 0.8, 0.3, 1.0]);
        c.end_render_pass();
        for i in 0..6u8 {
            let area = vk::Rect2D {
                offset: vk::Offset2D { x: 30 + i32::from(i) * 35, y: 20 + i32::from(i) * 31 },
                extent: vk::Extent2D { width: 33, height: 60 },
            };
            let begin = target.begin_info(&[]).render_pass(*loading).render_area(area);
            c.begin_render_pass(&begin, vk::SubpassContents::INLINE);
            let rect = vk::ClearRect { rect: area, base_array_layer: 0, layer_count: 1 };
            let clear = vk::ClearAttachment {
                aspect_mask: vk::ImageAspectFlags::COLOR,
                color_attachment: 0,
                clear_value: crate::gpu::colour([0.1, f32::from(i) / 6.0, 0.7, 1.0]),
            };
            c.clear_attachments(&[clear], &[rect]).end_render_pass();
        }
    })?;
    target.picture()
}
