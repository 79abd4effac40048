//! How an instruction names a register and its components.

use super::File;
use crate::limits::{MAX_ARRAY_ID, MAX_REGISTER};

/// One of the four components of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// The first.
    X,
    /// The second.
    Y,
    /// The third.
    Z,
    /// The fourth.
    W,
}

impl Component {
    /// All four, in order.
    pub const ALL: [Self; 4] = [Self::X, Self::Y, Self::Z, Self::W];

    /// The lower-case letter.
    pub const fn letter(self) -> char {
        match self {
            Self::X => 'x',
            Self::Y => 'y',
            Self::Z => 'z',
            Self::W => 'w',
        }
    }

    /// The component that this letter names, in either case.
    pub fn from_letter(letter: u8) -> Option<Self> {
        match letter.to_ascii_lowercase() {
            b'x' => Some(Self::X),
            b'y' => Some(Self::Y),
            b'z' => Some(Self::Z),
            b'w' => Some(Self::W),
            _ => None,
        }
    }
}

/// A set of components, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WriteMask(u8);

impl WriteMask {
    /// All four.
    pub const XYZW: Self = Self(0b1111);

    /// These components; nothing if there are none.
    pub fn new(components: &[Component]) -> Option<Self> {
        let bits = components
            .iter()
            .fold(0, |bits, &component| bits | 1 << component as u8);
        (bits != 0).then_some(Self(bits))
    }

    /// Whether the component is among them.
    pub const fn has(self, component: Component) -> bool {
        self.0 >> component as u8 & 1 != 0
    }

    /// The components, in order.
    pub fn components(self) -> impl Iterator<Item = Component> {
        Component::ALL
            .into_iter()
            .filter(move |&component| self.has(component))
    }
}

/// The number of a declared array, 1 to 1,023.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArrayId(u16);

impl ArrayId {
    /// The array with this number; nothing if there is no such number.
    pub const fn new(id: u16) -> Option<Self> {
        if id >= 1 && id <= MAX_ARRAY_ID {
            Some(Self(id))
        } else {
            None
        }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// Which register of a file, or which of a file's second dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Index {
    /// This one. Mesa writes a negative one where a GLSL program indexes an array of images
    /// by a constant outside of it.
    Direct(i16),
    /// The one that a register names at run time.
    Indirect(IndirectIndex),
}

/// An index that a register holds, and what is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IndirectIndex {
    /// The file of the register that holds the index.
    pub file: File,
    /// That register, at most [`MAX_REGISTER`].
    pub register: u16,
    /// Its component.
    pub component: Component,
    /// Added to what the register holds.
    pub offset: i16,
    /// The array that the result lies in; without it, anywhere in the file.
    pub array: Option<ArrayId>,
}

const _: () = assert!(MAX_REGISTER == i16::MAX as u16, "an index is an i16");

/// A register as an operand names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Register {
    /// Its file.
    pub file: File,
    /// Which constant buffer, vertex or counter buffer, for files that have two dimensions.
    pub dimension: Option<Index>,
    /// Which register.
    pub index: Index,
}

/// An operand that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The register.
    pub register: Register,
    /// Which component is read as x, y, z and w.
    pub swizzle: [Component; 4],
    /// Whether each component's absolute value is taken.
    pub absolute: bool,
    /// Whether each component is negated, after `absolute`.
    pub negate: bool,
}

/// An operand that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The register.
    pub register: Register,
    /// The components that change.
    pub mask: WriteMask,
}
