//! The rules by name.

use std::fmt;

/// A rule that a shader breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// The property is another stage's.
    #[error("a property of another stage")]
    PropertyOfAnotherStage,
    /// The property's value is one that it cannot have.
    #[error("a property's value is out of range")]
    PropertyValue,
    /// The stage cannot do without a property: geometry without its primitives and vertex
    /// count, tessellation control without its patch size, compute without its group size.
    #[error("the stage lacks a property that it needs")]
    MissingProperty,
    /// The stage has no registers of this file.
    #[error("a register file that the stage does not have")]
    FileOfAnotherStage,
    /// A register has or lacks a second dimension against what its file wants.
    #[error("a register has too many or too few dimensions")]
    Dimensions,
    /// An input, output or system value cannot be this in the stage.
    #[error("a semantic that the stage does not have")]
    SemanticOfAnotherStage,
    /// Interpolation or its place on anything but an input of a fragment shader.
    #[error("interpolation of what is not interpolated")]
    Interpolation,
    /// A vertex stream on anything but an output of a geometry shader.
    #[error("a stream for what is not an output of a geometry shader")]
    Stream,
    /// A component of a register is declared twice.
    #[error("a register is declared twice")]
    DeclaredTwice,
    /// Two declarations of a file have the same array id.
    #[error("an array is declared twice")]
    ArrayTwice,
    /// A register that is used is not declared.
    #[error("a register is not declared")]
    NotDeclared,
    /// An array that is used is not declared.
    #[error("an array is not declared")]
    ArrayNotDeclared,
    /// An index is taken from a register that cannot hold one.
    #[error("an index is read from a register that holds none")]
    IndexFile,
    /// A register is written whose file cannot be.
    #[error("a register is written that cannot be")]
    NotWritable,
    /// A register is read whose file cannot be.
    #[error("a register is read that cannot be")]
    NotReadable,
    /// The operation wants a sampler, view or resource where it has none, or the reverse.
    #[error("an operand is of the wrong kind")]
    OperandKind,
    /// A 64-bit value is not in a pair of components, xy or zw.
    #[error("a 64-bit value is not in a pair of components")]
    NotAPair,
    /// `_SAT` on a result that is not floating-point.
    #[error("what is not floating-point is saturated")]
    Saturate,
    /// The operation belongs to other stages.
    #[error("an operation that the stage does not have")]
    OperationOfAnotherStage,
    /// A subroutine, which virgl does not have.
    #[error("a subroutine")]
    Subroutine,
    /// An end, ELSE, CASE, BRK or CONT without the block that it belongs to.
    #[error("a block ends or is left that is not open")]
    NotOpen,
    /// Blocks are still open at the end.
    #[error("a block is still open at the end")]
    StillOpen,
    /// More than [`crate::limits::MAX_NESTING`] blocks are open.
    #[error("blocks are nested too deeply")]
    TooDeep,
    /// A second ELSE of an IF, or a second DEFAULT of a SWITCH.
    #[error("a second ELSE or DEFAULT")]
    SecondBranch,
    /// Something between SWITCH and its first CASE or DEFAULT.
    #[error("an instruction before the first CASE")]
    BeforeCase,
    /// The last instruction, and no other, is END.
    #[error("END is missing or not last")]
    End,
    /// The target is not that of the sampler view's or image's declaration.
    #[error("a texture target that is not the declared one")]
    Target,
    /// The operation does not work on this shape of texture.
    #[error("a texture target that the operation does not have")]
    TargetOfAnotherOperation,
    /// More texel offsets than the operation takes, or for a shape that has none.
    #[error("texel offsets that the operation does not take")]
    Offsets,
    /// An image is written that is declared for reading, or read without a format.
    #[error("an image is accessed against its declaration")]
    ImageAccess,
}

/// What breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// The shader as a whole.
    Shader,
    /// The property with this number.
    Property(usize),
    /// The declaration with this number.
    Declaration(usize),
    /// The instruction with this number.
    Instruction(usize),
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shader => f.write_str("shader"),
            Self::Property(number) => write!(f, "property {number}"),
            Self::Declaration(number) => write!(f, "declaration {number}"),
            Self::Instruction(number) => write!(f, "instruction {number}"),
        }
    }
}
