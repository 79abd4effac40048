//! Secondary command buffers, in a render pass and outside of it, executed more than once.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Commands, Gpu, Needs, Output, TargetSpec, words};
use crate::scenes::rects::Rects;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target_of(TargetSpec::default())?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| spec.dynamic = &[vk::DynamicState::VIEWPORT])?;
    let inheritance = vk::CommandBufferInheritanceInfo::default()
        .render_pass(*target.pass)
        .framebuffer(target.framebuffer());
    let part = |x: u32, colour: [f32; 4]| -> Result<Commands> {
        let commands = Commands::secondary(gpu)?;
        let flags = vk::CommandBufferUsageFlags::RENDER_PASS_CONTINUE;
        let begin = vk::CommandBufferBeginInfo::default().flags(flags);
        commands.begin_with(&begin.inheritance_info(&inheritance))?;
        let viewport = crate::gpu::viewport(x, 20, 120, 200);
        commands.graphics(&pipeline).set_viewports(0, &[viewport]);
        rects.draw(&commands, [-0.9, -0.9, 0.9, 0.9], colour);
        rects.draw(&commands, [-0.4, -0.4, 0.4, 0.4], [1.0; 4]);
        commands.end()?;
        Ok(commands)
    };
    let parts = [part(10, [0.8, 0.2, 0.2, 1.0])?, part(126, [0.2, 0.2, 0.8, 1.0])?];

    let result = gpu.readback(64, vk::BufferUsageFlags::TRANSFER_DST)?;
    let outside = Commands::secondary(gpu)?;
    let plain = vk::CommandBufferInheritanceInfo::default();
    let many = vk::CommandBufferUsageFlags::SIMULTANEOUS_USE;
    let begin = vk::CommandBufferBeginInfo::default().flags(many);
    outside.begin_with(&begin.inheritance_info(&plain))?;
    outside.fill_buffer(&result, 0..64, 0x0f0f_0f0f).barrier();
    outside.end()?;

    gpu.run(|c| {
        let info = [BACKDROP];
        c.execute(&[outside.raw()])
            .begin_render_pass(
                &target.begin_info(&info),
                vk::SubpassContents::SECONDARY_COMMAND_BUFFERS,
            )
            .execute(&[parts[0].raw(), parts[1].raw()])
            .end_render_pass()
            .execute(&[outside.raw()]);
    })?;
    let filled = words(&result.read()?).iter().all(|word| *word == 0x0f0f_0f0f);
    crate::error::expect(filled, || "the buffer was not filled".into())?;
    target.picture()
}
