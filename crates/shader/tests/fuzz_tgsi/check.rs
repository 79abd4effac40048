//! What must hold for any bytes: the fuzz target's body, which a test runs, too.

use shader::back::glsl::{self, Extensions, Interface, Key, Target, Version};
use shader::back::tgsi::write;
use shader::front::tgsi::{Parsed, parse};
use shader::ir::{Instruction, Shader};
use shader::limits::{MAX_BODY_BYTES, MAX_TEXT_BYTES};
use shader::valid::Valid;

/// Bytes that are written for each byte that was read, at most: a short number may be a long
/// decimal fraction.
const GROWTH: usize = 64;

/// Reads `data` as a shader, holds it against the rules, and writes it. What can be read is
/// written and read to the same; a shader has no more parts than its text has bytes; nothing
/// panics.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(Parsed { shader, places }) = parse(text) else {
        return;
    };
    assert!(parts(&shader) <= text.len(), "more parts than bytes");
    let written = write(&shader);
    assert!(written.len() <= GROWTH * text.len());
    // A text that Mesa would spell longer may come out too long.
    if written.len() <= MAX_TEXT_BYTES {
        let again = parse(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(again.shader, shader, "{written}");
    }
    match Valid::new(shader.clone()) {
        Ok(valid) => {
            assert_eq!(valid.shader(), &shader);
            check_glsl(&valid);
        }
        Err(shader::Error::Broken { site, .. }) => {
            let whole = site == shader::valid::Site::Shader;
            assert!(
                whole || places.position(site).is_some(),
                "{site} is nowhere"
            );
        }
        Err(error) => panic!("not a broken rule: {error}"),
    }
}

/// GLSL comes out for any target, or a refusal; it has a bound.
fn check_glsl(valid: &Valid) {
    let interface = Interface::new(valid);
    let linked = Key {
        previous: Some(interface.outputs),
        next: Some(interface.inputs),
        shared_bytes: 4096,
        two_sided: true,
        clip_planes: 8,
        ..Key::default()
    };
    for version in [
        Version::Desktop(330),
        Version::Desktop(460),
        Version::Es(320),
    ] {
        let Some(mut target) = Target::new(version) else {
            continue;
        };
        for extensions in [Extensions::empty(), Extensions::all()] {
            target.extensions = extensions;
            for key in [&Key::default(), &linked] {
                if let Ok(program) = glsl::write(valid, &target, key) {
                    assert!(program.text.len() <= 2 * MAX_BODY_BYTES);
                }
            }
        }
    }
}

/// What takes memory: the elements of every list.
fn parts(shader: &Shader) -> usize {
    let operands = |instruction: &Instruction| {
        let offsets = instruction.texture.as_ref();
        let offsets = offsets.map_or(0, |texture| texture.offsets.len());
        1 + instruction.destinations.len() + instruction.sources.len() + offsets
    };
    let instructions: usize = shader.instructions.iter().map(operands).sum();
    let lists = shader.properties.len() + shader.declarations.len() + shader.immediates.len();
    instructions + lists
}
