#version 450
// A spiral whose vertices are captured.

layout(xfb_buffer = 0, xfb_stride = 32) out;
layout(location = 0, xfb_buffer = 0, xfb_offset = 16) out vec4 colour;
layout(xfb_buffer = 0, xfb_offset = 0) out gl_PerVertex { vec4 gl_Position; };

void main() {
    float step = float(gl_VertexIndex);
    float radius = step / 64.0;
    vec2 turn = vec2(step * 0.5 - float(int(step * 0.5)), step * 0.25 - float(int(step * 0.25)));
    gl_Position = vec4((turn * 2.0 - 1.0) * radius, 0.0, 1.0);
    colour = vec4(turn, radius, 1.0);
}
