//! The outputs of tessellation control shaders. All invocations of a patch can read them,
//! so that they are written where they are, not from registers at the end.

use super::body::Body;
use super::error::Unsupported;
use super::frame::{Frame, varying_name};
use super::inputs::Input;
use super::program;
use super::value::{Base, Value};
use crate::ir::{Component, Declaration, Destination, Index, NumericProperty, Semantic};
use std::collections::BTreeSet;
use std::fmt::Write;

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

impl Body<'_> {
    /// Assigns an output of tessellation control, or one of those that the run chooses.
    pub(super) fn assign_shared(
        &mut self,
        destination: &Destination,
        value: Value,
    ) -> Result<(), Unsupported> {
        let mask: Vec<_> = destination.mask.components().collect();
        let value = value.bits_as(Base::Uint).spread(mask.len()).text;
        if let Index::Indirect(_) = destination.register.index {
            let selector = self.registers.chosen_output(destination.register);
            let bits = mask.iter().fold(0, |bits, one| bits | 1_u32 << *one as u32);
            let value = spread_over(&mask, &value);
            let _ = writeln!(self.text, "write_output({selector}, {value}, {bits}u);");
            return Ok(());
        }
        let output = self.registers.input(destination.register)?;
        let place = place(&self.registers.frame, output)?;
        let kind = Base::Uint.vector(mask.len());
        let _ = writeln!(self.text, "{{ {kind} value = {value};");
        match place {
            Place::Vector(base, text) => {
                let letters: String = mask.iter().map(|one| one.letter()).collect();
                let value = Value::new(Base::Uint, mask.len(), "value");
                let value = value.bits_as(base).text;
                let _ = writeln!(self.text, "{text}.{letters} = {value};");
            }
            Place::Parts(parts) => {
                for (component, letter) in mask.iter().zip(Component::ALL) {
                    if let Some(Some(to)) = parts.get(*component as usize) {
                        let part = match mask.len() {
                            1 => "value".to_owned(),
                            _ => format!("value.{}", letter.letter()),
                        };
                        let _ = writeln!(self.text, "{to} = uintBitsToFloat({part});");
                    }
                }
            }
        }
        self.text.push_str("}\n");
        Ok(())
    }
}

/// A vector of four with the values at the places of the mask.
fn spread_over(mask: &[Component], value: &str) -> String {
    if mask.len() == 1 {
        return format!("uvec4({value})");
    }
    let mut next = 0_usize;
    let letters = Component::ALL.map(|component| {
        let letter = Component::ALL.get(next).copied().unwrap_or(Component::X);
        if mask.contains(&component) {
            next = next.saturating_add(1);
            letter.letter()
        } else {
            'x'
        }
    });
    let letters: String = letters.iter().collect();
    format!("({value}).{letters}")
}

/// The cases of `write_output(index, value, mask)`, which writes what the run chooses.
pub(super) fn write_cases(
    frame: &Frame<'_>,
    outputs: &[Input],
    out: &mut String,
) -> Result<(), Unsupported> {
    for output in outputs {
        let _ = writeln!(out, "case {}:", output.index);
        let place = place(frame, output)?;
        for component in Component::ALL {
            let letter = component.letter();
            let bit = 1_u32 << component as u32;
            let line = match &place {
                Place::Vector(base, text) => {
                    let value = Value::new(Base::Uint, 1, format!("value.{letter}"));
                    format!("{text}.{letter} = {}", value.bits_as(*base).text)
                }
                Place::Parts(parts) => match parts.get(component as usize) {
                    Some(Some(to)) => format!("{to} = uintBitsToFloat(value.{letter})"),
                    _ => continue,
                },
            };
            let _ = writeln!(out, "if ((mask & {bit}u) != 0u) {line};");
        }
        out.push_str("break;\n");
    }
    Ok(())
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
                _ if frame.language.is_es() => format!("flat out uvec4 {name}[];"),
                _ => format!("out uvec4 {name}[];"),
            });
        }
    }
}
