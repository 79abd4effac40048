//! Texels copied between textures, and bytes between buffers, without drawing.

use crate::error::Result;
use crate::gl::{Gl, Output, SIDE, tiles};

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.require(4, 3)?;
    let target = gl.target()?;
    let source = gl.tiled(glow::RGBA8, SIDE)?;
    let kind = glow::TEXTURE_2D;
    for [from_x, from_y, x, y] in [[0, 0, 64, 64], [32, 16, 8, 4], [96, 96, 0, 64]] {
        gl.copy_image_sub_data(
            source, kind, 0, from_x, from_y, 0, target.colour, kind, 0, x, y, 0, 32, 24, 1,
        );
    }
    gl.buffer(glow::COPY_READ_BUFFER, &tiles(16, 0))?;
    gl.buffer(glow::COPY_WRITE_BUFFER, &[0; 1024])?;
    let (read, write) = (glow::COPY_READ_BUFFER, glow::COPY_WRITE_BUFFER);
    gl.copy_buffer_sub_data(read, write, 64, 256, 512);
    let Output::Bytes(bytes) = gl.contents(write, 1024)? else {
        return gl.picture();
    };
    // What was copied of the buffer becomes a part of the picture.
    gl.bind_texture(kind, Some(target.colour));
    gl.upload(kind, 0, [104, 4, 16, 16], &bytes);
    let output = gl.picture()?;
    output.expect_texel(64, 64, [0, 0, 40, 255])?;
    output.expect_texel(104, 4, [0, 0, 0, 0])?;
    output.expect_texel(104, 8, [0, 15, 40, 255])?;
    Ok(output)
}
