// A rectangle in one colour, from a uniform buffer.

struct Rect {
    corners: vec4f,
    colour: vec4f,
}

@group(0) @binding(0) var<uniform> rect: Rect;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let x = select(rect.corners.x, rect.corners.z, (index & 1u) == 1u);
    let y = select(rect.corners.y, rect.corners.w, (index & 2u) == 2u);
    return vec4f(x, y, 0.0, 1.0);
}

@fragment
fn fs() -> @location(0) vec4f {
    return rect.colour;
}
