//! Where each register lives: as a variable of its own, in an array, or in a block.
//!
//! Temporaries and outputs are vectors of unsigned integers, so that bits pass unchanged
//! whatever they mean. All of them begin as zero.

use super::error::Unsupported;
use super::frame::Frame;
use super::inputs::{self, Input};
use super::program;
use super::tess_control;
use super::value::{Base, Value};
use crate::ir::{
    Component, Declaration, File, Index, IndirectIndex, Instruction, Register, Shader, Stage,
    WriteMask,
};
use crate::limits::MAX_VARYINGS;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A declared array of temporaries.
#[derive(Clone, Copy)]
pub(super) struct Array {
    pub(super) id: u16,
    first: u16,
    last: u16,
}

/// A function for registers which only the run will tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reader {
    /// `read_constants(buffer, index)`.
    Constants,
    /// `read_input(vertex, index)`.
    Input,
    /// `read_output(vertex, index)`.
    Output,
    /// `write_output(index, value, mask)`.
    Write,
}

/// The registers of a shader.
pub(super) struct Registers<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) shader: &'a Shader,
    /// Files that are one array up to this register, as something indexes them at run time.
    pub(super) whole: BTreeMap<File, u16>,
    /// Arrays of temporaries, by their first register; none where the file is one array.
    pub(super) arrays: BTreeMap<u16, Array>,
    /// The first and last register of every declared array.
    ranges: BTreeMap<(File, u16), (u16, u16)>,
    /// Whether something indexes the immediates at run time.
    pub(super) immediates_indexed: bool,
    /// The last constant of each buffer.
    pub(super) constants: BTreeMap<u16, u16>,
    /// What each input and system value is, and each output that others can read.
    pub(super) varyings: BTreeMap<(File, u16), Input>,
    /// The functions that have been called.
    pub(super) readers: RefCell<BTreeSet<Reader>>,
}

