// A triangle from vertex buffers, its colours interpolated.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) colour: vec4f,
}

@vertex
fn vs(@location(0) at: vec2f, @location(1) colour: vec4f) -> Vertex {
    return Vertex(vec4f(at, 0.0, 1.0), colour);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    return in.colour;
}
