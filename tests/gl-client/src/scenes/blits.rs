//! Rectangles copied between framebuffers: larger, smaller, mirrored, smoothed.

use crate::error::Result;
use crate::gl::{Gl, Output, SIDE};

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    let source = gl.tiled(glow::RGBA8, SIDE)?;
    let from = gl.framebuffer(&[(glow::COLOR_ATTACHMENT0, glow::TEXTURE_2D, source)])?;
    let target = gl.target()?;
    gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(from));
    let bits = glow::COLOR_BUFFER_BIT;
    gl.blit_framebuffer(0, 0, 64, 64, 0, 0, 64, 64, bits, glow::NEAREST);
    gl.blit_framebuffer(0, 0, 16, 16, 127, 63, 64, 0, bits, glow::NEAREST);
    gl.blit_framebuffer(0, 0, 128, 128, 0, 64, 48, 112, bits, glow::LINEAR);
    gl.blit_framebuffer(5, 9, 40, 30, 60, 70, 127, 127, bits, glow::LINEAR);
    gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(target.framebuffer));
    let output = gl.picture()?;
    output.expect_texel(0, 0, [0, 0, 40, 255])?;
    Ok(output)
}
