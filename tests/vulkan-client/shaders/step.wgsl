// One step of a number in each word.

@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(64)
fn cs(@builtin(global_invocation_id) id: vec3u) {
    words[id.x] = words[id.x] * 1664525u + 1013904223u;
}
