//! Resources that something chooses among at run time are arrays in GLSL: all neighbours
//! that are declared alike.

use super::error::Unsupported;
use super::feature;
use super::frame::Frame;
use super::registers::Registers;
use crate::ir::{Detail, File, Index, Register, Shader};
use std::collections::BTreeMap;

/// The arrays of one file of resources, by their first register.
pub(super) struct Arrays(BTreeMap<u16, u16>);

/// Which resource an operand is.
pub(super) struct Chosen {
    /// The first of the array, or the resource itself.
    pub(super) first: u16,
    /// How many, if it is an array.
    pub(super) length: Option<u16>,
    /// What follows the name.
    pub(super) index: String,
}

impl Arrays {
    /// The arrays among registers of `file`, which are alike if what is declared of them in
    /// `described` is.
    pub(super) fn new(shader: &Shader, file: File, described: File) -> Self {
        let mut details = BTreeMap::<u16, Detail>::new();
        for declaration in shader
            .declarations
            .iter()
            .filter(|one| one.file == described)
        {
            for index in declaration.first..=declaration.last {
                details.insert(index, declaration.detail);
            }
        }
        let mut arrays = BTreeMap::<u16, u16>::new();
        for instruction in &shader.instructions {
            let written = instruction.destinations.iter().map(|one| one.register);
            let read = instruction.sources.iter().map(|one| one.register);
            for register in written.chain(read).filter(|one| one.file == file) {
                if let Index::Indirect(indirect) = register.index
                    && let Ok(base) = u16::try_from(indirect.offset)
                    && find(&arrays, base).is_none()
                {
                    arrays.extend(run(&details, base));
                }
            }
        }
        Self(arrays)
    }

    /// What the operand chooses; nothing if it is directly one that is not declared.
    pub(super) fn choose(
        &self,
        registers: &Registers<'_>,
        register: Register,
    ) -> Result<Option<Chosen>, Unsupported> {
        let base = match register.index {
            Index::Direct(index) => index,
            Index::Indirect(indirect) => indirect.offset,
        };
        let Ok(base) = u16::try_from(base) else {
            return match register.index {
                Index::Direct(_) => Ok(None),
                Index::Indirect(_) => Err(Unsupported::IndirectResource),
            };
        };
        let array = find(&self.0, base);
        Ok(Some(match (register.index, array) {
            (Index::Direct(_), None) => Chosen {
                first: base,
                length: None,
                index: String::new(),
            },
            (Index::Indirect(_), None) => return Err(Unsupported::IndirectResource),
            (index, Some((first, last))) => {
                let place = match index {
                    Index::Direct(_) => base.saturating_sub(first).to_string(),
                    Index::Indirect(indirect) => {
                        let is_memory = matches!(register.file, File::Buffer | File::Image);
                        if !is_memory {
                            registers.frame.needs(&feature::RESOURCE_INDEX)?;
                        }
                        let index = registers.clamped(&indirect, first, last);
                        format!("{index} - {first}")
                    }
                };
                Chosen {
                    first,
                    length: Some(last.saturating_sub(first).saturating_add(1)),
                    index: format!("[{place}]"),
                }
            }
        }))
    }
}

/// The registers among which the run chooses, first and last, where the language wants each
/// of them in a statement of its own.
pub(super) fn spelled_out(
    frame: &Frame<'_>,
    register: Register,
    chosen: &Chosen,
) -> Option<(u16, u16)> {
    let feature = match (register.index, register.file) {
        (Index::Indirect(_), File::Buffer) => &feature::STORAGE_INDEX,
        (Index::Indirect(_), File::Image) => &feature::IMAGE_INDEX,
        _ => return None,
    };
    let language = frame.language;
    if language.has(feature) && language.has(&feature::RESOURCE_INDEX) {
        return None;
    }
    let length = chosen.length.unwrap_or(1);
    let last = chosen.first.saturating_add(length.saturating_sub(1));
    Some((chosen.first, last))
}

/// The array that a register is in.
fn find(arrays: &BTreeMap<u16, u16>, base: u16) -> Option<(u16, u16)> {
    let (first, last) = arrays.range(..=base).next_back()?;
    (*last >= base).then_some((*first, *last))
}

/// The neighbours of a register that are declared as it is.
fn run(details: &BTreeMap<u16, Detail>, base: u16) -> Option<(u16, u16)> {
    let alike = details.get(&base)?;
    let (mut first, mut last) = (base, base);
    while let Some(before) = first.checked_sub(1)
        && details.get(&before) == Some(alike)
    {
        first = before;
    }
    while let Some(after) = last.checked_add(1)
        && details.get(&after) == Some(alike)
    {
        last = after;
    }
    Some((first, last))
}
