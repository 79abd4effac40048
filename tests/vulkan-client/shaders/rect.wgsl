// A rectangle of one colour, all of it from push constants; four vertices as a strip.

struct Rect {
    corners: vec4f,
    colour: vec4f,
    // Depth at the left and the right edge.
    depth: vec2f,
}

var<immediate> rect: Rect;

@vertex
fn vs(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let right = (index & 1u) == 1u;
    let low = (index & 2u) == 2u;
    let x = select(rect.corners.x, rect.corners.z, right);
    let y = select(rect.corners.y, rect.corners.w, low);
    return vec4f(x, y, select(rect.depth.x, rect.depth.y, right), 1.0);
}

@fragment
fn fs() -> @location(0) vec4f {
    return rect.colour;
}
