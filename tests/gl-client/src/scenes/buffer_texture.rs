//! A buffer read as a texture.

use super::shapes::RECTANGLE;
use crate::error::Result;
use crate::gl::{Gl, Output, tiles};

const FRAGMENT: &str = "#version 330 core
uniform samplerBuffer texels;
in vec2 place;
out vec4 result;
void main() {
    ivec2 at = ivec2(place * 32.0);
    result = texelFetch(texels, at.y * 32 + at.x);
}
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    gl.pair(RECTANGLE, FRAGMENT)?;
    let buffer = gl.buffer(glow::TEXTURE_BUFFER, &tiles(32, 7))?;
    gl.bound(glow::TEXTURE_BUFFER)?;
    gl.tex_buffer(glow::TEXTURE_BUFFER, glow::RGBA8, Some(buffer));
    gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
    let output = gl.picture()?;
    output.expect_texel(1, 1, [0, 0, 40 ^ 7, 255])?;
    Ok(output)
}
