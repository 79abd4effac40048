//! The blend object.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, numbers, place};
use crate::limits::MAX_COLOR_BUFS;

/// How colours meet the framebuffer (`VIRGL_OBJ_BLEND_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blend {
    /// Which parts are on.
    pub flags: BlendFlags,
    /// The logical operation, if [`BlendFlags::LOGICOP`] is set.
    pub logicop: LogicOp,
    /// One a render target; without [`BlendFlags::INDEPENDENT`] the first counts for all.
    pub targets: [BlendTarget; MAX_COLOR_BUFS as usize],
}

bitflags::bitflags! {
    /// The switches of a blend object (`VIRGL_OBJ_BLEND_S0_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct BlendFlags: u32 {
        /// Render targets blend each in its own way.
        const INDEPENDENT = 1;
        /// The logical operation takes the place of blending.
        const LOGICOP = 2;
        /// Colours are dithered.
        const DITHER = 4;
        /// Alpha makes the coverage.
        const ALPHA_TO_COVERAGE = 8;
        /// Alpha becomes 1 after coverage is made.
        const ALPHA_TO_ONE = 16;
    }

    /// Components that are written (`PIPE_MASK_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct ColorMask: u32 {
        /// Red.
        const R = 1;
        /// Green.
        const G = 2;
        /// Blue.
        const B = 4;
        /// Alpha.
        const A = 8;
    }
}

/// Blending of one render target (`VIRGL_OBJ_BLEND_S2_RT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlendTarget {
    /// Whether it blends at all. Advanced blending may be on where this is off.
    pub enable: bool,
    /// The equation for red, green and blue.
    pub rgb: BlendEquation,
    /// The equation for alpha, or what takes the place of both equations.
    pub alpha: AlphaBlend,
    /// What is written.
    pub mask: ColorMask,
}

/// One blend equation. A factor is missing where the driver set none, which it may only
/// leave so while blending is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlendEquation {
    /// How the two products are joined.
    pub func: BlendFunc,
    /// What the new colour is multiplied by.
    pub src: Option<BlendFactor>,
    /// What the old colour is multiplied by.
    pub dst: Option<BlendFactor>,
}

/// What the alpha fields of a render target say.
///
/// Mesa sends the equation of `KHR_blend_equation_advanced` in the place of alpha's source
/// factor, with no destination factor; an equation proper has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlphaBlend {
    /// An equation for alpha.
    Equation(BlendEquation),
    /// An advanced equation for the whole colour.
    Advanced(AdvancedBlend),
}

numbers! {
    /// How two products are joined.
    pub enum BlendFunc "blend function" {
        0 Add "PIPE_BLEND_ADD",
        1 Subtract "PIPE_BLEND_SUBTRACT",
        2 ReverseSubtract "PIPE_BLEND_REVERSE_SUBTRACT",
        3 Min "PIPE_BLEND_MIN",
        4 Max "PIPE_BLEND_MAX",
    }

    /// What a colour is multiplied by.
    pub enum BlendFactor "blend factor" {
        1 One "PIPE_BLENDFACTOR_ONE",
        2 SrcColor "PIPE_BLENDFACTOR_SRC_COLOR",
        3 SrcAlpha "PIPE_BLENDFACTOR_SRC_ALPHA",
        4 DstAlpha "PIPE_BLENDFACTOR_DST_ALPHA",
        5 DstColor "PIPE_BLENDFACTOR_DST_COLOR",
        6 SrcAlphaSaturate "PIPE_BLENDFACTOR_SRC_ALPHA_SATURATE",
        7 ConstColor "PIPE_BLENDFACTOR_CONST_COLOR",
        8 ConstAlpha "PIPE_BLENDFACTOR_CONST_ALPHA",
        9 Src1Color "PIPE_BLENDFACTOR_SRC1_COLOR",
        10 Src1Alpha "PIPE_BLENDFACTOR_SRC1_ALPHA",
        17 Zero "PIPE_BLENDFACTOR_ZERO",
        18 InvSrcColor "PIPE_BLENDFACTOR_INV_SRC_COLOR",
        19 InvSrcAlpha "PIPE_BLENDFACTOR_INV_SRC_ALPHA",
        20 InvDstAlpha "PIPE_BLENDFACTOR_INV_DST_ALPHA",
        21 InvDstColor "PIPE_BLENDFACTOR_INV_DST_COLOR",
        23 InvConstColor "PIPE_BLENDFACTOR_INV_CONST_COLOR",
        24 InvConstAlpha "PIPE_BLENDFACTOR_INV_CONST_ALPHA",
        25 InvSrc1Color "PIPE_BLENDFACTOR_INV_SRC1_COLOR",
        26 InvSrc1Alpha "PIPE_BLENDFACTOR_INV_SRC1_ALPHA",
    }

    /// An equation of `KHR_blend_equation_advanced` (`enum gl_advanced_blend_mode` in
    /// Mesa's `src/compiler/shader_enums.h`).
    pub enum AdvancedBlend "advanced blend equation" {
        1 Multiply "BLEND_MULTIPLY",
        2 Screen "BLEND_SCREEN",
        3 Overlay "BLEND_OVERLAY",
        4 Darken "BLEND_DARKEN",
        5 Lighten "BLEND_LIGHTEN",
        6 ColorDodge "BLEND_COLORDODGE",
        7 ColorBurn "BLEND_COLORBURN",
        8 HardLight "BLEND_HARDLIGHT",
        9 SoftLight "BLEND_SOFTLIGHT",
        10 Difference "BLEND_DIFFERENCE",
        11 Exclusion "BLEND_EXCLUSION",
        12 HslHue "BLEND_HSL_HUE",
        13 HslSaturation "BLEND_HSL_SATURATION",
        14 HslColor "BLEND_HSL_COLOR",
        15 HslLuminosity "BLEND_HSL_LUMINOSITY",
    }

    /// A logical operation on colours.
    pub enum LogicOp "logic operation" {
        0 Clear "PIPE_LOGICOP_CLEAR",
        1 Nor "PIPE_LOGICOP_NOR",
        2 AndInverted "PIPE_LOGICOP_AND_INVERTED",
        3 CopyInverted "PIPE_LOGICOP_COPY_INVERTED",
        4 AndReverse "PIPE_LOGICOP_AND_REVERSE",
        5 Invert "PIPE_LOGICOP_INVERT",
        6 Xor "PIPE_LOGICOP_XOR",
        7 Nand "PIPE_LOGICOP_NAND",
        8 And "PIPE_LOGICOP_AND",
        9 Equiv "PIPE_LOGICOP_EQUIV",
        10 Noop "PIPE_LOGICOP_NOOP",
        11 OrInverted "PIPE_LOGICOP_OR_INVERTED",
        12 Copy "PIPE_LOGICOP_COPY",
        13 OrReverse "PIPE_LOGICOP_OR_REVERSE",
        14 Or "PIPE_LOGICOP_OR",
        15 Set "PIPE_LOGICOP_SET",
    }
}

