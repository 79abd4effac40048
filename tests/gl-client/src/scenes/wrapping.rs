//! What lies past a texture's edge: repeated, mirrored, the edge, a border.

use super::shapes::{RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output};

const FRAGMENT: &str = "#version 330 core
uniform sampler2D image;
in vec2 place;
out vec4 result;
void main() { result = texture(image, place * 3.0 - 1.0); }
";

const MODES: [u32; 4] = [
    glow::REPEAT,
    glow::MIRRORED_REPEAT,
    glow::CLAMP_TO_EDGE,
    glow::CLAMP_TO_BORDER,
];

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let rectangles = Rectangles::of(gl, gl.pair(RECTANGLE, FRAGMENT)?)?;
    gl.tiled(glow::RGBA8, 8)?;
    let border = [1.0, 0.0, 0.4, 1.0];
    gl.tex_parameter_f32_slice(glow::TEXTURE_2D, glow::TEXTURE_BORDER_COLOR, &border);
    for number in 0..16u8 {
        let mode = |at: u8| MODES[usize::from(at)].cast_signed();
        gl.tex_parameter_i32(glow::TEXTURE_2D, glow::TEXTURE_WRAP_S, mode(number % 4));
        gl.tex_parameter_i32(glow::TEXTURE_2D, glow::TEXTURE_WRAP_T, mode(number / 4));
        rectangles.draw_tile(number);
    }
    let output = gl.picture()?;
    // The last tile's lower left corner is border.
    output.expect_texel(99, 99, [255, 0, 102, 255])?;
    Ok(output)
}
