#version 450
// Another number of divisions at each edge.

layout(vertices = 4) out;

void main() {
    gl_out[gl_InvocationID].gl_Position = gl_in[gl_InvocationID].gl_Position;
    if (gl_InvocationID == 0) {
        gl_TessLevelOuter[0] = 3.0;
        gl_TessLevelOuter[1] = 9.0;
        gl_TessLevelOuter[2] = 5.0;
        gl_TessLevelOuter[3] = 13.0;
        gl_TessLevelInner[0] = 7.0;
        gl_TessLevelInner[1] = 4.0;
    }
}
