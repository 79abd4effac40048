//! What comes in and goes out: attributes, varyings, colours and the language's own
//! variables. A varying's name is made of its semantic and number, so that stages match by
//! name whatever the order in which they come.

use super::error::Unsupported;
use super::target::{Numbers, Options, Target};
use super::value::{Base, Value};
use crate::ir::{
    Component, Declaration, Detail, File, Interpolation, Location, NumericProperty, Property,
    Semantic, Shader, Stage, Varying,
};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The most colour buffers (`GL_MAX_DRAW_BUFFERS` is at least 8, and virgl has 8).
const MAX_COLORS: u16 = 8;
/// The most vertex attributes.
const MAX_ATTRIBUTES: u16 = 32;
/// The most clip and cull distances together.
const MAX_DISTANCES: u32 = 8;

/// The expression of an input or system value.
pub(super) fn read(
    target: Target,
    options: &Options,
    stage: Stage,
    file: File,
    index: u16,
    varying: Varying,
) -> Result<Value, Unsupported> {
    let Some((semantic, number)) = varying.semantic else {
        let kind = attribute(options, index)?;
        return Ok(Value::new(base(kind), 4, format!("attribute{index}")));
    };
    match (stage, file) {
        (_, File::SystemValue) => system_value(target, semantic),
        (Stage::Fragment, _) => fragment_input(options, semantic, number),
        _ => Err(Unsupported::Semantic),
    }
}

fn system_value(target: Target, semantic: Semantic) -> Result<Value, Unsupported> {
    use Semantic as S;
    let int = |text: &str| Ok(Value::new(Base::Int, 1, text));
    let newer = |version, text: &str| target.needs(version).map(|()| text.to_owned());
    match semantic {
        S::VertexId => int("gl_VertexID"),
        S::InstanceId => int("gl_InstanceID"),
        S::VertexIdNoBase => int(&newer(460, "(gl_VertexID - gl_BaseVertex)")?),
        S::BaseVertex => int(&newer(460, "gl_BaseVertex")?),
        S::BaseInstance => int(&newer(460, "gl_BaseInstance")?),
        S::DrawId => int(&newer(460, "gl_DrawID")?),
        S::PrimitiveId => int("gl_PrimitiveID"),
        S::Face => int("(gl_FrontFacing ? -1 : 0)"),
        S::Position => Ok(Value::new(Base::Float, 4, "gl_FragCoord")),
        S::PointCoord => Ok(Value::new(Base::Float, 4, "vec4(gl_PointCoord, 0.0, 1.0)")),
        S::SampleId => int(&newer(400, "gl_SampleID")?),
        S::SamplePosition => {
            let text = newer(400, "vec4(gl_SamplePosition, 0.0, 1.0)")?;
            Ok(Value::new(Base::Float, 4, text))
        }
        S::SampleMask => int(&newer(400, "gl_SampleMaskIn[0]")?),
        S::HelperInvocation => int(&newer(450, "(gl_HelperInvocation ? -1 : 0)")?),
        S::Layer => int(&newer(430, "gl_Layer")?),
        S::ViewportIndex => int(&newer(430, "gl_ViewportIndex")?),
        _ => Err(Unsupported::Semantic),
    }
}

fn fragment_input(
    options: &Options,
    semantic: Semantic,
    number: u16,
) -> Result<Value, Unsupported> {
    use Semantic as S;
    let vector = |text: String| Ok(Value::new(Base::Float, 4, text));
    match semantic {
        S::Position => vector("gl_FragCoord".to_owned()),
        S::PointCoord => vector("vec4(gl_PointCoord, 0.0, 1.0)".to_owned()),
        S::Face => Ok(Value::new(Base::Float, 1, "(gl_FrontFacing ? 1.0 : -1.0)")),
        S::PrimitiveId => Ok(Value::new(Base::Int, 1, "gl_PrimitiveID")),
        S::Color if options.two_sided => vector(format!(
            "(gl_FrontFacing ? v_color{number} : v_bcolor{number})"
        )),
        _ => vector(varying_name(semantic, number)?),
    }
}

fn varying_name(semantic: Semantic, number: u16) -> Result<String, Unsupported> {
    use Semantic as S;
    let stem = match semantic {
        S::Generic => "generic",
        S::TexCoord => "texcoord",
        S::Color => "color",
        S::BackColor => "bcolor",
        S::Fog => "fog",
        _ => return Err(Unsupported::Semantic),
    };
    Ok(format!("v_{stem}{number}"))
}

fn attribute(options: &Options, index: u16) -> Result<Numbers, Unsupported> {
    let kind = options.attributes.get(usize::from(index));
    kind.copied().ok_or(Unsupported::Semantic)
}

const fn base(kind: Numbers) -> Base {
    match kind {
        Numbers::Float => Base::Float,
        Numbers::Int => Base::Int,
        Numbers::Uint => Base::Uint,
    }
}

