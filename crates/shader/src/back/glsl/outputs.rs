//! What goes out of vertex, tessellation evaluation, geometry and fragment shaders: the
//! declarations, and the statements of `finish()` that write it all from registers.

use super::error::Unsupported;
use super::feature;
use super::feedback;
use super::frame::{self, Frame, varying_name};
use super::key::{ColorBuffer, Comparison, Numbers, Swizzle};
use super::program::{self, Uniforms};
use super::value::{Base, Value};
use crate::ir::{Component, Declaration, Detail, NumericProperty, Semantic, Stage};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The most colour buffers (`GL_MAX_DRAW_BUFFERS` is at least 8, and virgl has 8).
const MAX_COLORS: u16 = 8;
/// The most user clip planes.
const MAX_CLIP_PLANES: u8 = 8;

/// What goes out so far.
pub(super) struct Outputs<'a> {
    pub(super) frame: Frame<'a>,
    /// Declarations.
    pub(super) lines: BTreeSet<String>,
    /// The statements that write what goes out.
    pub(super) finish: String,
    /// What has to be written before them.
    first: String,
    pub(super) uniforms: Uniforms,
    /// Clip distances that are written.
    pub(super) distances: u8,
    /// One bit for each colour buffer that is written.
    pub(super) colors: u8,
    clip_vertex: Option<String>,
    /// The register and the name of each output that is declared with all its components.
    pub(super) names: BTreeMap<u16, String>,
    /// The variable of every output register.
    pub(super) registers: BTreeMap<u16, String>,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Self {
        Self {
            frame,
            lines: BTreeSet::new(),
            finish: String::new(),
            first: String::new(),
            uniforms: Uniforms::default(),
            distances: 0,
            colors: 0,
            clip_vertex: None,
            names: BTreeMap::new(),
            registers: BTreeMap::new(),
        }
    }

    /// One declaration; `register` says where each of its registers is.
    pub(super) fn add(
        &mut self,
        declaration: &Declaration,
        register: impl Fn(u16) -> Result<Value, Unsupported>,
    ) -> Result<(), Unsupported> {
        for (index, varying) in program::registers(declaration) {
            let (semantic, number) = varying.semantic.ok_or(Unsupported::Semantic)?;
            let from = register(index)?.text;
            self.registers.insert(index, from.clone());
            match self.frame.shader.stage {
                Stage::Fragment => self.fragment(semantic, number, &from)?,
                _ => self.vertex(declaration, (index, semantic, number), &from)?,
            }
        }
        Ok(())
    }

    fn vertex(
        &mut self,
        declaration: &Declaration,
        (index, semantic, number): (u16, Semantic, u16),
        from: &str,
    ) -> Result<(), Unsupported> {
        use Semantic as S;
        let last = self.frame.is_last();
        match semantic {
            S::Position => {
                self.assign("gl_Position", &format!("uintBitsToFloat({from})"));
                let moved = last && (self.frame.key.scale_y || self.frame.key.halve_z);
                if !moved {
                    self.names.insert(index, "gl_Position".to_owned());
                }
                if declaration.invariant {
                    self.lines.insert("invariant gl_Position;".to_owned());
                }
            }
            // The core profile has no edge flags.
            S::EdgeFlag => {}
            _ if !last => self.varying(declaration, (index, semantic, number), from)?,
            S::PointSize => {
                self.check_point_size()?;
                self.assign("gl_PointSize", &format!("uintBitsToFloat({from}.x)"));
                self.names.insert(index, "gl_PointSize".to_owned());
            }
            S::ClipVertex => self.clip_vertex = Some(from.to_owned()),
            S::ClipDistance => self.distance(declaration, number, from)?,
            S::Layer => {
                if self.frame.shader.stage != Stage::Geometry {
                    self.frame.needs(&feature::VERTEX_LAYER)?;
                }
                self.assign("gl_Layer", &format!("int({from}.x)"));
            }
            S::ViewportIndex => {
                let feature = match self.frame.shader.stage {
                    Stage::Geometry => &feature::VIEWPORT,
                    _ => &feature::VERTEX_VIEWPORT,
                };
                self.frame.needs(feature)?;
                self.assign("gl_ViewportIndex", &format!("int({from}.x)"));
            }
            S::PrimitiveId => self.assign("gl_PrimitiveID", &format!("int({from}.x)")),
            _ => self.varying(declaration, (index, semantic, number), from)?,
        }
        Ok(())
    }

    /// The stage can say the size of points in its primitives.
    fn check_point_size(&self) -> Result<(), Unsupported> {
        match self.frame.shader.stage {
            Stage::Geometry => self.frame.needs(&feature::GEOMETRY_POINT_SIZE),
            Stage::TessEvaluation => self.frame.needs(&feature::TESSELLATION_POINT_SIZE),
            _ => Ok(()),
        }
    }

    fn assign(&mut self, to: &str, value: &str) {
        let _ = writeln!(self.finish, "{to} = {value};");
    }

    /// A varying, if the stage after takes it: to a fragment shader as it wants to have it
    /// interpolated, to others as bits.
    fn varying(
        &mut self,
        declaration: &Declaration,
        (index, semantic, number): (u16, Semantic, u16),
        from: &str,
    ) -> Result<(), Unsupported> {
        let name = varying_name(self.frame.shader.stage, semantic, number);
        let name = name.ok_or(Unsupported::Semantic)?;
        let last = self.frame.is_last();
        self.clamp_varying(semantic, from);
        let Some(linked) = self.frame.taken(semantic, number) else {
            return Ok(());
        };
        if let Detail::Varying(varying) = declaration.detail
            && !program::is_rasterised(varying)
        {
            return Ok(());
        }
        let (how, base) = match last {
            true => {
                let interpolated = self.frame.interpolated(&linked)?;
                (format!("{} ", interpolated.how), interpolated.base)
            }
            // OpenGL ES wants integers flat wherever they go.
            false if self.frame.language.is_es() => ("flat ".to_owned(), Base::Uint),
            false => (String::new(), Base::Uint),
        };
        let invariant = match declaration.invariant {
            true => "invariant ",
            false => "",
        };
        let kind = base.vector(4);
        let first = self
            .lines
            .insert(format!("{invariant}{how}out {kind} {name};"));
        // The first register gives all components a value, others their own.
        let letters: String = match first {
            true => "xyzw".to_owned(),
            false => declaration
                .usage
                .components()
                .map(Component::letter)
                .collect(),
        };
        let value = Value::new(Base::Uint, letters.len(), format!("{from}.{letters}"));
        let value = value.bits_as(base).text;
        let _ = writeln!(self.finish, "{name}.{letters} = {value};");
        if first {
            self.names.insert(index, name);
        }
        Ok(())
    }

    fn clamp_varying(&mut self, semantic: Semantic, from: &str) {
        let color = matches!(semantic, Semantic::Color | Semantic::BackColor);
        if color && self.frame.is_last() && self.frame.key.clamp_vertex_color {
            let _ = writeln!(
                self.first,
                "{from} = floatBitsToUint(clamp(uintBitsToFloat({from}), 0.0, 1.0));"
            );
        }
    }

    /// Four clip distances; those after the clip distances that the shader counts are cull
    /// distances.
    fn distance(
        &mut self,
        declaration: &Declaration,
        number: u16,
        from: &str,
    ) -> Result<(), Unsupported> {
        for component in declaration.usage.components() {
            let place = frame::distance(&self.frame, number, component as u32)?;
            let value = format!("uintBitsToFloat({from}.{})", component.letter());
            match place {
                Some((true, place)) => self.assign(&format!("gl_CullDistance[{place}]"), &value),
                Some((false, place)) => {
                    let count = u8::try_from(place).unwrap_or(0).saturating_add(1);
                    self.distances = self.distances.max(count);
                    self.assign(&format!("gl_ClipDistance[{place}]"), &value);
                }
                None => {}
            }
        }
        Ok(())
    }

    fn fragment(&mut self, semantic: Semantic, number: u16, from: &str) -> Result<(), Unsupported> {
        match semantic {
            Semantic::Color if number >= MAX_COLORS => Err(Unsupported::Semantic),
            Semantic::Color => self.colors(number, from),
            Semantic::Position => {
                self.depth_layout();
                self.assign("gl_FragDepth", &format!("uintBitsToFloat({from}.z)"));
                Ok(())
            }
            Semantic::Stencil => {
                self.frame.needs(&feature::STENCIL_EXPORT)?;
                self.assign("gl_FragStencilRefARB", &format!("int({from}.y)"));
                Ok(())
            }
            Semantic::SampleMask => {
                self.frame.needs(&feature::SAMPLE_VARIABLES)?;
                self.assign("gl_SampleMask[0]", &format!("int({from}.x)"));
                Ok(())
            }
            _ => Err(Unsupported::Semantic),
        }
    }

    /// How the depth may differ from the fragment's own: a promise that helps early tests,
    /// so that without a word for it nothing is lost.
    fn depth_layout(&mut self) {
        let how = match self.frame.number(NumericProperty::FsDepthLayout) {
            1 => "any",
            2 => "greater",
            3 => "less",
            4 => "unchanged",
            _ => return,
        };
        if self.frame.language.has(&feature::DEPTH_LAYOUT) {
            let line = format!("layout(depth_{how}) out float gl_FragDepth;");
            self.lines.insert(line);
        }
    }

    fn colors(&mut self, number: u16, from: &str) -> Result<(), Unsupported> {
        let key = self.frame.key;
        let state = key.colors.get(usize::from(number)).copied();
        let floats = state.unwrap_or_default().numbers == Numbers::Float;
        if key.clamp_fragment_color && floats {
            let _ = writeln!(
                self.first,
                "{from} = floatBitsToUint(clamp(uintBitsToFloat({from}), 0.0, 1.0));"
            );
        }
        if let (Some(comparison), 0) = (key.alpha_test, number) {
            self.alpha_test(comparison, from);
        }
        let all = self.frame.number(NumericProperty::FsColor0WritesAllCbufs) != 0;
        let last = match key.color_buffers {
            count if all && number == 0 && !key.dual_source => {
                u16::from(count).min(MAX_COLORS).saturating_sub(1)
            }
            _ => number,
        };
        for buffer in number..=last {
            self.color(buffer, from)?;
        }
        Ok(())
    }

    fn alpha_test(&mut self, comparison: Comparison, from: &str) {
        let operator = match comparison {
            Comparison::Never => {
                self.first.push_str("discard;\n");
                return;
            }
            Comparison::Always => return,
            Comparison::Less => "<",
            Comparison::Equal => "==",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::NotEqual => "!=",
            Comparison::GreaterOrEqual => ">=",
        };
        self.uniforms.alpha_reference = true;
        self.lines
            .insert("uniform highp float alpha_reference;".to_owned());
        let _ = writeln!(
            self.first,
            "if (!(uintBitsToFloat({from}.w) {operator} alpha_reference)) discard;"
        );
    }

    fn color(&mut self, buffer: u16, from: &str) -> Result<(), Unsupported> {
        let key = self.frame.key;
        let second = key.dual_source && buffer == 1;
        if key.dual_source {
            self.frame.needs(&feature::DUAL_SOURCE)?;
        }
        let state = key.colors.get(usize::from(buffer));
        let state = state.copied().unwrap_or_default();
        let place = match (self.frame.locates(), second, key.dual_source) {
            (false, ..) => String::new(),
            (_, true, _) => "layout(location = 0, index = 1) ".to_owned(),
            (_, false, true) => format!("layout(location = {buffer}, index = 0) "),
            (_, false, false) => format!("layout(location = {buffer}) "),
        };
        let direction = match super::fetches(self.frame.shader, buffer) {
            true => {
                self.frame.needs(&feature::FRAMEBUFFER_FETCH)?;
                "inout"
            }
            false => "out",
        };
        let base = frame::base(state.numbers);
        let vector = base.vector(4);
        self.lines
            .insert(format!("{place}{direction} highp {vector} color{buffer};"));
        let value = color_value(state, base, from);
        if state.encode_srgb && state.numbers == Numbers::Float {
            self.lines.insert(ENCODE.to_owned());
        }
        self.assign(&format!("color{buffer}"), &value);
        self.colors |= 1_u8.checked_shl(buffer.into()).unwrap_or(0);
        Ok(())
    }

    /// What comes after all outputs are known; gives the names that are captured.
    pub(super) fn close(&mut self) -> Result<Vec<String>, Unsupported> {
        let captured = match self.frame.is_last() {
            true => feedback::captured(self)?,
            false => Vec::new(),
        };
        if self.frame.is_last() {
            self.close_last()?;
        }
        if self.distances > 0 {
            let count = self.distances;
            self.lines
                .insert(format!("out float gl_ClipDistance[{count}];"));
        }
        self.finish.insert_str(0, &self.first);
        Ok(captured)
    }

    fn close_last(&mut self) -> Result<(), Unsupported> {
        let key = self.frame.key;
        let planes = key.clip_planes.min(MAX_CLIP_PLANES);
        if planes > 0 && self.distances == 0 && !self.prohibits_planes() {
            self.frame.needs(&feature::CLIP_DISTANCE)?;
            let vertex = match &self.clip_vertex {
                Some(register) => format!("uintBitsToFloat({register})"),
                None => "gl_Position".to_owned(),
            };
            self.lines
                .insert(format!("uniform highp vec4 clip_planes[{planes}];"));
            for plane in 0..planes {
                let value = format!("dot({vertex}, clip_planes[{plane}])");
                self.assign(&format!("gl_ClipDistance[{plane}]"), &value);
            }
            self.distances = planes;
            self.uniforms.clip_planes = planes;
        }
        if key.scale_y {
            self.lines.insert("uniform highp float y_scale;".to_owned());
            self.finish.push_str("gl_Position.y *= y_scale;\n");
            self.uniforms.y_scale = true;
        }
        if key.halve_z {
            self.finish
                .push_str("gl_Position.z = gl_Position.z * 2.0 - gl_Position.w;\n");
        }
        if key.point_size {
            self.check_point_size()?;
            self.lines
                .insert("uniform highp float point_size;".to_owned());
            self.assign("gl_PointSize", "point_size");
            self.uniforms.point_size = true;
        }
        Ok(())
    }

    fn prohibits_planes(&self) -> bool {
        self.frame.number(NumericProperty::VsProhibitUcps) != 0
    }
}

