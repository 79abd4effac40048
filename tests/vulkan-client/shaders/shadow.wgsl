// Compares depths from a texture with a reference that grows from left to right.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

@group(0) @binding(0) var depths: texture_depth_2d;
@group(0) @binding(1) var compared: sampler_comparison;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> Vertex {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Vertex(vec4f(uv * 2.0 - 1.0, 0.0, 1.0), uv);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    let lit = textureSampleCompareLevel(depths, compared, in.uv, in.uv.x);
    return vec4f(lit, lit * in.uv.y, 1.0 - lit, 1.0);
}
