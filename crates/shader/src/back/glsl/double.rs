//! Operations on doubles: 64-bit floating point in pairs of components.

use super::body::operand;
use super::error::Unsupported;
use super::registers::Registers;
use super::target::Target;
use super::value::{Base, Value};
use crate::ir::{Component, Destination, Instruction, Opcode, OperandType, Source, WriteMask};

/// What one pair gives.
#[derive(Clone, Copy)]
enum Gives {
    Double,
    Float,
    Int,
    Uint,
    /// All bits or none.
    Mask,
}

/// The expression over operands `$a` to `$c`, as in the table of the other operations.
const fn row(opcode: Opcode) -> Option<(Gives, &'static str)> {
    use Gives as G;
    use Opcode as O;
    Some(match opcode {
        O::Dadd => (G::Double, "$a + $b"),
        O::Dmul => (G::Double, "$a * $b"),
        O::Ddiv => (G::Double, "$a / $b"),
        O::Dmin => (G::Double, "min($a, $b)"),
        O::Dmax => (G::Double, "max($a, $b)"),
        O::Dmad => (G::Double, "$a * $b + $c"),
        O::Dfma => (G::Double, "fma($a, $b, $c)"),
        O::Dabs => (G::Double, "abs($a)"),
        O::Dneg => (G::Double, "-$a"),
        O::Drcp => (G::Double, "1.0lf / $a"),
        O::Dsqrt => (G::Double, "sqrt($a)"),
        O::Drsq => (G::Double, "inversesqrt($a)"),
        O::Dfrac => (G::Double, "fract($a)"),
        O::Dtrunc => (G::Double, "trunc($a)"),
        O::Dceil => (G::Double, "ceil($a)"),
        O::Dflr => (G::Double, "floor($a)"),
        O::Dround => (G::Double, "roundEven($a)"),
        O::Dssg => (G::Double, "sign($a)"),
        O::F2D | O::I2D | O::U2D => (G::Double, "double($a)"),
        O::D2F => (G::Float, "float($a)"),
        O::D2I => (G::Int, "int($a)"),
        O::D2U => (G::Uint, "uint($a)"),
        O::Dslt => (G::Mask, "$a < $b"),
        O::Dsge => (G::Mask, "$a >= $b"),
        O::Dseq => (G::Mask, "$a == $b"),
        O::Dsne => (G::Mask, "$a != $b"),
        _ => return None,
    })
}

/// The bits that the operation gives, and the destination as far as it is written: a wide
/// result fills pairs, and of a narrow one the first two components each have a pair.
/// Nothing for what is no operation on doubles.
pub(super) fn compute(
    target: Target,
    registers: &Registers<'_>,
    instruction: &Instruction,
    destination: &Destination,
) -> Result<Option<(Destination, Value)>, Unsupported> {
    let Some((gives, template)) = row(instruction.opcode) else {
        return Ok(None);
    };
    target.needs(400)?;
    let wide = matches!(gives, Gives::Double);
    let written: Vec<_> = destination.mask.components().collect();
    let (mask, pairs) = if wide {
        let pairs = written.iter().map(|one| usize::from(*one >= Component::Z));
        let mut pairs: Vec<_> = pairs.collect();
        pairs.dedup();
        (written, pairs)
    } else {
        let written: Vec<_> = written.into_iter().take(2).collect();
        let pairs = (0..written.len()).collect();
        (written, pairs)
    };
    let mut parts = Vec::new();
    for pair in pairs {
        parts.push(part(registers, instruction, gives, template, pair)?);
    }
    let width = mask.len();
    let text = match parts.len() {
        1 => parts.concat(),
        _ => format!("{}({})", Base::Uint.vector(width), parts.join(", ")),
    };
    let mask = WriteMask::new(&mask).unwrap_or(destination.mask);
    let destination = Destination {
        mask,
        ..*destination
    };
    Ok(Some((destination, Value::new(Base::Uint, width, text))))
}

/// The bits from one pair of each operand.
fn part(
    registers: &Registers<'_>,
    instruction: &Instruction,
    gives: Gives,
    template: &str,
    pair: usize,
) -> Result<String, Unsupported> {
    let mut text = template.to_owned();
    let kinds = instruction.opcode.info().sources;
    let operands = instruction.sources.iter().zip(kinds);
    for ((source, kind), place) in operands.zip(["$a", "$b", "$c"]) {
        let narrow = match pair {
            0 => Component::X,
            _ => Component::Y,
        };
        let value = match kind {
            OperandType::Float => operand(registers, source, *kind, Base::Float, &[narrow])?.text,
            OperandType::Int => operand(registers, source, *kind, Base::Int, &[narrow])?.text,
            OperandType::Uint => operand(registers, source, *kind, Base::Uint, &[narrow])?.text,
            OperandType::Double => read(registers, source, pair)?,
            _ => return Err(Unsupported::Operation(instruction.opcode.info().name)),
        };
        text = text.replace(place, &value);
    }
    Ok(match gives {
        Gives::Double if instruction.saturate => {
            format!("unpackDouble2x32(clamp({text}, 0.0lf, 1.0lf))")
        }
        Gives::Double => format!("unpackDouble2x32({text})"),
        Gives::Float if instruction.saturate => {
            format!("floatBitsToUint(clamp({text}, 0.0, 1.0))")
        }
        Gives::Float => format!("floatBitsToUint({text})"),
        Gives::Int => format!("uint({text})"),
        Gives::Uint => text,
        Gives::Mask => format!("uint({text}) * 0xffffffffu"),
    })
}

/// The double in one pair of a source.
fn read(registers: &Registers<'_>, source: &Source, pair: usize) -> Result<String, Unsupported> {
    let pair: &[Component] = match pair {
        0 => &[Component::X, Component::Y],
        _ => &[Component::Z, Component::W],
    };
    let plain = Source {
        absolute: false,
        negate: false,
        ..*source
    };
    let bits = operand(registers, &plain, OperandType::Bits, Base::Uint, pair)?;
    let mut text = format!("packDouble2x32({})", bits.text);
    if source.absolute {
        text = format!("abs({text})");
    }
    if source.negate {
        text = format!("(-{text})");
    }
    Ok(text)
}