impl<'a> Registers<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Result<Self, Unsupported> {
        let shader = frame.shader;
        let mut registers = Self {
            frame,
            shader,
            whole: BTreeMap::new(),
            arrays: BTreeMap::new(),
            ranges: BTreeMap::new(),
            immediates_indexed: false,
            constants: BTreeMap::new(),
            varyings: BTreeMap::new(),
            readers: RefCell::default(),
        };
        for declaration in &shader.declarations {
            registers.add(declaration)?;
        }
        registers.lay_out();
        Ok(registers)
    }

    /// Decides which files are one array.
    fn lay_out(&mut self) {
        let shader = self.shader;
        let parts = shader.declarations.iter().any(|declaration| {
            declaration.file == File::Temporary
                && declaration.array.is_some()
                && declaration.usage.components().count() < Component::ALL.len()
        });
        let indexed: BTreeSet<_> = indexed(shader).collect();
        self.immediates_indexed = indexed.iter().any(|(file, _)| *file == File::Immediate);
        let indexed = indexed
            .into_iter()
            .map(|(file, array)| (file, array.is_some()));
        for (file, named) in indexed.collect::<BTreeSet<_>>() {
            let split = file == File::Temporary && named && !parts;
            if self.is_variable(file) && !split {
                let last = shader.declarations.iter().filter(|one| one.file == file);
                let last = last.map(|one| one.last).max().unwrap_or(0);
                self.whole.insert(file, last);
            }
        }
        if parts || self.whole.contains_key(&File::Temporary) {
            self.arrays.clear();
        }
    }

    /// Whether registers of the file are variables of ours: inputs of one vertex are, if
    /// something indexes them.
    fn is_variable(&self, file: File) -> bool {
        match (file, self.shader.stage) {
            (File::Temporary, _) => true,
            (File::Output, stage) => stage != Stage::TessControl,
            (File::Input, stage) => matches!(stage, Stage::Vertex | Stage::Fragment),
            _ => false,
        }
    }

    fn add(&mut self, declaration: &Declaration) -> Result<(), Unsupported> {
        let (first, last) = (declaration.first, declaration.last);
        if let Some(array) = declaration.array {
            let key = (declaration.file, array.number());
            self.ranges.insert(key, (first, last));
        }
        match declaration.file {
            File::Constant => {
                let buffer = declaration.dimension.unwrap_or(0);
                let known = self.constants.entry(buffer).or_insert(last);
                *known = last.max(*known);
                let plain = buffer == 0 && self.frame.key.plain_constants;
                if !plain && *known >= self.frame.language.target.uniform_block_vectors {
                    return Err(Unsupported::Constants);
                }
            }
            File::Temporary => {
                if let Some(array) = declaration.array {
                    let id = array.number();
                    self.arrays.insert(first, Array { id, first, last });
                }
            }
            File::Input | File::SystemValue | File::Output => self.add_varyings(declaration)?,
            _ => {}
        }
        Ok(())
    }

    fn add_varyings(&mut self, declaration: &Declaration) -> Result<(), Unsupported> {
        let file = declaration.file;
        let count = declaration.last.saturating_sub(declaration.first);
        if usize::from(count) >= MAX_VARYINGS {
            return Err(Unsupported::Varyings);
        }
        for (index, varying) in program::registers(declaration) {
            let mut input = Input {
                file,
                index,
                varying,
                usage: declaration.usage,
            };
            if let Some(before) = self.varyings.get(&(file, index)) {
                if before.varying.semantic != varying.semantic {
                    return Err(Unsupported::SplitInput);
                }
                let both = before.usage.components().chain(input.usage.components());
                let both: Vec<_> = both.collect();
                input.usage = WriteMask::new(&both).unwrap_or(WriteMask::XYZW);
            }
            self.varyings.insert((file, index), input);
        }
        let of_file = self.varyings.range((file, 0)..=(file, u16::MAX));
        if of_file.count() > MAX_VARYINGS {
            return Err(Unsupported::Varyings);
        }
        Ok(())
    }

    /// These components of a register.
    pub(super) fn read(
        &self,
        register: Register,
        components: &[Component],
    ) -> Result<Value, Unsupported> {
        if let (File::Immediate, Index::Direct(index)) = (register.file, register.index) {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let immediate = self.shader.immediates.get(index);
            let bits = immediate.map_or([0; 4], |immediate| immediate.components());
            return Ok(literal(bits, components));
        }
        Ok(self.whole(register)?.select(components))
    }

    fn whole(&self, register: Register) -> Result<Value, Unsupported> {
        let file = register.file;
        match file {
            File::Constant => self.constant(register),
            File::Immediate => {
                let last = self.shader.immediates.len().saturating_sub(1);
                let index = self.index(file, register.index, u16::try_from(last).unwrap_or(0));
                Ok(Value::new(Base::Uint, 4, format!("imm[{index}]")))
            }
            File::Address | File::Temporary => self.variable(register),
            File::Output if self.shader.stage != Stage::TessControl => self.variable(register),
            _ if self.whole.contains_key(&file) => self.variable(register),
            File::Input | File::SystemValue | File::Output => self.read_varying(register),
            _ => Err(Unsupported::File(file.name())),
        }
    }

    /// The input or system value of a register that is named directly.
    pub(super) fn input(&self, register: Register) -> Result<&Input, Unsupported> {
        let Index::Direct(index) = register.index else {
            return Err(Unsupported::File(register.file.name()));
        };
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        let input = self.varyings.get(&(register.file, index));
        input.ok_or(Unsupported::Semantic)
    }

    fn read_varying(&self, register: Register) -> Result<Value, Unsupported> {
        let file = register.file;
        let vertex = register.dimension.map(|vertex| self.vertex(file, vertex));
        if let Index::Direct(_) = register.index {
            return self.varying(self.input(register)?, vertex.as_deref());
        }
        let (reader, name) = match file {
            File::Input => (Reader::Input, "read_input"),
            File::Output => (Reader::Output, "read_output"),
            _ => return Err(Unsupported::File(file.name())),
        };
        self.readers.borrow_mut().insert(reader);
        let last = self.varyings.range((file, 0)..=(file, u16::MAX));
        let last = last.map(|((_, index), _)| *index).max().unwrap_or(0);
        let index = self.index(file, register.index, last);
        let vertex = vertex.unwrap_or_else(|| "0".to_owned());
        let text = format!("{name}({vertex}, {index})");
        Ok(Value::new(Base::Uint, 4, text))
    }

    /// What chooses among outputs at run time, to write one.
    pub(super) fn chosen_output(&self, register: Register) -> String {
        self.readers.borrow_mut().insert(Reader::Write);
        let outputs = self
            .varyings
            .range((File::Output, 0)..=(File::Output, u16::MAX));
        let last = outputs.map(|((_, index), _)| *index).max().unwrap_or(0);
        self.index(File::Output, register.index, last)
    }

    /// The number of a vertex, kept below how many there are.
    fn vertex(&self, file: File, vertex: Index) -> String {
        let count = match file {
            File::Output => tess_control::vertices_out(&self.frame),
            _ => self.frame.vertices_in(),
        };
        let last = count.saturating_sub(1);
        match vertex {
            Index::Direct(vertex) => u16::try_from(vertex).unwrap_or(0).min(last).to_string(),
            Index::Indirect(indirect) => self.clamped(&indirect, 0, last),
        }
    }

    pub(super) fn varying(
        &self,
        input: &Input,
        vertex: Option<&str>,
    ) -> Result<Value, Unsupported> {
        match input.file {
            File::Output => tess_control::read(&self.frame, input, vertex.unwrap_or("0")),
            _ => inputs::read(&self.frame, input, vertex),
        }
    }

    pub(super) fn constants_name(&self, buffer: u16) -> String {
        format!("{}_c{buffer}", self.frame.letters())
    }

    fn constant(&self, register: Register) -> Result<Value, Unsupported> {
        let buffer = match register.dimension {
            None => 0,
            Some(Index::Direct(buffer)) => u16::try_from(buffer).unwrap_or(u16::MAX),
            Some(Index::Indirect(buffer)) => return self.any_constant(&buffer, register.index),
        };
        // Only a buffer that is declared has a block.
        let last = self.constants.get(&buffer).copied();
        let last = last.ok_or(Unsupported::File(File::Constant.name()))?;
        let index = self.index(File::Constant, register.index, last);
        let name = self.constants_name(buffer);
        Ok(Value::new(Base::Uint, 4, format!("{name}[{index}]")))
    }

    /// A constant of a buffer that only the run will tell.
    fn any_constant(&self, buffer: &IndirectIndex, index: Index) -> Result<Value, Unsupported> {
        let buffers = (self.constants.keys().next(), self.constants.keys().last());
        let (Some(first), Some(last)) = buffers else {
            return Err(Unsupported::File(File::Constant.name()));
        };
        self.readers.borrow_mut().insert(Reader::Constants);
        let buffer = self.clamped(buffer, *first, *last);
        let index = self.index(File::Constant, index, u16::MAX);
        let text = format!("read_constants({buffer}, {index})");
        Ok(Value::new(Base::Uint, 4, text))
    }

    /// A register that is a variable, to read it or to write it.
    pub(super) fn variable(&self, register: Register) -> Result<Value, Unsupported> {
        let file = register.file;
        let base = if file == File::Address {
            Base::Int
        } else {
            Base::Uint
        };
        let known = matches!(
            file,
            File::Temporary | File::Output | File::Input | File::Address
        );
        if !known || register.dimension.is_some() {
            return Err(Unsupported::File(file.name()));
        }
        let prefix = prefix(file);
        if let Some(last) = self.whole.get(&file) {
            let index = self.index(file, register.index, *last);
            return Ok(Value::new(base, 4, format!("{prefix}[{index}]")));
        }
        let text = match register.index {
            Index::Direct(index) => {
                let index = u16::try_from(index).unwrap_or(u16::MAX);
                match self.array(file, index) {
                    Some(array) => {
                        let place = index.saturating_sub(array.first);
                        format!("{prefix}a{}[{place}]", array.id)
                    }
                    None => format!("{prefix}{index}"),
                }
            }
            Index::Indirect(indirect) => {
                let array = indirect.array.map(|array| (file, array.number()));
                let range = array.and_then(|key| self.ranges.get(&key));
                let array = range.and_then(|(first, _)| self.array(file, *first));
                let array = array.ok_or(Unsupported::File(file.name()))?;
                let index = self.clamped(&indirect, array.first, array.last);
                format!("{prefix}a{}[{index} - {}]", array.id, array.first)
            }
        };
        Ok(Value::new(base, 4, text))
    }

    /// The index that a register holds, kept in a range.
    pub(super) fn clamped(&self, indirect: &IndirectIndex, first: u16, last: u16) -> String {
        let letter = indirect.component.letter();
        let register = indirect.register;
        let name = match (indirect.file, self.whole.contains_key(&File::Temporary)) {
            (File::Address, _) => format!("a{register}"),
            (_, true) => format!("t[{register}]"),
            (file, false) => match self.array(file, register) {
                Some(array) => {
                    let place = register.saturating_sub(array.first);
                    format!("ta{}[{place}]", array.id)
                }
                None => format!("t{register}"),
            },
        };
        let offset = indirect.offset;
        format!("clamp(int({name}.{letter}) + ({offset}), {first}, {last})")
    }

    /// An output.
    pub(super) fn output(&self, index: u16) -> Result<Value, Unsupported> {
        let index = i16::try_from(index).map_err(|_| Unsupported::Semantic)?;
        self.variable(Register {
            file: File::Output,
            dimension: None,
            index: Index::Direct(index),
        })
    }

    /// The attributes that are declared.
    pub(super) fn attributes(&self) -> Vec<u16> {
        let inputs = self.varyings.values();
        let attributes = inputs.filter(|input| input.varying.semantic.is_none());
        attributes.map(|input| input.index).collect()
    }

    /// The bits of a component that the text says, where it is one.
    pub(super) fn immediate(&self, file: File, index: u16, component: Component) -> Option<u32> {
        let immediate = self.shader.immediates.get(usize::from(index))?;
        let [x, y, z, w] = immediate.components();
        let word = match component {
            Component::X => x,
            Component::Y => y,
            Component::Z => z,
            Component::W => w,
        };
        (file == File::Immediate).then_some(word)
    }

    /// The number that an operand is in the text.
    pub(super) fn literal(
        &self,
        instruction: &Instruction,
        number: usize,
    ) -> Result<u32, Unsupported> {
        let source = instruction.sources.get(number);
        let source = source.ok_or(Unsupported::NotConstant)?;
        let Index::Direct(index) = source.register.index else {
            return Err(Unsupported::NotConstant);
        };
        let [component, ..] = source.swizzle;
        let index = u16::try_from(index).map_err(|_| Unsupported::NotConstant)?;
        let word = self.immediate(source.register.file, index, component);
        let plain = !source.absolute && !source.negate;
        word.filter(|_| plain).ok_or(Unsupported::NotConstant)
    }

    pub(super) fn array(&self, file: File, index: u16) -> Option<&Array> {
        let (_, array) = self.arrays.range(..=index).next_back()?;
        (file == File::Temporary && array.last >= index).then_some(array)
    }

    /// An index into an array that ends with this register, kept inside of it and of the
    /// array that the operand names.
    pub(super) fn index(&self, file: File, index: Index, last: u16) -> String {
        match index {
            Index::Direct(index) => index.to_string(),
            Index::Indirect(indirect) => {
                let array = indirect.array.map(|array| (file, array.number()));
                let range = array.and_then(|key| self.ranges.get(&key));
                let (first, end) = range.copied().unwrap_or((0, last));
                let (first, last) = (first.min(last), end.min(last));
                self.clamped(&indirect, first, last)
            }
        }
    }
}

