//! A texture read texel by texel, smoothly, upside down, and in parts written over.

use super::shapes::{RECTANGLE, Rectangles, TEXTURE};
use crate::error::Result;
use crate::gl::{Gl, Output, tiles};

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let rectangles = Rectangles::of(gl, gl.pair(RECTANGLE, TEXTURE)?)?;
    gl.tiled(glow::RGBA8, 32)?;
    rectangles.draw([-1.0, -1.0, 1.0, 1.0]);
    gl.filter(glow::TEXTURE_2D, glow::LINEAR, glow::LINEAR);
    rectangles.draw([0.0, -1.0, 1.0, 1.0]);
    rectangles.draw([-1.0, 1.0, 1.0, -1.0]);
    gl.nearest(glow::TEXTURE_2D);
    gl.upload(glow::TEXTURE_2D, 0, [8, 4, 16, 16], &tiles(16, 0xff));
    rectangles.draw([0.0, 0.0, 1.0, 1.0]);
    let output = gl.picture()?;
    // The pattern's first texel, twice as large.
    output.expect_texel(0, 0, [0, 0, 40, 255])?;
    output.expect_texel(64 + 16, 64 + 8, [0, 0, 40 ^ 0xff, 255])?;
    Ok(output)
}
