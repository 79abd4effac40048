//! Shaders bound without a pipeline, all of the state set by commands.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Commands, Gpu, ImageSpec, Needs, Output, PUSH_STAGES, WHOLE, bytes, need, viewport,
    wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, shader_object.shader_object, vk13.dynamic_rendering);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let picture = gpu.image(ImageSpec::default())?;
    let words = wgsl!("rect").words()?;
    let code: Vec<u8> = bytes(&words);
    let ranges =
        [vk::PushConstantRange { stage_flags: PUSH_STAGES, offset: 0, size: 40 }];
    let info = |stage, next, entry| {
        vk::ShaderCreateInfoEXT::default()
            .stage(stage)
            .next_stage(next)
            .code_type(vk::ShaderCodeTypeEXT::SPIRV)
            .code(&code)
            .name(entry)
            .push_constant_ranges(&ranges)
    };
    let shaders = gpu.shader_objects(&[
        info(S::VERTEX, S::FRAGMENT, c"vs"),
        info(S::FRAGMENT, S::empty(), c"fs"),
    ])?;
    let layout = gpu.layout(&[], 40)?;
    let colours = [vk::RenderingAttachmentInfo::default()
        .image_view(*picture.view)
        .image_layout(vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL)
        .load_op(vk::AttachmentLoadOp::CLEAR)
        .store_op(vk::AttachmentStoreOp::STORE)
        .clear_value(BACKDROP)];
    let rendering = vk::RenderingInfo::default()
        .render_area(WHOLE)
        .layer_count(1)
        .color_attachments(&colours);
    let colour = vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL;
    gpu.run(|c| {
        c.transition(&picture, vk::ImageLayout::UNDEFINED, colour).begin_rendering(&rendering);
        c.bind_shaders(&[S::VERTEX, S::FRAGMENT], &[*shaders[0], *shaders[1]]);
        state(c);
        // Not more: from the fifth draw on Mesa 26.2's lavapipe mixes the push constants up.
        for i in 0..4u8 {
            let at = f32::from(i) * 0.4 - 0.9;
            let rect = [at, at, at + 0.4, at + 0.5, f32::from(i) / 3.0, 0.4, 0.8, 1.0, 0.5, 0.5];
            c.push(*layout, PUSH_STAGES, 0, &bytes(&rect)).draw(0..4);
        }
        c.end_rendering().transition(&picture, colour, vk::ImageLayout::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}

/// All of the state that a pipeline would have held.
fn state(c: &Commands) {
    c.set_viewports_counted(&[viewport(0, 0, 256, 256)])
        .set_scissors_counted(&[WHOLE])
        .set_rasterizer_discard(false)
        .set_topology(vk::PrimitiveTopology::TRIANGLE_STRIP)
        .set_primitive_restart(false)
        .set_cull_mode(vk::CullModeFlags::NONE)
        .set_front_face(vk::FrontFace::CLOCKWISE)
        .set_depth_test(false)
        .set_depth_write(false)
        .set_stencil_test(false)
        .set_depth_bias_enable(false);
    c.set_state_of_shader_objects();
}

