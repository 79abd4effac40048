//! Writes a shader as TGSI text, line for line as Mesa does with floats in hexadecimal.
//!
//! Properties come first, then declarations, immediates and instructions. Reading the text
//! gives the same shader again, but for the payload of a 64-bit NaN, which TGSI cannot spell.

use crate::ir::{
    Component, Declaration, Destination, Detail, Immediate, Index, Instruction, Location, Memory,
    Opcode, Property, Register, Semantic, Shader, Source, Texture, Varying, WriteMask,
};
use std::fmt::{self, Display, Write};

/// The most blocks that an instruction is indented for. Without a bound the text would grow
/// with the square of the nesting; Mesa indents without one.
const MAX_INDENTED: usize = 40;

/// The shader as text.
pub fn write(shader: &Shader) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_shader(&mut text, shader);
    text
}

fn write_shader(out: &mut String, shader: &Shader) -> fmt::Result {
    writeln!(out, "{}", shader.stage.name())?;
    for property in &shader.properties {
        writeln!(out, "PROPERTY {} {}", property.name(), Value(*property))?;
    }
    for declaration in &shader.declarations {
        write_declaration(out, declaration)?;
    }
    for (number, immediate) in shader.immediates.iter().enumerate() {
        write!(out, "IMM[{number}] {} {{", immediate.kind().name())?;
        write_immediate(out, *immediate)?;
        out.push_str("}\n");
    }
    let mut depth: usize = 0;
    for (number, instruction) in shader.instructions.iter().enumerate() {
        depth = depth.saturating_sub(usize::from(closes(instruction.opcode)));
        let indent = 2 * depth.min(MAX_INDENTED);
        write!(out, "{number:3}: {:indent$}", "")?;
        write_instruction(out, instruction)?;
        depth = depth.saturating_add(usize::from(opens(instruction.opcode)));
    }
    Ok(())
}

const fn opens(opcode: Opcode) -> bool {
    use Opcode::{Bgnloop, Bgnsub, Else, If, Uif};
    matches!(opcode, If | Uif | Else | Bgnloop | Bgnsub)
}

const fn closes(opcode: Opcode) -> bool {
    use Opcode::{Else, Endif, Endloop, Endsub};
    matches!(opcode, Else | Endif | Endloop | Endsub)
}

struct Value(Property);

impl Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Property::GsInputPrimitive(primitive) | Property::GsOutputPrimitive(primitive) => {
                f.write_str(primitive.name())
            }
            Property::FsCoordOrigin(origin) => f.write_str(origin.name()),
            Property::FsCoordPixelCenter(center) => f.write_str(center.name()),
            Property::NextShader(stage) => f.write_str(stage.name()),
            Property::Number(_, number) => write!(f, "{number}"),
        }
    }
}

fn write_declaration(out: &mut String, declaration: &Declaration) -> fmt::Result {
    write!(out, "DCL {}", declaration.file.name())?;
    if declaration.per_vertex {
        out.push_str("[]");
    }
    if let Some(dimension) = declaration.dimension {
        write!(out, "[{dimension}]")?;
    }
    write!(out, "[{}", declaration.first)?;
    if declaration.last != declaration.first {
        write!(out, "..{}", declaration.last)?;
    }
    out.push(']');
    write_mask(out, declaration.usage);
    if let Some(array) = declaration.array {
        write!(out, ", ARRAY({})", array.number())?;
    }
    if declaration.local {
        out.push_str(", LOCAL");
    }
    write_detail(out, declaration.detail)?;
    if declaration.invariant {
        out.push_str(", INVARIANT");
    }
    out.push('\n');
    Ok(())
}

fn write_detail(out: &mut String, detail: Detail) -> fmt::Result {
    match detail {
        Detail::Plain => {}
        Detail::Varying(varying) => write_varying(out, varying)?,
        Detail::SamplerView { target, returns } => {
            write!(out, ", {}", target.name())?;
            let [x, rest @ ..] = returns;
            write!(out, ", {}", x.name())?;
            if rest != [x; 3] {
                rest.iter()
                    .try_for_each(|kind| write!(out, ", {}", kind.name()))?;
            }
        }
        Detail::Image {
            target,
            format,
            writable,
            raw,
        } => {
            let format = format.map_or("PIPE_FORMAT_NONE", |format| format.name());
            write!(out, ", {}, {format}", target.name())?;
            out.push_str(if writable { ", WR" } else { "" });
            out.push_str(if raw { ", RAW" } else { "" });
        }
        Detail::Buffer { atomic } => out.push_str(if atomic { ", ATOMIC" } else { "" }),
        Detail::Memory { kind } => write!(out, ", {}", kind.name())?,
    }
    Ok(())
}

