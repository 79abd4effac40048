//! Points that a geometry shader makes into shapes of different sizes.

use super::shapes::COLOUR;
use crate::error::Result;
use crate::gl::{Gl, Output};

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec3 point;
out float size;
void main() {
    size = point.z;
    gl_Position = vec4(point.xy, 0.0, 1.0);
}
";

const GEOMETRY: &str = "#version 330 core
layout(points) in;
layout(triangle_strip, max_vertices = 8) out;
in float size[];
void shape(vec2 turn) {
    for (int i = 0; i < 4; i++) {
        vec2 corner = vec2(float(i & 1), float(i >> 1)) - 0.5;
        gl_Position = gl_in[0].gl_Position + vec4(corner * turn * size[0], 0.0, 0.0);
        EmitVertex();
    }
    EndPrimitive();
}
void main() {
    shape(vec2(1.0, 0.25));
    shape(vec2(0.25, 1.0));
}
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    let program = gl.program(&[
        (glow::VERTEX_SHADER, VERTEX),
        (glow::GEOMETRY_SHADER, GEOMETRY),
        (glow::FRAGMENT_SHADER, COLOUR),
    ])?;
    gl.uniform_4_f32(Some(&gl.uniform(program, "colour")?), 0.9, 0.7, 0.1, 1.0);
    gl.attribute(0, 3, &[-0.5, -0.5, 0.6, 0.5, -0.5, 0.3, 0.0, 0.4, 0.9])?;
    gl.draw_arrays(glow::POINTS, 0, 3);
    let output = gl.picture()?;
    output.expect_texel(64, 89, [230, 179, 26, 255])?;
    output.expect_texel(50, 70, [13, 26, 51, 255])?;
    Ok(output)
}
