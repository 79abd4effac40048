//! The tests of a fragment.

use host_gl::{Current, enums as gl};
use wire_virgl::{CompareFunc, DepthStencilAlpha, Stencil, StencilOp, StencilRef};

use crate::blend::switch;

/// Sets depth and stencil tests; the alpha test is the shader's.
pub(crate) fn apply(gl: &Current<'_>, tests: &DepthStencilAlpha, reference: StencilRef) {
    switch(gl, gl::DEPTH_TEST, tests.depth_enable);
    gl.depth_mask(tests.depth_write.into());
    if tests.depth_enable {
        gl.depth_func(compare(tests.depth_func));
    }
    let [front, back] = tests.stencil;
    switch(gl, gl::STENCIL_TEST, front.enable);
    if front.enable {
        let (back, back_reference) = match back.enable {
            true => (back, reference.back),
            false => (front, reference.front),
        };
        apply_face(gl, gl::FRONT, &front, reference.front);
        apply_face(gl, gl::BACK, &back, back_reference);
    }
}

fn apply_face(gl: &Current<'_>, face: u32, stencil: &Stencil, reference: u8) {
    let func = compare(stencil.func);
    gl.stencil_func_separate(face, func, reference.into(), stencil.value_mask.into());
    let [fail, zfail, zpass] = [stencil.fail, stencil.zfail, stencil.zpass].map(op);
    gl.stencil_op_separate(face, fail, zfail, zpass);
    gl.stencil_mask_separate(face, stencil.write_mask.into());
}

/// GL's number for a comparison.
pub(crate) const fn compare(func: CompareFunc) -> u32 {
    match func {
        CompareFunc::Never => gl::NEVER,
        CompareFunc::Less => gl::LESS,
        CompareFunc::Equal => gl::EQUAL,
        CompareFunc::LessEqual => gl::LEQUAL,
        CompareFunc::Greater => gl::GREATER,
        CompareFunc::NotEqual => gl::NOTEQUAL,
        CompareFunc::GreaterEqual => gl::GEQUAL,
        CompareFunc::Always => gl::ALWAYS,
    }
}

const fn op(op: StencilOp) -> u32 {
    match op {
        StencilOp::Keep => gl::KEEP,
        StencilOp::Zero => gl::ZERO,
        StencilOp::Replace => gl::REPLACE,
        StencilOp::Incr => gl::INCR,
        StencilOp::Decr => gl::DECR,
        StencilOp::IncrWrap => gl::INCR_WRAP,
        StencilOp::DecrWrap => gl::DECR_WRAP,
        StencilOp::Invert => gl::INVERT,
    }
}