fn write_varying(out: &mut String, varying: Varying) -> fmt::Result {
    if let Some((semantic, number)) = varying.semantic {
        write!(out, ", {}", semantic.name())?;
        if number != 0 || matches!(semantic, Semantic::TexCoord | Semantic::Generic) {
            write!(out, "[{number}]")?;
        }
    }
    if varying.streams != [0; 4] {
        let [x, y, z, w] = varying.streams;
        write!(out, ", STREAM({x}, {y}, {z}, {w})")?;
    }
    if let Some(interpolation) = varying.interpolation {
        write!(out, ", {}", interpolation.name())?;
    }
    if varying.location != Location::Center {
        write!(out, ", {}", varying.location.name())?;
    }
    Ok(())
}

fn write_immediate(out: &mut String, immediate: Immediate) -> fmt::Result {
    match immediate {
        Immediate::Float(values) => write_list(out, values.map(|bits| format!("0x{bits:08x}"))),
        Immediate::Uint(values) => write_list(out, values),
        Immediate::Int(values) => write_list(out, values),
        Immediate::Double(values) => write_list(out, values.map(spell_double)),
        Immediate::Uint64(values) => write_list(out, values),
        Immediate::Int64(values) => write_list(out, values),
    }
}

/// The shortest decimal that reads as the same value, with at least Mesa's places. A NaN
/// keeps only its sign.
fn spell_double(bits: u64) -> String {
    let value = f64::from_bits(bits);
    if value.is_nan() {
        return if value.is_sign_negative() {
            "-nan"
        } else {
            "nan"
        }
        .to_owned();
    }
    let mesa = format!("{value:10.8}");
    if mesa.trim_start().parse() == Ok(value) {
        mesa
    } else {
        format!("{value}")
    }
}

fn write_list<T: Display>(out: &mut String, values: impl IntoIterator<Item = T>) -> fmt::Result {
    for (place, value) in values.into_iter().enumerate() {
        let separator = if place > 0 { ", " } else { "" };
        write!(out, "{separator}{value}")?;
    }
    Ok(())
}

fn write_instruction(out: &mut String, instruction: &Instruction) -> fmt::Result {
    out.push_str(instruction.opcode.info().name);
    out.push_str(if instruction.saturate { "_SAT" } else { "" });
    out.push_str(if instruction.precise { "_PRECISE" } else { "" });
    let mut separator = " ";
    for destination in &instruction.destinations {
        out.push_str(std::mem::replace(&mut separator, ", "));
        write_destination(out, destination)?;
    }
    for source in &instruction.sources {
        out.push_str(std::mem::replace(&mut separator, ", "));
        write_source(out, source)?;
    }
    if let Some(texture) = &instruction.texture {
        write_texture(out, texture)?;
    }
    if let Some(memory) = instruction.memory {
        write_memory(out, memory)?;
    }
    if let Some(label) = instruction.label {
        write!(out, " :{label}")?;
    }
    out.push('\n');
    Ok(())
}

fn write_destination(out: &mut String, destination: &Destination) -> fmt::Result {
    write_register(out, destination.register)?;
    write_mask(out, destination.mask);
    Ok(())
}

fn write_source(out: &mut String, source: &Source) -> fmt::Result {
    out.push_str(if source.negate { "-" } else { "" });
    out.push_str(if source.absolute { "|" } else { "" });
    write_register(out, source.register)?;
    if source.swizzle != Component::ALL {
        out.push('.');
        out.extend(source.swizzle.map(Component::letter));
    }
    out.push_str(if source.absolute { "|" } else { "" });
    Ok(())
}

fn write_register(out: &mut String, register: Register) -> fmt::Result {
    out.push_str(register.file.name());
    if let Some(dimension) = register.dimension {
        write_index(out, dimension)?;
    }
    write_index(out, register.index)
}

fn write_index(out: &mut String, index: Index) -> fmt::Result {
    let indirect = match index {
        Index::Direct(index) => return write!(out, "[{index}]"),
        Index::Indirect(indirect) => indirect,
    };
    let (file, register) = (indirect.file.name(), indirect.register);
    write!(out, "[{file}[{register}].{}", indirect.component.letter())?;
    if indirect.offset != 0 {
        write!(out, "{:+}", indirect.offset)?;
    }
    out.push(']');
    match indirect.array {
        Some(array) => write!(out, "({})", array.number()),
        None => Ok(()),
    }
}

fn write_mask(out: &mut String, mask: WriteMask) {
    if mask != WriteMask::XYZW {
        out.push('.');
        out.extend(mask.components().map(Component::letter));
    }
}

fn write_texture(out: &mut String, texture: &Texture) -> fmt::Result {
    if let Some(target) = texture.target {
        write!(out, ", {}", target.name())?;
    }
    for offset in &texture.offsets {
        write!(out, ", {}[{}].", offset.file.name(), offset.index)?;
        out.extend(offset.swizzle.map(Component::letter));
    }
    Ok(())
}

fn write_memory(out: &mut String, memory: Memory) -> fmt::Result {
    for qualifier in memory.qualifiers.iter() {
        write!(out, ", {}", qualifier.name())?;
    }
    if let Some(target) = memory.target {
        write!(out, ", {}", target.name())?;
    }
    if let Some(format) = memory.format {
        write!(out, ", {}", format.name())?;
    }
    Ok(())
}
