// A cube map unrolled: longitude from left to right, latitude from top to bottom.

struct Vertex {
    @builtin(position) at: vec4f,
    @location(0) uv: vec2f,
}

@group(0) @binding(0) var faces: texture_cube<f32>;
@group(0) @binding(1) var filtered: sampler;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> Vertex {
    let uv = vec2f(f32(index & 1u), f32(index >> 1u));
    return Vertex(vec4f(uv * 2.0 - 1.0, 0.0, 1.0), uv);
}

@fragment
fn fs(in: Vertex) -> @location(0) vec4f {
    let longitude = in.uv.x * 6.2831853;
    let latitude = (in.uv.y - 0.5) * 3.1415926;
    let level = cos(latitude);
    let direction = vec3f(cos(longitude) * level, sin(latitude), sin(longitude) * level);
    return textureSampleLevel(faces, filtered, direction, 0.0);
}
