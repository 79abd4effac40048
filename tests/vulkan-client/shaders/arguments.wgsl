// Writes arguments for draws of the grid, and how many there are.

struct Draw {
    vertices: u32,
    instances: u32,
    first_vertex: u32,
    first_instance: u32,
}

@group(0) @binding(0) var<storage, read_write> draws: array<Draw>;
@group(0) @binding(1) var<storage, read_write> count: array<u32>;

@compute @workgroup_size(16)
fn cs(@builtin(global_invocation_id) id: vec3u) {
    draws[id.x] = Draw(3u, id.x % 4u + 1u, id.x, id.x * 4u);
    if id.x == 0u {
        count[0] = 13u;
        count[1] = 100u;
    }
}
