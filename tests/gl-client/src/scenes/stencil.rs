//! Stencil values written by a shape, counted up by another, and asked for by a third.

use super::shapes::{COLOUR, RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output};

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.pair(RECTANGLE, COLOUR)?;
    let rectangles = Rectangles::of(gl, program)?;
    let colour = gl.uniform(program, "colour")?;
    gl.enable(glow::STENCIL_TEST);
    gl.color_mask(false, false, false, false);
    gl.stencil_func(glow::ALWAYS, 2, 0xff);
    gl.stencil_op(glow::KEEP, glow::KEEP, glow::REPLACE);
    rectangles.draw([-0.75, -0.75, 1.0, 1.0]);
    gl.stencil_op(glow::KEEP, glow::KEEP, glow::INCR);
    rectangles.draw([-0.25, -0.25, 1.0, 1.0]);
    gl.color_mask(true, true, true, true);
    gl.stencil_op(glow::KEEP, glow::KEEP, glow::KEEP);
    for value in 0..4u8 {
        gl.stencil_func(glow::EQUAL, i32::from(value), 0xff);
        let shade = f32::from(value) / 3.0;
        gl.uniform_4_f32(Some(&colour), shade, 1.0 - shade, 0.5, 1.0);
        rectangles.draw([-0.9, -0.9, 1.8, 1.8]);
    }
    let output = gl.picture()?;
    output.expect_texel(8, 8, [0, 255, 128, 255])?;
    output.expect_texel(24, 24, [170, 85, 128, 255])?;
    output.expect_texel(64, 64, [255, 0, 128, 255])?;
    output.expect_texel(100, 100, [85, 170, 128, 255])?;
    Ok(output)
}
