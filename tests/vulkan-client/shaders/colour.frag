#version 450
// The colour that the stage before says.

layout(location = 0) in vec4 colour;
layout(location = 0) out vec4 result;

void main() {
    result = colour;
}
