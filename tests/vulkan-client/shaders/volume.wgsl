// Slices through a three-dimensional texture, along a slanted plane.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

@group(0) @binding(0) var volume: texture_3d<f32>;
@group(0) @binding(1) var filtered: sampler;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> Vertex {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Vertex(vec4f(uv * 2.0 - 1.0, 0.0, 1.0), uv);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    let slice = floor(in.uv * 4.0);
    let depth = (slice.x + slice.y * 4.0 + in.uv.x) / 16.0;
    return textureSampleLevel(volume, filtered, vec3f(fract(in.uv * 4.0), depth), 0.0);
}
