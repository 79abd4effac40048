//! What each stage says of itself before all else.

use super::error::{At, Error, Unsupported};
use super::feature;
use super::frame::Frame;
use super::program::Uniforms;
use super::target::Language;
use super::tess_control;
use crate::ir::{NumericProperty, Primitive, Property, Stage};
use crate::valid::Site;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The most vertices that one invocation of a geometry shader can give
/// (`GL_MAX_GEOMETRY_OUTPUT_VERTICES` is 256 at least, and 1,024 at most anywhere).
const MAX_OUTPUT_VERTICES: u32 = 1024;

/// The layout qualifiers of the stage, and OpenGL ES's precisions.
///
/// # Errors
///
/// Properties that would change what comes out and cannot be written.
pub(super) fn layout(frame: &Frame<'_>) -> Result<String, Error> {
    let mut out = String::new();
    if frame.language.is_es() {
        write_precisions(frame, &mut out);
    }
    refuse(frame)?;
    match frame.shader.stage {
        Stage::Vertex => Ok(()),
        Stage::TessControl => tessellation_control(frame, &mut out),
        Stage::TessEvaluation => tessellation_evaluation(frame, &mut out),
        Stage::Geometry => geometry(frame, &mut out),
        Stage::Fragment => fragment(frame, &mut out),
        Stage::Compute => compute(frame, &mut out),
    }
    .at(Site::Shader)?;
    Ok(out)
}

/// Fragment shaders have no precision of their own, and samplers and images none but 2D's.
fn write_precisions(frame: &Frame<'_>, out: &mut String) {
    if frame.shader.stage == Stage::Fragment {
        out.push_str("precision highp float;\nprecision highp int;\n");
    }
}

fn refuse(frame: &Frame<'_>) -> Result<(), Error> {
    use NumericProperty as N;
    for (number, property) in frame.shader.properties.iter().enumerate() {
        if let Property::Number(
            N::VsWindowSpacePosition
            | N::MulZeroWins
            | N::LegacyMathRules
            | N::LayerViewportRelative,
            1..,
        ) = property
        {
            return Err(Unsupported::Property).at(Site::Property(number));
        }
    }
    Ok(())
}

fn tessellation_control(frame: &Frame<'_>, out: &mut String) -> Result<(), Unsupported> {
    frame.needs(&feature::TESSELLATION)?;
    let count = tess_control::vertices_out(frame);
    let _ = writeln!(out, "layout(vertices = {count}) out;");
    Ok(())
}

/// `PIPE_PRIM_*` and `PIPE_TESS_SPACING_*` in `gallium/include/pipe/p_defines.h`.
fn tessellation_evaluation(frame: &Frame<'_>, out: &mut String) -> Result<(), Unsupported> {
    use NumericProperty as N;
    frame.needs(&feature::TESSELLATION)?;
    let mode = match frame.number(N::TesPrimMode) {
        1 => "isolines",
        4 => "triangles",
        7 => "quads",
        _ => return Err(Unsupported::Property),
    };
    let spacing = match frame.number(N::TesSpacing) {
        0 => "fractional_odd_spacing",
        1 => "fractional_even_spacing",
        2 => "equal_spacing",
        _ => return Err(Unsupported::Property),
    };
    let order = match frame.number(N::TesVertexOrderCw) {
        0 => "ccw",
        _ => "cw",
    };
    let points = match frame.number(N::TesPointMode) {
        0 => "",
        _ => ", point_mode",
    };
    let _ = writeln!(out, "layout({mode}, {spacing}, {order}{points}) in;");
    Ok(())
}

fn geometry(frame: &Frame<'_>, out: &mut String) -> Result<(), Unsupported> {
    use NumericProperty as N;
    frame.needs(&feature::GEOMETRY)?;
    let (mut from, mut to) = ("points", "points");
    for property in &frame.shader.properties {
        match property {
            Property::GsInputPrimitive(primitive) => {
                from = match primitive {
                    Primitive::Lines => "lines",
                    Primitive::LinesAdjacency => "lines_adjacency",
                    Primitive::Triangles => "triangles",
                    Primitive::TrianglesAdjacency => "triangles_adjacency",
                    _ => "points",
                }
            }
            Property::GsOutputPrimitive(primitive) => {
                to = match primitive {
                    Primitive::LineStrip => "line_strip",
                    Primitive::TriangleStrip => "triangle_strip",
                    _ => "points",
                }
            }
            _ => {}
        }
    }
    let invocations = match frame.number(N::GsInvocations) {
        0 | 1 => String::new(),
        count => {
            frame.needs(&feature::INVOCATIONS)?;
            format!(", invocations = {count}")
        }
    };
    let vertices = frame.number(N::GsMaxOutputVertices);
    if vertices > MAX_OUTPUT_VERTICES {
        return Err(Unsupported::Property);
    }
    let _ = writeln!(
        out,
        "layout({from}{invocations}) in;\nlayout({to}, max_vertices = {vertices}) out;"
    );
    Ok(())
}

