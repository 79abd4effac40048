//! Clears and draws that a scissor and a viewport cut.

use super::shapes::{COLOUR, RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output};

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.pair(RECTANGLE, COLOUR)?;
    let rectangles = Rectangles::of(gl, program)?;
    let colour = gl.uniform(program, "colour")?;
    gl.enable(glow::SCISSOR_TEST);
    gl.scissor(10, 20, 50, 30);
    gl.clear_color(1.0, 0.5, 0.0, 1.0);
    gl.clear(glow::COLOR_BUFFER_BIT);
    gl.uniform_4_f32(Some(&colour), 0.0, 0.5, 1.0, 1.0);
    gl.scissor(40, 40, 60, 60);
    rectangles.draw([-1.0, -1.0, 2.0, 2.0]);
    gl.viewport(64, 0, 64, 64);
    gl.scissor(0, 0, 128, 32);
    rectangles.draw([-0.5, -0.5, 1.0, 1.0]);
    let output = gl.picture()?;
    output.expect_texel(10, 20, [255, 128, 0, 255])?;
    output.expect_texel(9, 20, [13, 26, 51, 255])?;
    output.expect_texel(40, 40, [0, 128, 255, 255])?;
    output.expect_texel(80, 31, [0, 128, 255, 255])?;
    output.expect_texel(80, 33, [13, 26, 51, 255])?;
    Ok(output)
}
