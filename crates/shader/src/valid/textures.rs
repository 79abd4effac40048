//! What textures and images have to be for an operation.

use super::holds;
use super::registers::Registers;
use super::rule::Rule;
use crate::ir::{
    Class, Detail, File, Index, Instruction, Memory, Opcode, Register, Target, Texture,
};

/// Targets and offsets fit the operation and what is declared.
pub(super) fn check(registers: &Registers, instruction: &Instruction) -> Result<(), Rule> {
    if let Some(texture) = &instruction.texture {
        check_declared_target(registers, instruction, texture)?;
        check_target(instruction.opcode, texture)?;
        check_offsets(instruction.opcode, texture)?;
    }
    match (instruction.memory, resource(instruction)) {
        (Some(memory), Some(resource)) => {
            check_image(registers, instruction.opcode, memory, resource)
        }
        _ => Ok(()),
    }
}

/// The target is that of the view with the sampler's number. Views of samplers that only
/// the run will tell, and samplers without a view, are not looked at.
fn check_declared_target(
    registers: &Registers,
    instruction: &Instruction,
    texture: &Texture,
) -> Result<(), Rule> {
    let (Some(target), Some(sampler)) = (texture.target, instruction.sources.last()) else {
        return Ok(());
    };
    let Some(detail) = detail(registers, File::SamplerView, sampler.register) else {
        return Ok(());
    };
    let fits = matches!(detail, Detail::SamplerView { target: declared, .. } if declared == target);
    holds(fits, Rule::Target)
}

/// What the register of this file at the operand's index is, where that can be told.
fn detail(registers: &Registers, file: File, register: Register) -> Option<Detail> {
    let Index::Direct(index) = register.index else {
        return None;
    };
    let index = u16::try_from(index).ok()?;
    let declaration = registers.declaration(file, None, index)?;
    Some(declaration.detail)
}

/// Buffers and multisampled textures have no filter, and only some shapes can be gathered.
fn check_target(opcode: Opcode, texture: &Texture) -> Result<(), Rule> {
    use Opcode as O;
    use Target as T;
    let Some(target) = texture.target else {
        return Ok(());
    };
    let fits = match opcode {
        O::Txqs => target.is_multisampled(),
        O::Txq => true,
        O::Txf => !target.is_shadow() && !is_cube(target),
        O::Tg4 => {
            is_cube(target)
                || matches!(
                    target,
                    T::D2 | T::D2Array | T::Rect | T::Shadow2d | T::Shadow2dArray | T::ShadowRect
                )
        }
        _ => !matches!(target, T::Buffer | T::D2Msaa | T::D2ArrayMsaa),
    };
    holds(fits, Rule::TargetOfAnotherOperation)
}

const fn is_cube(target: Target) -> bool {
    use Target as T;
    matches!(
        target,
        T::Cube | T::CubeArray | T::ShadowCube | T::ShadowCubeArray
    )
}

/// Four offsets for a gather, one for what filters or fetches, none for queries and for
/// shapes whose texels have no neighbours to count to.
fn check_offsets(opcode: Opcode, texture: &Texture) -> Result<(), Rule> {
    use Opcode as O;
    use Target as T;
    let most = match (opcode, texture.target) {
        (_, Some(T::Buffer | T::D2Msaa | T::D2ArrayMsaa)) => 0,
        (_, Some(target)) if is_cube(target) => 0,
        (O::Tg4, _) => 4,
        (O::Txq | O::Txqs | O::Lodq | O::Sviewinfo, _) => 0,
        _ => 1,
    };
    holds(texture.offsets.len() <= most, Rule::Offsets)
}

/// The resource of a memory operation.
fn resource(instruction: &Instruction) -> Option<Register> {
    if instruction.opcode.info().class != Class::Memory {
        return None;
    }
    if instruction.opcode == Opcode::Store {
        let destination = instruction.destinations.first()?;
        return Some(destination.register);
    }
    instruction.sources.first().map(|source| source.register)
}

/// Only images have a target, their own; they are written if they may be, and read if the
/// format is known.
fn check_image(
    registers: &Registers,
    opcode: Opcode,
    memory: Memory,
    resource: Register,
) -> Result<(), Rule> {
    if resource.file != File::Image {
        let plain = memory.target.is_none() && memory.format.is_none();
        return holds(plain, Rule::Target);
    }
    let Some(Detail::Image {
        target,
        format,
        writable,
        ..
    }) = detail(registers, File::Image, resource)
    else {
        return Ok(());
    };
    let said = memory.target.unwrap_or(Target::Buffer);
    holds(said == target, Rule::Target)?;
    let may = match opcode {
        Opcode::Resq => true,
        Opcode::Load => format.is_some(),
        Opcode::Store => writable,
        _ => writable && format.is_some(),
    };
    holds(may, Rule::ImageAccess)
}
