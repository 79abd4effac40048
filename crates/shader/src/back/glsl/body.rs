//! Instructions as statements.

use super::alu::{self, Form, Shape};
use super::error::Unsupported;
use super::feature;
use super::inputs;
use super::memory::Memory;
use super::registers::Registers;
use super::samplers::Samplers;
use super::value::{Base, Value};
use super::wide;
use crate::ir::{
    Class, Component, Destination, File, Instruction, Opcode, OperandType, Source, Stage,
};
use crate::limits::MAX_BODY_BYTES;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The names that operands have in the table of operations.
const PLACES: [&str; 4] = ["$a", "$b", "$c", "$d"];

/// The statements of a shader.
pub(super) struct Body<'a> {
    pub(super) registers: &'a Registers<'a>,
    pub(super) samplers: Samplers,
    pub(super) memory: Memory,
    pub(super) text: String,
    /// Functions of ours that the statements call.
    pub(super) functions: BTreeSet<&'static str>,
    /// The values that the open SWITCHes have a CASE for.
    pub(super) cases: Vec<BTreeSet<u32>>,
}

impl Body<'_> {
    /// One instruction.
    pub(super) fn add(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        if self.text.len() > MAX_BODY_BYTES {
            return Err(Unsupported::Length);
        }
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        match instruction.opcode.info().class {
            Class::Nop => Ok(()),
            Class::Flow => self.flow(instruction),
            Class::Kill => self.kill(instruction),
            Class::Alu | Class::Derivative => self.value(instruction),
            Class::Texture => {
                let value = self.samplers.lookup(self.registers, instruction)?;
                match instruction.destinations.first() {
                    Some(destination) => self.write(instruction, destination, value, false),
                    None => Ok(()),
                }
            }
            Class::Memory => self.memory(instruction),
            Class::MemoryBarrier => self.memory_barrier(instruction),
            Class::Barrier => {
                self.text.push_str("barrier();\n");
                Ok(())
            }
            Class::Emit => self.emit(instruction),
            Class::Interpolate => self.interpolate(instruction),
            Class::Fragment => self.fragment(instruction),
            Class::Group => self.vote(instruction),
            Class::Sample => Err(operation),
        }
    }

    fn value(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        if instruction.opcode == Opcode::Dfracexp {
            self.functions.insert(wide::FREXP);
            // Both are computed before either is written.
            let results = wide::significand(self.registers, instruction)?;
            self.text.push_str("{\n");
            for (number, (_, value)) in results.iter().enumerate() {
                let kind = value.base.vector(value.width);
                let text = &value.text;
                let _ = writeln!(self.text, "{kind} part{number} = {text};");
            }
            for (number, (destination, value)) in results.into_iter().enumerate() {
                let value = Value::new(value.base, value.width, format!("part{number}"));
                self.assign(false, &destination, value)?;
            }
            self.text.push_str("}\n");
            return Ok(());
        }
        if self.wide(instruction)? {
            return Ok(());
        }
        let form = alu::row(instruction.opcode).ok_or(operation)?;
        if let Some(feature) = form.feature {
            self.registers.frame.needs(feature)?;
        }
        self.functions.extend(form.function);
        self.compute(instruction, form)
    }

    /// Writes the instruction if it is on 64-bit values.
    fn wide(&mut self, instruction: &Instruction) -> Result<bool, Unsupported> {
        let Some(destination) = instruction.destinations.first() else {
            return Ok(false);
        };
        let value = wide::compute(self.registers, instruction, destination)?;
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
            O::Switch => {
                self.cases.push(BTreeSet::new());
                format!("switch ({}) {{", self.condition(instruction)?)
            }
            O::Case => {
                let value = self.registers.literal(instruction, 0)?;
                let known = self.cases.last_mut();
                if !known.is_some_and(|known| known.insert(value)) {
                    return Err(Unsupported::Operation(instruction.opcode.info().name));
                }
                format!("case {value:#x}u:")
            }
            O::Default => "default:".to_owned(),
            // A label has to have a statement after it.
            O::Endswitch => {
                self.cases.pop();
                "break; }".to_owned()
            }
            O::Ret if self.finishes() => "finish(); return;".to_owned(),
            O::Ret => "return;".to_owned(),
            O::End if self.finishes() => "finish();".to_owned(),
            O::End => return Ok(()),
            other => return Err(Unsupported::Operation(other.info().name)),
        };
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }

    /// Whether outputs are written where the shader ends.
    fn finishes(&self) -> bool {
        let stage = self.registers.frame.shader.stage;
        !matches!(stage, Stage::Compute | Stage::TessControl | Stage::Geometry)
    }

    fn emit(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let stream = self.registers.literal(instruction, 0)?;
        if stream > 0 {
            self.registers.frame.needs(&feature::STREAMS)?;
        }
        if stream > 3 {
            return Err(Unsupported::Operation(instruction.opcode.info().name));
        }
        let line = match (instruction.opcode, stream) {
            (Opcode::Emit, 0) => "finish(); EmitVertex();".to_owned(),
            (Opcode::Emit, _) => format!("finish(); EmitStreamVertex({stream});"),
            (_, 0) => "EndPrimitive();".to_owned(),
            _ => format!("EndStreamPrimitive({stream});"),
        };
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }

    /// An input evaluated elsewhere in the fragment; one that does not change over it is
    /// what it is everywhere.
    fn interpolate(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let (Some(source), Some(destination)) = (
            instruction.sources.first(),
            instruction.destinations.first(),
        ) else {
            return Err(operation);
        };
        let frame = &self.registers.frame;
        let input = self.registers.input(source.register)?;
        let Some(name) = inputs::interpolated_name(frame, input)? else {
            let mask: Vec<_> = destination.mask.components().collect();
            let value = self.operand(instruction, 0, &mask)?;
            return self.write(instruction, destination, value, true);
        };
        frame.needs(&feature::INTERPOLATION)?;
        let text = match instruction.opcode {
            Opcode::InterpCentroid => format!("interpolateAtCentroid({name})"),
            Opcode::InterpSample => {
                let sample = self.scalar(instruction, 1, Base::Int)?;
                format!("interpolateAtSample({name}, {sample})")
            }
            _ => {
                let offset = self.operand(instruction, 1, &[Component::X, Component::Y])?;
                format!("interpolateAtOffset({name}, {})", offset.text)
            }
        };
        let [x, y, z, w] = source.swizzle;
        let mut value = Value::new(Base::Float, 4, text).select(&[x, y, z, w]);
        if source.absolute {
            value.text = format!("abs({})", value.text);
        }
        if source.negate {
            value.text = format!("(-{})", value.text);
        }
        self.write(instruction, destination, value, false)
    }

    /// What only a fragment has.
    fn fragment(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let destination = instruction.destinations.first().ok_or(operation)?;
        let frame = &self.registers.frame;
        let value = match (instruction.opcode, instruction.sources.first()) {
            (Opcode::ReadHelper, _) => {
                frame.needs(&feature::HELPER_INVOCATION)?;
                Value::new(Base::Int, 1, "(gl_HelperInvocation ? -1 : 0)")
            }
            (Opcode::Fbfetch, Some(source)) => {
                let output = self.registers.input(source.register)?;
                let buffer = super::fetched(output).ok_or(operation)?;
                let state = frame.key.colors.get(usize::from(buffer));
                let numbers = state.copied().unwrap_or_default().numbers;
                let base = super::frame::base(numbers);
                Value::new(base, 4, format!("color{buffer}"))
            }
            _ => return Err(operation),
        };
        self.write(instruction, destination, value, false)
    }

    /// Votes; what else subgroups do virgl offers to no guest.
    fn vote(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let destination = instruction.destinations.first().ok_or(operation)?;
        let name = match instruction.opcode {
            Opcode::VoteAny => "anyInvocation",
            Opcode::VoteAll => "allInvocations",
            Opcode::VoteEq => "allInvocationsEqual",
            _ => return Err(operation),
        };
        let suffix = match self.registers.frame.language.needs(&feature::VOTE)? {
            super::target::From::Core => "",
            super::target::From::Extension => "ARB",
        };
        let truth = self.scalar(instruction, 0, Base::Uint)?;
        let text = format!("({name}{suffix}({truth} != 0u) ? 0xffffffffu : 0u)");
        self.write(
            instruction,
            destination,
            Value::new(Base::Uint, 1, text),
            true,
        )
    }

    fn kill(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let line = match instruction.opcode {
            Opcode::Kill => "discard;".to_owned(),
            Opcode::Demote if self.registers.frame.language.has(&feature::DEMOTE) => {
                "demote;".to_owned()
            }
            Opcode::Demote => "discard;".to_owned(),
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

    /// Assigns what is written of the value; `narrow` says that it has no other components.
    pub(super) fn write(
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

    pub(super) fn assign(
        &mut self,
        precise: bool,
        destination: &Destination,
        value: Value,
    ) -> Result<(), Unsupported> {
        let file = destination.register.file;
        if file == File::Null {
            return Ok(());
        }
        if file == File::Output && self.registers.frame.shader.stage == Stage::TessControl {
            return self.assign_shared(destination, value);
        }
        let place = self.registers.variable(destination.register)?;
        let width = destination.mask.components().count();
        let letters = destination.mask.components().map(Component::letter);
        let place_text = match width {
            4 => place.text,
            _ => format!("{}.{}", place.text, letters.collect::<String>()),
        };
        // Before 4.00 the language has no word for it, and promises nothing.
        if precise && self.registers.frame.language.has(&feature::PRECISE) {
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