impl BlendTarget {
    /// No blending, nothing written: the word 0.
    pub const OFF: Self = Self {
        enable: false,
        rgb: BlendEquation::UNSET,
        alpha: AlphaBlend::Equation(BlendEquation::UNSET),
        mask: ColorMask::empty(),
    };

    fn from_word(word: u32) -> Result<Self, ParseError> {
        Ok(Self {
            enable: bits(word, 0, 1) != 0,
            rgb: BlendEquation::from_parts(bits(word, 1, 3), bits(word, 4, 5), bits(word, 9, 5))?,
            alpha: AlphaBlend::from_parts(bits(word, 14, 3), bits(word, 17, 5), bits(word, 22, 5))?,
            mask: ColorMask::from_bits_truncate(bits(word, 27, 4)),
        })
    }

    fn to_word(self) -> u32 {
        let (alpha_func, alpha_src, alpha_dst) = match self.alpha {
            AlphaBlend::Equation(equation) => equation.parts(),
            AlphaBlend::Advanced(advanced) => (0, advanced.number(), 0),
        };
        let (func, src, dst) = self.rgb.parts();
        u32::from(self.enable)
            | place(func, 1, 3)
            | place(src, 4, 5)
            | place(dst, 9, 5)
            | place(alpha_func, 14, 3)
            | place(alpha_src, 17, 5)
            | place(alpha_dst, 22, 5)
            | place(self.mask.bits(), 27, 4)
    }
}

impl AlphaBlend {
    fn from_parts(func: u32, src: u32, dst: u32) -> Result<Self, ParseError> {
        match src != 0 && dst == 0 {
            true => AdvancedBlend::parse_number(src).map(Self::Advanced),
            false => BlendEquation::from_parts(func, src, dst).map(Self::Equation),
        }
    }
}

impl BlendEquation {
    /// Nothing set.
    pub const UNSET: Self = Self {
        func: BlendFunc::Add,
        src: None,
        dst: None,
    };

    fn from_parts(func: u32, src: u32, dst: u32) -> Result<Self, ParseError> {
        let factor = |number| match number {
            0 => Ok(None),
            number => BlendFactor::parse_number(number).map(Some),
        };
        Ok(Self {
            func: BlendFunc::parse_number(func)?,
            src: factor(src)?,
            dst: factor(dst)?,
        })
    }

    fn parts(self) -> (u32, u32, u32) {
        let number = |factor: Option<BlendFactor>| factor.map_or(0, BlendFactor::number);
        (self.func.number(), number(self.src), number(self.dst))
    }
}

impl Wire for Blend {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let flags = BlendFlags::from_bits_truncate(reader.u32()?);
        let logicop = LogicOp::parse_number(bits(reader.u32()?, 0, 4))?;
        let mut targets = [BlendTarget::OFF; MAX_COLOR_BUFS as usize];
        for target in &mut targets {
            *target = BlendTarget::from_word(reader.u32()?)?;
        }
        Ok(Self {
            flags,
            logicop,
            targets,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.flags.bits()).u32(self.logicop.number());
        for target in self.targets {
            writer.u32(target.to_word());
        }
    }
}
