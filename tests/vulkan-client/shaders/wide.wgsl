// Samples from three times the texture's extent, so that its edges show.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var filtered: sampler;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> Vertex {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Vertex(vec4f(uv * 1.9 - 0.95, 0.0, 1.0), uv * 3.0 - 1.0);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    let colour = textureSample(picture, filtered, in.uv);
    return vec4f(mix(vec3f(0.5, 0.2, 0.5), colour.rgb, colour.a), 1.0);
}
