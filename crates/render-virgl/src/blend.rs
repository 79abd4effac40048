//! Blending and colour masks.

use host_gl::{Current, enums as gl};
use wire_virgl::{
    AdvancedBlend, AlphaBlend, Blend, BlendEquation, BlendFactor, BlendFlags, BlendFunc,
    BlendTarget, ColorMask, LogicOp,
};

use crate::framebuffer::FramebufferState;
use crate::surface::Surface;

/// Sets all that a blend object says, for the colour buffers that are there.
pub(crate) fn apply(gl: &Current<'_>, blend: &Blend, framebuffer: &FramebufferState) {
    let targets = (0..).zip(blend.targets).zip(&framebuffer.color);
    let is_independent = blend.flags.contains(BlendFlags::INDEPENDENT);
    match gl.caps().features.indexed_blend_func {
        true => {
            for ((index, own), surface) in targets {
                let target = if is_independent {
                    own
                } else {
                    blend.targets[0]
                };
                apply_target(gl, index, &target, surface.as_deref());
            }
        }
        false => {
            let surface = framebuffer.color.iter().flatten().next();
            apply_all(gl, &blend.targets[0], surface.map(|surface| &**surface));
        }
    }
    switch(
        gl,
        gl::SAMPLE_ALPHA_TO_COVERAGE,
        blend.flags.contains(BlendFlags::ALPHA_TO_COVERAGE),
    );
    switch(gl, gl::DITHER, blend.flags.contains(BlendFlags::DITHER));
    if !gl.caps().api.is_es() {
        switch(
            gl,
            gl::SAMPLE_ALPHA_TO_ONE,
            blend.flags.contains(BlendFlags::ALPHA_TO_ONE),
        );
        switch(
            gl,
            gl::COLOR_LOGIC_OP,
            blend.flags.contains(BlendFlags::LOGICOP),
        );
        gl.logic_op(logic_op(blend.logicop));
    }
}

/// Turns a capability on or off.
pub(crate) fn switch(gl: &Current<'_>, capability: u32, on: bool) {
    match on {
        true => gl.enable(capability),
        false => gl.disable(capability),
    }
}

/// Whether a target takes the fragment shader's second colour.
pub(crate) fn is_dual_source(blend: &Blend) -> bool {
    let target = &blend.targets[0];
    let equation = match target.alpha {
        AlphaBlend::Equation(alpha) => [target.rgb, alpha],
        AlphaBlend::Advanced(_) => [target.rgb, target.rgb],
    };
    let is_second = |factor: Option<BlendFactor>| {
        use BlendFactor as F;
        matches!(
            factor,
            Some(F::Src1Color | F::Src1Alpha | F::InvSrc1Color | F::InvSrc1Alpha)
        )
    };
    target.enable
        && equation
            .iter()
            .any(|one| is_second(one.src) || is_second(one.dst))
}

/// One target's equations in GL's numbers.
struct Numbers {
    funcs: [u32; 2],
    factors: [u32; 4],
}

fn numbers(target: &BlendTarget, surface: Option<&Surface>) -> Option<Numbers> {
    let AlphaBlend::Equation(alpha) = target.alpha else {
        return None;
    };
    let has_alpha = surface.is_none_or(|surface| surface.format.description().has_alpha());
    let factor = |factor: Option<BlendFactor>| factor_of(factor, has_alpha);
    let BlendEquation { func, src, dst } = match surface.is_some_and(Surface::is_alpha) {
        true => BlendEquation {
            src: alpha.src.map(as_color),
            dst: alpha.dst.map(as_color),
            ..alpha
        },
        false => target.rgb,
    };
    Some(Numbers {
        funcs: [func_of(func), func_of(alpha.func)],
        factors: [
            factor(src),
            factor(dst),
            factor(alpha.src),
            factor(alpha.dst),
        ],
    })
}

fn apply_target(gl: &Current<'_>, index: u32, target: &BlendTarget, surface: Option<&Surface>) {
    gl.color_maski(index, mask(target.mask, surface));
    match numbers(target, surface) {
        Some(numbers) if target.enable => {
            let [rgb, alpha] = numbers.funcs;
            gl.blend_equation_separatei(index, rgb, alpha);
            gl.blend_func_separatei(index, numbers.factors);
            gl.blend(index, true);
        }
        Some(_) => gl.blend(index, false),
        None => apply_advanced(gl, index, target.alpha),
    }
}

fn apply_all(gl: &Current<'_>, target: &BlendTarget, surface: Option<&Surface>) {
    gl.color_mask(mask(target.mask, surface));
    let numbers = numbers(target, surface).filter(|_| target.enable);
    switch(gl, gl::BLEND, numbers.is_some());
    if let Some(numbers) = numbers {
        let [rgb, alpha] = numbers.funcs;
        let [src, dst, alpha_src, alpha_dst] = numbers.factors;
        gl.blend_equation_separate(rgb, alpha);
        gl.blend_func_separate(src, dst, alpha_src, alpha_dst);
    }
}

fn apply_advanced(gl: &Current<'_>, index: u32, alpha: AlphaBlend) {
    if let AlphaBlend::Advanced(advanced) = alpha
        && gl.caps().features.blend_equation_advanced
    {
        gl.blend_equation(advanced_of(advanced));
        gl.blend(index, true);
    }
}

