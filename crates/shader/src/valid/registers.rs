//! Which registers there are.

use super::holds;
use super::rule::{Rule, Site};
use crate::error::Error;
use crate::ir::{ArrayId, Component, Declaration, File, Shader};
use std::collections::{BTreeMap, BTreeSet};

/// Where a range of registers begins: its file, second dimension, and first register.
type Start = (File, Option<u16>, u16);

/// What comes before the index of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// Nothing.
    Plain,
    /// The number of a vertex.
    PerVertex,
    /// The number of a constant buffer or counter buffer.
    Numbered,
}

impl Shape {
    /// The shape that the declaration gives its registers.
    pub(super) const fn of(declaration: &Declaration) -> Self {
        match (declaration.per_vertex, declaration.dimension) {
            (true, _) => Self::PerVertex,
            (false, Some(_)) => Self::Numbered,
            (false, None) => Self::Plain,
        }
    }
}

/// The declared registers, to be asked by index.
pub(super) struct Registers {
    /// The declarations by their first register; none overlaps another in a component.
    by_start: [BTreeMap<Start, Declaration>; 4],
    arrays: BTreeSet<(File, ArrayId)>,
    shapes: BTreeSet<(File, Shape)>,
    immediates: usize,
}

impl Registers {
    /// Sorts the declarations, unless two are of the same register or array.
    pub(super) fn new(shader: &Shader) -> Result<Self, Error> {
        let mut registers = Self {
            by_start: Default::default(),
            arrays: BTreeSet::new(),
            shapes: BTreeSet::new(),
            immediates: shader.immediates.len(),
        };
        for (number, declaration) in shader.declarations.iter().enumerate() {
            registers.add(declaration).map_err(|rule| Error::Broken {
                site: Site::Declaration(number),
                rule,
            })?;
        }
        Ok(registers)
    }

    fn add(&mut self, declaration: &Declaration) -> Result<(), Rule> {
        let (file, dimension) = (declaration.file, declaration.dimension);
        if let Some(array) = declaration.array {
            holds(self.arrays.insert((file, array)), Rule::ArrayTwice)?;
        }
        self.shapes.insert((file, Shape::of(declaration)));
        for (component, ranges) in Component::ALL.iter().zip(&mut self.by_start) {
            if declaration.usage.has(*component) {
                let below = last_to(ranges, file, dimension, declaration.last);
                let apart = below.is_none_or(|below| below.last < declaration.first);
                holds(apart, Rule::DeclaredTwice)?;
                ranges.insert((file, dimension, declaration.first), *declaration);
            }
        }
        Ok(())
    }

    /// The declaration of this register: of its first declared component.
    pub(super) fn declaration(
        &self,
        file: File,
        dimension: Option<u16>,
        index: u16,
    ) -> Option<&Declaration> {
        self.by_start
            .iter()
            .filter_map(|ranges| last_to(ranges, file, dimension, index))
            .find(|declaration| declaration.last >= index)
    }

    /// Whether the file has registers of this many dimensions.
    pub(super) fn has_shape(&self, file: File, shape: Shape) -> bool {
        self.shapes.contains(&(file, shape))
    }

    /// Whether the file has an array of this number.
    pub(super) fn has_array(&self, file: File, array: ArrayId) -> bool {
        self.arrays.contains(&(file, array))
    }

    /// Whether there is an immediate of this number.
    pub(super) fn has_immediate(&self, index: u16) -> bool {
        usize::from(index) < self.immediates
    }
}

/// The last range that begins at the register or before it.
fn last_to(
    ranges: &BTreeMap<Start, Declaration>,
    file: File,
    dimension: Option<u16>,
    index: u16,
) -> Option<&Declaration> {
    ranges
        .range((file, dimension, 0)..=(file, dimension, index))
        .next_back()
        .map(|(_, declaration)| declaration)
}
