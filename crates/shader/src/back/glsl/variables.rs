//! The declarations of registers, and the functions for those that the run chooses.

use super::error::Unsupported;
use super::feature;
use super::initial;
use super::program::Constants;
use super::registers::{Reader, Registers, length, literal, prefix};
use super::tess_control;
use super::value::Base;
use crate::ir::{Component, File};
use std::collections::BTreeSet;
use std::fmt::Write;

impl Registers<'_> {
    /// Declares the constants: as uniform blocks, or the first as plain uniforms.
    pub(super) fn write_blocks(
        &self,
        out: &mut String,
        binding: bool,
    ) -> Result<Vec<Constants>, Unsupported> {
        let letters = self.frame.letters();
        let mut list = Vec::new();
        for (buffer, last) in &self.constants {
            let vectors = u32::from(*last).saturating_add(1);
            let array = format!("{letters}_c{buffer}");
            let plain = self.frame.key.plain_constants && *buffer == 0;
            if !plain {
                self.frame.needs(&feature::BLOCKS)?;
            }
            let block = format!("{letters}_constants{buffer}");
            let place = self.frame.key.bindings.constants.saturating_add(*buffer);
            let layout = match binding {
                true => format!("std140, binding = {place}"),
                false => "std140".to_owned(),
            };
            let _ = match plain {
                true => writeln!(out, "uniform highp uvec4 {array}[{vectors}];"),
                false => writeln!(
                    out,
                    "layout({layout}) uniform {block} {{ highp uvec4 {array}[{vectors}]; }};"
                ),
            };
            list.push(Constants {
                buffer: *buffer,
                name: if plain { array } else { block },
                vectors,
                plain,
            });
        }
        Ok(list)
    }

    /// The functions that read what only the run will tell.
    pub(super) fn write_readers(&self, out: &mut String) -> Result<(), Unsupported> {
        let readers = self.readers.borrow().clone();
        for reader in readers {
            let mut cases = String::new();
            match reader {
                Reader::Constants => {
                    for (buffer, last) in &self.constants {
                        let name = self.constants_name(*buffer);
                        let _ = writeln!(
                            cases,
                            "case {buffer}: return {name}[clamp(index, 0, {last})];"
                        );
                    }
                }
                Reader::Input => self.write_cases(&mut cases, File::Input)?,
                Reader::Output => self.write_cases(&mut cases, File::Output)?,
                Reader::Write => {
                    let outputs = self.varyings.values().copied();
                    let outputs: Vec<_> = outputs.filter(|one| one.file == File::Output).collect();
                    tess_control::write_cases(&self.frame, &outputs, &mut cases)?;
                    let _ = writeln!(
                        out,
                        "void write_output(int index, uvec4 value, uint mask) {{\n\
                         switch (index) {{\n{cases}}}\n}}"
                    );
                    continue;
                }
            }
            let (name, selector) = match reader {
                Reader::Constants => ("read_constants(int list, int index)", "list"),
                Reader::Input => ("read_input(int vertex, int index)", "index"),
                _ => ("read_output(int vertex, int index)", "index"),
            };
            let _ = writeln!(
                out,
                "uvec4 {name} {{\nswitch ({selector}) {{\n{cases}}}\nreturn uvec4(0u);\n}}"
            );
        }
        Ok(())
    }

    fn write_cases(&self, cases: &mut String, file: File) -> Result<(), Unsupported> {
        for ((known, index), input) in &self.varyings {
            if *known == file {
                let value = self.varying(input, Some("vertex"))?;
                let value = value.bits_as(Base::Uint).spread(4).text;
                let _ = writeln!(cases, "case {index}: return {value};");
            }
        }
        Ok(())
    }

    /// The variables of one file, all zero where that can be seen; arrays are cleared where
    /// the shader begins.
    pub(super) fn write_variables(&self, out: &mut String, file: File) {
        let prefix = prefix(file);
        if let Some(last) = self.whole.get(&file) {
            let length = u32::from(*last).saturating_add(1);
            let _ = writeln!(out, "uvec4 {prefix}[{length}];");
            return;
        }
        let declarations = self.shader.declarations.iter();
        let read_first = initial::read_first(self.shader);
        let mut known = BTreeSet::new();
        for declaration in declarations.filter(|one| one.file == file) {
            if let Some(array) = self.array(file, declaration.first) {
                let _ = writeln!(out, "uvec4 {prefix}a{}[{}];", array.id, length(array));
                continue;
            }
            for index in declaration.first..=declaration.last {
                if file == File::Input || !known.insert(index) {
                    continue;
                }
                let _ = match file == File::Output || read_first.contains(&index) {
                    true => writeln!(out, "uvec4 {prefix}{index} = uvec4(0u);"),
                    false => writeln!(out, "uvec4 {prefix}{index};"),
                };
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
            for ((file, index), input) in &self.varyings {
                if *file == File::Input {
                    let value = self.varying(input, None)?;
                    let value = value.bits_as(Base::Uint).spread(4);
                    let _ = writeln!(out, "i[{index}] = {};", value.text);
                }
            }
        }
        Ok(())
    }
}
