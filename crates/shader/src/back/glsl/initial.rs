//! Which temporaries may be read before they are written. Those begin as zero; to begin all
//! so costs drivers as much time as the rest of a shader.

use crate::ir::{Component, File, Index, Instruction, Opcode, Register, Shader, Source, WriteMask};
use std::collections::{BTreeMap, BTreeSet};

/// What is known to be written at a point: what a block writes is forgotten where it ends,
/// as it may have been another.
#[derive(Default)]
struct Written {
    /// The components of each temporary, one bit each.
    masks: BTreeMap<u16, u8>,
    /// What changed in the open blocks, and from what.
    changes: Vec<(u16, u8)>,
    /// How many changes there were where each open block began.
    blocks: Vec<usize>,
}

impl Written {
    fn add(&mut self, index: u16, mask: WriteMask) {
        let known = self.masks.entry(index).or_insert(0);
        if !self.blocks.is_empty() {
            self.changes.push((index, *known));
        }
        *known |= bits(mask.components());
    }

    fn has(&self, index: u16, read: u8) -> bool {
        let known = self.masks.get(&index).copied().unwrap_or(0);
        read & !known == 0
    }

    fn open(&mut self) {
        self.blocks.push(self.changes.len());
    }

    fn close(&mut self) {
        let start = self.blocks.pop().unwrap_or(0);
        while self.changes.len() > start
            && let Some((index, before)) = self.changes.pop()
        {
            self.masks.insert(index, before);
        }
    }
}

fn bits(components: impl IntoIterator<Item = Component>) -> u8 {
    let components = components.into_iter();
    components.fold(0, |bits, component| bits | 1 << component as u8)
}

/// The temporaries that some instruction may read before another has written them.
pub(super) fn read_first(shader: &Shader) -> BTreeSet<u16> {
    let mut written = Written::default();
    let mut found = BTreeSet::new();
    for instruction in &shader.instructions {
        each_read(instruction, |index, read| {
            if !written.has(index, read) {
                found.insert(index);
            }
        });
        step(&mut written, instruction);
    }
    found
}

fn step(written: &mut Written, instruction: &Instruction) {
    use Opcode as O;
    match instruction.opcode {
        O::If | O::Uif | O::Bgnloop | O::Switch => written.open(),
        O::Else | O::Case | O::Default => {
            written.close();
            written.open();
        }
        O::Endif | O::Endloop | O::Endswitch => written.close(),
        _ => {
            for destination in &instruction.destinations {
                if let Some(index) = temporary(destination.register) {
                    written.add(index, destination.mask);
                }
            }
        }
    }
}

fn each_read(instruction: &Instruction, mut read: impl FnMut(u16, u8)) {
    for Source {
        register, swizzle, ..
    } in &instruction.sources
    {
        each_index(*register, &mut read);
        if let Some(index) = temporary(*register) {
            read(index, bits(*swizzle));
        }
    }
    for destination in &instruction.destinations {
        each_index(destination.register, &mut read);
    }
    let texture = instruction.texture.iter();
    for offset in texture.flat_map(|texture| &texture.offsets) {
        if offset.file == File::Temporary {
            read(offset.index, bits(offset.swizzle));
        }
    }
}

/// The registers that an operand takes its indices from.
fn each_index(register: Register, read: &mut impl FnMut(u16, u8)) {
    for index in register.dimension.iter().chain([&register.index]) {
        if let Index::Indirect(indirect) = index
            && indirect.file == File::Temporary
        {
            read(indirect.register, bits([indirect.component]));
        }
    }
}

/// The number of a temporary that is named directly.
fn temporary(register: Register) -> Option<u16> {
    match (register.file, register.index) {
        (File::Temporary, Index::Direct(index)) => u16::try_from(index).ok(),
        _ => None,
    }
}
