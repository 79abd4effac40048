//! The depth, stencil and alpha object.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, numbers, place};
use crate::enums::CompareFunc;

/// The tests of a fragment (`VIRGL_OBJ_DSA_*`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthStencilAlpha {
    /// Whether depth is tested.
    pub depth_enable: bool,
    /// Whether depth is written.
    pub depth_write: bool,
    /// The depth test.
    pub depth_func: CompareFunc,
    /// Whether alpha is tested.
    pub alpha_enable: bool,
    /// The alpha test.
    pub alpha_func: CompareFunc,
    /// What alpha is compared with.
    pub alpha_ref: f32,
    /// The stencil tests of front and back faces. The back's counts only if enabled.
    pub stencil: [Stencil; 2],
}

/// The stencil test of one face (`VIRGL_OBJ_DSA_S1_STENCIL_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stencil {
    /// Whether stencil is tested.
    pub enable: bool,
    /// The test.
    pub func: CompareFunc,
    /// What happens when the stencil test fails.
    pub fail: StencilOp,
    /// What happens when both tests pass.
    pub zpass: StencilOp,
    /// What happens when only the depth test fails.
    pub zfail: StencilOp,
    /// Bits that are compared.
    pub value_mask: u8,
    /// Bits that are written.
    pub write_mask: u8,
}

numbers! {
    /// What becomes of a stencil value.
    pub enum StencilOp "stencil operation" {
        0 Keep "PIPE_STENCIL_OP_KEEP",
        1 Zero "PIPE_STENCIL_OP_ZERO",
        2 Replace "PIPE_STENCIL_OP_REPLACE",
        3 Incr "PIPE_STENCIL_OP_INCR",
        4 Decr "PIPE_STENCIL_OP_DECR",
        5 IncrWrap "PIPE_STENCIL_OP_INCR_WRAP",
        6 DecrWrap "PIPE_STENCIL_OP_DECR_WRAP",
        7 Invert "PIPE_STENCIL_OP_INVERT",
    }
}

impl Stencil {
    fn from_word(word: u32) -> Result<Self, ParseError> {
        Ok(Self {
            enable: bits(word, 0, 1) != 0,
            func: CompareFunc::parse_number(bits(word, 1, 3))?,
            fail: StencilOp::parse_number(bits(word, 4, 3))?,
            zpass: StencilOp::parse_number(bits(word, 7, 3))?,
            zfail: StencilOp::parse_number(bits(word, 10, 3))?,
            value_mask: bits(word, 13, 8) as u8,
            write_mask: bits(word, 21, 8) as u8,
        })
    }

    fn to_word(self) -> u32 {
        u32::from(self.enable)
            | place(self.func.number(), 1, 3)
            | place(self.fail.number(), 4, 3)
            | place(self.zpass.number(), 7, 3)
            | place(self.zfail.number(), 10, 3)
            | place(self.value_mask.into(), 13, 8)
            | place(self.write_mask.into(), 21, 8)
    }
}

impl Wire for DepthStencilAlpha {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let word = reader.u32()?;
        Ok(Self {
            depth_enable: bits(word, 0, 1) != 0,
            depth_write: bits(word, 1, 1) != 0,
            depth_func: CompareFunc::parse_number(bits(word, 2, 3))?,
            alpha_enable: bits(word, 8, 1) != 0,
            alpha_func: CompareFunc::parse_number(bits(word, 9, 3))?,
            stencil: [
                Stencil::from_word(reader.u32()?)?,
                Stencil::from_word(reader.u32()?)?,
            ],
            alpha_ref: reader.f32()?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let word = u32::from(self.depth_enable)
            | place(self.depth_write.into(), 1, 1)
            | place(self.depth_func.number(), 2, 3)
            | place(self.alpha_enable.into(), 8, 1)
            | place(self.alpha_func.number(), 9, 3);
        writer.u32(word);
        for stencil in self.stencil {
            writer.u32(stencil.to_word());
        }
        writer.f32(self.alpha_ref);
    }
}
