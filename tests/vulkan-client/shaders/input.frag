#version 450
// Mixes what earlier subpasses left in three input attachments.

layout(input_attachment_index = 0, set = 0, binding = 0) uniform subpassInput first;
layout(input_attachment_index = 1, set = 0, binding = 1) uniform subpassInput second;
layout(input_attachment_index = 2, set = 0, binding = 2) uniform subpassInput deep;
layout(location = 0) out vec4 colour;

void main() {
    vec4 mixed = subpassLoad(first) * 0.5 + subpassLoad(second) * 0.5;
    colour = vec4(mixed.rgb * (1.25 - subpassLoad(deep).r), 1.0);
}
