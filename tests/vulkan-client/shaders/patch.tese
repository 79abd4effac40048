#version 450
// A bent sheet, coloured by where in the patch it is.

layout(quads, equal_spacing, ccw) in;
layout(location = 0) out vec4 colour;

void main() {
    vec4 top = mix(gl_in[0].gl_Position, gl_in[1].gl_Position, gl_TessCoord.x);
    vec4 bottom = mix(gl_in[2].gl_Position, gl_in[3].gl_Position, gl_TessCoord.x);
    gl_Position = mix(top, bottom, gl_TessCoord.y);
    gl_Position.x *= 1.0 - 0.5 * gl_TessCoord.y * gl_TessCoord.y;
    uvec2 quad = uvec2(gl_TessCoord.xy * 12.0);
    colour = vec4(gl_TessCoord.xy, float((quad.x + quad.y) % 2), 1.0);
}
