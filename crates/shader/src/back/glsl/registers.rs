//! Where each register lives: as a variable of its own, in an array, or in a block.
//!
//! Temporaries and outputs are vectors of unsigned integers, so that bits pass unchanged
//! whatever they mean. All of them begin as zero.

use super::error::Unsupported;
use super::interface;
use super::target::{Options, Target};
use super::value::{Base, Value};
use crate::ir::{
    Component, Declaration, Detail, File, Index, IndirectIndex, Register, Semantic, Shader, Varying,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The files of which each register is a variable.
const VARIABLES: [File; 3] = [File::Temporary, File::Output, File::Input];

/// A declared array of temporaries.
#[derive(Clone, Copy)]
struct Array {
    id: u16,
    first: u16,
    last: u16,
}

/// The registers of a shader.
pub(super) struct Registers<'a> {
    shader: &'a Shader,
    options: &'a Options,
    target: Target,
    /// Files that are one array up to this register, as something indexes them at run time.
    whole: BTreeMap<File, u16>,
    /// Arrays of temporaries, by their first register; none where the file is one array.
    arrays: BTreeMap<u16, Array>,
    /// The first and last register of every declared array.
    ranges: BTreeMap<(File, u16), (u16, u16)>,
    /// Whether something indexes the immediates at run time.
    immediates_indexed: bool,
    /// The last constant of each buffer.
    constants: BTreeMap<u16, u16>,
    /// What each input and system value is.
    varyings: BTreeMap<(File, u16), Varying>,
}

impl<'a> Registers<'a> {
    pub(super) fn new(
        shader: &'a Shader,
        options: &'a Options,
        target: Target,
    ) -> Result<Self, Unsupported> {
        let mut registers = Self {
            shader,
            options,
            target,
            whole: BTreeMap::new(),
            arrays: BTreeMap::new(),
            ranges: BTreeMap::new(),
            immediates_indexed: false,
            constants: BTreeMap::new(),
            varyings: BTreeMap::new(),
        };
        for declaration in &shader.declarations {
            registers.add(declaration)?;
        }
        let parts = shader.declarations.iter().any(|declaration| {
            declaration.file == File::Temporary
                && declaration.array.is_some()
                && declaration.usage.components().count() < Component::ALL.len()
        });
        let indexed: BTreeSet<_> = indexed(shader).collect();
        registers.immediates_indexed = indexed.iter().any(|(file, _)| *file == File::Immediate);
        let indexed = indexed
            .into_iter()
            .map(|(file, array)| (file, array.is_some()));
        for (file, named) in indexed.collect::<BTreeSet<_>>() {
            let split = file == File::Temporary && named && !parts;
            if VARIABLES.contains(&file) && !split {
                let last = shader.declarations.iter().filter(|one| one.file == file);
                let last = last.map(|one| one.last).max().unwrap_or(0);
                registers.whole.insert(file, last);
            }
        }
        if parts || registers.whole.contains_key(&File::Temporary) {
            registers.arrays.clear();
        }
        Ok(registers)
    }

