// Instance n is a triangle in cell n of a grid of 8 by 8, its colour made of both indices.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) colour: vec4f,
}

@vertex
fn vs(@builtin(vertex_index) vertex: u32, @builtin(instance_index) instance: u32) -> Vertex {
    let cell = vec2f(f32(instance % 8u), f32(instance / 8u % 8u));
    let corner = vertex % 3u;
    let offset = vec2f(select(0.1, 0.9, corner == 1u), select(0.1, 0.9, corner == 2u));
    let at = (cell + offset) / 4.0 - 1.0;
    let hash = instance * 37u + vertex * 101u;
    let colour = vec3f(vec3u(hash, hash >> 1u, hash >> 2u) & vec3u(63u)) / 63.0;
    return Vertex(vec4f(at, 0.0, 1.0), vec4f(colour, 1.0));
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    return in.colour;
}