/// What the shader indexes at run time, and the arrays that the operands name.
fn indexed(shader: &Shader) -> impl Iterator<Item = (File, Option<u16>)> {
    let operands = shader.instructions.iter().flat_map(|instruction| {
        let written = instruction.destinations.iter().map(|one| one.register);
        written.chain(instruction.sources.iter().map(|one| one.register))
    });
    operands.filter_map(|register| match register.index {
        Index::Direct(_) => None,
        Index::Indirect(indirect) => {
            Some((register.file, indirect.array.map(|array| array.number())))
        }
    })
}

pub(super) fn literal(bits: [u32; 4], components: &[Component]) -> Value {
    let [x, y, z, w] = bits;
    let words = components.iter().map(|component| match component {
        Component::X => x,
        Component::Y => y,
        Component::Z => z,
        Component::W => w,
    });
    let words: Vec<_> = words.map(|word| format!("{word:#x}u")).collect();
    let width = words.len();
    let list = words.join(", ");
    let text = match width {
        1 => list,
        _ => format!("{}({list})", Base::Uint.vector(width)),
    };
    Value::new(Base::Uint, width, text)
}

pub(super) fn length(array: &Array) -> u32 {
    u32::from(array.last.saturating_sub(array.first)).saturating_add(1)
}

pub(super) const fn prefix(file: File) -> &'static str {
    match file {
        File::Temporary => "t",
        File::Output => "o",
        File::Input => "i",
        _ => "a",
    }
}
