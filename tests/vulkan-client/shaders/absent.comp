#version 450
#extension GL_EXT_samplerless_texture_functions : require
// Reads descriptors that are null, all of which are to read as zero.

layout(local_size_x = 16) in;
layout(set = 0, binding = 0, std430) readonly buffer Absent { uint words[]; };
layout(set = 0, binding = 1) uniform Block { uvec4 block; };
layout(set = 0, binding = 2) uniform texture2D picture;
layout(set = 0, binding = 3, std430) writeonly buffer Result { uint found[]; };

void main() {
    uint at = gl_GlobalInvocationID.x;
    vec4 texel = texelFetch(picture, ivec2(at, 0), 0);
    found[at] = words[at] + block.x + uint(texel.r + texel.g + texel.b) + at;
}
