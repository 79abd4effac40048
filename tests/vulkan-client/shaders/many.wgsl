// A small triangle whose place is pushed and whose colour is in a uniform buffer.

var<immediate> place: vec4f;
@group(0) @binding(0) var<uniform> colour: vec4f;

@vertex
fn vs(@location(0) at: vec2f) -> @builtin(position) vec4f {
    return vec4f(at + place.xy, 0.0, 1.0);
}

@fragment
fn fs() -> @location(0) vec4f {
    return colour;
}
