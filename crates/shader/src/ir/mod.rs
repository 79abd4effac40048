//! A shader as typed values.
//!
//! A shader is a list of instructions over vector registers of four 32-bit components.
//! Registers live in files; a register is declared, with its file, before it is used.
//! Bits have no type of their own: the operation decides what they mean
//! ([`OpcodeInfo`]), and 64-bit values lie in pairs of components, x with y and z with w.
//! Blocks are marked by instructions (IF to ENDIF) and not by nesting values, so that
//! nothing that walks a shader needs to recurse.

mod declaration;
mod immediate;
mod instruction;
mod named;
mod names;
mod opcode;
mod register;

pub use declaration::{Declaration, Detail, Varying};
pub use immediate::Immediate;
pub use instruction::{Instruction, Memory, MemoryQualifiers, Texture, TextureOffset};
pub use names::{
    File, ImageFormat, ImmediateType, Interpolation, Location, MemoryKind, MemoryQualifier,
    NumericProperty, Origin, PixelCenter, Primitive, ReturnType, Semantic, Stage, Target,
};
pub use opcode::{Class, Opcode, OpcodeInfo, OperandType};
pub use register::{
    ArrayId, Component, Destination, Index, IndirectIndex, Register, Source, WriteMask,
};

/// One shader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shader {
    /// What it is for.
    pub stage: Stage,
    /// What holds for the whole of it, each name at most once.
    pub properties: Vec<Property>,
    /// Its registers, in the order of declaration.
    pub declarations: Vec<Declaration>,
    /// Its constants: the registers of [`File::Immediate`], from zero.
    pub immediates: Vec<Immediate>,
    /// What it does.
    pub instructions: Vec<Instruction>,
}

/// A property of a shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// `GS_INPUT_PRIMITIVE`.
    GsInputPrimitive(Primitive),
    /// `GS_OUTPUT_PRIMITIVE`.
    GsOutputPrimitive(Primitive),
    /// `FS_COORD_ORIGIN`.
    FsCoordOrigin(Origin),
    /// `FS_COORD_PIXEL_CENTER`.
    FsCoordPixelCenter(PixelCenter),
    /// `NEXT_SHADER`.
    NextShader(Stage),
    /// One of those that hold a number.
    Number(NumericProperty, u32),
}

impl Property {
    /// The spelling of its name in TGSI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GsInputPrimitive(_) => "GS_INPUT_PRIMITIVE",
            Self::GsOutputPrimitive(_) => "GS_OUTPUT_PRIMITIVE",
            Self::FsCoordOrigin(_) => "FS_COORD_ORIGIN",
            Self::FsCoordPixelCenter(_) => "FS_COORD_PIXEL_CENTER",
            Self::NextShader(_) => "NEXT_SHADER",
            Self::Number(property, _) => property.name(),
        }
    }
}
