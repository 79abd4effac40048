//! A texture drawn into and read by the next draw, three times over.

use super::shapes::{RECTANGLE, TEXTURE};
use crate::error::Result;
use crate::gl::{Gl, Output, SIDE};

const FEEDING: &str = "#version 330 core
uniform sampler2D image;
in vec2 place;
out vec4 result;
void main() {
    vec4 before = texture(image, fract(place * 2.0));
    result = vec4(before.gbr * 0.9 + vec3(place, 0.0) * 0.1, 1.0);
}
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    let mut from = gl.tiled(glow::RGBA8, SIDE)?;
    gl.viewport(0, 0, SIDE, SIDE);
    gl.pair(RECTANGLE, FEEDING)?;
    for _ in 0..3 {
        let to = gl.texture(glow::RGBA8, 1, SIDE)?;
        gl.framebuffer(&[(glow::COLOR_ATTACHMENT0, glow::TEXTURE_2D, to)])?;
        gl.bind_texture(glow::TEXTURE_2D, Some(from));
        gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
        from = to;
    }
    gl.target()?;
    gl.pair(RECTANGLE, TEXTURE)?;
    gl.bind_texture(glow::TEXTURE_2D, Some(from));
    gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
    gl.picture()
}
