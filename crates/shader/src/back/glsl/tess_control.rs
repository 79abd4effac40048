//! The outputs of tessellation control shaders. All invocations of a patch can read them,
//! so that they are written where they are, not from registers at the end.

use super::error::Unsupported;
use super::frame::{Frame, varying_name};
use super::inputs::Input;
use super::program;
use super::value::{Base, Value};
use crate::ir::{Declaration, NumericProperty, Semantic};
use std::collections::BTreeSet;

/// The largest patch that comes out.
const MAX_VERTICES_OUT: u32 = 32;

/// How many vertices come out.
pub(super) fn vertices_out(frame: &Frame<'_>) -> u16 {
    let count = frame.number(NumericProperty::TcsVerticesOut);
    u16::try_from(count.clamp(1, MAX_VERTICES_OUT)).unwrap_or(1)
}

/// Where the components of an output are.
pub(super) enum Place {
    /// In one vector.
    Vector(Base, String),
    /// Each by itself, and floating-point; those without are not kept.
    Parts([Option<String>; 4]),
}

/// Where to write an output. A vertex is written by its own invocation alone.
pub(super) fn place(frame: &Frame<'_>, output: &Input) -> Result<Place, Unsupported> {
    at(frame, output, "gl_InvocationID")
}

/// The expression of an output of this vertex.
pub(super) fn read(frame: &Frame<'_>, output: &Input, vertex: &str) -> Result<Value, Unsupported> {
    Ok(match at(frame, output, vertex)? {
        Place::Vector(base, text) => Value::new(base, 4, text),
        Place::Parts(parts) => {
            let parts = parts.map(|part| part.unwrap_or_else(|| "0.0".to_owned()));
            Value::new(Base::Float, 4, format!("vec4({})", parts.join(", ")))
        }
    })
}

fn at(frame: &Frame<'_>, output: &Input, vertex: &str) -> Result<Place, Unsupported> {
    use Semantic as S;
    let (semantic, number) = output.varying.semantic.ok_or(Unsupported::Semantic)?;
    Ok(match semantic {
        S::Position => Place::Vector(Base::Float, format!("gl_out[{vertex}].gl_Position")),
        S::TessOuter => Place::Parts([0, 1, 2, 3].map(|n| Some(format!("gl_TessLevelOuter[{n}]")))),
        S::TessInner => Place::Parts([
            Some("gl_TessLevelInner[0]".to_owned()),
            Some("gl_TessLevelInner[1]".to_owned()),
            None,
            None,
        ]),
        _ => {
            let name = varying_name(frame.shader.stage, semantic, number);
            let name = name.ok_or(Unsupported::Semantic)?;
            match semantic {
                S::Patch => Place::Vector(Base::Uint, name),
                _ => Place::Vector(Base::Uint, format!("{name}[{vertex}]")),
            }
        }
    })
}

/// The declarations of what goes out.
pub(super) fn declare(frame: &Frame<'_>, declaration: &Declaration, lines: &mut BTreeSet<String>) {
    for (_, varying) in program::registers(declaration) {
        let Some((semantic, number)) = varying.semantic else {
            continue;
        };
        if let Some(name) = varying_name(frame.shader.stage, semantic, number) {
            lines.insert(match semantic {
                Semantic::Patch => format!("patch out uvec4 {name};"),
                _ => format!("out uvec4 {name}[];"),
            });
        }
    }
}
