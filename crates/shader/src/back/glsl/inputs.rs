//! What comes in: attributes, varyings, system values.

use super::error::Unsupported;
use super::feature;
use super::frame::{self, Frame, varying_name};
use super::program::{self, Linked};
use super::target::From;
use super::value::{Base, Value};
use crate::ir::{
    Component, Declaration, File, NumericProperty, Origin, PixelCenter, Property, Semantic, Stage,
    Varying, WriteMask,
};
use std::collections::BTreeSet;

/// The most vertex attributes.
const MAX_ATTRIBUTES: u16 = 32;
/// What a varying is that the stage before does not give.
const NOT_GIVEN: &str = "vec4(0.0, 0.0, 0.0, 1.0)";

/// An input or system value: what it is, and the components that are declared.
#[derive(Clone, Copy)]
pub(super) struct Input {
    pub(super) file: File,
    pub(super) index: u16,
    pub(super) varying: Varying,
    pub(super) usage: WriteMask,
}

/// The expression of an input or system value, of this vertex where there is one for each.
pub(super) fn read(
    frame: &Frame<'_>,
    input: &Input,
    vertex: Option<&str>,
) -> Result<Value, Unsupported> {
    let Some((semantic, number)) = input.varying.semantic else {
        let kind = frame.key.attributes.get(usize::from(input.index));
        let base = frame::base(kind.copied().ok_or(Unsupported::Semantic)?);
        return Ok(Value::new(base, 4, format!("attribute{}", input.index)));
    };
    match (frame.shader.stage, input.file) {
        (_, File::SystemValue) => system_value(frame, semantic),
        (Stage::Fragment, _) => fragment(frame, input, semantic, number),
        _ => of_vertex(frame, semantic, number, vertex),
    }
}

fn of_vertex(
    frame: &Frame<'_>,
    semantic: Semantic,
    number: u16,
    vertex: Option<&str>,
) -> Result<Value, Unsupported> {
    use Semantic as S;
    let vertex = vertex.unwrap_or("0");
    match semantic {
        S::PrimitiveId | S::TessInner | S::TessOuter => system_value(frame, semantic),
        S::Position => Ok(Value::new(
            Base::Float,
            4,
            format!("gl_in[{vertex}].gl_Position"),
        )),
        S::Patch => match frame.is_given(semantic, number) {
            true => named(frame, Base::Uint, semantic, number),
            false => Ok(Value::new(Base::Float, 4, NOT_GIVEN)),
        },
        _ if !frame.is_given(semantic, number) => Ok(Value::new(Base::Float, 4, NOT_GIVEN)),
        _ => {
            let mut value = named(frame, Base::Uint, semantic, number)?;
            value.text = format!("{}[{vertex}]", value.text);
            Ok(value)
        }
    }
}

fn named(
    frame: &Frame<'_>,
    base: Base,
    semantic: Semantic,
    number: u16,
) -> Result<Value, Unsupported> {
    let name = varying_name(frame.previous(), semantic, number);
    Ok(Value::new(base, 4, name.ok_or(Unsupported::Semantic)?))
}

/// Four clip and cull distances; those that are not declared are zero.
fn distances(frame: &Frame<'_>, input: &Input, number: u16) -> Result<Value, Unsupported> {
    let mut parts = Vec::new();
    for component in Component::ALL {
        let place = match input.usage.has(component) {
            true => frame::distance(frame, number, component as u32)?,
            false => None,
        };
        parts.push(match place {
            Some((true, place)) => format!("gl_CullDistance[{place}]"),
            Some((false, place)) => format!("gl_ClipDistance[{place}]"),
            None => "0.0".to_owned(),
        });
    }
    let text = format!("vec4({})", parts.join(", "));
    Ok(Value::new(Base::Float, 4, text))
}

