//! Programs compiled, linked and drawn with once, each of which is unlike all before it.

use std::time::SystemTime;

use super::Step;
use crate::error::Result;
use crate::gl::Gl;

/// The fragment shaders' bodies: what programs do in them, in different sizes. `SEED` becomes a
/// number that no other shader has, so that no cache knows the shader.
const BODIES: [&str; 8] = [
    "result = texture(image, place * SEED) + vec4(normal, 1.0);",
    "vec3 light = normalize(vec3(0.3, SEED, 0.8));
    float diffuse = max(dot(normalize(normal), light), 0.0);
    vec3 half_way = normalize(light + vec3(0.0, 0.0, 1.0));
    float specular = pow(max(dot(normalize(normal), half_way), 0.0), 40.0);
    result = vec4(tint.rgb * diffuse + specular, tint.a);",
    "vec4 sum = vec4(0.0);
    for (int x = -3; x <= 3; x++)
        for (int y = -3; y <= 3; y++)
            sum += texture(image, place + vec2(x, y) * 0.01) * exp(-float(x * x + y * y) * SEED);
    result = sum / 49.0;",
    "vec2 z = place;
    int steps = 0;
    while (steps < 32 && dot(z, z) < 4.0) {
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + vec2(SEED, tint.y);
        steps++;
    }
    result = mix(tint, texture(image, z), float(steps) / 32.0);",
    "vec3 p = vec3(place * 8.0, SEED), i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    vec4 low = fract(sin(vec4(dot(i.xy, vec2(12.9, 78.2))) + vec4(0.0, 1.3, 2.7, 4.1)) * 43758.5);
    vec4 high = fract(sin(low * 91.7 + i.z) * 13758.5);
    vec4 mixed = mix(low, high, f.z);
    result = mix(mixed, mixed.yzwx, f.x) * tint;",
    "int kind = int(floor(place.x * 6.0));
    switch (kind) {
    case 0: result = tint.rgba; break;
    case 1: result = tint.bgra * SEED; break;
    case 2: result = texture(image, place.yx); break;
    case 3: if (place.y > 0.5) discard; result = vec4(place, SEED, 1.0); break;
    default: result = vec4(sqrt(abs(normal)), float(kind) / 6.0);
    }",
    "mat3 turn = mat3(cos(SEED), sin(SEED), 0.0, -sin(SEED), cos(SEED), 0.0, 0.0, 0.0, 1.0);
    vec3 n = turn * normalize(normal);
    vec3 away = reflect(vec3(0.0, 0.0, -1.0), n);
    vec2 at = away.xy / (2.0 * sqrt(dot(away, away) + 2.0 * away.z + 1.0)) + 0.5;
    float edge = pow(1.0 - max(n.z, 0.0), 5.0);
    result = mix(tint, texture(image, at), edge) + textureLod(image, at, edge * 4.0) * 0.2;",
    "float sums[8];
    for (int i = 0; i < 8; i++) sums[i] = sin(place.x * float(i) + SEED);
    float all = 0.0;
    for (int i = 0; i < 8; i++) all += sums[(i * 3 + int(tint.x * 4.0)) & 7];
    uint bits = floatBitsToUint(all) ^ 0x5bd1e995u;
    bits = (bits << 13u) | (bits >> 19u);
    result = vec4(uintBitsToFloat((bits & 0x007fffffu) | 0x3f800000u) - 1.0, place, 1.0);",
];

const VERTEX: &str = "#version 330 core
layout(location = 0) in vec3 position;
uniform mat4 turn;
uniform vec4 moved;
out vec2 place;
out vec3 normal;
void main() {
    place = position.xy * SEED;
    normal = mat3(turn) * position;
    gl_Position = turn * vec4(position, 1.0) + moved;
}
";

const FRAGMENT: &str = "#version 330 core
uniform sampler2D image;
uniform vec4 tint;
in vec2 place;
in vec3 normal;
out vec4 result;
void main() {
    BODY
}
";

pub(super) fn start(gl: &Gl) -> Result<Step<'_>> {
    gl.target()?;
    gl.tiled(glow::RGBA8, 16)?;
    gl.attribute(0, 3, &[-1.0, -1.0, 0.1, 1.0, -1.0, 0.2, 0.0, 1.0, 0.3])?;
    let mut corpus = Corpus::new();
    Ok(Box::new(move || {
        // Of each kind one, so that every window has the same work.
        for kind in 0..BODIES.len() {
            let (vertex, fragment) = corpus.next(kind);
            let program = gl.pair(&vertex, &fragment)?;
            gl.draw_arrays(glow::TRIANGLES, 0, 3);
            gl.use_program(None);
            gl.delete_program(program);
        }
        gl.finish();
        Ok(BODIES.len() as f64)
    }))
}

/// Shaders of which no two are the same, nor the same as another run's.
struct Corpus {
    salt: u64,
    made: u64,
}

impl Corpus {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let nanoseconds = now.map_or(0, |since| u64::from(since.subsec_nanos()));
        let process = u64::from(std::process::id());
        Self {
            salt: (nanoseconds / 1000) * 100_000 + process % 100_000,
            made: 0,
        }
    }

    fn next(&mut self, kind: usize) -> (String, String) {
        self.made += 1;
        // Digits enough that two of them are two numbers to the compiler, too.
        let unique = (self
            .salt
            .wrapping_mul(7919)
            .wrapping_add(self.made * 104_729))
            % 8_000_000;
        let seed = format!("{:.7}", 0.1 + unique as f64 / 1e7);
        let fragment = FRAGMENT.replace("BODY", BODIES[kind]);
        (
            VERTEX.replace("SEED", &seed),
            fragment.replace("SEED", &seed),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Corpus;

    #[test]
    fn no_two_programs_are_the_same() {
        let mut corpus = Corpus::new();
        let made: HashSet<(String, String)> = (0..10_000).map(|_| corpus.next(1)).collect();
        assert_eq!(made.len(), 10_000);
    }
}
