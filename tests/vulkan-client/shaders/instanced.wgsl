// Diamonds whose place, size and colour are attributes of the instance.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) colour: vec4f,
}

@vertex
fn vs(
    @location(0) corner: vec2f,
    @location(1) place: vec4f,
    @location(2) colour: vec4f,
) -> Vertex {
    return Vertex(vec4f(place.xy + corner * place.zw, 0.0, 1.0), colour);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    return in.colour;
}