fn system_value(frame: &Frame<'_>, semantic: Semantic) -> Result<Value, Unsupported> {
    use NumericProperty as N;
    use Semantic as S;
    let float = |text: &str| Ok(Value::new(Base::Float, 4, text));
    let int = |text: &str| Ok(Value::new(Base::Int, 1, text));
    let uint = |text: &str| Ok(Value::new(Base::Uint, 4, format!("uvec4({text}, 0u)")));
    let stage = frame.shader.stage;
    match semantic {
        S::VertexId => int("gl_VertexID"),
        S::InstanceId => match frame.language.needs(&feature::INSTANCE_ID)? {
            From::Core => int("gl_InstanceID"),
            From::Extension => int("gl_InstanceIDARB"),
        },
        S::VertexIdNoBase | S::BaseVertex | S::BaseInstance | S::DrawId => {
            draw_parameter(frame, semantic)
        }
        S::PrimitiveId if stage == Stage::Geometry => int("gl_PrimitiveIDIn"),
        S::PrimitiveId => {
            if stage == Stage::Fragment {
                frame.needs(&feature::FRAGMENT_PRIMITIVE)?;
            }
            int("gl_PrimitiveID")
        }
        S::InvocationId if stage == Stage::Geometry && frame.number(N::GsInvocations) <= 1 => {
            int("0")
        }
        S::InvocationId => int("gl_InvocationID"),
        S::VerticesIn => int("gl_PatchVerticesIn"),
        S::TessCoord => float("vec4(gl_TessCoord, 0.0)"),
        S::TessInner => float("vec4(gl_TessLevelInner[0], gl_TessLevelInner[1], 0.0, 0.0)"),
        S::TessOuter => float(
            "vec4(gl_TessLevelOuter[0], gl_TessLevelOuter[1], gl_TessLevelOuter[2], \
             gl_TessLevelOuter[3])",
        ),
        S::GridSize => uint("gl_NumWorkGroups"),
        S::BlockId => uint("gl_WorkGroupID"),
        S::BlockSize => uint("gl_WorkGroupSize"),
        S::ThreadId => uint("gl_LocalInvocationID"),
        _ => fragment_system_value(frame, semantic),
    }
}

fn draw_parameter(frame: &Frame<'_>, semantic: Semantic) -> Result<Value, Unsupported> {
    let suffix = match frame.language.needs(&feature::DRAW_PARAMETERS)? {
        From::Core => "",
        From::Extension => "ARB",
    };
    let text = match semantic {
        Semantic::VertexIdNoBase => format!("(gl_VertexID - gl_BaseVertex{suffix})"),
        Semantic::BaseVertex => format!("gl_BaseVertex{suffix}"),
        Semantic::BaseInstance => format!("gl_BaseInstance{suffix}"),
        _ => format!("gl_DrawID{suffix}"),
    };
    Ok(Value::new(Base::Int, 1, text))
}

fn fragment_system_value(frame: &Frame<'_>, semantic: Semantic) -> Result<Value, Unsupported> {
    use Semantic as S;
    let int = |text: &str| Ok(Value::new(Base::Int, 1, text));
    let float = |text: String| Ok(Value::new(Base::Float, 4, text));
    match semantic {
        S::Face => int("(gl_FrontFacing ? -1 : 0)"),
        S::Position => float(coordinate(frame)),
        S::PointCoord => float(point_coordinate(frame)),
        S::SampleId => {
            frame.needs(&feature::SAMPLE_VARIABLES)?;
            int("gl_SampleID")
        }
        S::SamplePosition => {
            frame.needs(&feature::SAMPLE_VARIABLES)?;
            float("vec4(gl_SamplePosition, 0.0, 1.0)".to_owned())
        }
        S::SampleMask => {
            frame.needs(&feature::SAMPLE_MASK_IN)?;
            int("gl_SampleMaskIn[0]")
        }
        S::HelperInvocation => {
            frame.needs(&feature::HELPER_INVOCATION)?;
            int("(gl_HelperInvocation ? -1 : 0)")
        }
        S::Layer => {
            frame.needs(&feature::FRAGMENT_LAYER)?;
            int("gl_Layer")
        }
        S::ViewportIndex => {
            frame.needs(&feature::FRAGMENT_VIEWPORT)?;
            int("gl_ViewportIndex")
        }
        _ => Err(Unsupported::Semantic),
    }
}

