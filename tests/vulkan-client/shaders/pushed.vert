#version 450
// A rectangle from the vertex stage's own push constants.

layout(push_constant) uniform Vertex { vec4 corners; };

void main() {
    float x = (gl_VertexIndex & 1) == 1 ? corners.z : corners.x;
    float y = (gl_VertexIndex & 2) == 2 ? corners.w : corners.y;
    gl_Position = vec4(x, y, 0.0, 1.0);
}
