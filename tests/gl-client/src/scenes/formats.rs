//! Textures of many formats, each filled by the driver's conversion from RGBA8.

use super::shapes::{RECTANGLE, Rectangles, TEXTURE};
use crate::error::Result;
use crate::gl::{Gl, Output};

const FORMATS: [u32; 16] = [
    glow::RGBA8,
    glow::RGB8,
    glow::RG8,
    glow::R8,
    glow::SRGB8_ALPHA8,
    glow::RGB10_A2,
    glow::RGB565,
    glow::RGBA4,
    glow::RGB5_A1,
    glow::RGBA16,
    glow::RG16,
    glow::R16,
    glow::RGBA16F,
    glow::RGBA32F,
    glow::R11F_G11F_B10F,
    glow::RGB9_E5,
];

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let rectangles = Rectangles::of(gl, gl.pair(RECTANGLE, TEXTURE)?)?;
    for (number, format) in (0..).zip(FORMATS) {
        gl.tiled(format, 16)?;
        gl.check()?;
        rectangles.draw_tile(number);
    }
    let output = gl.picture()?;
    // A red alone is red with no green, no blue, and all of alpha.
    output.expect_texel(112, 20, [output.bytes()[(20 * 128 + 112) * 4], 0, 0, 255])?;
    Ok(output)
}
