//! Operations on 64-bit values: floating point and integers in pairs of components.

use super::body::operand;
use super::error::Unsupported;
use super::feature;
use super::registers::Registers;
use super::value::{Base, Value};
use crate::ir::{Component, Destination, Instruction, Opcode, OperandType, Source, WriteMask};

/// What one pair gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Double,
    Int64,
    Uint64,
    Float,
    Int,
    Uint,
    /// All bits or none.
    Mask,
}

impl Gives {
    const fn is_wide(self) -> bool {
        matches!(self, Self::Double | Self::Int64 | Self::Uint64)
    }
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
        O::Dldexp => (G::Double, "ldexp($a, $b)"),
        O::F2D | O::I2D | O::U2D | O::I642D | O::U642D => (G::Double, "double($a)"),
        O::D2F | O::I642F | O::U642F => (G::Float, "float($a)"),
        O::D2I => (G::Int, "int($a)"),
        O::D2U => (G::Uint, "uint($a)"),
        O::Dslt | O::I64Slt | O::U64Slt => (G::Mask, "$a < $b"),
        O::Dsge | O::I64Sge | O::U64Sge => (G::Mask, "$a >= $b"),
        O::Dseq | O::U64Seq => (G::Mask, "$a == $b"),
        O::Dsne | O::U64Sne => (G::Mask, "$a != $b"),
        _ => return integers(opcode),
    })
}

const fn integers(opcode: Opcode) -> Option<(Gives, &'static str)> {
    use Gives as G;
    use Opcode as O;
    Some(match opcode {
        O::I64Abs => (G::Int64, "abs($a)"),
        O::I64Neg => (G::Int64, "-$a"),
        O::I64Ssg => (G::Int64, "sign($a)"),
        O::I64Min => (G::Int64, "min($a, $b)"),
        O::I64Max => (G::Int64, "max($a, $b)"),
        O::I64Div => (G::Int64, "$a / $b"),
        O::I64Mod => (G::Int64, "$a % $b"),
        O::I64Shr => (G::Int64, "$a >> int($b & 63u)"),
        O::F2I64 | O::U2I64 | O::I2I64 | O::D2I64 => (G::Int64, "int64_t($a)"),
        O::F2U64 | O::D2U64 => (G::Uint64, "uint64_t($a)"),
        O::U64Add => (G::Uint64, "$a + $b"),
        O::U64Mul => (G::Uint64, "$a * $b"),
        O::U64Min => (G::Uint64, "min($a, $b)"),
        O::U64Max => (G::Uint64, "max($a, $b)"),
        O::U64Div => (G::Uint64, "$a / $b"),
        O::U64Mod => (G::Uint64, "$a % $b"),
        O::U64Shl => (G::Uint64, "$a << int($b & 63u)"),
        O::U64Shr => (G::Uint64, "$a >> int($b & 63u)"),
        _ => return None,
    })
}

/// The bits that the operation gives, and the destination as far as it is written: a wide
/// result fills pairs, and of a narrow one the first two components each have a pair.
/// Nothing for what is no operation on 64-bit values.
pub(super) fn compute(
    registers: &Registers<'_>,
    instruction: &Instruction,
    destination: &Destination,
) -> Result<Option<(Destination, Value)>, Unsupported> {
    let Some((gives, template)) = row(instruction.opcode) else {
        return Ok(None);
    };
    check(registers, instruction)?;
    let written: Vec<_> = destination.mask.components().collect();
    let (mask, pairs) = if gives.is_wide() {
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
    for pair in &pairs {
        let double = source_pair(&pairs, *pair);
        parts.push(part(
            registers,
            instruction,
            (gives, template),
            *pair,
            double,
        )?);
    }
    Ok(Some(joined(destination, &mask, &parts)))
}

/// The pair of an operand that holds the double for this pair of the result. Mesa's virgl
/// driver moves each into the first pair of a temporary, whichever single pair is written
/// (`virgl_tgsi_transform_instruction` in `virgl_tgsi.c`).
const fn source_pair(written: &[usize], pair: usize) -> usize {
    match written {
        [_] => 0,
        _ => pair,
    }
}

/// The halves of both results of DFRACEXP: its significands, and its exponents in the other
/// destination.
pub(super) fn significand(
    registers: &Registers<'_>,
    instruction: &Instruction,
) -> Result<Vec<(Destination, Value)>, Unsupported> {
    check(registers, instruction)?;
    let mut results = Vec::new();
    for (number, destination) in instruction.destinations.iter().enumerate() {
        let exponent = number > 0;
        let written: Vec<_> = destination.mask.components().collect();
        let pairs: Vec<usize> = match exponent {
            true => (0..written.len().min(2)).collect(),
            false => {
                let pairs = written.iter().map(|one| usize::from(*one >= Component::Z));
                let mut pairs: Vec<_> = pairs.collect();
                pairs.dedup();
                pairs
            }
        };
        let mut parts = Vec::new();
        for pair in &pairs {
            let pair = source_pair(&pairs, *pair);
            let Some(source) = instruction.sources.first() else {
                continue;
            };
            let value = read(registers, source, OperandType::Double, pair)?;
            parts.push(match exponent {
                true => format!("uint(double_exponent({value}))"),
                false => format!("unpackDouble2x32(double_significand({value}))"),
            });
        }
        let mask: Vec<_> = match exponent {
            true => written.into_iter().take(2).collect(),
            false => written,
        };
        results.push(joined(destination, &mask, &parts));
    }
    Ok(results)
}

/// The functions that [`significand`] calls.
pub(super) const FREXP: &str = "double double_significand(double value) {
int exponent;
return frexp(value, exponent);
}
int double_exponent(double value) {
int exponent;
frexp(value, exponent);
return exponent;
}
";

