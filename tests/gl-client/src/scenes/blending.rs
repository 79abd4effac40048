//! Sixteen ways to mix a colour with what is there, and masks.

use super::shapes::{COLOUR, RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output};

const FACTORS: [(u32, u32); 5] = [
    (glow::SRC_ALPHA, glow::ONE_MINUS_SRC_ALPHA),
    (glow::ONE, glow::ONE),
    (glow::DST_COLOR, glow::ZERO),
    (glow::ONE_MINUS_DST_ALPHA, glow::SRC_COLOR),
    (glow::SRC_ALPHA_SATURATE, glow::ONE_MINUS_SRC_COLOR),
];

const EQUATIONS: [u32; 3] = [
    glow::FUNC_ADD,
    glow::FUNC_REVERSE_SUBTRACT,
    glow::MAX,
];

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.pair(RECTANGLE, COLOUR)?;
    let rectangles = Rectangles::of(gl, program)?;
    let colour = gl.uniform(program, "colour")?;
    gl.uniform_4_f32(Some(&colour), 0.3, 0.8, 0.4, 0.9);
    rectangles.draw([-1.0, -0.8, 2.0, 1.6]);
    gl.enable(glow::BLEND);
    gl.uniform_4_f32(Some(&colour), 0.9, 0.2, 0.6, 0.5);
    let mut tile = 0;
    for equation in EQUATIONS {
        gl.blend_equation(equation);
        for (source, destination) in FACTORS {
            gl.blend_func(source, destination);
            rectangles.draw_tile(tile);
            tile += 1;
        }
    }
    gl.disable(glow::BLEND);
    gl.color_mask(true, false, true, false);
    rectangles.draw_tile(tile);
    let output = gl.picture()?;
    // Half of each, below the first colour: the tile begins at the backdrop.
    output.expect_texel(4, 4, [121, 38, 102, 191])?;
    Ok(output)
}