fn mask(mask: ColorMask, surface: Option<&Surface>) -> [u8; 4] {
    let all = [ColorMask::R, ColorMask::G, ColorMask::B, ColorMask::A];
    let all = all.map(|bit| mask.contains(bit).into());
    surface.map_or(all, |surface| surface.ordered(all))
}

/// The factor of an equation for alpha where alpha is red: as the shader's alpha is in both
/// places, only what is there already is not found by the same name, and what GL says of colours
/// alone.
const fn as_color(factor: BlendFactor) -> BlendFactor {
    use BlendFactor as F;
    match factor {
        F::DstAlpha => F::DstColor,
        F::InvDstAlpha => F::InvDstColor,
        F::ConstColor => F::ConstAlpha,
        F::InvConstColor => F::InvConstAlpha,
        F::Src1Color => F::Src1Alpha,
        F::InvSrc1Color => F::InvSrc1Alpha,
        F::SrcAlphaSaturate => F::One,
        factor => factor,
    }
}

const fn func_of(func: BlendFunc) -> u32 {
    match func {
        BlendFunc::Add => gl::FUNC_ADD,
        BlendFunc::Subtract => gl::FUNC_SUBTRACT,
        BlendFunc::ReverseSubtract => gl::FUNC_REVERSE_SUBTRACT,
        BlendFunc::Min => gl::MIN,
        BlendFunc::Max => gl::MAX,
    }
}

/// Of a format without alpha, the old alpha is 1, whatever the host's holds.
const fn factor_of(factor: Option<BlendFactor>, has_alpha: bool) -> u32 {
    use BlendFactor as F;
    match factor {
        None | Some(F::Zero) => gl::ZERO,
        Some(F::One) => gl::ONE,
        Some(F::DstAlpha) if !has_alpha => gl::ONE,
        Some(F::InvDstAlpha) if !has_alpha => gl::ZERO,
        Some(F::SrcColor) => gl::SRC_COLOR,
        Some(F::SrcAlpha) => gl::SRC_ALPHA,
        Some(F::DstAlpha) => gl::DST_ALPHA,
        Some(F::DstColor) => gl::DST_COLOR,
        Some(F::SrcAlphaSaturate) => gl::SRC_ALPHA_SATURATE,
        Some(F::ConstColor) => gl::CONSTANT_COLOR,
        Some(F::ConstAlpha) => gl::CONSTANT_ALPHA,
        Some(F::Src1Color) => gl::SRC1_COLOR,
        Some(F::Src1Alpha) => gl::SRC1_ALPHA,
        Some(F::InvSrcColor) => gl::ONE_MINUS_SRC_COLOR,
        Some(F::InvSrcAlpha) => gl::ONE_MINUS_SRC_ALPHA,
        Some(F::InvDstAlpha) => gl::ONE_MINUS_DST_ALPHA,
        Some(F::InvDstColor) => gl::ONE_MINUS_DST_COLOR,
        Some(F::InvConstColor) => gl::ONE_MINUS_CONSTANT_COLOR,
        Some(F::InvConstAlpha) => gl::ONE_MINUS_CONSTANT_ALPHA,
        Some(F::InvSrc1Color) => gl::ONE_MINUS_SRC1_COLOR,
        Some(F::InvSrc1Alpha) => gl::ONE_MINUS_SRC1_ALPHA,
    }
}

const fn advanced_of(advanced: AdvancedBlend) -> u32 {
    use AdvancedBlend as A;
    match advanced {
        A::Multiply => gl::MULTIPLY_KHR,
        A::Screen => gl::SCREEN_KHR,
        A::Overlay => gl::OVERLAY_KHR,
        A::Darken => gl::DARKEN_KHR,
        A::Lighten => gl::LIGHTEN_KHR,
        A::ColorDodge => gl::COLORDODGE_KHR,
        A::ColorBurn => gl::COLORBURN_KHR,
        A::HardLight => gl::HARDLIGHT_KHR,
        A::SoftLight => gl::SOFTLIGHT_KHR,
        A::Difference => gl::DIFFERENCE_KHR,
        A::Exclusion => gl::EXCLUSION_KHR,
        A::HslHue => gl::HSL_HUE_KHR,
        A::HslSaturation => gl::HSL_SATURATION_KHR,
        A::HslColor => gl::HSL_COLOR_KHR,
        A::HslLuminosity => gl::HSL_LUMINOSITY_KHR,
    }
}

const fn logic_op(op: LogicOp) -> u32 {
    match op {
        LogicOp::Clear => gl::CLEAR,
        LogicOp::Nor => gl::NOR,
        LogicOp::AndInverted => gl::AND_INVERTED,
        LogicOp::CopyInverted => gl::COPY_INVERTED,
        LogicOp::AndReverse => gl::AND_REVERSE,
        LogicOp::Invert => gl::INVERT,
        LogicOp::Xor => gl::XOR,
        LogicOp::Nand => gl::NAND,
        LogicOp::And => gl::AND,
        LogicOp::Equiv => gl::EQUIV,
        LogicOp::Noop => gl::NOOP,
        LogicOp::OrInverted => gl::OR_INVERTED,
        LogicOp::Copy => gl::COPY,
        LogicOp::OrReverse => gl::OR_REVERSE,
        LogicOp::Or => gl::OR,
        LogicOp::Set => gl::SET,
    }
}