fn fragment(
    frame: &Frame<'_>,
    input: &Input,
    semantic: Semantic,
    number: u16,
) -> Result<Value, Unsupported> {
    use Semantic as S;
    let vector = |text: String| Ok(Value::new(Base::Float, 4, text));
    match semantic {
        S::Face => Ok(Value::new(Base::Float, 1, "(gl_FrontFacing ? 1.0 : -1.0)")),
        S::Position | S::PointCoord | S::Layer | S::ViewportIndex => {
            fragment_system_value(frame, semantic)
        }
        S::PrimitiveId => system_value(frame, semantic),
        // User clip planes are distances too.
        S::ClipDistance if frame.is_given(semantic, number) || frame.key.clip_planes > 0 => {
            distances(frame, input, number)
        }
        _ if is_sprite(frame, semantic, number) => vector(point_coordinate(frame)),
        S::Color if frame.key.two_sided => {
            let front = color(frame, S::Color, number)?;
            let back = color(frame, S::BackColor, number)?;
            vector(format!("(gl_FrontFacing ? {front} : {back})"))
        }
        S::Color => vector(color(frame, semantic, number)?),
        _ if !frame.is_given(semantic, number) => vector(NOT_GIVEN.to_owned()),
        _ => {
            let base = frame.interpolated(&linked(input, semantic, number))?.base;
            named(frame, base, semantic, number)
        }
    }
}

/// A colour of one side; the front stands in for a back that is not given.
fn color(frame: &Frame<'_>, semantic: Semantic, number: u16) -> Result<String, Unsupported> {
    let semantic = match frame.is_given(semantic, number) {
        true => semantic,
        false if frame.is_given(Semantic::Color, number) => Semantic::Color,
        false => return Ok(NOT_GIVEN.to_owned()),
    };
    Ok(named(frame, Base::Float, semantic, number)?.text)
}

fn linked(input: &Input, semantic: Semantic, number: u16) -> Linked {
    Linked {
        semantic,
        number,
        interpolation: input.varying.interpolation,
        location: input.varying.location,
    }
}

fn is_sprite(frame: &Frame<'_>, semantic: Semantic, number: u16) -> bool {
    let sprite = frame.key.point_sprite;
    let wanted = match sprite.texcoord {
        true => Semantic::TexCoord,
        false => Semantic::Generic,
    };
    let bit = sprite.replaced.checked_shr(number.into()).unwrap_or(0);
    semantic == wanted && bit & 1 != 0
}

fn point_coordinate(frame: &Frame<'_>) -> String {
    match frame.key.point_sprite.flip {
        true => "vec4(gl_PointCoord.x, 1.0 - gl_PointCoord.y, 0.0, 1.0)".to_owned(),
        false => "vec4(gl_PointCoord, 0.0, 1.0)".to_owned(),
    }
}

fn counts_from_top(frame: &Frame<'_>) -> bool {
    let lower = Property::FsCoordOrigin(Origin::LowerLeft);
    frame.shader.properties.contains(&lower) == frame.key.flip_origin
}

fn has_integer_centers(frame: &Frame<'_>) -> bool {
    let integer = Property::FsCoordPixelCenter(PixelCenter::Integer);
    frame.shader.properties.contains(&integer)
}

/// Whether a uniform turns the coordinate and a sum moves it, as the language counts in one way
/// only: OpenGL ES's, and OpenGL's before 1.50.
fn counts_by_hand(frame: &Frame<'_>) -> bool {
    (counts_from_top(frame) || has_integer_centers(frame))
        && !frame.language.has(&feature::COORDINATE_LAYOUT)
}

/// The fragment's coordinate.
fn coordinate(frame: &Frame<'_>) -> String {
    if !frame.language.is_es() && !counts_by_hand(frame) {
        return "gl_FragCoord".to_owned();
    }
    let y = match counts_from_top(frame) {
        true => "gl_FragCoord.y * fragment_y.x + fragment_y.y",
        false => "gl_FragCoord.y",
    };
    let center = match has_integer_centers(frame) {
        true => " - vec4(0.5, 0.5, 0.0, 0.0)",
        false => "",
    };
    format!("(vec4(gl_FragCoord.x, {y}, gl_FragCoord.zw){center})")
}

/// The declarations of what comes in. Lines are a set, as two registers may be one varying.
pub(super) fn declare(
    frame: &Frame<'_>,
    declaration: &Declaration,
    lines: &mut BTreeSet<String>,
) -> Result<(), Unsupported> {
    for (index, varying) in program::registers(declaration) {
        let input = Input {
            file: declaration.file,
            index,
            varying,
            usage: declaration.usage,
        };
        declare_one(frame, &input, declaration.per_vertex, lines)?;
    }
    Ok(())
}

