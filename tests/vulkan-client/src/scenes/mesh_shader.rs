//! Tiles made by task and mesh shaders, started plainly and with arguments from a buffer.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, GraphicsSpec, Needs, Output, Stage, bytes, glsl, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, mesh.mesh_shader, mesh.task_shader);
    needs.version(vk::API_VERSION_1_2);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let modules = [
        (gpu.shader(glsl!("tiles.task"))?, S::TASK_EXT),
        (gpu.shader(glsl!("tiles.mesh"))?, S::MESH_EXT),
        (gpu.shader(glsl!("colour.frag"))?, S::FRAGMENT),
    ];
    let layout = gpu.layout(&[], 0)?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec::new(
        &modules.each_ref().map(|(module, stage)| Stage::main(module, *stage)),
        &layout,
        &target,
    ))?;
    let arguments = gpu.upload(&bytes(&[4u32, 1, 1]), vk::BufferUsageFlags::INDIRECT_BUFFER)?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .draw_mesh(2, 1, 1)
            .draw_mesh_indirect(&arguments, 1)
            .end_render_pass();
    })?;
    target.picture()
}
