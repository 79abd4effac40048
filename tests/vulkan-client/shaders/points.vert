#version 450
// Points and lines from a vertex buffer, coloured by their index.

layout(location = 0) in vec2 at;
layout(location = 0) out vec4 colour;

void main() {
    gl_Position = vec4(at, 0.0, 1.0);
    gl_PointSize = 1.0;
    colour = vec4(float(gl_VertexIndex % 3) / 2.0, float(gl_VertexIndex % 5) / 4.0, 0.8, 1.0);
}
