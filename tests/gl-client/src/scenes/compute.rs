//! A compute shader with shared memory and a counter, writing a buffer.

use crate::error::{Result, expect};
use crate::gl::{Gl, Output};

const COMPUTE: &str = "#version 430 core
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Numbers { uint total; uint sums[]; };
shared uint part[64];
void main() {
    uint self = gl_LocalInvocationID.x;
    part[self] = gl_GlobalInvocationID.x * 7u + 3u;
    barrier();
    uint sum = 0u;
    for (uint i = 0u; i <= self; i++) sum += part[i];
    sums[gl_GlobalInvocationID.x] = sum;
    atomicAdd(total, sum & 0xffu);
}
";

const GROUPS: u32 = 8;
const COUNT: u32 = GROUPS * 64;

pub(crate) fn draw(gl: &Gl) -> Result<Output> {
    gl.require(4, 3)?;
    gl.program(&[(glow::COMPUTE_SHADER, COMPUTE)])?;
    let size = (COUNT as usize + 1) * 4;
    let buffer = gl.buffer(glow::SHADER_STORAGE_BUFFER, &vec![0; size])?;
    gl.bind_buffer_base(glow::SHADER_STORAGE_BUFFER, 0, Some(buffer));
    gl.dispatch_compute(GROUPS, 1, 1);
    gl.memory_barrier(glow::BUFFER_UPDATE_BARRIER_BIT);
    let output = gl.contents(glow::SHADER_STORAGE_BUFFER, size)?;
    let sums = expected();
    let total: u32 = sums.iter().map(|sum| sum & 0xff).sum();
    output.expect_words(&[&[total], &sums[..]].concat())?;
    expect(total > 0, || "nothing was counted".to_owned())?;
    Ok(output)
}

/// What the shader computes, by another road.
fn expected() -> Vec<u32> {
    let sum = |at: u32| {
        let group = at / 64 * 64;
        (group..=at).map(|number| number * 7 + 3).sum()
    };
    (0..COUNT).map(sum).collect()
}
