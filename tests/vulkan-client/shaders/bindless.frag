#version 450
#extension GL_EXT_nonuniform_qualifier : require
// target: vulkan1.2
// Picks one of many textures for each pixel.

layout(set = 0, binding = 0) uniform sampler filtered;
layout(set = 0, binding = 1) uniform texture2D pictures[];
layout(location = 0) in vec2 uv;
layout(location = 0) out vec4 colour;

void main() {
    uvec2 cell = uvec2(uv * 8.0);
    uint index = (cell.x * 5 + cell.y * 3) % 13;
    colour = texture(nonuniformEXT(sampler2D(pictures[index], filtered)), fract(uv * 8.0));
}
