//! Blits that GL has no copy for: with a shader of our own, which samples the one and draws to
//! the other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use host_gl::{
    Api, Current, Direct, Program, Sampler, ShaderKind, Texture, VertexArray, enums as gl,
};
use shader::back::glsl::Numbers;
use wire_virgl::{BlitMask, ImageFilter};

use crate::blend::switch;
use crate::error::Result;

/// What a source is to the shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    Line,
    Flat,
    Rectangle,
    Volume,
    /// Samples, resolved.
    Samples,
    /// Samples, each for itself.
    EachSample,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Output {
    Color(Numbers),
    Depth,
    Stencil,
    /// Fragments whose stencil has this bit, where shaders have no word for the value.
    StencilBit,
}

/// Programs and what else drawing takes, made with the first use.
#[derive(Debug, Default)]
pub(crate) struct Blitter {
    programs: HashMap<(Shape, Output), Program>,
    array: Option<VertexArray>,
    samplers: Option<[Sampler; 2]>,
}

/// One draw of the blitter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawing<'d> {
    pub(crate) source: &'d Texture,
    pub(crate) shape: Shape,
    pub(crate) output: Output,
    /// The source's corners, in texels.
    pub(crate) from: [f32; 4],
    /// The middle of the source's slice, from 0 to 1.
    pub(crate) slice: f32,
    /// The target's rectangle, in pixels: left, lower, width, height.
    pub(crate) to: [i32; 4],
    /// Which of red, green, blue and alpha goes into each component of the target.
    pub(crate) order: [u32; 4],
    pub(crate) filter: ImageFilter,
}

impl Shape {
    /// By the target of a texture, or of a view of one layer of it.
    pub(crate) const fn of(target: u32) -> Option<Self> {
        Some(match target {
            gl::TEXTURE_1D => Self::Line,
            gl::TEXTURE_2D => Self::Flat,
            gl::TEXTURE_RECTANGLE => Self::Rectangle,
            gl::TEXTURE_3D => Self::Volume,
            gl::TEXTURE_2D_MULTISAMPLE => Self::Samples,
            _ => return None,
        })
    }

    const fn has_samples(self) -> bool {
        matches!(self, Self::Samples | Self::EachSample)
    }
}

impl Output {
    /// Stencil, as this context's shaders can give it.
    pub(crate) fn stencil(gl: &Current<'_>) -> Self {
        match gl.caps().features.shader_stencil_export {
            true => Self::Stencil,
            false => Self::StencilBit,
        }
    }

    pub(crate) const fn is_stencil(self) -> bool {
        matches!(self, Self::Stencil | Self::StencilBit)
    }
}

impl Blitter {
    /// Draws into the framebuffer that is bound. State is as [`set_state`] left it.
    pub(crate) fn draw(&mut self, gl: &Current<'_>, drawing: &Drawing<'_>) -> Result<()> {
        let key = (drawing.shape, drawing.output);
        let program = match self.programs.entry(key) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(place) => place.insert(make_program(gl, drawing.shape, drawing.output)?),
        };
        let [nearest, linear] = self.samplers.get_or_insert_with(|| make_samplers(gl));
        gl.bind_texture(0, drawing.source);
        let sampler = if drawing.filter == ImageFilter::Linear {
            linear
        } else {
            nearest
        };
        gl.bind_sampler(0, Some(&*sampler).filter(|_| !drawing.shape.has_samples()));
        give(gl, program, drawing);
        let [x, y, width, height] = drawing.to;
        gl.viewport(x, y, width, height);
        let array = self.array.get_or_insert_with(|| gl.create_vertex_array());
        let corners = Direct {
            mode: gl::TRIANGLE_STRIP,
            first: 0,
            count: 4,
            instances: 1,
            base_instance: 0,
        };
        if drawing.output != Output::StencilBit {
            return Ok(gl.draw(array, &corners)?);
        }
        draw_bits(gl, program, || Ok(gl.draw(array, &corners)?))
    }
}

/// Clears the stencil, and sets one bit after the other.
fn draw_bits(
    gl: &Current<'_>,
    program: &Program,
    mut draw: impl FnMut() -> Result<()>,
) -> Result<()> {
    let Some(location) = gl.uniform_location(program, "bit") else {
        return Ok(());
    };
    gl.set_int(program, location, 0);
    gl.stencil_func_separate(gl::FRONT_AND_BACK, gl::ALWAYS, 0, u32::MAX);
    draw()?;
    gl.stencil_func_separate(gl::FRONT_AND_BACK, gl::ALWAYS, 0xff, u32::MAX);
    for bit in (0..8).map(|bit| 1 << bit) {
        gl.set_int(program, location, bit);
        gl.stencil_mask(bit.cast_unsigned());
        draw()?;
    }
    gl.stencil_mask(u32::MAX);
    Ok(())
}

