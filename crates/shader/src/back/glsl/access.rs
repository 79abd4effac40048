//! Memory operations as statements.

use super::arrays;
use super::body::{Body, operand};
use super::error::Unsupported;
use super::feature;
use super::memory::{self, image_layout};
use super::samplers::{Narrow, narrow};
use super::target::From;
use super::value::{Base, Value};
use crate::ir::{Component, File, Index, Instruction, Opcode, OperandType, Register, Target};
use std::fmt::Write;

/// What TGSI_MEMBAR_* in `gallium/include/pipe/p_shader_tokens.h` order.
const BARRIERS: [(u32, &str); 4] = [
    (1, "memoryBarrierBuffer();"),
    (2, "memoryBarrierAtomicCounter();"),
    (4, "memoryBarrierImage();"),
    (8, "memoryBarrierShared();"),
];
const BARRIER_OF_GROUP: u32 = 16;

/// Words that something is made of: where one is, and how many there are.
struct Words {
    array: String,
    length: String,
    /// Whether an index outside does harm.
    guarded: bool,
}

impl Words {
    fn word(&self, number: usize) -> String {
        format!("{}[{}]", self.array, Self::index(number))
    }

    fn index(number: usize) -> String {
        match number {
            0 => "at".to_owned(),
            _ => format!("at + {number}u"),
        }
    }

    fn load(&self, number: usize) -> String {
        let (word, index) = (self.word(number), Self::index(number));
        match self.guarded {
            true => format!("({index} < {} ? {word} : 0u)", self.length),
            false => word,
        }
    }

    fn guard(&self, number: usize) -> String {
        match self.guarded {
            true => format!("if ({} < {}) ", Self::index(number), self.length),
            false => String::new(),
        }
    }
}

