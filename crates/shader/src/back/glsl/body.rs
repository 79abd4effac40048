//! Instructions as statements.

use super::alu::{self, Form, Shape};
use super::double;
use super::error::Unsupported;
use super::registers::Registers;
use super::target::Target;
use super::texture::Samplers;
use super::value::{Base, Value};
use crate::ir::{Class, Component, Destination, File, Instruction, Opcode, OperandType, Source};
use std::fmt::Write;

/// The names that operands have in the table of operations.
const PLACES: [&str; 4] = ["$a", "$b", "$c", "$d"];

/// The statements of a shader.
pub(super) struct Body<'a> {
    pub(super) target: Target,
    pub(super) registers: &'a Registers<'a>,
    pub(super) samplers: Samplers,
    pub(super) text: String,
}

impl Body<'_> {
    /// One instruction.
    pub(super) fn add(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        match instruction.opcode.info().class {
            Class::Nop => Ok(()),
            Class::Flow => self.flow(instruction),
            Class::Kill => self.kill(instruction),
            Class::Alu | Class::Derivative => {
                if self.double(instruction)? {
                    return Ok(());
                }
                let form = alu::row(instruction.opcode).ok_or(operation)?;
                self.target.needs(form.version)?;
                self.compute(instruction, form)
            }
            Class::Texture => {
                let value = self
                    .samplers
                    .lookup(self.target, self.registers, instruction)?;
                match instruction.destinations.first() {
                    Some(destination) => self.write(instruction, destination, value, false),
                    None => Ok(()),
                }
            }
            _ => Err(operation),
        }
    }

    /// Writes the instruction if it is on doubles.
    fn double(&mut self, instruction: &Instruction) -> Result<bool, Unsupported> {
        let Some(destination) = instruction.destinations.first() else {
            return Ok(false);
        };
        let value = double::compute(self.target, self.registers, instruction, destination)?;
        let Some((destination, value)) = value else {
            return Ok(false);
        };
        // What is clamped was clamped as a double.
        self.assign(instruction.precise, &destination, value)?;
        Ok(true)
    }

    fn flow(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        use Opcode as O;
        let line = match instruction.opcode {
            O::If => format!("if ({} != 0.0) {{", self.condition(instruction)?),
            O::Uif => format!("if ({} != 0u) {{", self.condition(instruction)?),
            O::Else => "} else {".to_owned(),
            O::Bgnloop => "while (true) {".to_owned(),
            O::Endif | O::Endloop => "}".to_owned(),
            O::Brk => "break;".to_owned(),
            O::Cont => "continue;".to_owned(),
            O::Ret => "finish(); return;".to_owned(),
            O::End => "finish();".to_owned(),
            other => return Err(Unsupported::Operation(other.info().name)),
        };
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }

    fn kill(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let line = match instruction.opcode {
            Opcode::Kill => "discard;".to_owned(),
            Opcode::KillIf => {
                let value = self.operand(instruction, 0, &Component::ALL)?;
                format!("if (any(lessThan({}, vec4(0.0)))) discard;", value.text)
            }
            other => return Err(Unsupported::Operation(other.info().name)),
        };
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }

    fn condition(&self, instruction: &Instruction) -> Result<String, Unsupported> {
        let value = self.operand(instruction, 0, &[Component::X])?;
        Ok(value.text)
    }

    fn operand(
        &self,
        instruction: &Instruction,
        number: usize,
        components: &[Component],
    ) -> Result<Value, Unsupported> {
        let kind = instruction.opcode.info().sources.get(number);
        let kind = kind.copied().unwrap_or(OperandType::Bits);
        let Some(source) = instruction.sources.get(number) else {
            return Err(Unsupported::Operation(instruction.opcode.info().name));
        };
        let floats = instruction.saturate && kind == OperandType::Bits;
        let base = if floats {
            Some(Base::Float)
        } else {
            base(kind)
        };
        let base = base.ok_or(Unsupported::Operation(instruction.opcode.info().name))?;
        operand(self.registers, source, kind, base, components)
    }

    fn compute(&mut self, instruction: &Instruction, form: Form) -> Result<(), Unsupported> {
        let Some(destination) = instruction.destinations.first() else {
            return Ok(());
        };
        let mask: Vec<_> = destination.mask.components().collect();
        let value = match form.shape {
            Shape::Each | Shape::One(..) | Shape::Mask(..) => {
                self.expression(instruction, form, &mask)?
            }
            Shape::Scalar => self.expression(instruction, form, &[Component::X])?,
            Shape::Dot(width) => {
                let read: Vec<_> = Component::ALL.into_iter().take(width).collect();
                let value = self.expression(instruction, form, &read)?;
                Value::new(value.base, 1, value.text)
            }
            Shape::Whole => self
                .expression(instruction, form, &Component::ALL)?
                .select(&mask),
            Shape::Lanes => self.lanes(instruction, form, &mask)?,
        };
        self.write(instruction, destination, value, true)
    }

    fn lanes(
        &self,
        instruction: &Instruction,
        form: Form,
        mask: &[Component],
    ) -> Result<Value, Unsupported> {
        let mut lanes = Vec::new();
        let mut base = Base::Uint;
        for component in mask {
            let lane = self.expression(instruction, form, &[*component])?;
            base = lane.base;
            lanes.push(lane.text);
        }
        let text = match lanes.len() {
            1 => format!("({})", lanes.concat()),
            width => format!("{}({})", base.vector(width), lanes.join(", ")),
        };
        Ok(Value::new(base, mask.len(), text))
    }

    /// The row's expression over these components of the operands.
    fn expression(
        &self,
        instruction: &Instruction,
        form: Form,
        components: &[Component],
    ) -> Result<Value, Unsupported> {
        let width = components.len();
        let mut operands = Vec::new();
        for number in 0..instruction.sources.len() {
            operands.push(self.operand(instruction, number, components)?.text);
        }
        let info = instruction.opcode.info();
        let result = match info.destinations.first() {
            Some(OperandType::Bits) if instruction.saturate => Some(Base::Float),
            Some(kind) => base(*kind),
            None => None,
        };
        let result = result.ok_or(Unsupported::Operation(info.name))?;
        let compared = |operator: &str, function: &str| match width {
            1 => format!("({})", operands.join(&format!(" {operator} "))),
            _ => format!("{function}({})", operands.join(", ")),
        };
        let (base, text) = match form.shape {
            Shape::One(operator, function) => {
                let truth = compared(operator, function);
                (
                    Base::Float,
                    format!("{}({truth})", Base::Float.vector(width)),
                )
            }
            Shape::Mask(operator, function) => {
                let truth = compared(operator, function);
                let text = format!("{}({truth}) * 0xffffffffu", Base::Uint.vector(width));
                (Base::Uint, text)
            }
            _ => (result, filled(form.text, &operands, width)),
        };
        Ok(Value::new(base, width, text))
    }

    /// Assigns what is written of the value.
    fn write(
        &mut self,
        instruction: &Instruction,
        destination: &Destination,
        value: Value,
        narrow: bool,
    ) -> Result<(), Unsupported> {
        let mask: Vec<_> = destination.mask.components().collect();
        let value = if narrow { value } else { value.select(&mask) };
        let value = match instruction.saturate {
            true => {
                let value = value.bits_as(Base::Float);
                let text = format!("clamp({}, 0.0, 1.0)", value.text);
                Value::new(Base::Float, value.width, text)
            }
            false => value,
        };
        let precise = instruction.precise && value.base == Base::Float;
        self.assign(precise, destination, value)
    }

    fn assign(
        &mut self,
        precise: bool,
        destination: &Destination,
        value: Value,
    ) -> Result<(), Unsupported> {
        if destination.register.file == File::Null {
            return Ok(());
        }
        let place = self.registers.variable(destination.register)?;
        let width = destination.mask.components().count();
        let letters = destination.mask.components().map(Component::letter);
        let place_text = format!("{}.{}", place.text, letters.collect::<String>());
        // Before 4.00 the language has no word for it, and promises nothing.
        if precise && self.target.needs(400).is_ok() {
            let kind = value.base.vector(value.width);
            let named = Value::new(value.base, value.width, "exact");
            let cast = named.bits_as(place.base).spread(width).text;
            let value = value.text;
            let _ = writeln!(
                self.text,
                "{{ precise {kind} exact = {value}; {place_text} = {cast}; }}"
            );
            return Ok(());
        }
        let value = value.bits_as(place.base).spread(width);
        let _ = writeln!(self.text, "{place_text} = {};", value.text);
        Ok(())
    }
}

