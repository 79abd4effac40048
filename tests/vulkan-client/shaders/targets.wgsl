// One value each for four attachments of different kinds.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

struct Values {
    @location(0) colour: vec4f,
    @location(1) wide: vec4f,
    @location(2) number: vec4u,
    @location(3) direction: vec4f,
}

@vertex
fn vs(@builtin(vertex_index) index: u32) -> Vertex {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Vertex(vec4f(uv * 1.5 - 0.75, 0.0, 1.0), uv);
}

@fragment
fn fs(in: Vertex) -> Values {
    let pixel = vec2u(in.at.xy);
    return Values(
        vec4f(in.uv, 0.5, 0.5),
        vec4f(in.uv * 4.0 - 2.0, 1024.0, 1.0),
        vec4u(pixel.x * 65536u + pixel.y, 0u, 0u, 0u),
        vec4f(in.uv * 2.0 - 1.0, 0.0, 1.0),
    );
}
