//! Three subpasses: the last reads colours and depth of the others as input attachments.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    Binding, Gpu, GraphicsSpec, ImageSpec, Needs, Output, Owned, Stage, WHOLE, around, colour,
    depth, glsl, kept, wgsl,
};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ImageUsageFlags as U;
    let inner = ImageSpec { usage: U::COLOR_ATTACHMENT | U::INPUT_ATTACHMENT, ..ImageSpec::default() };
    let (first, second) = (gpu.image(inner)?, gpu.image(inner)?);
    let deep = gpu.image(ImageSpec {
        usage: U::DEPTH_STENCIL_ATTACHMENT | U::INPUT_ATTACHMENT,
        ..ImageSpec::depth(vk::Format::D32_SFLOAT)
    })?;
    let picture = gpu.image(ImageSpec::default())?;
    let pass = pass(gpu)?;
    let views = [*first.view, *second.view, *deep.view, *picture.view];
    let framebuffer = gpu.framebuffer(&pass, &views)?;

    let kind = vk::DescriptorType::INPUT_ATTACHMENT;
    let input = Binding { stages: vk::ShaderStageFlags::FRAGMENT, ..Binding::of(kind) };
    let set = gpu.descriptors(&[input; 3])?;
    for (binding, view) in (0..).zip([*first.view, *second.view, *deep.view]) {
        set.image(binding, kind, view, vk::Sampler::null());
    }
    let rects = Rects::new(gpu)?;
    let with_depth = |subpass: u32| {
        rects.pipeline_for(*pass, |spec| {
            spec.subpass = subpass;
            let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
            spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
        })
    };
    let (draw_first, draw_second) = (with_depth(0)?, with_depth(1)?);
    let layout = gpu.layout(&[*set.layout], 0)?;
    let (vs, fs) = (gpu.shader(wgsl!("screen"))?, gpu.shader(glsl!("input.frag"))?);
    let mix = gpu.graphics_pipeline(&GraphicsSpec {
        subpass: 2,
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::for_pass(
            &[
                Stage::new(&vs, vk::ShaderStageFlags::VERTEX, c"vs"),
                Stage::main(&fs, vk::ShaderStageFlags::FRAGMENT),
            ],
            &layout,
            *pass,
        )
    })?;
    let clears =
        [colour([0.2, 0.0, 0.0, 1.0]), colour([0.0, 0.0, 0.2, 1.0]), depth(1.0, 0), colour([0.0; 4])];
    let begin = vk::RenderPassBeginInfo::default()
        .render_pass(*pass)
        .framebuffer(*framebuffer)
        .render_area(WHOLE)
        .clear_values(&clears);
    gpu.run(|c| {
        c.begin_render_pass(&begin, vk::SubpassContents::INLINE).graphics(&draw_first);
        rects.draw_deep(c, [-0.8, -0.8, 0.3, 0.3], [1.0, 0.8, 0.0, 1.0], [0.2, 0.8]);
        c.next_subpass(vk::SubpassContents::INLINE).graphics(&draw_second);
        rects.draw_deep(c, [-0.3, -0.3, 0.8, 0.8], [0.0, 0.8, 1.0, 1.0], [0.7, 0.1]);
        c.next_subpass(vk::SubpassContents::INLINE)
            .graphics(&mix)
            .bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[set.raw], &[])
            .draw(0..4)
            .end_render_pass();
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}

/// Colour and depth, another colour with the same depth, and the mix of all three.
fn pass(gpu: &Gpu) -> Result<Owned<vk::RenderPass>> {
    use vk::ImageLayout as L;
    let one = vk::SampleCountFlags::TYPE_1;
    let rgba = vk::Format::R8G8B8A8_UNORM;
    let read = L::SHADER_READ_ONLY_OPTIMAL;
    let attachments = [
        kept(rgba, one).final_layout(read),
        kept(rgba, one).final_layout(read),
        kept(vk::Format::D32_SFLOAT, one).final_layout(read),
        kept(rgba, one),
    ];
    let refer = |attachment, layout| vk::AttachmentReference { attachment, layout };
    let colours =
        [0, 1, 3].map(|attachment| [refer(attachment, L::COLOR_ATTACHMENT_OPTIMAL)]);
    let inputs = [refer(0, read), refer(1, read), refer(2, read)];
    let deep = refer(2, L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL);
    let subpasses = [
        vk::SubpassDescription::default()
            .color_attachments(&colours[0])
            .depth_stencil_attachment(&deep),
        vk::SubpassDescription::default()
            .color_attachments(&colours[1])
            .depth_stencil_attachment(&deep)
            .preserve_attachments(&[0]),
        vk::SubpassDescription::default()
            .color_attachments(&colours[2])
            .input_attachments(&inputs),
    ];
    let mut dependencies = around(3);
    dependencies.push(vk::SubpassDependency { src_subpass: 0, dst_subpass: 2, ..dependencies[1] });
    let info = vk::RenderPassCreateInfo::default()
        .attachments(&attachments)
        .subpasses(&subpasses)
        .dependencies(&dependencies);
    gpu.create_render_pass(&info)
}