/// The declarations of what comes in. Lines are a set, as two registers may be one varying.
pub(super) fn inputs(
    target: Target,
    options: &Options,
    shader: &Shader,
    lines: &mut BTreeSet<String>,
    declaration: &Declaration,
) -> Result<(), Unsupported> {
    let Detail::Varying(varying) = declaration.detail else {
        return Ok(());
    };
    for (index, number) in numbers(declaration, varying)? {
        match varying.semantic {
            None => {
                if index >= MAX_ATTRIBUTES {
                    return Err(Unsupported::Semantic);
                }
                let kind = base(attribute(options, index)?).vector(4);
                lines.insert(format!(
                    "layout(location = {index}) in {kind} attribute{index};"
                ));
            }
            Some((Semantic::Position, _)) => lines.extend(coordinate(options, shader)),
            Some((semantic, _)) => {
                let Ok(name) = varying_name(semantic, number) else {
                    continue;
                };
                let how = interpolation(target, options, semantic, varying)?;
                lines.insert(format!("{how} in vec4 {name};"));
                if semantic == Semantic::Color && options.two_sided {
                    lines.insert(format!("{how} in vec4 v_bcolor{number};"));
                }
            }
        }
    }
    Ok(())
}

/// The registers of a declaration, and the number that the semantic has for each.
fn numbers(declaration: &Declaration, varying: Varying) -> Result<Vec<(u16, u16)>, Unsupported> {
    let first = varying.semantic.map_or(0, |(_, number)| number);
    let number = |index: u16| first.checked_add(index.checked_sub(declaration.first)?);
    let pairs = (declaration.first..=declaration.last).map(|index| Some((index, number(index)?)));
    pairs.collect::<Option<_>>().ok_or(Unsupported::Semantic)
}

fn interpolation(
    target: Target,
    options: &Options,
    semantic: Semantic,
    varying: Varying,
) -> Result<String, Unsupported> {
    let color = matches!(semantic, Semantic::Color | Semantic::BackColor);
    let how = match varying.interpolation {
        Some(Interpolation::Constant) => return Ok("flat".to_owned()),
        Some(Interpolation::Color) | None if color && options.flat => {
            return Ok("flat".to_owned());
        }
        Some(Interpolation::Linear) => "noperspective",
        _ => "smooth",
    };
    let place = match varying.location {
        Location::Center => "",
        Location::Centroid => " centroid",
        Location::Sample => {
            target.needs(400)?;
            " sample"
        }
    };
    Ok(format!("{how}{place}"))
}

/// How the fragment's coordinate counts.
fn coordinate(options: &Options, shader: &Shader) -> Option<String> {
    use crate::ir::{Origin, PixelCenter};
    let lower = Property::FsCoordOrigin(Origin::LowerLeft);
    let upper = shader.properties.contains(&lower) == options.flip_origin;
    let integer = Property::FsCoordPixelCenter(PixelCenter::Integer);
    let integer = shader.properties.contains(&integer);
    let how = match (upper, integer) {
        (false, false) => return None,
        (true, false) => "origin_upper_left",
        (false, true) => "pixel_center_integer",
        (true, true) => "origin_upper_left, pixel_center_integer",
    };
    Some(format!("layout({how}) in vec4 gl_FragCoord;"))
}

