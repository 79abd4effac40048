//! What a declaration says of its registers.

use super::{
    ArrayId, File, ImageFormat, Interpolation, Location, MemoryKind, ReturnType, Semantic, Target,
    WriteMask,
};

/// The declaration of a range of registers of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The file. Not [`File::Null`] and not [`File::Immediate`].
    pub file: File,
    /// Whether there is one such register for each vertex of the primitive or patch (`[]`).
    pub per_vertex: bool,
    /// Which constant buffer or counter buffer.
    pub dimension: Option<u16>,
    /// The first register.
    pub first: u16,
    /// The last register, not below `first`.
    pub last: u16,
    /// The components in use.
    pub usage: WriteMask,
    /// The array that the range is, for indirect addressing.
    pub array: Option<ArrayId>,
    /// Whether no subroutine sees it.
    pub local: bool,
    /// What goes with the file.
    pub detail: Detail,
    /// Whether it must come out the same in every program that computes it alike.
    pub invariant: bool,
}

impl Declaration {
    /// Whether its registers are an input, an output or a system value of this meaning.
    pub fn means(&self, meaning: Semantic) -> bool {
        match self.detail {
            Detail::Varying(varying) => varying.semantic.is_some_and(|(is, _)| is == meaning),
            _ => false,
        }
    }
}

/// What a declaration says that goes with its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Plain,
    /// Of an input, an output or a system value.
    Varying(Varying),
    /// Of a sampler view.
    SamplerView {
        /// Its shape.
        target: Target,
        /// What each component is.
        returns: [ReturnType; 4],
    },
    /// Of an image.
    Image {
        /// Its shape.
        target: Target,
        /// Its format; without one it may only be written.
        format: Option<ImageFormat>,
        /// Whether it is written.
        writable: bool,
        /// Whether it is addressed in bytes.
        raw: bool,
    },
    /// Of a buffer.
    Buffer {
        /// Whether only atomic counters are in it.
        atomic: bool,
    },
    /// Of memory.
    Memory {
        /// Which.
        kind: MemoryKind,
    },
}

/// What an input, an output or a system value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Varying {
    /// Its meaning, and the first number of it where there are many. The inputs of a vertex
    /// shader have none.
    pub semantic: Option<(Semantic, u16)>,
    /// The vertex stream of each component, 0 to 3 (geometry outputs).
    pub streams: [u8; 4],
    /// How it follows from the vertices (fragment inputs).
    pub interpolation: Option<Interpolation>,
    /// Where in the fragment it is evaluated.
    pub location: Location,
}
