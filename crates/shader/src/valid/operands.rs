//! What operands may be.

use super::holds;
use super::registers::{Registers, Shape};
use super::rule::Rule;
use crate::ir::{
    Class, Component, Destination, File, Index, IndirectIndex, Instruction, Opcode, OperandType,
    Register, Semantic, Source, Stage, WriteMask,
};

/// Vertices of the largest patch (`gl_MaxPatchVertices` everywhere), so also of any primitive.
const MAX_VERTICES: i16 = 32;

/// Every operand is of the right kind, and is declared as far as can be told.
pub(super) fn check(
    stage: Stage,
    registers: &Registers,
    instruction: &Instruction,
) -> Result<(), Rule> {
    let info = instruction.opcode.info();
    for (destination, kind) in instruction.destinations.iter().zip(info.destinations) {
        check_destination(instruction.opcode, *kind, destination)?;
        check_register(registers, destination.register)?;
        check_saturation(instruction, *kind)?;
    }
    for (number, (source, kind)) in instruction.sources.iter().zip(info.sources).enumerate() {
        check_file(stage, instruction.opcode, number, *kind, source)?;
        check_pairs(instruction, *kind, source)?;
        check_register(registers, source.register)?;
    }
    for offset in instruction
        .texture
        .iter()
        .flat_map(|texture| &texture.offsets)
    {
        let readable = matches!(
            offset.file,
            File::Immediate | File::Temporary | File::Constant | File::Input
        );
        holds(readable, Rule::NotReadable)?;
        check_plain(registers, offset.file, offset.index)?;
    }
    Ok(())
}

/// Only what can be written is, and 64-bit results fill pairs.
fn check_destination(
    opcode: Opcode,
    kind: OperandType,
    destination: &Destination,
) -> Result<(), Rule> {
    let file = destination.register.file;
    if kind == OperandType::Resource {
        let stores = matches!(file, File::Image | File::Buffer | File::Memory);
        return holds(stores, Rule::OperandKind);
    }
    let writable = match file {
        File::Temporary | File::Output | File::Null => true,
        File::Address => matches!(opcode, Opcode::Arl | Opcode::Arr | Opcode::Uarl),
        _ => false,
    };
    holds(writable, Rule::NotWritable)?;
    let [x, y, z, w] = Component::ALL.map(|component| destination.mask.has(component));
    holds(!kind.is_wide() || x == y && z == w, Rule::NotAPair)
}

/// Only what is floating-point is clamped to 0..1.
fn check_saturation(instruction: &Instruction, kind: OperandType) -> Result<(), Rule> {
    use OperandType::{Bits, Double, Float};
    let floats = matches!(kind, Float | Double | Bits);
    holds(!instruction.saturate || floats, Rule::Saturate)
}

/// Values come from files of values, samplers from samplers, and so on.
fn check_file(
    stage: Stage,
    opcode: Opcode,
    number: usize,
    kind: OperandType,
    source: &Source,
) -> Result<(), Rule> {
    use File as F;
    let file = source.register.file;
    match kind {
        OperandType::Sampler => return holds(file == F::Sampler, Rule::OperandKind),
        OperandType::View => return holds(file == F::SamplerView, Rule::OperandKind),
        OperandType::Resource => return holds(is_resource(opcode, file), Rule::OperandKind),
        _ => {}
    }
    if number == 0 && opcode.info().class == Class::Interpolate {
        return holds(file == F::Input, Rule::OperandKind);
    }
    if opcode == Opcode::Fbfetch {
        return holds(file == F::Output, Rule::OperandKind);
    }
    match file {
        F::Constant | F::Input | F::Temporary | F::Immediate | F::SystemValue => Ok(()),
        F::Output => holds(stage == Stage::TessControl, Rule::NotReadable),
        F::Null | F::Address => Err(Rule::NotReadable),
        _ => Err(Rule::OperandKind),
    }
}

fn is_resource(opcode: Opcode, file: File) -> bool {
    match file {
        File::Image | File::Buffer => true,
        File::Memory | File::HwAtomic => opcode != Opcode::Resq,
        _ => false,
    }
}

