#version 450
// Reads and writes within and far out of the bounds of its buffers.

layout(local_size_x = 64) in;
layout(set = 0, binding = 0, std430) readonly buffer Source { uint words[]; };
layout(set = 0, binding = 1, std430) buffer Small { uint small[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Result { uint found[]; };

void main() {
    uint at = gl_GlobalInvocationID.x;
    found[at] = words[at];
    found[64 + at] = words[at * 4096 + 64];
    small[at * 1024] = at + 1;
}
