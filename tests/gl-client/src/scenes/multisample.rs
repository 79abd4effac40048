//! Edges smoothed by four samples a texel, resolved by a blit.

use super::shapes::COLOUR;
use crate::error::{Result, expect};
use crate::gl::{BACKDROP, Gl, Output, SIDE};

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec2 place;
void main() { gl_Position = vec4(place, 0.0, 1.0); }
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    let target = gl.target()?;
    let samples = gl.bound(glow::TEXTURE_2D_MULTISAMPLE)?;
    let kind = glow::TEXTURE_2D_MULTISAMPLE;
    // Its name is of OpenGL 4.3; Mesa has it wherever it has texture storage.
    gl.require(4, 3)?;
    gl.tex_storage_2d_multisample(kind, 4, glow::RGBA8, SIDE, SIDE, true);
    let many = gl.framebuffer(&[(glow::COLOR_ATTACHMENT0, kind, samples)])?;
    let [red, green, blue, alpha] = BACKDROP;
    gl.clear_color(red, green, blue, alpha);
    gl.clear(glow::COLOR_BUFFER_BIT);
    let program = gl.pair(VERTEX, COLOUR)?;
    gl.uniform_4_f32(Some(&gl.uniform(program, "colour")?), 1.0, 0.9, 0.2, 1.0);
    gl.attribute(0, 2, &[-0.9, -0.8, 0.85, -0.3, -0.2, 0.95])?;
    gl.draw_arrays(glow::TRIANGLES, 0, 3);
    gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(many));
    gl.bind_framebuffer(glow::DRAW_FRAMEBUFFER, Some(target.framebuffer));
    let bits = glow::COLOR_BUFFER_BIT;
    gl.blit_framebuffer(0, 0, SIDE, SIDE, 0, 0, SIDE, SIDE, bits, glow::NEAREST);
    gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(target.framebuffer));
    let output = gl.picture()?;
    output.expect_texel(60, 64, [255, 230, 51, 255])?;
    let texels = output.bytes().as_chunks::<4>().0;
    let between = texels.iter().filter(|texel| (60..200).contains(&texel[0]));
    let count = between.count();
    expect(count > 50, || format!("{count} texels are between the colours"))?;
    Ok(output)
}