impl Body<'_> {
    /// A memory operation.
    pub(super) fn memory(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let info = instruction.opcode.info();
        let register = memory::resource(instruction).ok_or(Unsupported::Operation(info.name))?;
        let chosen = self.memory.choose(self.registers, register)?;
        let frame = &self.registers.frame;
        if let Some(chosen) = chosen
            && let Some(range) = arrays::spelled_out(frame, register, &chosen)
        {
            return self.each(instruction, register, range);
        }
        self.access(instruction, register)
    }

    /// The operation on each of the registers among which the run chooses.
    fn each(
        &mut self,
        instruction: &Instruction,
        register: Register,
        (first, last): (u16, u16),
    ) -> Result<(), Unsupported> {
        let Index::Indirect(indirect) = register.index else {
            return Err(Unsupported::IndirectResource);
        };
        let index = self.registers.clamped(&indirect, first, last);
        let _ = writeln!(self.text, "switch ({index}) {{");
        for number in first..=last {
            let index = i16::try_from(number).map_err(|_| Unsupported::IndirectResource)?;
            let _ = writeln!(self.text, "case {number}: {{");
            let register = Register {
                index: Index::Direct(index),
                ..register
            };
            self.access(instruction, register)?;
            self.text.push_str("break; }\n");
        }
        self.text.push_str("}\n");
        Ok(())
    }

    fn access(&mut self, instruction: &Instruction, register: Register) -> Result<(), Unsupported> {
        match register.file {
            File::Image => self.image(instruction, register),
            File::Buffer => match self.buffer(register)? {
                Some(words) => self.words(instruction, &words),
                None => self.nothing(instruction),
            },
            File::Memory => {
                let words = memory::shared_words(&self.registers.frame);
                let words = Words {
                    array: "shared_words".to_owned(),
                    length: format!("{words}u"),
                    guarded: true,
                };
                self.words(instruction, &words)
            }
            File::HwAtomic => self.counter(instruction, register),
            other => Err(Unsupported::File(other.name())),
        }
    }

    /// Orders accesses. Only compute shaders have the finer functions.
    pub(super) fn memory_barrier(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        let frame = &self.registers.frame;
        frame.needs(&feature::IMAGES)?;
        let kinds = self.registers.literal(instruction, 0)?;
        let compute = frame.shader.stage == crate::ir::Stage::Compute;
        let all = BARRIERS.iter().fold(0, |all, (bit, _)| all | bit);
        let line = match kinds {
            _ if compute && kinds & BARRIER_OF_GROUP != 0 => "groupMemoryBarrier();".to_owned(),
            _ if !compute || kinds & all == all => "memoryBarrier();".to_owned(),
            _ => {
                let wanted = BARRIERS.iter().filter(|(bit, _)| kinds & bit != 0);
                wanted.map(|(_, call)| *call).collect::<Vec<_>>().join(" ")
            }
        };
        let _ = writeln!(self.text, "{line}");
        Ok(())
    }

    /// What an operation on no resource does: it gives zero.
    fn nothing(&mut self, instruction: &Instruction) -> Result<(), Unsupported> {
        match (instruction.opcode, instruction.destinations.first()) {
            (Opcode::Store, _) | (_, None) => Ok(()),
            (_, Some(destination)) => {
                let value = Value::new(Base::Uint, 4, "uvec4(0u)");
                self.write(instruction, destination, value, false)
            }
        }
    }

    fn buffer(&self, register: Register) -> Result<Option<Words>, Unsupported> {
        let frame = &self.registers.frame;
        let chosen = self.memory.choose(self.registers, register)?;
        Ok(chosen.map(|chosen| {
            let letters = frame.letters();
            let array = format!("{letters}_b{}{}.words", chosen.first, chosen.index);
            Words {
                length: format!("uint({array}.length())"),
                array,
                guarded: !frame.language.target.robust,
            }
        }))
    }

    /// An operation on words, addressed in bytes.
    fn words(&mut self, instruction: &Instruction, words: &Words) -> Result<(), Unsupported> {
        let Some(destination) = instruction.destinations.first() else {
            return Ok(());
        };
        if instruction.opcode == Opcode::Resq {
            let text = format!("uvec4({} * 4u, 0u, 0u, 0u)", words.length);
            let value = Value::new(Base::Uint, 4, text);
            return self.write(instruction, destination, value, false);
        }
        let address = match instruction.opcode {
            Opcode::Store => 0,
            _ => 1,
        };
        let address = self.scalar(instruction, address, Base::Uint)?;
        let _ = writeln!(self.text, "{{ uint at = ({address}) >> 2u;");
        match instruction.opcode {
            Opcode::Load => {
                let parts = destination.mask.components();
                let parts: Vec<_> = parts.map(|one| words.load(one as usize)).collect();
                let width = parts.len();
                let text = format!("{}({})", Base::Uint.vector(width), parts.join(", "));
                let value = Value::new(Base::Uint, width, text);
                self.write(instruction, destination, value, true)?;
            }
            Opcode::Store => {
                let value = self.vector(instruction, 1, Base::Uint)?;
                let _ = writeln!(self.text, "uvec4 value = {value};");
                for component in destination.mask.components() {
                    let number = component as usize;
                    let letter = component.letter();
                    let (guard, word) = (words.guard(number), words.word(number));
                    let _ = writeln!(self.text, "{guard}{word} = value.{letter};");
                }
            }
            _ => {
                self.atomic(instruction, words)?;
                let value = Value::new(Base::Uint, 1, "was");
                self.write(instruction, destination, value, true)?;
            }
        }
        self.text.push_str("}\n");
        Ok(())
    }

    /// An atomic operation on the word at `at`; what was there is in `was`. What GLSL has
    /// no function for is tried until nothing came between.
    fn atomic(&mut self, instruction: &Instruction, words: &Words) -> Result<(), Unsupported> {
        use Opcode as O;
        let (word, guard) = (words.word(0), words.guard(0));
        let operand = self.scalar(instruction, 2, Base::Uint)?;
        let call = |name: &str| format!("was = {name}({word}, {operand});");
        let retry = |next: &str| {
            format!(
                "uint by = {operand}, seen; was = {word}; \
                 do {{ seen = was; was = atomicCompSwap({word}, seen, {next}); }} \
                 while (was != seen);"
            )
        };
        let statement = match instruction.opcode {
            O::Atomuadd => call("atomicAdd"),
            O::Atomxchg => call("atomicExchange"),
            O::Atomand => call("atomicAnd"),
            O::Atomor => call("atomicOr"),
            O::Atomxor => call("atomicXor"),
            O::Atomumin => call("atomicMin"),
            O::Atomumax => call("atomicMax"),
            O::Atomcas => {
                let new = self.scalar(instruction, 3, Base::Uint)?;
                format!("was = atomicCompSwap({word}, {operand}, {new});")
            }
            O::Atomimin => retry("uint(min(int(seen), int(by)))"),
            O::Atomimax => retry("uint(max(int(seen), int(by)))"),
            O::Atomfadd => retry("floatBitsToUint(uintBitsToFloat(seen) + uintBitsToFloat(by))"),
            O::AtomincWrap => retry("(seen >= by ? 0u : seen + 1u)"),
            O::AtomdecWrap => retry("(seen == 0u || seen > by ? by : seen - 1u)"),
            other => return Err(Unsupported::Operation(other.info().name)),
        };
        let _ = writeln!(self.text, "uint was = 0u;\n{guard}{{ {statement} }}");
        Ok(())
    }

    /// The first component of an operand.
    pub(super) fn scalar(
        &self,
        instruction: &Instruction,
        number: usize,
        base: Base,
    ) -> Result<String, Unsupported> {
        self.components(instruction, number, base, &[Component::X])
    }

    fn vector(
        &self,
        instruction: &Instruction,
        number: usize,
        base: Base,
    ) -> Result<String, Unsupported> {
        self.components(instruction, number, base, &Component::ALL)
    }

    fn components(
        &self,
        instruction: &Instruction,
        number: usize,
        base: Base,
        components: &[Component],
    ) -> Result<String, Unsupported> {
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let source = instruction.sources.get(number).ok_or(operation)?;
        let kinds = instruction.opcode.info().sources;
        let kind = kinds.get(number).copied().unwrap_or(OperandType::Bits);
        Ok(operand(self.registers, source, kind, base, components)?.text)
    }

    fn image(&mut self, instruction: &Instruction, register: Register) -> Result<(), Unsupported> {
        let frame = self.registers.frame;
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let Some(chosen) = self.memory.choose(self.registers, register)? else {
            return self.nothing(instruction);
        };
        let shape = self.memory.image_shape(&frame, chosen.first)?;
        let name = format!("{}_i{}{}", frame.letters(), chosen.first, chosen.index);
        let destination = instruction.destinations.first().ok_or(operation)?;
        if instruction.opcode == Opcode::Resq {
            let samples = destination.mask.has(Component::W);
            let value = self.image_size(&name, shape.target, samples)?;
            return self.write(instruction, destination, value, false);
        }
        let place = self.image_place(instruction, shape.target)?;
        match instruction.opcode {
            Opcode::Load => {
                let value = Value::new(shape.base, 4, format!("imageLoad({name}, {place})"));
                self.write(instruction, destination, value, false)
            }
            Opcode::Store => {
                let value = self.vector(instruction, 1, shape.base)?;
                let _ = writeln!(self.text, "imageStore({name}, {place}, {value});");
                Ok(())
            }
            _ => {
                frame.needs(&feature::IMAGE_ATOMICS)?;
                let call = self.image_atomic(instruction, &name, &place, shape.base)?;
                let kind = shape.base.vector(1);
                let _ = writeln!(self.text, "{{ {kind} was = {call};");
                let value = Value::new(shape.base, 1, "was");
                self.write(instruction, destination, value, true)?;
                self.text.push_str("}\n");
                Ok(())
            }
        }
    }

    /// Sizes in x, y and z, and the number of samples in w where it is wanted.
    fn image_size(&self, name: &str, target: Target, samples: bool) -> Result<Value, Unsupported> {
        let frame = &self.registers.frame;
        frame.needs(&feature::IMAGE_SIZE)?;
        let (.., size) = image_layout(target).ok_or(Unsupported::Shape)?;
        let samples = match samples && target.is_multisampled() {
            true => {
                frame.needs(&feature::TEXTURE_SAMPLES)?;
                format!("imageSamples({name})")
            }
            false => "0".to_owned(),
        };
        let padding = "0, ".repeat(3_usize.saturating_sub(size));
        let part = match narrow(frame, target) {
            Some(Narrow::Line) => ".x",
            Some(Narrow::LineArray) => ".xz",
            _ => "",
        };
        let text = format!("ivec4(imageSize({name}){part}, {padding}{samples})");
        Ok(Value::new(Base::Int, 4, text))
    }

    /// The coordinate, and the sample where there are many.
    fn image_place(
        &self,
        instruction: &Instruction,
        target: Target,
    ) -> Result<String, Unsupported> {
        let (_, coordinates, _) = image_layout(target).ok_or(Unsupported::Shape)?;
        let at = match instruction.opcode {
            Opcode::Store => 0,
            _ => 1,
        };
        let used: Vec<_> = Component::ALL.into_iter().take(coordinates).collect();
        let place = self.components(instruction, at, Base::Int, &used)?;
        let place = match narrow(&self.registers.frame, target) {
            Some(Narrow::Line) => format!("ivec2({place}, 0)"),
            Some(Narrow::LineArray) => format!("ivec3({place}, 0).xzy"),
            _ => place,
        };
        if !target.is_multisampled() {
            return Ok(place);
        }
        let sample = self.components(instruction, at, Base::Int, &[Component::W])?;
        Ok(format!("{place}, {sample}"))
    }

    fn image_atomic(
        &self,
        instruction: &Instruction,
        name: &str,
        place: &str,
        base: Base,
    ) -> Result<String, Unsupported> {
        use Opcode as O;
        let function = match (instruction.opcode, base) {
            (O::Atomxchg, _) => "Exchange",
            (other, Base::Float) => return Err(Unsupported::Operation(other.info().name)),
            (O::Atomuadd, _) => "Add",
            (O::Atomand, _) => "And",
            (O::Atomor, _) => "Or",
            (O::Atomxor, _) => "Xor",
            (O::Atomumin, Base::Uint) | (O::Atomimin, Base::Int) => "Min",
            (O::Atomumax, Base::Uint) | (O::Atomimax, Base::Int) => "Max",
            (O::Atomcas, _) => {
                let compare = self.scalar(instruction, 2, base)?;
                let new = self.scalar(instruction, 3, base)?;
                return Ok(format!(
                    "imageAtomicCompSwap({name}, {place}, {compare}, {new})"
                ));
            }
            (other, _) => return Err(Unsupported::Operation(other.info().name)),
        };
        let operand = self.scalar(instruction, 2, base)?;
        Ok(format!("imageAtomic{function}({name}, {place}, {operand})"))
    }

    fn counter(
        &mut self,
        instruction: &Instruction,
        register: Register,
    ) -> Result<(), Unsupported> {
        use Opcode as O;
        let operation = Unsupported::Operation(instruction.opcode.info().name);
        let counter = self.memory.counter(self.registers, register)?;
        let destination = instruction.destinations.first().ok_or(operation)?;
        let step = match instruction.opcode {
            O::Atomuadd => self.registers.literal(instruction, 2).ok(),
            _ => None,
        };
        let call = match (instruction.opcode, step) {
            (O::Load, _) => format!("atomicCounter({counter})"),
            (_, Some(1)) => format!("atomicCounterIncrement({counter})"),
            // What it gives is what there is then, not what there was.
            (_, Some(u32::MAX)) => format!("atomicCounterDecrement({counter}) + 1u"),
            _ => self.counter_operation(instruction, &counter)?,
        };
        let _ = writeln!(self.text, "{{ uint was = {call};");
        let value = Value::new(Base::Uint, 1, "was");
        self.write(instruction, destination, value, true)?;
        self.text.push_str("}\n");
        Ok(())
    }

    fn counter_operation(
        &self,
        instruction: &Instruction,
        counter: &str,
    ) -> Result<String, Unsupported> {
        use Opcode as O;
        let suffix = match self.registers.frame.language.needs(&feature::COUNTER_OPS)? {
            From::Core => "",
            From::Extension => "ARB",
        };
        let name = match instruction.opcode {
            O::Atomuadd => "Add",
            O::Atomand => "And",
            O::Atomor => "Or",
            O::Atomxor => "Xor",
            O::Atomxchg => "Exchange",
            // Counters are unsigned, whatever Mesa calls it.
            O::Atomumin | O::Atomimin => "Min",
            O::Atomumax | O::Atomimax => "Max",
            O::Atomcas => "CompSwap",
            other => return Err(Unsupported::Operation(other.info().name)),
        };
        let mut operands = self.scalar(instruction, 2, Base::Uint)?;
        if instruction.opcode == O::Atomcas {
            let new = self.scalar(instruction, 3, Base::Uint)?;
            operands = format!("{operands}, {new}");
        }
        Ok(format!(
            "atomicCounter{name}{suffix}({counter}, {operands})"
        ))
    }
}
