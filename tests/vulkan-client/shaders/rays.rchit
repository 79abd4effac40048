#version 460
#extension GL_EXT_ray_tracing : require
// target: vulkan1.2
// Barycentric coordinates and the instance make the colour.

layout(location = 0) rayPayloadInEXT vec4 colour;
hitAttributeEXT vec2 barycentric;

void main() {
    colour = vec4(barycentric, float(gl_InstanceCustomIndexEXT) / 8.0, 1.0);
}
