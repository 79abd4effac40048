//! Which operations a stage has.

use super::holds;
use super::rule::Rule;
use crate::ir::{Class, Instruction, Opcode, Stage};

/// The stage has the operation.
pub(super) fn check(stage: Stage, instruction: &Instruction) -> Result<(), Rule> {
    let fits = match instruction.opcode.info().class {
        Class::Kill | Class::Derivative | Class::Interpolate | Class::Fragment => {
            stage == Stage::Fragment
        }
        Class::Emit => stage == Stage::Geometry,
        Class::Barrier => matches!(stage, Stage::Compute | Stage::TessControl),
        Class::Texture if needs_neighbours(instruction.opcode) => stage == Stage::Fragment,
        _ => true,
    };
    holds(fits, Rule::OperationOfAnotherStage)
}

/// Whether the level of detail comes from the neighbouring fragments and cannot do without.
const fn needs_neighbours(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::Txb | Opcode::Txb2 | Opcode::Lodq)
}
