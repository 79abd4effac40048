//! What a vertex shader makes, written to a buffer, and drawing switched off meanwhile.

use crate::error::{Result, expect};
use crate::gl::{Gl, Output};

const VERTEX: &str = "#version 330 core
layout(location = 0) in float number;
out vec2 pair;
flat out int whole;
void main() {
    pair = vec2(number * 2.0, number * number);
    whole = gl_VertexID * 3 + 1;
    gl_Position = vec4(0.0, 0.0, 0.0, 1.0);
}
";

const FRAGMENT: &str = "#version 330 core
out vec4 result;
void main() { result = vec4(1.0); }
";

const COUNT: u8 = 64;

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let stages = [
        (glow::VERTEX_SHADER, VERTEX),
        (glow::FRAGMENT_SHADER, FRAGMENT),
    ];
    gl.use_program(Some(gl.capturing(&stages, &["pair", "whole"])?));
    let numbers: Vec<f32> = (0..COUNT).map(f32::from).collect();
    gl.attribute(0, 1, &numbers)?;
    let size = usize::from(COUNT) * 12;
    let buffer = gl.buffer(glow::TRANSFORM_FEEDBACK_BUFFER, &vec![0; size])?;
    gl.bind_buffer_base(glow::TRANSFORM_FEEDBACK_BUFFER, 0, Some(buffer));
    let query = gl.create_query().map_err(crate::error::Error::Gl)?;
    gl.enable(glow::RASTERIZER_DISCARD);
    gl.begin_query(glow::TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN, query);
    gl.begin_transform_feedback(glow::POINTS);
    gl.draw_arrays(glow::POINTS, 0, i32::from(COUNT));
    gl.end_transform_feedback();
    gl.end_query(glow::TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN);
    let written = gl.get_query_parameter_u32(query, glow::QUERY_RESULT);
    expect(written == u32::from(COUNT), || format!("{written} points are written"))?;
    let output = gl.contents(glow::TRANSFORM_FEEDBACK_BUFFER, size)?;
    let two = [2.0f32.to_bits(), 1.0f32.to_bits(), 4];
    output.expect_words(&[&[0, 0, 1], &two[..]].concat())?;
    Ok(output)
}
