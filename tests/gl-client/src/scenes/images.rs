//! Images written and read by a compute shader.

use super::shapes::{RECTANGLE, TEXTURE};
use crate::error::Result;
use crate::gl::{Gl, Output};

const COMPUTE: &str = "#version 430 core
layout(local_size_x = 8, local_size_y = 8) in;
layout(rgba8, binding = 0) uniform readonly image2D from;
layout(rgba8, binding = 1) uniform writeonly image2D to;
void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    vec4 left = imageLoad(from, ivec2(max(at.x - 1, 0), at.y));
    vec4 here = imageLoad(from, at);
    imageStore(to, ivec2(63 - at.x, at.y), abs(here - left) + vec4(0.0, 0.0, 0.0, 1.0));
}
";

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.require(4, 3)?;
    gl.target()?;
    let from = gl.tiled(glow::RGBA8, 64)?;
    let to = gl.texture(glow::RGBA8, 1, 64)?;
    gl.program(&[(glow::COMPUTE_SHADER, COMPUTE)])?;
    let format = glow::RGBA8;
    gl.bind_image_texture(0, Some(from), 0, false, 0, glow::READ_ONLY, format);
    gl.bind_image_texture(1, Some(to), 0, false, 0, glow::WRITE_ONLY, format);
    gl.dispatch_compute(8, 8, 1);
    gl.memory_barrier(glow::TEXTURE_FETCH_BARRIER_BIT);
    gl.pair(RECTANGLE, TEXTURE)?;
    gl.draw_arrays(glow::TRIANGLE_STRIP, 0, 4);
    let output = gl.picture()?;
    // The first column has no left neighbour but itself.
    output.expect_texel(127, 0, [0, 0, 0, 255])?;
    Ok(output)
}
