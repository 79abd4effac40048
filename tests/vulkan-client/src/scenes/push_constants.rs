//! Push constants in two ranges, rewritten in part between draws.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Stage, bytes, glsl};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let range = |stage_flags, offset, size| vk::PushConstantRange { stage_flags, offset, size };
    // All of the 128 bytes that every device has.
    let ranges = [range(S::VERTEX, 0, 16), range(S::FRAGMENT, 16, 112)];
    let info = vk::PipelineLayoutCreateInfo::default().push_constant_ranges(&ranges);
    let layout = gpu.create_pipeline_layout(&info)?;
    let (vs, fs) = (gpu.shader(glsl!("pushed.vert"))?, gpu.shader(glsl!("pushed.frag"))?);
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::new(
            &[Stage::main(&vs, S::VERTEX), Stage::main(&fs, S::FRAGMENT)],
            &layout,
            &target,
        )
    })?;
    #[rustfmt::skip]
    let tail = [0.1f32, 0.2, 0.3, 0.0, 0.3, 0.1, 0.2, 0.0, 0.0, 0.4, 0.4, 0.0];
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .push(*layout, S::FRAGMENT, 16, &bytes(&[0.9f32, 0.8, 0.1, 1.0]))
            .push(*layout, S::FRAGMENT, 32, &bytes(&[7u32, 0, 0, 0]))
            .push(*layout, S::FRAGMENT, 48, &bytes(&[0.8f32, 0.6, -0.6, 0.8, 0.0, 0.0, 0.0, 0.0]))
            .push(*layout, S::FRAGMENT, 80, &bytes(&tail))
            .push(*layout, S::VERTEX, 0, &bytes(&[-0.9f32, -0.9, 0.2, 0.1]))
            .draw(0..4)
            .push(*layout, S::FRAGMENT, 20, &bytes(&[0.1f32]))
            .push(*layout, S::VERTEX, 0, &bytes(&[0.0f32, -0.4, 0.9, 0.5]))
            .draw(0..4)
            .push(*layout, S::FRAGMENT, 32, &bytes(&[2u32]))
            .push(*layout, S::VERTEX, 4, &bytes(&[0.6f32]))
            .push(*layout, S::VERTEX, 12, &bytes(&[0.95f32]))
            .draw(0..4)
            .end_render_pass();
    })?;
    target.picture()
}
