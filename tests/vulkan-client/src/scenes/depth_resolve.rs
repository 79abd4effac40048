//! Depth with four samples, resolved by a render pass of the second kind to sample zero.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{BACKDROP, Gpu, ImageSpec, Needs, Output, WHOLE, depth};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    needs.version(vk::API_VERSION_1_2);
}

const FORMAT: vk::Format = vk::Format::D32_SFLOAT;
const SAMPLES: vk::SampleCountFlags = vk::SampleCountFlags::TYPE_4;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let many = gpu.image(ImageSpec {
        samples: SAMPLES,
        usage: vk::ImageUsageFlags::DEPTH_STENCIL_ATTACHMENT,
        ..ImageSpec::depth(FORMAT)
    })?;
    let one = gpu.image(ImageSpec::depth(FORMAT))?;
    let attachment = |samples, load| {
        vk::AttachmentDescription2::default()
            .format(FORMAT)
            .samples(samples)
            .load_op(load)
            .store_op(vk::AttachmentStoreOp::STORE)
            .final_layout(vk::ImageLayout::TRANSFER_SRC_OPTIMAL)
    };
    let attachments = [
        attachment(SAMPLES, vk::AttachmentLoadOp::CLEAR)
            .final_layout(vk::ImageLayout::DEPTH_STENCIL_ATTACHMENT_OPTIMAL),
        attachment(vk::SampleCountFlags::TYPE_1, vk::AttachmentLoadOp::DONT_CARE),
    ];
    let refer = |index| {
        vk::AttachmentReference2::default()
            .attachment(index)
            .layout(vk::ImageLayout::DEPTH_STENCIL_ATTACHMENT_OPTIMAL)
            .aspect_mask(vk::ImageAspectFlags::DEPTH)
    };
    let (from, to) = (refer(0), refer(1));
    let mut resolve = vk::SubpassDescriptionDepthStencilResolve::default()
        .depth_resolve_mode(vk::ResolveModeFlags::SAMPLE_ZERO)
        .depth_stencil_resolve_attachment(&to);
    let subpasses = [vk::SubpassDescription2::default()
        .depth_stencil_attachment(&from)
        .push_next(&mut resolve)];
    use vk::{AccessFlags as A, PipelineStageFlags as S};
    let dependencies = [vk::SubpassDependency2::default()
        .src_subpass(0)
        .dst_subpass(vk::SUBPASS_EXTERNAL)
        .src_stage_mask(S::COLOR_ATTACHMENT_OUTPUT | S::LATE_FRAGMENT_TESTS)
        .src_access_mask(A::COLOR_ATTACHMENT_WRITE | A::DEPTH_STENCIL_ATTACHMENT_WRITE)
        .dst_stage_mask(S::TRANSFER)
        .dst_access_mask(A::TRANSFER_READ)];
    let pass = gpu.create_render_pass2(
        &vk::RenderPassCreateInfo2::default()
            .attachments(&attachments)
            .subpasses(&subpasses)
            .dependencies(&dependencies),
    )?;
    let framebuffer = gpu.framebuffer(&pass, &[*many.view, *one.view])?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline_for(*pass, |spec| {
        spec.samples = spec.samples.rasterization_samples(SAMPLES);
        spec.blend = &[];
        // Depth alone needs no fragment shader.
        spec.stages = &spec.stages[..1];
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
    })?;
    let clears = [depth(0.75, 0), BACKDROP];
    let begin = vk::RenderPassBeginInfo::default()
        .render_pass(*pass)
        .framebuffer(*framebuffer)
        .render_area(WHOLE)
        .clear_values(&clears);
    gpu.run(|c| {
        c.begin_render_pass(&begin, vk::SubpassContents::INLINE).graphics(&pipeline);
        rects.draw_deep(c, [-0.71, -0.53, 0.67, 0.81], [1.0; 4], [0.25, 0.5]);
        c.end_render_pass();
    })?;
    let read = gpu.read_image(&one, 0, 4)?;
    let first = read.first_chunk().map(|bytes| f32::from_le_bytes(*bytes));
    expect(first == Some(0.75), || format!("the corner was cleared to 0.75, it is {first:?}"))?;
    Ok(Output::Bytes(read))
}