fn fragment(frame: &Frame<'_>, out: &mut String) -> Result<(), Unsupported> {
    use NumericProperty as N;
    if frame.number(N::FsEarlyDepthStencil) != 0 {
        frame.needs(&feature::EARLY_TESTS)?;
        out.push_str("layout(early_fragment_tests) in;\n");
    }
    if frame.number(N::FsPostDepthCoverage) != 0 {
        frame.needs(&feature::POST_DEPTH_COVERAGE)?;
        out.push_str("layout(post_depth_coverage) in;\n");
    }
    if frame.number(N::FsBlendEquationAdvanced) != 0 {
        frame.needs(&feature::ADVANCED_BLEND)?;
        out.push_str("layout(blend_support_all_equations) out;\n");
    }
    Ok(())
}

/// The workgroup's size; ones for other stages.
pub(super) fn workgroup(frame: &Frame<'_>) -> [u32; 3] {
    use NumericProperty as N;
    match frame.shader.stage {
        Stage::Compute => [
            frame.number(N::CsFixedBlockWidth),
            frame.number(N::CsFixedBlockHeight),
            frame.number(N::CsFixedBlockDepth),
        ],
        _ => [1; 3],
    }
}

fn compute(frame: &Frame<'_>, out: &mut String) -> Result<(), Unsupported> {
    frame.needs(&feature::COMPUTE)?;
    let [x, y, z] = workgroup(frame);
    // A size of zero is a workgroup that may vary, which virgl does not offer.
    if x == 0 || y == 0 || z == 0 {
        return Err(Unsupported::Property);
    }
    let _ = writeln!(
        out,
        "layout(local_size_x = {x}, local_size_y = {y}, local_size_z = {z}) in;"
    );
    Ok(())
}

/// What OpenGL ES's blocks of a vertex hold between stages. Without a word they hold more with
/// some extensions, which not all stages name, and have to be the same on both sides.
pub(super) fn per_vertex(frame: &Frame<'_>) -> String {
    let (language, stage) = (frame.language, frame.shader.stage);
    let takes = matches!(
        stage,
        Stage::TessControl | Stage::TessEvaluation | Stage::Geometry
    );
    let gives = match stage {
        Stage::TessControl => " gl_out[]",
        Stage::Vertex | Stage::TessEvaluation if !frame.is_last() => "",
        _ => return declare_per_vertex(language, takes, None),
    };
    declare_per_vertex(language, takes, Some(gives))
}

/// The blocks, that which comes in and that which goes out by its name.
pub(super) fn declare_per_vertex(language: &Language, takes: bool, gives: Option<&str>) -> String {
    if !language.is_es() || !(takes || gives.is_some()) || !language.has(&feature::IO_BLOCKS) {
        return String::new();
    }
    let block = "gl_PerVertex { highp vec4 gl_Position; }";
    let mut out = String::new();
    if takes {
        let _ = writeln!(out, "in {block} gl_in[];");
    }
    if let Some(name) = gives {
        let _ = writeln!(out, "out {block}{name};");
    }
    out
}

/// The uniforms that the stage itself asks for.
pub(super) fn declare(frame: &Frame<'_>, lines: &mut BTreeSet<String>) {
    if stipples(frame) {
        lines.insert("uniform highp uint polygon_stipple[32];".to_owned());
    }
}

fn stipples(frame: &Frame<'_>) -> bool {
    frame.shader.stage == Stage::Fragment && frame.key.polygon_stipple
}

/// What comes before the shader's first instruction.
pub(super) fn start(frame: &Frame<'_>, out: &mut String) {
    if stipples(frame) {
        out.push_str(
            "if ((polygon_stipple[int(gl_FragCoord.y) & 31] >> \
             uint(31 - (int(gl_FragCoord.x) & 31)) & 1u) == 0u) discard;\n",
        );
    }
}

/// All uniforms of state that the text has.
pub(super) fn uniforms(frame: &Frame<'_>, outputs: Uniforms) -> Uniforms {
    Uniforms {
        polygon_stipple: stipples(frame),
        fragment_y: super::inputs::scales_y(frame),
        ..outputs
    }
}