/// These components of an operand after its swizzle and modifiers.
pub(super) fn operand(
    registers: &Registers<'_>,
    source: &Source,
    kind: OperandType,
    base: Base,
    components: &[Component],
) -> Result<Value, Unsupported> {
    let [x, y, z, w] = source.swizzle;
    let swizzled = components.iter().map(|component| match component {
        Component::X => x,
        Component::Y => y,
        Component::Z => z,
        Component::W => w,
    });
    let swizzled: Vec<_> = swizzled.collect();
    let value = registers.read(source.register, &swizzled)?;
    if !source.absolute && !source.negate {
        return Ok(value.bits_as(base));
    }
    // Bits without a type are floats to the modifiers; integers have a sign to them.
    let modified = match (kind, base) {
        (OperandType::Bits, _) | (_, Base::Float) => Base::Float,
        _ => Base::Int,
    };
    let mut value = value.bits_as(modified);
    if source.absolute {
        value.text = format!("abs({})", value.text);
    }
    if source.negate {
        value.text = format!("(-{})", value.text);
    }
    Ok(value.bits_as(base))
}

const fn base(kind: OperandType) -> Option<Base> {
    match kind {
        OperandType::Float => Some(Base::Float),
        OperandType::Int => Some(Base::Int),
        OperandType::Uint | OperandType::Bits => Some(Base::Uint),
        _ => None,
    }
}

fn filled(template: &str, operands: &[String], width: usize) -> String {
    let mut text = template
        .replace("$f", Base::Float.vector(width))
        .replace("$i", Base::Int.vector(width))
        .replace("$u", Base::Uint.vector(width));
    for (place, operand) in PLACES.iter().zip(operands) {
        text = text.replace(place, operand);
    }
    text
}