fn joined(destination: &Destination, mask: &[Component], parts: &[String]) -> (Destination, Value) {
    let width = mask.len();
    let text = match parts {
        [one] => one.clone(),
        _ => format!("{}({})", Base::Uint.vector(width), parts.join(", ")),
    };
    let mask = WriteMask::new(mask).unwrap_or(destination.mask);
    let destination = Destination {
        mask,
        ..*destination
    };
    (destination, Value::new(Base::Uint, width, text))
}

/// The target has the types that the operation reads and gives.
fn check(registers: &Registers<'_>, instruction: &Instruction) -> Result<(), Unsupported> {
    let info = instruction.opcode.info();
    for kind in info.sources.iter().chain(info.destinations) {
        match kind {
            OperandType::Double => registers.frame.needs(&feature::DOUBLE)?,
            OperandType::Int64 | OperandType::Uint64 => registers.frame.needs(&feature::INT64)?,
            _ => {}
        }
    }
    Ok(())
}

/// The bits from one pair of each operand.
fn part(
    registers: &Registers<'_>,
    instruction: &Instruction,
    (gives, template): (Gives, &str),
    pair: usize,
    double: usize,
) -> Result<String, Unsupported> {
    let mut text = template.to_owned();
    let kinds = instruction.opcode.info().sources;
    let operands = instruction.sources.iter().zip(kinds);
    for ((source, kind), place) in operands.zip(["$a", "$b", "$c"]) {
        // An exponent or a count of bits lies beside the value that it is for.
        let beside = gives.is_wide() && kinds.first().is_some_and(|kind| kind.is_wide());
        let narrow = match pair {
            0 => Component::X,
            _ if beside => Component::Z,
            _ => Component::Y,
        };
        let value = match kind {
            OperandType::Float => operand(registers, source, *kind, Base::Float, &[narrow])?.text,
            OperandType::Int => operand(registers, source, *kind, Base::Int, &[narrow])?.text,
            OperandType::Uint => operand(registers, source, *kind, Base::Uint, &[narrow])?.text,
            OperandType::Double => read(registers, source, *kind, double)?,
            kind if kind.is_wide() => read(registers, source, *kind, pair)?,
            _ => return Err(Unsupported::Operation(instruction.opcode.info().name)),
        };
        text = text.replace(place, &value);
    }
    Ok(match gives {
        Gives::Double if instruction.saturate => {
            format!("unpackDouble2x32(clamp({text}, 0.0lf, 1.0lf))")
        }
        Gives::Double => format!("unpackDouble2x32({text})"),
        Gives::Int64 => format!("unpackUint2x32(uint64_t({text}))"),
        Gives::Uint64 => format!("unpackUint2x32({text})"),
        Gives::Float if instruction.saturate => {
            format!("floatBitsToUint(clamp({text}, 0.0, 1.0))")
        }
        Gives::Float => format!("floatBitsToUint({text})"),
        Gives::Int => format!("uint({text})"),
        Gives::Uint => text,
        Gives::Mask => format!("uint({text}) * 0xffffffffu"),
    })
}

/// The value in one pair of a source.
fn read(
    registers: &Registers<'_>,
    source: &Source,
    kind: OperandType,
    pair: usize,
) -> Result<String, Unsupported> {
    let pair: &[Component] = match pair {
        0 => &[Component::X, Component::Y],
        _ => &[Component::Z, Component::W],
    };
    let plain = Source {
        absolute: false,
        negate: false,
        ..*source
    };
    let bits = operand(registers, &plain, OperandType::Bits, Base::Uint, pair)?.text;
    let mut text = match kind {
        OperandType::Double => format!("packDouble2x32({bits})"),
        OperandType::Int64 => format!("int64_t(packUint2x32({bits}))"),
        _ => format!("packUint2x32({bits})"),
    };
    if source.absolute && kind != OperandType::Uint64 {
        text = format!("abs({text})");
    }
    if source.negate {
        text = format!("(-{text})");
    }
    Ok(text)
}
