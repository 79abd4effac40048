//! Draws by indices, and a draw whose parameters lie in a buffer.

use super::shapes::COLOUR;
use crate::error::Result;
use crate::gl::{Gl, Output};

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec2 place;
void main() { gl_Position = vec4(place + vec2(0.0, 0.5 * float(gl_InstanceID)), 0.0, 1.0); }
";

/// The corners of a grid of 4 by 4, of which the indices make rectangles.
fn corners() -> Vec<f32> {
    let corner = |at: u8| [f32::from(at % 4) * 0.6 - 0.9, f32::from(at / 4) * 0.2 - 0.9];
    (0..16).flat_map(corner).collect()
}

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.require(4, 0)?;
    gl.target()?;
    let program = gl.pair(VERTEX, COLOUR)?;
    let colour = gl.uniform(program, "colour")?;
    gl.attribute(0, 2, &corners())?;
    let indices: Vec<u8> = [0u16, 1, 4, 1, 5, 4, 10, 11, 14, 11, 15, 14, 2, 3, 6]
        .iter()
        .flat_map(|index| index.to_le_bytes())
        .collect();
    let indices = gl.buffer(glow::ELEMENT_ARRAY_BUFFER, &indices)?;
    gl.uniform_4_f32(Some(&colour), 1.0, 0.3, 0.1, 1.0);
    gl.draw_elements(indices, glow::TRIANGLES, 6, 0);
    gl.uniform_4_f32(Some(&colour), 0.1, 0.9, 0.3, 1.0);
    gl.draw_elements(indices, glow::TRIANGLES, 9, 12);
    // Count, instances, first, base instance.
    let parameters: Vec<u8> = [3u32, 3, 8, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let parameters = gl.buffer(glow::DRAW_INDIRECT_BUFFER, &parameters)?;
    gl.uniform_4_f32(Some(&colour), 0.2, 0.4, 1.0, 1.0);
    gl.draw_arrays_indirect(parameters, glow::LINE_STRIP);
    gl.picture()
}
