#version 450
// A pattern that specialisation constants of each kind decide on.

layout(constant_id = 0) const uint cells = 1;
layout(constant_id = 1) const float brightness = 0.0;
layout(constant_id = 2) const bool inverted = false;
layout(constant_id = 7) const int shift = 0;
const uint doubled = cells * 2 + 1;

layout(location = 0) in vec2 uv;
layout(location = 0) out vec4 colour;

void main() {
    float ramp[doubled];
    for (uint i = 0; i < doubled; i++) {
        ramp[i] = brightness * float(i) / float(doubled);
    }
    uint column = uint(uv.x * float(doubled)) + uint(shift + int(uv.y * float(cells)));
    float value = ramp[column % doubled];
    colour = vec4(inverted ? 1.0 - value : value, uv.y, value, 1.0);
}
