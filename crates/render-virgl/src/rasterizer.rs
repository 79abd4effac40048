//! How primitives become fragments.

use host_gl::{Api, Current, enums as gl};
use wire_virgl::{CullFace, PolygonMode, Rasterizer, RasterizerFlags as F};

use crate::blend::switch;

/// Sets all that a rasterizer object says and that is not the shaders'.
pub(crate) fn apply(gl: &Current<'_>, rasterizer: &Rasterizer) {
    let has = |flag| rasterizer.flags.contains(flag);
    apply_faces(gl, rasterizer);
    switch(gl, gl::POLYGON_OFFSET_FILL, has(F::OFFSET_TRI));
    switch(gl, gl::RASTERIZER_DISCARD, has(F::RASTERIZER_DISCARD));
    // A guest that leaves the width unset means 1.
    gl.line_width(if rasterizer.line_width > 0.0 {
        rasterizer.line_width
    } else {
        1.0
    });
    apply_offset(gl, rasterizer);
    if gl.caps().features.depth_clamp {
        switch(gl, gl::DEPTH_CLAMP, !has(F::DEPTH_CLIP));
    }
    if gl.caps().features.clip_control {
        let depth = if has(F::CLIP_HALFZ) {
            gl::ZERO_TO_ONE
        } else {
            gl::NEGATIVE_ONE_TO_ONE
        };
        gl.clip_control(gl::LOWER_LEFT, depth);
    }
    if !gl.caps().api.is_es() {
        apply_desktop(gl, rasterizer);
    }
}

/// What OpenGL ES has no switches for.
fn apply_desktop(gl: &Current<'_>, rasterizer: &Rasterizer) {
    let has = |flag| rasterizer.flags.contains(flag);
    switch(gl, gl::POLYGON_OFFSET_LINE, has(F::OFFSET_LINE));
    switch(gl, gl::POLYGON_OFFSET_POINT, has(F::OFFSET_POINT));
    switch(gl, gl::PROGRAM_POINT_SIZE, has(F::POINT_SIZE_PER_VERTEX));
    if rasterizer.point_size > 0.0 {
        gl.point_size(rasterizer.point_size);
    }
    switch(gl, gl::MULTISAMPLE, has(F::MULTISAMPLE));
    switch(gl, gl::LINE_SMOOTH, has(F::LINE_SMOOTH));
    switch(gl, gl::POLYGON_SMOOTH, has(F::POLY_SMOOTH));
    gl.provoking_vertex(match has(F::FLATSHADE_FIRST) {
        true => gl::FIRST_VERTEX_CONVENTION,
        false => gl::LAST_VERTEX_CONVENTION,
    });
    // Row 0 is GL's lower row and virgl's upper one.
    let origin = match has(F::SPRITE_COORD_LOWER_LEFT) {
        true => gl::UPPER_LEFT,
        false => gl::LOWER_LEFT,
    };
    gl.point_parameteri(gl::POINT_SPRITE_COORD_ORIGIN, origin.cast_signed());
    match gl.caps().api {
        Api::Compatibility => {
            gl.polygon_mode(gl::FRONT, mode(rasterizer.fill_front));
            gl.polygon_mode(gl::BACK, mode(rasterizer.fill_back));
        }
        _ => gl.polygon_mode(gl::FRONT_AND_BACK, mode(visible_fill(rasterizer))),
    }
}

/// The core profile has one mode for both faces: that of the face which is not culled.
pub(crate) fn visible_fill(rasterizer: &Rasterizer) -> PolygonMode {
    match rasterizer.cull {
        CullFace::Front => rasterizer.fill_back,
        _ => rasterizer.fill_front,
    }
}

fn apply_faces(gl: &Current<'_>, rasterizer: &Rasterizer) {
    switch(gl, gl::CULL_FACE, rasterizer.cull != CullFace::None);
    match rasterizer.cull {
        CullFace::None => {}
        CullFace::Front => gl.cull_face(gl::FRONT),
        CullFace::Back => gl.cull_face(gl::BACK),
        CullFace::FrontAndBack => gl.cull_face(gl::FRONT_AND_BACK),
    }
    // What is counter-clockwise with rows downwards is clockwise with rows upwards.
    gl.front_face(match rasterizer.flags.contains(F::FRONT_CCW) {
        true => gl::CW,
        false => gl::CCW,
    });
}

fn apply_offset(gl: &Current<'_>, rasterizer: &Rasterizer) {
    let (scale, units) = (rasterizer.offset_scale, rasterizer.offset_units);
    match gl.caps().features.polygon_offset_clamp {
        true => gl.polygon_offset_clamp(scale, units, rasterizer.offset_clamp),
        false => gl.polygon_offset(scale, units),
    }
}

const fn mode(mode: PolygonMode) -> u32 {
    match mode {
        PolygonMode::Fill => gl::FILL,
        PolygonMode::Line => gl::LINE,
        PolygonMode::Point => gl::POINT,
    }
}
