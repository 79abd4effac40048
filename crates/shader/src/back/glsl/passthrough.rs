//! A tessellation control shader where the guest has none. OpenGL tessellates without one,
//! by levels of the context's; OpenGL ES does not.

use super::error::{At, Error, Unsupported};
use super::feature;
use super::frame::varying_name;
use super::key::Key;
use super::program::{Program, Uniforms};
use super::stage;
use super::target::Language;
use super::target::Target;
use crate::ir::{Semantic, Stage};
use crate::valid::Site;
use std::fmt::Write;

/// A tessellation control shader that passes on patches of so many vertices (1 to 32) with
/// the levels in the uniforms `outer_levels` and `inner_levels`. What is passed on is what
/// the key's `previous` gives and its `next` takes. The stages beside it are written with
/// this one's neighbours as they are: `next` of the vertex shader is the inputs of the
/// evaluation shader with [`Stage::TessControl`] as their stage, and `previous` of the
/// evaluation shader is the vertex shader's outputs with that stage.
///
/// # Errors
///
/// The target has no tessellation, or the key lacks a neighbour.
pub fn passthrough_tess_control(
    target: &Target,
    key: &Key,
    vertices: u8,
) -> Result<Program, Error> {
    write(target, key, vertices).at(Site::Shader)
}

fn write(target: &Target, key: &Key, vertices: u8) -> Result<Program, Unsupported> {
    let language = Language::new(*target);
    language.needs(&feature::TESSELLATION)?;
    let (Some(previous), Some(next)) = (&key.previous, &key.next) else {
        return Err(Unsupported::Semantic);
    };
    let flat = if language.is_es() { "flat " } else { "" };
    let (mut lines, mut body) = (String::new(), String::new());
    for taken in next.varyings.iter() {
        let (semantic, number) = (taken.semantic, taken.number);
        let given = previous.find(semantic, number).is_some();
        let from = varying_name(previous.stage, semantic, number);
        let to = varying_name(Stage::TessControl, semantic, number);
        if let (Some(from), Some(to), true) = (from, to, given && semantic != Semantic::Patch) {
            let _ = writeln!(lines, "{flat}in uvec4 {from}[];\n{flat}out uvec4 {to}[];");
            let _ = writeln!(body, "{to}[gl_InvocationID] = {from}[gl_InvocationID];");
        }
    }
    let count = vertices.clamp(1, 32);
    let blocks = stage::declare_per_vertex(&language, true, Some(" gl_out[]"));
    let text = format!(
        "{}layout(vertices = {count}) out;\n{blocks}{lines}uniform highp vec4 outer_levels;\n\
         uniform highp vec2 inner_levels;\nvoid main() {{\n\
         gl_out[gl_InvocationID].gl_Position = gl_in[gl_InvocationID].gl_Position;\n{body}\
         gl_TessLevelOuter[0] = outer_levels.x;\ngl_TessLevelOuter[1] = outer_levels.y;\n\
         gl_TessLevelOuter[2] = outer_levels.z;\ngl_TessLevelOuter[3] = outer_levels.w;\n\
         gl_TessLevelInner[0] = inner_levels.x;\ngl_TessLevelInner[1] = inner_levels.y;\n}}\n",
        language.preamble()
    );
    Ok(Program {
        uniforms: Uniforms {
            tessellation_levels: true,
            ..Uniforms::default()
        },
        ..Program::empty(Stage::TessControl, text)
    })
}
