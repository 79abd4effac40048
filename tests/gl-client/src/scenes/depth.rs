//! Two rectangles that cut each other, and each comparison of depths.

use super::shapes::{COLOUR, RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output};

const TILTED: &str = "#version 330 core
out vec2 place;
void main() {
    place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(place * 2.0 - 1.0, place.x * 1.6 - 0.8, 1.0);
}
";

const FRAGMENT: &str = "#version 330 core
in vec2 place;
out vec4 result;
void main() { result = vec4(place, gl_FragCoord.z, 1.0); }
";

const COMPARISONS: [u32; 8] = [
    glow::NEVER,
    glow::LESS,
    glow::EQUAL,
    glow::LEQUAL,
    glow::GREATER,
    glow::NOTEQUAL,
    glow::GEQUAL,
    glow::ALWAYS,
];

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    gl.enable(glow::DEPTH_TEST);
    gl.depth_func(glow::LESS);
    gl.pair(TILTED, FRAGMENT)?;
    gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
    let program = gl.pair(RECTANGLE, COLOUR)?;
    let rectangles = Rectangles::of(gl, program)?;
    let (colour, depth) = (gl.uniform(program, "colour")?, gl.uniform(program, "depth")?);
    for (number, comparison) in (0u8..).zip(COMPARISONS) {
        gl.depth_func(comparison);
        gl.uniform_1_f32(Some(&depth), f32::from(number) * 0.1 - 0.35);
        gl.uniform_4_f32(Some(&colour), 1.0, f32::from(number) / 8.0, 0.0, 1.0);
        let low = f32::from(number) / 4.0 - 0.97;
        rectangles.draw([-0.9, low, 1.8, 0.19]);
    }
    gl.picture()
}
