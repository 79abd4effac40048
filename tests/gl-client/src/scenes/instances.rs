//! One shape many times, with an attribute that moves on an instance at a time.

use crate::error::Result;
use crate::gl::{Gl, Output};

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec2 place;
layout(location = 1) in vec2 centre;
layout(location = 2) in vec3 tint;
flat out vec3 colour;
void main() {
    colour = tint * (0.5 + 0.5 * float(gl_InstanceID) / 15.0);
    gl_Position = vec4(centre + place * 0.2, 0.0, 1.0);
}
";

const FRAGMENT: &str = "#version 330 core
flat in vec3 colour;
out vec4 result;
void main() { result = vec4(colour, 1.0); }
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.target()?;
    gl.pair(VERTEX, FRAGMENT)?;
    gl.attribute(0, 2, &[-1.0, -1.0, 1.0, -1.0, 0.0, 1.0, 0.0, -0.4])?;
    let centre = |at: u8| [f32::from(at % 4) / 2.0 - 0.75, f32::from(at / 4) / 2.0 - 0.75];
    let centres: Vec<f32> = (0..16).flat_map(centre).collect();
    gl.attribute(1, 2, &centres)?;
    gl.vertex_attrib_divisor(1, 1);
    gl.attribute(2, 3, &[1.0, 0.2, 0.2, 0.2, 1.0, 0.2, 0.4, 0.4, 1.0, 1.0, 1.0, 0.2])?;
    gl.vertex_attrib_divisor(2, 4);
    gl.draw_arrays_instanced(glow::TRIANGLES, 0, 3, 16);
    gl.picture()
}
