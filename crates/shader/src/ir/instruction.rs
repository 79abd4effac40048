//! One instruction.

use super::{Component, Destination, File, ImageFormat, MemoryQualifier, Opcode, Source, Target};

/// One instruction. Its operands are as many as [`super::OpcodeInfo`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The operation.
    pub opcode: Opcode,
    /// Whether results are clamped to 0..1.
    pub saturate: bool,
    /// Whether results must not depend on how the compiler rearranges.
    pub precise: bool,
    /// What it writes.
    pub destinations: Vec<Destination>,
    /// What it reads.
    pub sources: Vec<Source>,
    /// What texture operations say besides ([`super::Class::Texture`],
    /// [`super::Class::Sample`]).
    pub texture: Option<Texture>,
    /// What memory operations say besides ([`super::Class::Memory`]).
    pub memory: Option<Memory>,
    /// The number of the instruction that a jump leads to. Mesa writes zero for loops, and
    /// only CAL needs it: blocks are closed by what follows them.
    pub label: Option<u32>,
}

/// The part of a texture operation that is not an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texture {
    /// The shape of what is sampled; nothing where the view's declaration says it.
    pub target: Option<Target>,
    /// Texel offsets: at most one, and four for a gather.
    pub offsets: Vec<TextureOffset>,
}

/// A texel offset, read from a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextureOffset {
    /// The register's file.
    pub file: File,
    /// The register.
    pub index: u16,
    /// The components that are the offset in s, t and r.
    pub swizzle: [Component; 3],
}

/// The part of a memory operation that is not an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What the access must or may not assume.
    pub qualifiers: MemoryQualifiers,
    /// The shape of the image; nothing for other resources and for image buffers.
    pub target: Option<Target>,
    /// The format of the image.
    pub format: Option<ImageFormat>,
}

/// A set of [`MemoryQualifier`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MemoryQualifiers(u8);

impl MemoryQualifiers {
    /// Whether the qualifier is among them.
    pub const fn has(self, qualifier: MemoryQualifier) -> bool {
        self.0 >> qualifier as u8 & 1 != 0
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, qualifier: MemoryQualifier) -> Self {
        Self(self.0 | 1 << qualifier as u8)
    }

    /// The qualifiers, in TGSI's order.
    pub fn iter(self) -> impl Iterator<Item = MemoryQualifier> {
        MemoryQualifier::ALL
            .iter()
            .copied()
            .filter(move |&qualifier| self.has(qualifier))
    }
}