/// Linear to sRGB, as OpenGL does it when it writes (OpenGL 4.6, 17.3.7).
const ENCODE: &str = "vec4 encode_srgb(vec4 color) {
vec3 high = 1.055 * pow(max(color.rgb, vec3(0.0)), vec3(1.0 / 2.4)) - 0.055;
return vec4(mix(high, color.rgb * 12.92, lessThan(color.rgb, vec3(0.0031308))), color.a);
}";

fn color_value(state: ColorBuffer, base: Base, from: &str) -> String {
    let mut value = Value::new(Base::Uint, 4, from).bits_as(base).text;
    if state.encode_srgb && base == Base::Float {
        value = format!("encode_srgb({value})");
    }
    if state.swizzle == ColorBuffer::default().swizzle {
        return value;
    }
    let (zero, one) = match base {
        Base::Float => ("0.0", "1.0"),
        Base::Int => ("0", "1"),
        Base::Uint => ("0u", "1u"),
    };
    let parts = state.swizzle.map(|swizzle| match swizzle {
        Swizzle::X => format!("{value}.x"),
        Swizzle::Y => format!("{value}.y"),
        Swizzle::Z => format!("{value}.z"),
        Swizzle::W => format!("{value}.w"),
        Swizzle::Zero => zero.to_owned(),
        Swizzle::One => one.to_owned(),
    });
    format!("{}({})", base.vector(4), parts.join(", "))
}