/// 64-bit values are read from pairs. Each pair of a wide result comes from its own pair;
/// the first component of a narrow result comes from the first pair, the next from the
/// second, whichever components they are.
fn check_pairs(instruction: &Instruction, kind: OperandType, source: &Source) -> Result<(), Rule> {
    if !kind.is_wide() {
        return Ok(());
    }
    let mask = instruction
        .destinations
        .first()
        .map_or(WriteMask::XYZW, |destination| destination.mask);
    let [x, y, z, w] = source.swizzle;
    let pair = |low, high| {
        matches!(
            (low, high),
            (Component::X, Component::Y) | (Component::Z, Component::W)
        )
    };
    let kinds = instruction.opcode.info().destinations;
    let second = if kinds.first().is_some_and(|kind| kind.is_wide()) {
        mask.has(Component::Z) || mask.has(Component::W)
    } else {
        mask.components().count() > 1
    };
    holds(pair(x, y) && (!second || pair(z, w)), Rule::NotAPair)
}

/// The register is declared: this one where it is named directly, some of its shape
/// where only the run will tell.
fn check_register(registers: &Registers, register: Register) -> Result<(), Rule> {
    let file = register.file;
    if file == File::Null {
        return Ok(());
    }
    for index in register.dimension.iter().chain([&register.index]) {
        if let Index::Indirect(indirect) = index {
            check_indirect(registers, file, indirect)?;
        }
    }
    match (register.dimension, register.index) {
        // An index outside of an array of images is undefined in GLSL and no error; Mesa
        // folds it into the text.
        (None, Index::Direct(_)) if file == File::Image => {
            holds(registers.has_shape(file, Shape::Plain), Rule::NotDeclared)
        }
        (None, Index::Direct(index)) => check_plain(registers, file, unsigned(index)?),
        (None, Index::Indirect(_)) if file == File::Immediate => {
            holds(registers.has_immediate(0), Rule::NotDeclared)
        }
        (None, Index::Indirect(_)) => {
            holds(registers.has_shape(file, Shape::Plain), Rule::NotDeclared)
        }
        (Some(dimension), index) => check_two(registers, file, dimension, index),
    }
}

/// A register without a second dimension. The number of a memory means nothing: a shader
/// has one shared memory, and Mesa up to 25.0 declares it as 1 and uses it as 0.
fn check_plain(registers: &Registers, file: File, index: u16) -> Result<(), Rule> {
    match file {
        File::Immediate => return holds(registers.has_immediate(index), Rule::NotDeclared),
        File::Memory => return holds(registers.has_shape(file, Shape::Plain), Rule::NotDeclared),
        _ => {}
    }
    let declaration = registers
        .declaration(file, None, index)
        .ok_or(Rule::NotDeclared)?;
    // The number of a primitive is declared with `[]` in a geometry shader, and read without:
    // `tgsi_dump.c` puts it, and `nir_to_tgsi.c` does not know of it.
    let plain = Shape::of(declaration) == Shape::Plain || declaration.means(Semantic::PrimitiveId);
    holds(plain, Rule::Dimensions)
}

/// A register of a vertex, or of a numbered buffer.
fn check_two(
    registers: &Registers,
    file: File,
    dimension: Index,
    index: Index,
) -> Result<(), Rule> {
    let shape = match file {
        File::Input | File::Output => Shape::PerVertex,
        File::Constant | File::HwAtomic => Shape::Numbered,
        _ => return Err(Rule::Dimensions),
    };
    holds(registers.has_shape(file, shape), Rule::NotDeclared)?;
    let key = match (shape, dimension) {
        (Shape::Numbered, Index::Direct(number)) => Some(unsigned(number)?),
        (Shape::Numbered, Index::Indirect(_)) => return Ok(()),
        (_, Index::Direct(vertex)) => {
            holds((0..MAX_VERTICES).contains(&vertex), Rule::NotDeclared)?;
            None
        }
        (_, Index::Indirect(_)) => None,
    };
    let Index::Direct(index) = index else {
        return Ok(());
    };
    let declaration = registers
        .declaration(file, key, unsigned(index)?)
        .ok_or(Rule::NotDeclared)?;
    holds(Shape::of(declaration) == shape, Rule::Dimensions)
}

/// The index is read from a register that there is, and its array exists.
fn check_indirect(registers: &Registers, file: File, indirect: &IndirectIndex) -> Result<(), Rule> {
    let holds_index = matches!(indirect.file, File::Address | File::Temporary);
    holds(holds_index, Rule::IndexFile)?;
    check_plain(registers, indirect.file, indirect.register)?;
    let known = indirect
        .array
        .is_none_or(|array| registers.has_array(file, array));
    holds(known, Rule::ArrayNotDeclared)
}

fn unsigned(index: i16) -> Result<u16, Rule> {
    u16::try_from(index).map_err(|_| Rule::NotDeclared)
}
