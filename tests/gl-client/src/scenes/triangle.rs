//! One triangle from two vertex buffers, which is where every program starts.

use crate::error::Result;
use crate::gl::{Gl, Output};

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec2 place;
layout(location = 1) in vec3 tint;
out vec3 colour;
void main() {
    colour = tint;
    gl_Position = vec4(place, 0.0, 1.0);
}
";

const FRAGMENT: &str = "#version 330 core
in vec3 colour;
out vec4 result;
void main() { result = vec4(colour, 1.0); }
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    gl.pair(VERTEX, FRAGMENT)?;
    gl.attribute(0, 2, &[0.0, 0.8, 0.8, -0.7, -0.8, -0.7])?;
    gl.attribute(1, 3, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])?;
    gl.draw_arrays(glow::TRIANGLES, 0, 3);
    let output = gl.picture()?;
    output.expect_texel(0, 0, [13, 26, 51, 255])?;
    Ok(output)
}
