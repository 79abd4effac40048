#version 450
// Colours from the fragment stage's own push constants, which follow the vertex stage's.

layout(push_constant) uniform Fragment {
    layout(offset = 16) vec4 colour;
    layout(offset = 32) uint stripes;
    layout(offset = 48) mat2 turn;
    layout(offset = 80) vec3 tail[3];
};
layout(location = 0) out vec4 result;

void main() {
    vec2 at = turn * gl_FragCoord.xy;
    bool bright = (uint(abs(at.x)) / max(stripes, 1u)) % 2u == 0u;
    result = bright ? colour : vec4(tail[uint(gl_FragCoord.y) / 8u % 3u], 1.0);
}
