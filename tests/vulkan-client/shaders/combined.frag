#version 450
// The colour of a combined image sampler, which WGSL does not have.

layout(set = 0, binding = 0) uniform sampler2D picture;
layout(location = 0) in vec2 uv;
layout(location = 0) out vec4 colour;

void main() {
    colour = texture(picture, uv);
}
