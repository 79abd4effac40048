// A textured quad from vertex buffers, with texture and sampler apart.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var filtered: sampler;

@vertex
fn vs(@location(0) at: vec2f, @location(1) uv: vec2f) -> Vertex {
    return Vertex(vec4f(at, 0.0, 1.0), uv);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    return textureSample(picture, filtered, in.uv);
}