fn give(gl: &Current<'_>, program: &Program, drawing: &Drawing<'_>) {
    let [width, height, _] = drawing.source.level_size(0).unwrap_or([1; 3]);
    let is_texels = drawing.shape == Shape::Rectangle || drawing.shape.has_samples();
    let size = if is_texels {
        [1.0; 2]
    } else {
        [width as f32, height as f32]
    };
    let [x, y, x2, y2] = drawing.from;
    let place = [x / size[0], y / size[1], x2 / size[0], y2 / size[1]];
    let set = |name: &str, set: &dyn Fn(i32)| {
        if let Some(location) = gl.uniform_location(program, name) {
            set(location);
        }
    };
    set("place", &|location| {
        gl.set_vec4s(program, location, &[place])
    });
    set("slice", &|location| {
        gl.set_float(program, location, drawing.slice)
    });
    set("source", &|location| gl.set_int(program, location, 0));
    set("order", &|location| {
        gl.set_uvec4s(program, location, &[drawing.order])
    });
    let samples = drawing.source.desc().samples.max(1);
    set("samples", &|location| {
        gl.set_int(program, location, samples.cast_signed())
    });
    gl.use_program(Some(program));
}

/// Turns off all that would keep fragments out or change them.
pub(crate) fn set_state(gl: &Current<'_>, mask: BlitMask, blends: bool, output: Output) {
    let off = [
        gl::STENCIL_TEST,
        gl::CULL_FACE,
        gl::RASTERIZER_DISCARD,
        gl::SAMPLE_ALPHA_TO_COVERAGE,
        gl::POLYGON_OFFSET_FILL,
        gl::BLEND,
    ];
    off.into_iter()
        .for_each(|capability| gl.disable(capability));
    if gl.caps().features.texture_multisample {
        gl.disable(gl::SAMPLE_MASK);
    }
    if gl.caps().features.sample_shading {
        gl.disable(gl::SAMPLE_SHADING);
    }
    if !gl.caps().api.is_es() {
        gl.disable(gl::COLOR_LOGIC_OP);
        gl.disable(gl::SAMPLE_ALPHA_TO_ONE);
        gl.polygon_mode(gl::FRONT_AND_BACK, gl::FILL);
    }
    for plane in 0..gl.caps().limits.max_clip_distances.min(8) {
        gl.disable(gl::CLIP_DISTANCE0.saturating_add(plane));
    }
    let writes_depth = output == Output::Depth;
    switch(gl, gl::DEPTH_TEST, writes_depth);
    if output.is_stencil() {
        gl.enable(gl::STENCIL_TEST);
        gl.stencil_func_separate(gl::FRONT_AND_BACK, gl::ALWAYS, 0, u32::MAX);
        gl.stencil_op_separate(gl::FRONT_AND_BACK, gl::REPLACE, gl::REPLACE, gl::REPLACE);
        gl.stencil_mask(u32::MAX);
    }
    gl.depth_func(gl::ALWAYS);
    gl.depth_mask(writes_depth.into());
    gl.depth_range([0.0, 1.0]);
    if blends {
        gl.enable(gl::BLEND);
        gl.blend_equation(gl::FUNC_ADD);
        let (src, dst) = (gl::SRC_ALPHA, gl::ONE_MINUS_SRC_ALPHA);
        gl.blend_func_separate(src, dst, src, dst);
    }
    let bit = |bit| u8::from(mask.contains(bit));
    gl.color_mask([BlitMask::R, BlitMask::G, BlitMask::B, BlitMask::A].map(bit));
}

fn make_samplers(current: &Current<'_>) -> [Sampler; 2] {
    [gl::NEAREST, gl::LINEAR].map(|filter| {
        let sampler = current.create_sampler();
        current.sampler_parameter(&sampler, gl::TEXTURE_MIN_FILTER, filter);
        current.sampler_parameter(&sampler, gl::TEXTURE_MAG_FILTER, filter);
        for wrap in [gl::TEXTURE_WRAP_S, gl::TEXTURE_WRAP_T, gl::TEXTURE_WRAP_R] {
            current.sampler_parameter(&sampler, wrap, gl::CLAMP_TO_EDGE);
        }
        sampler
    })
}

