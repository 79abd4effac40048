//! A patch cut into a curved grid by the two tessellation stages.

use crate::error::Result;
use crate::gl::{Gl, Output};

const VERTEX: &str = "#version 400 core
layout(location = 0) in vec2 place;
void main() { gl_Position = vec4(place, 0.0, 1.0); }
";

const CONTROL: &str = "#version 400 core
layout(vertices = 4) out;
void main() {
    gl_out[gl_InvocationID].gl_Position = gl_in[gl_InvocationID].gl_Position;
    gl_TessLevelOuter[0] = gl_TessLevelOuter[2] = 5.0;
    gl_TessLevelOuter[1] = gl_TessLevelOuter[3] = 7.0;
    gl_TessLevelInner[0] = 7.0;
    gl_TessLevelInner[1] = 5.0;
}
";

const EVALUATION: &str = "#version 400 core
layout(quads, equal_spacing, ccw) in;
out vec3 colour;
void main() {
    vec2 at = gl_TessCoord.xy;
    vec4 low = mix(gl_in[0].gl_Position, gl_in[1].gl_Position, at.x);
    vec4 high = mix(gl_in[2].gl_Position, gl_in[3].gl_Position, at.x);
    gl_Position = mix(low, high, at.y);
    gl_Position.y += at.x * (1.0 - at.x) * 0.5;
    colour = vec3(at, floor(at.x * 7.0 + 0.5) / 7.0);
}
";

const FRAGMENT: &str = "#version 400 core
in vec3 colour;
out vec4 result;
void main() { result = vec4(colour, 1.0); }
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.require(4, 0)?;
    gl.target()?;
    gl.program(&[
        (glow::VERTEX_SHADER, VERTEX),
        (glow::TESS_CONTROL_SHADER, CONTROL),
        (glow::TESS_EVALUATION_SHADER, EVALUATION),
        (glow::FRAGMENT_SHADER, FRAGMENT),
    ])?;
    gl.attribute(0, 2, &[-0.9, -0.9, 0.9, -0.9, -0.9, 0.7, 0.9, 0.7])?;
    gl.patch_parameter_i32(glow::PATCH_VERTICES, 4);
    gl.draw_arrays(glow::PATCHES, 0, 4);
    let output = gl.picture()?;
    output.expect_texel(2, 2, [13, 26, 51, 255])?;
    Ok(output)
}