/// What goes out: declarations, and the assignments that come last.
pub(super) struct Outputs<'a> {
    pub(super) target: Target,
    pub(super) options: &'a Options,
    pub(super) shader: &'a Shader,
    pub(super) lines: BTreeSet<String>,
    pub(super) finish: String,
    distances: u32,
    clip_vertex: Option<String>,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(target: Target, options: &'a Options, shader: &'a Shader) -> Self {
        Self {
            target,
            options,
            shader,
            lines: BTreeSet::new(),
            finish: String::new(),
            distances: 0,
            clip_vertex: None,
        }
    }

    /// One declaration; `register` says where each of its registers is.
    pub(super) fn add(
        &mut self,
        declaration: &Declaration,
        register: impl Fn(u16) -> Result<Value, Unsupported>,
    ) -> Result<(), Unsupported> {
        let Detail::Varying(varying) = declaration.detail else {
            return Ok(());
        };
        let (semantic, _) = varying.semantic.ok_or(Unsupported::Semantic)?;
        for (index, number) in numbers(declaration, varying)? {
            let value = register(index)?;
            match self.shader.stage {
                Stage::Fragment => self.fragment(semantic, number, &value.text)?,
                _ => self.vertex(declaration, semantic, number, &value.text)?,
            }
        }
        Ok(())
    }

    fn vertex(
        &mut self,
        declaration: &Declaration,
        semantic: Semantic,
        number: u16,
        from: &str,
    ) -> Result<(), Unsupported> {
        use Semantic as S;
        let mut assign = |line: String| {
            let _ = writeln!(self.finish, "{line}");
        };
        match semantic {
            S::Position => assign(format!("gl_Position = uintBitsToFloat({from});")),
            S::PointSize => assign(format!("gl_PointSize = uintBitsToFloat({from}.x);")),
            S::ClipVertex => self.clip_vertex = Some(from.to_owned()),
            S::ClipDistance => self.distance(declaration, number, from)?,
            _ => {
                let name = varying_name(semantic, number)?;
                let invariant = if declaration.invariant {
                    "invariant "
                } else {
                    ""
                };
                let first = self.lines.insert(format!("{invariant}out vec4 {name};"));
                // The first register gives all components a value, others their own.
                let usage = declaration.usage.components();
                let letters = match first {
                    true => "xyzw".to_owned(),
                    false => usage.map(Component::letter).collect(),
                };
                let from = format!("uintBitsToFloat({from}.{letters})");
                let _ = writeln!(self.finish, "{name}.{letters} = {from};");
            }
        }
        Ok(())
    }

    /// Four clip distances; those after the clip distances that the shader counts are cull
    /// distances.
    fn distance(
        &mut self,
        declaration: &Declaration,
        number: u16,
        from: &str,
    ) -> Result<(), Unsupported> {
        let clips = number_of(self.shader, NumericProperty::NumClipdistEnabled);
        let culls = number_of(self.shader, NumericProperty::NumCulldistEnabled);
        let counted = clips.saturating_add(culls);
        for component in declaration.usage.components() {
            let place = u32::from(number).saturating_mul(4);
            let place = place.saturating_add(component as u32);
            let from = format!("uintBitsToFloat({from}.{})", component.letter());
            if place >= MAX_DISTANCES {
                return Err(Unsupported::Semantic);
            }
            let line = match place.checked_sub(clips) {
                Some(cull) if counted > 0 && place < counted => {
                    self.target.needs(450)?;
                    format!("gl_CullDistance[{cull}] = {from};")
                }
                Some(_) if counted > 0 => continue,
                _ => {
                    self.distances = self.distances.max(place.saturating_add(1));
                    format!("gl_ClipDistance[{place}] = {from};")
                }
            };
            let _ = writeln!(self.finish, "{line}");
        }
        Ok(())
    }

    fn fragment(&mut self, semantic: Semantic, number: u16, from: &str) -> Result<(), Unsupported> {
        match semantic {
            Semantic::Color if number >= MAX_COLORS => Err(Unsupported::Semantic),
            Semantic::Color => {
                let all = number_of(self.shader, NumericProperty::FsColor0WritesAllCbufs) != 0;
                let last = match self.options.color_buffers {
                    count if all && number == 0 && !self.options.dual_source => {
                        u16::from(count).min(MAX_COLORS).saturating_sub(1)
                    }
                    _ => number,
                };
                (number..=last).for_each(|buffer| self.color(buffer, from));
                Ok(())
            }
            Semantic::Position => {
                let _ = writeln!(self.finish, "gl_FragDepth = uintBitsToFloat({from}.z);");
                Ok(())
            }
            Semantic::SampleMask => {
                self.target.needs(400)?;
                let _ = writeln!(self.finish, "gl_SampleMask[0] = int({from}.x);");
                Ok(())
            }
            _ => Err(Unsupported::Semantic),
        }
    }

    fn color(&mut self, buffer: u16, from: &str) {
        let second = self.options.dual_source && buffer == 1;
        let kind = self.options.colors.get(usize::from(buffer));
        let kind = base(kind.copied().unwrap_or_default());
        let place = match (second, self.options.dual_source) {
            (true, _) => "location = 0, index = 1".to_owned(),
            (false, true) => format!("location = {buffer}, index = 0"),
            (false, false) => format!("location = {buffer}"),
        };
        let vector = kind.vector(4);
        self.lines
            .insert(format!("layout({place}) out {vector} color{buffer};"));
        let value = Value::new(Base::Uint, 4, from).bits_as(kind);
        let _ = writeln!(self.finish, "color{buffer} = {};", value.text);
    }

    /// What comes after all outputs are known: clip planes, and the other way up.
    pub(super) fn close(&mut self) {
        if self.shader.stage != Stage::Vertex {
            return;
        }
        let planes = u32::from(self.options.clip_planes).min(MAX_DISTANCES);
        if planes > 0 && self.distances == 0 {
            let vertex = match &self.clip_vertex {
                Some(register) => format!("uintBitsToFloat({register})"),
                None => "gl_Position".to_owned(),
            };
            self.lines
                .insert(format!("uniform vec4 clip_planes[{planes}];"));
            for plane in 0..planes {
                let _ = writeln!(
                    self.finish,
                    "gl_ClipDistance[{plane}] = dot({vertex}, clip_planes[{plane}]);"
                );
            }
            self.distances = planes;
        }
        if self.distances > 0 {
            let count = self.distances;
            self.lines
                .insert(format!("out float gl_ClipDistance[{count}];"));
        }
        if self.options.scale_y {
            self.lines.insert("uniform float y_scale;".to_owned());
            self.finish.push_str("gl_Position.y *= y_scale;\n");
        }
    }
}

fn number_of(shader: &Shader, wanted: NumericProperty) -> u32 {
    let mut properties = shader.properties.iter();
    let found = properties.find_map(|property| match property {
        Property::Number(name, number) if *name == wanted => Some(*number),
        _ => None,
    });
    found.unwrap_or(0)
}