const VERTEX: &str = "
uniform highp vec4 place;
out highp vec2 at;
void main() {
    highp vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
    at = mix(place.xy, place.zw, corner);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
";

fn make_program(gl: &Current<'_>, shape: Shape, output: Output) -> Result<Program> {
    let version = version(gl);
    let vertex = gl.compile(ShaderKind::Vertex, &format!("{version}{VERTEX}"))?;
    let extension = match output {
        Output::Stencil => "#extension GL_ARB_shader_stencil_export : require\n",
        _ => "",
    };
    let sample = match shape {
        Shape::EachSample => sample_extension(gl),
        _ => "",
    };
    let samples = match (gl.caps().api, gl.caps().glsl) {
        (Api::Core | Api::Compatibility, ..150) if shape.has_samples() => {
            "#extension GL_ARB_texture_multisample : require\n"
        }
        _ => "",
    };
    let fragment = fragment(shape, output);
    let fragment = format!("{version}{extension}{sample}{samples}{fragment}");
    let fragment = gl.compile(ShaderKind::Fragment, &fragment)?;
    Ok(gl.link(&[&vertex, &fragment], &host_gl::LinkOptions::default())?)
}

fn version(gl: &Current<'_>) -> &'static str {
    match (gl.caps().api, gl.caps().glsl) {
        (Api::Es, 320..) => "#version 320 es\n",
        (Api::Es, 310..) => "#version 310 es\n",
        (Api::Es, _) => "#version 300 es\n",
        (_, 150..) => "#version 150\n",
        (_, 140..) => "#version 140\n",
        _ => "#version 130\n",
    }
}

/// What brings `gl_SampleID`.
fn sample_extension(gl: &Current<'_>) -> &'static str {
    match (gl.caps().api, gl.caps().glsl) {
        (Api::Es, 320..) => "",
        (Api::Es, _) => "#extension GL_OES_sample_variables : require\n",
        _ => "#extension GL_ARB_sample_shading : require\n",
    }
}

fn fragment(shape: Shape, output: Output) -> String {
    let numbers = match output {
        Output::Color(numbers) => numbers,
        Output::Depth => Numbers::Float,
        Output::Stencil | Output::StencilBit => Numbers::Uint,
    };
    let prefix = match numbers {
        Numbers::Float => "",
        Numbers::Int => "i",
        Numbers::Uint => "u",
    };
    let sampler = match shape {
        Shape::Line => "sampler1D",
        Shape::Flat => "sampler2D",
        Shape::Rectangle => "sampler2DRect",
        Shape::Volume => "sampler3D",
        Shape::Samples | Shape::EachSample => "sampler2DMS",
    };
    let fetch = match (shape, output) {
        (Shape::Line, _) => "texture(source, at.x)".to_owned(),
        (Shape::Flat | Shape::Rectangle, _) => "texture(source, at)".to_owned(),
        (Shape::Volume, _) => "texture(source, vec3(at, slice))".to_owned(),
        (Shape::Samples, Output::Color(Numbers::Float)) => "resolve()".to_owned(),
        (Shape::Samples, _) => "texelFetch(source, ivec2(at), 0)".to_owned(),
        (Shape::EachSample, _) => "texelFetch(source, ivec2(at), gl_SampleID)".to_owned(),
    };
    let resolve = match (shape, output) {
        (Shape::Samples, Output::Color(Numbers::Float)) => RESOLVE,
        _ => "",
    };
    let (declaration, write) = match output {
        Output::Color(_) => (
            format!("uniform highp uvec4 order;\nout highp {prefix}vec4 color;"),
            "color = PREFIXvec4(texel[order.x], texel[order.y], texel[order.z], texel[order.w]);"
                .replace("PREFIX", prefix),
        ),
        Output::Depth => (String::new(), "gl_FragDepth = texel.x;".to_owned()),
        Output::Stencil => (
            String::new(),
            "gl_FragStencilRefARB = int(texel.x);".to_owned(),
        ),
        Output::StencilBit => (
            "uniform highp int bit;".to_owned(),
            "if (bit != 0 && (texel.x & uint(bit)) == 0u) discard;".to_owned(),
        ),
    };
    format!(
        "uniform highp {prefix}{sampler} source;\nuniform highp float slice;\n\
         uniform int samples;\nin highp vec2 at;\n{declaration}\n{resolve}\
         void main() {{\n    highp {prefix}vec4 texel = {fetch};\n    {write}\n}}\n"
    )
}

const RESOLVE: &str = "
highp vec4 resolve() {
    highp vec4 sum = vec4(0.0);
    for (int index = 0; index < samples; index++) {
        sum += texelFetch(source, ivec2(at), index);
    }
    return sum / float(samples);
}
";
