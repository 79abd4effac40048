#version 460
#extension GL_EXT_ray_tracing : require
// target: vulkan1.2
// The sky.

layout(location = 0) rayPayloadInEXT vec4 colour;

void main() {
    colour = vec4(0.3, 0.2, 0.1, 1.0);
}
