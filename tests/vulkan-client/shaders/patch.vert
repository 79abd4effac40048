#version 450
// The corners of a patch.

void main() {
    gl_Position = vec4(float(gl_VertexIndex & 1) * 1.8 - 0.9, float(gl_VertexIndex >> 1) * 1.8 - 0.9, 0.0, 1.0);
}
