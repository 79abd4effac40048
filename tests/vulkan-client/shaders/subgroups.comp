#version 450
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_vote : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_arithmetic : require
// target: vulkan1.1
// What a subgroup of any size agrees on.

layout(local_size_x = 64) in;
layout(set = 0, binding = 0, std430) writeonly buffer Result { uvec4 found[]; };

void main() {
    uint at = gl_GlobalInvocationID.x;
    uint sum = subgroupAdd(1u);
    bool all = subgroupAll(at < 4096u);
    uint first = subgroupBroadcastFirst(at / gl_SubgroupSize);
    uint counted = subgroupBallotBitCount(subgroupBallot(true));
    found[at] = uvec4(
        sum == counted ? 1u : 0u,
        all ? 1u : 0u,
        first <= at ? 1u : 0u,
        subgroupInclusiveAdd(1u) == subgroupExclusiveAdd(1u) + 1u ? 1u : 0u);
}
