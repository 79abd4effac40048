// A triangle that is elsewhere in each view.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) colour: vec4f,
}

@vertex
fn vs(@builtin(vertex_index) index: u32, @builtin(view_index) view: u32) -> Vertex {
    let x = f32(index & 1u) - 0.5 + f32(view) * 0.25 - 0.4;
    let y = f32(index >> 1u) - 0.5;
    return Vertex(vec4f(x, y, 0.0, 1.0), vec4f(f32(view) / 3.0, 0.5, 1.0 - f32(view) / 3.0, 1.0));
}

@fragment
fn fs(in: Vertex, @builtin(view_index) view: u32) -> @location(0) vec4f {
    return select(in.colour, in.colour.bgra, (view & 1u) == 1u);
}