fn declare_one(
    frame: &Frame<'_>,
    input: &Input,
    per_vertex: bool,
    lines: &mut BTreeSet<String>,
) -> Result<(), Unsupported> {
    let Some((semantic, number)) = input.varying.semantic else {
        let index = input.index;
        if index >= MAX_ATTRIBUTES {
            return Err(Unsupported::Semantic);
        }
        let kind = read(frame, input, None)?.base.vector(4);
        let place = match frame.locates() {
            true => format!("layout(location = {index}) "),
            false => String::new(),
        };
        lines.insert(format!("{place}in {kind} attribute{index};"));
        return Ok(());
    };
    if frame.shader.stage == Stage::Fragment {
        return declare_fragment(frame, input, semantic, number, lines);
    }
    let name = varying_name(frame.previous(), semantic, number);
    let (Some(name), true) = (name, frame.is_given(semantic, number)) else {
        return Ok(());
    };
    lines.insert(match per_vertex {
        // OpenGL ES wants integers flat wherever they go.
        true if frame.language.is_es() => format!("flat in uvec4 {name}[];"),
        true => format!("in uvec4 {name}[];"),
        false => format!("patch in uvec4 {name};"),
    });
    Ok(())
}

fn declare_fragment(
    frame: &Frame<'_>,
    input: &Input,
    semantic: Semantic,
    number: u16,
    lines: &mut BTreeSet<String>,
) -> Result<(), Unsupported> {
    if semantic == Semantic::Position {
        lines.extend(coordinate_layout(frame));
        return Ok(());
    }
    let sides: &[Semantic] = match semantic {
        Semantic::Color if frame.key.two_sided => &[Semantic::Color, Semantic::BackColor],
        _ => &[semantic],
    };
    for side in sides {
        if is_builtin(*side) {
            continue;
        }
        let name = varying_name(frame.previous(), *side, number);
        let (Some(name), true) = (name, frame.is_given(*side, number)) else {
            continue;
        };
        let interpolated = frame.interpolated(&linked(input, *side, number))?;
        let kind = interpolated.base.vector(4);
        lines.insert(format!("{} in {kind} {name};", interpolated.how));
    }
    Ok(())
}

/// Whether a fragment shader has a variable of the language's own for it.
const fn is_builtin(semantic: Semantic) -> bool {
    use Semantic as S;
    matches!(semantic, S::ClipDistance | S::Layer | S::ViewportIndex)
}

/// How the fragment's coordinate counts: a layout, or a uniform where there are none.
fn coordinate_layout(frame: &Frame<'_>) -> Option<String> {
    let top = counts_from_top(frame);
    if counts_by_hand(frame) {
        return top.then(|| "uniform highp vec2 fragment_y;".to_owned());
    }
    let how = match (top, has_integer_centers(frame)) {
        (false, false) => return None,
        (true, false) => "origin_upper_left",
        (false, true) => "pixel_center_integer",
        (true, true) => "origin_upper_left, pixel_center_integer",
    };
    Some(format!("layout({how}) in vec4 gl_FragCoord;"))
}

/// The variable of an input that can be evaluated elsewhere in the fragment.
pub(super) fn interpolated_name(
    frame: &Frame<'_>,
    input: &Input,
) -> Result<Option<String>, Unsupported> {
    let Some((semantic, number)) = input.varying.semantic else {
        return Ok(None);
    };
    let name = varying_name(frame.previous(), semantic, number);
    let plain = frame.is_given(semantic, number) && !is_sprite(frame, semantic, number);
    let two = semantic == Semantic::Color && frame.key.two_sided;
    let linked = linked(input, semantic, number);
    let flat = frame.interpolated(&linked)?.how.starts_with("flat");
    Ok(name.filter(|_| plain && !two && !flat))
}

/// Whether the coordinate is turned by a uniform.
pub(super) fn scales_y(frame: &Frame<'_>) -> bool {
    let position = |declaration: &Declaration| {
        let mut registers = program::registers(declaration);
        matches!(declaration.file, File::Input | File::SystemValue)
            && registers.any(|(_, one)| matches!(one.semantic, Some((Semantic::Position, _))))
    };
    counts_from_top(frame)
        && counts_by_hand(frame)
        && frame.shader.declarations.iter().any(position)
}
