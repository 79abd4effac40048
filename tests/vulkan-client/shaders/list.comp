#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
// target: vulkan1.2
// Follows a ring of addresses once round, and writes through them.

layout(buffer_reference) buffer Node;
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Node {
    Node next;
    uint value;
    uint visited;
};

layout(local_size_x = 1) in;
layout(push_constant) uniform Start { uvec2 first; uint length; };
layout(set = 0, binding = 0, std430) writeonly buffer Sum { uint sum; uint last; };

void main() {
    Node node = Node(first);
    uint total = 0;
    for (uint step = 1; step <= length; step++) {
        total += node.value * step;
        node.visited = step;
        node = node.next;
    }
    sum = total;
    last = node.value;
}