    fn add(&mut self, declaration: &Declaration) -> Result<(), Unsupported> {
        let (first, last) = (declaration.first, declaration.last);
        if let Some(array) = declaration.array {
            let key = (declaration.file, array.number());
            self.ranges.insert(key, (first, last));
        }
        match (declaration.file, declaration.detail) {
            (File::Constant, _) => {
                let buffer = declaration.dimension.unwrap_or(0);
                let known = self.constants.entry(buffer).or_insert(last);
                *known = last.max(*known);
                if *known >= self.target.uniform_block_vectors {
                    return Err(Unsupported::Constants);
                }
            }
            (File::Temporary, _) => {
                if let Some(array) = declaration.array {
                    let id = array.number();
                    self.arrays.insert(first, Array { id, first, last });
                }
            }
            (file @ (File::Input | File::SystemValue), Detail::Varying(varying)) => {
                for index in first..=last {
                    let varying = shifted(varying, index.saturating_sub(first))?;
                    let before = self.varyings.insert((file, index), varying);
                    if before.is_some_and(|before| before.semantic != varying.semantic) {
                        return Err(Unsupported::SplitInput);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The uniform blocks of the constants.
    pub(super) fn write_blocks(&self, out: &mut String) {
        for (buffer, last) in &self.constants {
            let length = u32::from(*last).saturating_add(1);
            let _ = writeln!(
                out,
                "layout(std140) uniform Constants{buffer} {{ uvec4 c{buffer}[{length}]; }};"
            );
        }
    }

    /// The variables of one file, all zero; arrays are cleared where the shader begins.
    pub(super) fn write_variables(&self, out: &mut String, file: File) {
        let prefix = prefix(file);
        if let Some(last) = self.whole.get(&file) {
            let length = u32::from(*last).saturating_add(1);
            let _ = writeln!(out, "uvec4 {prefix}[{length}];");
            return;
        }
        let declarations = self.shader.declarations.iter();
        let mut known = BTreeSet::new();
        for declaration in declarations.filter(|one| one.file == file) {
            if let Some(array) = self.array(file, declaration.first) {
                let _ = writeln!(out, "uvec4 {prefix}a{}[{}];", array.id, length(array));
                continue;
            }
            for index in declaration.first..=declaration.last {
                if file != File::Input && known.insert(index) {
                    let _ = writeln!(out, "uvec4 {prefix}{index} = uvec4(0u);");
                }
            }
        }
    }

    /// The address registers.
    pub(super) fn write_addresses(&self, out: &mut String) {
        let declared = self.shader.declarations.iter();
        let indices: BTreeSet<_> = declared
            .filter(|one| one.file == File::Address)
            .flat_map(|one| one.first..=one.last)
            .collect();
        for index in indices {
            let _ = writeln!(out, "ivec4 a{index} = ivec4(0);");
        }
    }

    /// The immediates as an array, where something indexes them at run time.
    pub(super) fn write_immediates(&self, out: &mut String) {
        if !self.immediates_indexed {
            return;
        }
        let values = self.shader.immediates.iter().map(|immediate| {
            let value = literal(immediate.components(), &Component::ALL);
            value.text
        });
        let values: Vec<_> = values.collect();
        let length = values.len();
        let list = values.join(", ");
        let _ = writeln!(out, "const uvec4 imm[{length}] = uvec4[{length}]({list});");
    }

    /// Clears the arrays and copies the inputs that are in one.
    pub(super) fn write_start(&self, out: &mut String) -> Result<(), Unsupported> {
        let clear = |out: &mut String, name: String, length: u32| {
            let _ = writeln!(
                out,
                "for (int n = 0; n < {length}; ++n) {name}[n] = uvec4(0u);"
            );
        };
        for (file, last) in &self.whole {
            let length = u32::from(*last).saturating_add(1);
            clear(out, prefix(*file).to_owned(), length);
        }
        for array in self.arrays.values() {
            clear(out, format!("ta{}", array.id), length(array));
        }
        if self.whole.contains_key(&File::Input) {
            for ((_, index), varying) in self.varyings.range((File::Input, 0)..) {
                if self.varyings.contains_key(&(File::Input, *index)) {
                    let value = self.varying(File::Input, *index, *varying)?;
                    let value = value.bits_as(Base::Uint).spread(4);
                    let _ = writeln!(out, "i[{index}] = {};", value.text);
                }
            }
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
            File::Address => self.variable(register),
            _ if register.dimension.is_some() => Err(Unsupported::File(file.name())),
            File::Input | File::SystemValue if !self.whole.contains_key(&file) => {
                let Index::Direct(index) = register.index else {
                    return Err(Unsupported::File(file.name()));
                };
                let index = u16::try_from(index).unwrap_or(u16::MAX);
                let varying = self.varyings.get(&(file, index));
                let varying = varying.ok_or(Unsupported::Semantic)?;
                self.varying(file, index, *varying)
            }
            _ => self.variable(register),
        }
    }

    fn varying(&self, file: File, index: u16, varying: Varying) -> Result<Value, Unsupported> {
        let stage = self.shader.stage;
        interface::read(self.target, self.options, stage, file, index, varying)
    }

    fn constant(&self, register: Register) -> Result<Value, Unsupported> {
        let buffer = match register.dimension {
            None => 0,
            Some(Index::Direct(buffer)) => u16::try_from(buffer).unwrap_or(u16::MAX),
            Some(Index::Indirect(_)) => return Err(Unsupported::IndirectResource),
        };
        // Only a buffer that is declared has a block.
        let last = self.constants.get(&buffer).copied();
        let last = last.ok_or(Unsupported::File(File::Constant.name()))?;
        let index = self.index(File::Constant, register.index, last);
        Ok(Value::new(Base::Uint, 4, format!("c{buffer}[{index}]")))
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
    fn clamped(&self, indirect: &IndirectIndex, first: u16, last: u16) -> String {
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

    fn array(&self, file: File, index: u16) -> Option<&Array> {
        let (_, array) = self.arrays.range(..=index).next_back()?;
        (file == File::Temporary && array.last >= index).then_some(array)
    }

    /// An index into an array that ends with this register, kept inside of it and of the
    /// array that the operand names.
    fn index(&self, file: File, index: Index, last: u16) -> String {
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

/// The varying of a register that many are declared together with.
fn shifted(varying: Varying, by: u16) -> Result<Varying, Unsupported> {
    let semantic = match varying.semantic {
        None => None,
        Some((semantic, number)) => {
            let number = number.checked_add(by).ok_or(Unsupported::Semantic)?;
            Some((semantic as Semantic, number))
        }
    };
    Ok(Varying {
        semantic,
        ..varying
    })
}

fn literal(bits: [u32; 4], components: &[Component]) -> Value {
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

fn length(array: &Array) -> u32 {
    u32::from(array.last.saturating_sub(array.first)).saturating_add(1)
}

const fn prefix(file: File) -> &'static str {
    match file {
        File::Temporary => "t",
        File::Output => "o",
        File::Input => "i",
        _ => "a",
    }
}
