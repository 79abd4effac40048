//! One patch, tessellated with another number of divisions at each edge.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Stage, glsl, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.tessellation_shader);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let modules = [
        (gpu.shader(glsl!("patch.vert"))?, S::VERTEX),
        (gpu.shader(glsl!("patch.tesc"))?, S::TESSELLATION_CONTROL),
        (gpu.shader(glsl!("patch.tese"))?, S::TESSELLATION_EVALUATION),
        (gpu.shader(glsl!("colour.frag"))?, S::FRAGMENT),
    ];
    let layout = gpu.layout(&[], 0)?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::PATCH_LIST,
        patch: 4,
        ..GraphicsSpec::new(
            &modules.each_ref().map(|(module, stage)| Stage::main(module, *stage)),
            &layout,
            &target,
        )
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline).draw(0..4).end_render_pass();
    })?;
    target.picture()
}
