//! Four targets at once, of four formats, shown side by side.

use super::shapes::{RECTANGLE, Rectangles, TEXTURE};
use crate::error::Result;
use crate::gl::{Gl, Output};

const MANY: &str = "#version 330 core
in vec2 place;
layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;
layout(location = 2) out vec4 third;
layout(location = 3) out vec4 fourth;
void main() {
    first = vec4(place, 0.5, 1.0);
    second = vec4(place.yx, 1.0, 1.0);
    third = vec4(place.x * place.y, 0.25, 0.0, 1.0);
    fourth = vec4(1.0 - place, 0.125, 1.0);
}
";

const FORMATS: [u32; 4] = [glow::RGBA8, glow::RGBA16F, glow::RG8, glow::RGB10_A2];

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    let mut targets = Vec::new();
    for (point, format) in (glow::COLOR_ATTACHMENT0..).zip(FORMATS) {
        targets.push((point, glow::TEXTURE_2D, gl.texture(format, 1, 64)?));
    }
    gl.framebuffer(&targets)?;
    let points: Vec<u32> = targets.iter().map(|target| target.0).collect();
    gl.draw_buffers(&points);
    gl.viewport(0, 0, 64, 64);
    gl.pair(RECTANGLE, MANY)?;
    gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);

    gl.target()?;
    let rectangles = Rectangles::of(gl, gl.pair(RECTANGLE, TEXTURE)?)?;
    let corners = [[-1.0, -1.0], [0.0, -1.0], [-1.0, 0.0], [0.0, 0.0]];
    for ((_, kind, texture), [x, y]) in targets.iter().zip(corners) {
        gl.bind_texture(*kind, Some(*texture));
        rectangles.draw([x, y, 1.0, 1.0]);
    }
    let output = gl.picture()?;
    output.expect_texel(0, 0, [1, 1, 128, 255])?;
    output.expect_texel(0, 64, [0, 64, 0, 255])?;
    Ok(output)
}
