#version 450
// The same triangle in each of four viewports.

layout(triangles, invocations = 4) in;
layout(triangle_strip, max_vertices = 3) out;
layout(location = 0) in vec4 colour[];
layout(location = 0) out vec4 shade;

void main() {
    for (int i = 0; i < 3; i++) {
        gl_ViewportIndex = gl_InvocationID;
        gl_Position = gl_in[i].gl_Position;
        shade = colour[i] * (1.0 - 0.2 * float(gl_InvocationID));
        EmitVertex();
    }
    EndPrimitive();
}
