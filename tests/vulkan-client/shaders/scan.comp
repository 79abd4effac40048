#version 450
// Inclusive prefix sums of 256 words a workgroup, and a total by atomics. In GLSL because the
// WGSL translator lays workgroup arrays out, which validators no longer accept.

layout(local_size_x = 256) in;
layout(set = 0, binding = 0, std430) readonly buffer Words { uint words[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Sums { uint sums[]; };
layout(set = 0, binding = 2, std430) buffer Total { uint total; };

shared uint row[256];

void main() {
    uint at = gl_LocalInvocationIndex;
    row[at] = words[gl_GlobalInvocationID.x];
    barrier();
    for (uint stride = 1; stride < 256; stride <<= 1) {
        uint left = at >= stride ? row[at - stride] : 0;
        barrier();
        row[at] += left;
        barrier();
    }
    sums[gl_GlobalInvocationID.x] = row[at];
    if (at == 255) {
        atomicAdd(total, row[at]);
    }
}
