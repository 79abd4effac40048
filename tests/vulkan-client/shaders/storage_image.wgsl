// Writes rings to one image, then an edge picture of it to another.

@group(0) @binding(0) var rings: texture_storage_2d<rgba8unorm, write>;
@group(1) @binding(0) var source: texture_storage_2d<rgba8unorm, read>;
@group(1) @binding(1) var edges: texture_storage_2d<rgba8unorm, write>;

@compute @workgroup_size(8, 8)
fn draw(@builtin(global_invocation_id) id: vec3u) {
    let d = vec2i(id.xy) - 128;
    let ring = u32(d.x * d.x + d.y * d.y) / 512u;
    let colour = vec4f(f32(ring % 3u) / 2.0, f32(ring % 5u) / 4.0, f32(ring % 2u), 1.0);
    textureStore(rings, id.xy, colour);
}

@compute @workgroup_size(8, 8)
fn find_edges(@builtin(global_invocation_id) id: vec3u) {
    let here = textureLoad(source, id.xy);
    let right = textureLoad(source, min(id.xy + vec2u(1u, 0u), vec2u(255u)));
    let below = textureLoad(source, min(id.xy + vec2u(0u, 1u), vec2u(255u)));
    let edge = abs(here - right) + abs(here - below);
    textureStore(edges, id.xy, vec4f(max(edge.rgb, here.rgb * 0.25), 1.0));
}
