//! Uniforms from buffers: two blocks, one of them moved through a larger buffer.

use crate::error::{Error, Result};
use crate::gl::{Gl, Output, bytes};

const VERTEX: &str = "#version 330 core
layout(std140) uniform Place { vec4 area; };
out vec2 place;
void main() {
    place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(area.xy + area.zw * place, 0.0, 1.0);
}
";

const FRAGMENT: &str = "#version 330 core
layout(std140) uniform Colours { vec4 colours[4]; mat4 turn; int first; };
in vec2 place;
out vec4 result;
void main() {
    vec4 mixed = mix(colours[first], colours[(first + 1) & 3], place.x);
    result = turn * vec4(mixed.rgb * place.y, 1.0);
}
";

/// Every driver's alignment divides it.
const STRIDE: usize = 256;

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.pair(VERTEX, FRAGMENT)?;
    for (binding, name) in (0..).zip(["Place", "Colours"]) {
        let index = gl.get_uniform_block_index(program, name);
        let index = index.ok_or_else(|| Error::Shader(format!("no block {name}")))?;
        gl.uniform_block_binding(program, index, binding);
    }
    gl.buffer(glow::UNIFORM_BUFFER, &colours())
        .map(|colours| gl.bind_buffer_base(glow::UNIFORM_BUFFER, 1, Some(colours)))?;
    let mut places = vec![0; STRIDE * 16];
    for (number, place) in (0u8..16).zip(places.chunks_mut(STRIDE)) {
        let (column, row) = (f32::from(number % 4), f32::from(number / 4));
        let area = [column / 2.0 - 0.95, row / 2.0 - 0.95, 0.4, 0.4];
        place[..16].copy_from_slice(&bytes(&area));
    }
    let places = gl.buffer(glow::UNIFORM_BUFFER, &places)?;
    for number in 0..16 {
        let stride = i32::try_from(STRIDE).unwrap_or_default();
        gl.bind_buffer_range(glow::UNIFORM_BUFFER, 0, Some(places), number * stride, 16);
        gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
    }
    gl.picture()
}

/// The block `Colours` as std140 lays it out.
fn colours() -> Vec<u8> {
    let mut floats = vec![
        1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0,
    ];
    // Red to blue, green to red, blue to green.
    floats.extend([
        0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    ]);
    let mut bytes = bytes(&floats);
    bytes.extend(2i32.to_le_bytes());
    bytes.extend([0; 12]);
    bytes
}
