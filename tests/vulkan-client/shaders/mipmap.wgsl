// A floor that runs to the horizon, above it each mip level by its number.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var filtered: sampler;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> Vertex {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Vertex(vec4f(uv * 2.0 - 1.0, 0.0, 1.0), uv);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    // In both halves, for the derivatives.
    let distance = 0.1 / (in.uv.y - 0.45);
    let floor = textureSample(picture, filtered, vec2f((in.uv.x - 0.5) * distance * 4.0, distance * 8.0));
    let level = in.uv.x * 9.0;
    let levels = textureSampleLevel(picture, filtered, fract(vec2f(level, in.uv.y * 4.0)), level);
    return select(levels, floor, in.uv.y > 0.5);
}
