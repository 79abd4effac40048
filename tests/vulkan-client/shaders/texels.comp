#version 450
// Reads a uniform texel buffer, and writes and counts in storage texel buffers.

layout(local_size_x = 64) in;
layout(set = 0, binding = 0) uniform samplerBuffer source;
layout(set = 0, binding = 1, rgba8) uniform writeonly imageBuffer swapped;
layout(set = 0, binding = 2, r32ui) uniform uimageBuffer counts;

void main() {
    int at = int(gl_GlobalInvocationID.x);
    vec4 texel = texelFetch(source, at);
    imageStore(swapped, at, texel.bgra);
    imageAtomicAdd(counts, int(texel.r * 255.0 + 0.5) % 16, 1u);
}
