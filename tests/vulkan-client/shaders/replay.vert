#version 450
// Draws what was captured.

layout(location = 0) in vec4 at;
layout(location = 1) in vec4 shade;
layout(location = 0) out vec4 colour;

void main() {
    gl_Position = at;
    colour = shade;
}
