//! Levels of detail made by the driver, and levels of one's own, chosen by size and by number.

use super::shapes::{RECTANGLE, Rectangles};
use crate::error::Result;
use crate::gl::{Gl, Output, tiles};

const FRAGMENT: &str = "#version 330 core
uniform sampler2D image;
uniform float level;
in vec2 place;
out vec4 result;
void main() {
    result = level < 0.0 ? texture(image, place * 4.0) : textureLod(image, place, level);
}
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.pair(RECTANGLE, FRAGMENT)?;
    let rectangles = Rectangles::of(gl, program)?;
    let level = gl.uniform(program, "level")?;
    gl.texture(glow::RGBA8, 7, 64)?;
    gl.upload(glow::TEXTURE_2D, 0, [0, 0, 64, 64], &tiles(64, 0));
    gl.generate_mipmap(glow::TEXTURE_2D);
    gl.filter(glow::TEXTURE_2D, glow::NEAREST_MIPMAP_NEAREST, glow::NEAREST);
    for number in 0..7 {
        gl.uniform_1_f32(Some(&level), f32::from(number));
        rectangles.draw_tile(number);
    }
    gl.filter(glow::TEXTURE_2D, glow::LINEAR_MIPMAP_LINEAR, glow::LINEAR);
    for number in 7..10 {
        gl.uniform_1_f32(Some(&level), f32::from(number) - 6.5);
        rectangles.draw_tile(number);
    }
    gl.uniform_1_f32(Some(&level), -1.0);
    rectangles.draw_tile(11);
    gl.upload(glow::TEXTURE_2D, 2, [0, 0, 16, 16], &[[255, 0, 128, 255]; 256].concat());
    gl.uniform_1_f32(Some(&level), 2.0);
    rectangles.draw_tile(12);
    let output = gl.picture()?;
    output.expect_texel(16, 112, [255, 0, 128, 255])?;
    Ok(output)
}
