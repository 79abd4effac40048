//! A program's frame in small: some draws, and the picture read back.

use super::Step;
use crate::error::Result;
use crate::gl::{Gl, tiles};

const SIDE: i32 = 256;

/// Of a frame.
const DRAWS: u8 = 100;

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec2 place;
uniform vec4 moved;
out vec2 at;
void main() {
    at = place;
    gl_Position = vec4(place * 0.2 + moved.xy, 0.0, 1.0);
}
";

const FRAGMENT: &str = "#version 330 core
uniform sampler2D image;
in vec2 at;
out vec4 result;
void main() { result = texture(image, at * 2.0) * vec4(at, 1.0, 1.0); }
";

pub(super) fn start(gl: &Gl) -> Result<Step<'_>> {
    gl.target_of(SIDE)?;
    let program = gl.pair(VERTEX, FRAGMENT)?;
    let moved = gl.uniform(program, "moved")?;
    gl.texture(glow::RGBA8, 1, 64)?;
    gl.attribute(0, 2, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0])?;
    let texels = [tiles(64, 0), tiles(64, 0x55)];
    let mut picture = vec![0; 4 * 256 * 256];
    let mut frame = 0usize;
    Ok(Box::new(move || {
        frame += 1;
        gl.clear(glow::COLOR_BUFFER_BIT);
        gl.upload(glow::TEXTURE_2D, 0, [0, 0, 64, 64], &texels[frame % 2]);
        for number in 0..DRAWS {
            let (x, y) = (f32::from(number % 10) / 5.0, f32::from(number / 10) / 5.0);
            gl.uniform_4_f32(Some(&moved), x - 1.0, y - 1.0, 0.0, 0.0);
            gl.draw_arrays(glow::TRIANGLES, 0, 3);
        }
        gl.download([0, 0, SIDE, SIDE], &mut picture);
        std::hint::black_box(&picture);
        Ok(1.0)
    }))
}
