#version 450
// Each point becomes a star of triangles, in two invocations.

layout(points, invocations = 2) in;
layout(triangle_strip, max_vertices = 24) out;
layout(location = 0) in vec4 colour[];
layout(location = 0) out vec4 shade;

void main() {
    vec4 centre = gl_in[0].gl_Position;
    float radius = gl_InvocationID == 0 ? 0.16 : 0.08;
    for (int i = 0; i < 8; i++) {
        float angle = float(i) * 0.7853982;
        vec2 tip = vec2(cos(angle), sin(angle)) * radius;
        shade = colour[0];
        gl_Position = centre + vec4(tip, 0.0, 0.0);
        EmitVertex();
        shade = vec4(1.0 - colour[0].rgb, 1.0);
        gl_Position = centre + vec4(tip.y, -tip.x, 0.0, 0.0) * 0.3;
        EmitVertex();
        shade = vec4(float(gl_InvocationID), 1.0, 0.0, 1.0);
        gl_Position = centre;
        EmitVertex();
        EndPrimitive();
    }
}
