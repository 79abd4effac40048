//! Draws that count only if a word in a buffer says so, plainly and inverted.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, Needs, Output, Place, bytes, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, conditional.conditional_rendering);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |_| {})?;
    let usage =
        vk::BufferUsageFlags::CONDITIONAL_RENDERING_EXT | vk::BufferUsageFlags::TRANSFER_DST;
    let words = gpu.buffer(64, usage, Place::Device)?;
    gpu.run(|c| {
        c.update_buffer(&words, 0, &bytes(&[1u32, 0, 7, 0x8000_0000])).barrier();
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
        for i in 0..8u32 {
            let (column, row) = ((i % 4) as f32 * 0.5 - 1.0, (i / 4) as f32 - 1.0);
            c.begin_condition(&words, u64::from(i % 4 * 4), i >= 4);
            rects.draw(c, [column, row, column + 0.45, row + 0.9], [column.abs(), 0.7, 0.2, 1.0]);
            c.end_condition();
        }
        c.end_render_pass();
    })?;
    let output = target.picture()?;
    output.expect_texel(100, 60, [13, 26, 51, 255])?;
    Ok(output)
}
