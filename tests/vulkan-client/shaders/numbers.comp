#version 450
#extension GL_EXT_shader_explicit_arithmetic_types : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_8bit_storage : require
// target: vulkan1.2
// Arithmetic in types of 8, 16 and 64 bits.

layout(local_size_x = 16) in;
layout(set = 0, binding = 0, std430) readonly buffer Bytes { uint8_t bytes[]; };
layout(set = 0, binding = 1, std430) buffer Halves { float16_t halves[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Longs { uint64_t longs[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Doubles { float64_t doubles[]; };

void main() {
    uint at = gl_GlobalInvocationID.x;
    uint8_t small = bytes[at] * uint8_t(3);
    halves[at] = halves[at] * float16_t(0.5) + float16_t(small);
    longs[at] = uint64_t(small) * 0x100000001UL + (uint64_t(1) << at * 4);
    doubles[at] = float64_t(small) * 0.5LF + 1.0LF / float64_t(1u << at);
}
