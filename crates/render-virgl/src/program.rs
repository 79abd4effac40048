//! Programs: which text each bound shader takes, how they are linked, and what they are given.

use std::collections::HashMap;
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use format::ChannelKind;
use host_gl::{Caps, Current, IndexedTarget, LinkOptions, Program, enums as gl};
use shader::back::glsl::{
    self, Bindings, ColorBuffer, Compared, Comparison, Extensions, Key, Numbers, PointSprite,
    Swizzle, Target, Version,
};
use shader::ir::{ImageFormat, Semantic};
use wire_virgl::{
    CompareFunc, ConstantBuffer, ObjectId, PolygonMode, PrimitiveMode, RasterizerFlags as F,
    ShaderStage, UniformBuffer,
};

use crate::blend::is_dual_source;
use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::image::{BufferPart, Image};
use crate::limits::MAX_PROGRAMS;
use crate::program_cache::ProgramCache;
use crate::rasterizer::visible_fill;
use crate::resource::Resource;
use crate::sampler::{SamplerView, Samplers, WHOLE_TEXEL};
use crate::shader::{ShaderObject, Texts, Usage, Variant};
use crate::sub_context::{Dirty, State};
use crate::twin::Use;

/// A colour's components as shaders write them.
const WRITTEN: [Swizzle; 4] = [Swizzle::X, Swizzle::Y, Swizzle::Z, Swizzle::W];

/// The stages of drawing, in the order in which vertices go through them.
pub(crate) const PIPELINE: [ShaderStage; 5] = [
    ShaderStage::Vertex,
    ShaderStage::TessCtrl,
    ShaderStage::TessEval,
    ShaderStage::Geometry,
    ShaderStage::Fragment,
];

/// What one stage was given.
#[derive(Debug, Default)]
pub(crate) struct StageState {
    pub(crate) shader: Option<Arc<ShaderObject>>,
    pub(crate) views: Vec<Option<Arc<SamplerView>>>,
    pub(crate) samplers: Vec<Option<Arc<Samplers>>>,
    constants: Vec<[u32; 4]>,
    /// Changes whenever the constants do; unique in the sub-context.
    version: u64,
    buffers: HashMap<u32, (Arc<Resource>, u32, u32)>,
    pub(crate) images: Vec<Option<Image>>,
    pub(crate) storage: Vec<Option<BufferPart>>,
}

/// The GLSL that is written, and where things are bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Language {
    pub(crate) target: Target,
    /// Texture units that a stage has.
    pub(crate) samplers: u16,
    /// Places for uniform buffers that a stage has.
    pub(crate) constants: u16,
}

impl Language {
    /// None if the context's language is too old.
    pub(crate) fn of(caps: &Caps, newest: Option<u32>) -> Option<Self> {
        let glsl = caps.glsl.min(newest.unwrap_or(u32::MAX));
        let glsl = u16::try_from(glsl).ok()?;
        let version = match caps.api.is_es() {
            true => Version::Es(glsl.min(320)),
            false => Version::Desktop(glsl.min(460)),
        };
        let limits = &caps.limits;
        let share = |all: u32, most: u16| u16::try_from(all / 5).unwrap_or(u16::MAX).clamp(1, most);
        let extensions = Extensions::all()
            .names()
            .filter(|name| caps.extensions.has(name));
        let mut target = Target::new(version)?;
        target.extensions = extensions.filter_map(Extensions::from_extension).collect();
        let vectors = limits.max_uniform_block_size / 16;
        target.uniform_block_vectors = u16::try_from(vectors).unwrap_or(u16::MAX);
        target.shared_bytes = limits.max_compute_shared_memory;
        target.robust = caps.robust_access;
        Some(Self {
            target,
            // One unit is for work on textures inside of the host crate.
            samplers: share(
                limits.max_combined_texture_image_units.saturating_sub(1),
                32,
            ),
            constants: share(limits.max_uniform_buffer_bindings, 32),
        })
    }
}

/// A program, and what its stages want.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) program: Program,
    stages: Vec<LinkedStage>,
    places: Places,
}

#[derive(Debug)]
struct LinkedStage {
    stage: ShaderStage,
    variant: Arc<Variant>,
    bindings: Bindings,
    /// Of the constants of the command, and how many vectors it takes.
    constants: Option<(i32, usize)>,
    /// Of what it was given last.
    version: AtomicU64,
}

/// Places of the uniforms of state.
#[derive(Debug, Default)]
struct Places {
    y_scale: Option<i32>,
    clip_planes: Option<i32>,
    point_size: Option<i32>,
    alpha_reference: Option<i32>,
    polygon_stipple: Option<i32>,
    fragment_y: Option<i32>,
}

/// The programs of a sub-context by their variants' ids.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    linked: HashMap<Vec<u64>, Arc<Linked>>,
    texts: Texts,
    /// What the last draw used, and what it drew.
    current: Option<(Arc<Linked>, Kind)>,
    version: u64,
}

/// What is rasterised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Points,
    Lines,
    Polygons,
}

impl Kind {
    /// Of a draw in this mode, if no shader makes something else of it.
    pub(crate) const fn of(mode: PrimitiveMode) -> Self {
        use PrimitiveMode as P;
        match mode {
            P::Points => Self::Points,
            P::Lines | P::LineLoop | P::LineStrip | P::LinesAdjacency | P::LineStripAdjacency => {
                Self::Lines
            }
            _ => Self::Polygons,
        }
    }

    /// Of what [`ShaderObject::primitive`] says.
    const fn of_gl(primitive: u32) -> Self {
        match primitive {
            gl::POINTS => Self::Points,
            gl::LINES => Self::Lines,
            _ => Self::Polygons,
        }
    }
}

impl Programs {
    /// The program of the last draw.
    pub(crate) fn current(&self) -> Option<Arc<Linked>> {
        self.current.as_ref().map(|(linked, _)| Arc::clone(linked))
    }

    /// Whether the program of the last draw streams out.
    pub(crate) fn streams(&self) -> bool {
        let feedback = |stage: &LinkedStage| !stage.variant.text.feedback.is_empty();
        let current = self.current.as_ref();
        current.is_some_and(|(linked, _)| linked.stages.iter().any(feedback))
    }
}

impl Linked {
    /// The buffers that the shaders use, and how.
    pub(crate) fn each_buffer(
        &self,
        state: &State,
        visit: &mut impl FnMut(&Arc<Resource>, Use) -> Result<()>,
    ) -> Result<()> {
        for stage in &self.stages {
            let (text, given) = (&stage.variant.text, state.stage(stage.stage));
            for constants in &text.constants {
                if let Some((resource, ..)) = given.buffers.get(&constants.buffer.into()) {
                    visit(resource, Use::Reads)?;
                }
            }
            for sampler in &text.samplers {
                for view in bound(&given.views, sampler.index, sampler.length) {
                    view.buffer
                        .iter()
                        .try_for_each(|one| visit(one, Use::Reads))?;
                }
            }
            for image in &text.images {
                for buffer in bound(&given.images, image.index, image.length)
                    .filter_map(|image| image.buffer.as_ref())
                {
                    let used = match image.written {
                        true => Use::Writes(0..buffer.buffer()?.size()),
                        false => Use::Reads,
                    };
                    visit(buffer, used)?;
                }
            }
            for storage in &text.storage {
                for part in bound(&given.storage, storage.index, storage.length) {
                    let used = match storage.written {
                        true => part.written(),
                        false => Use::Reads,
                    };
                    visit(&part.resource, used)?;
                }
            }
            for counters in &text.counters {
                for part in bound(&state.counters, counters.buffer, None) {
                    visit(&part.resource, part.written())?;
                }
            }
        }
        Ok(())
    }
}

/// What is in one slot, or in those of an array.
fn bound<T>(slots: &[Option<T>], first: u16, length: Option<u16>) -> impl Iterator<Item = &T> {
    indices(first, length).filter_map(|index| slots.get(usize::from(index))?.as_ref())
}

impl Scope<'_> {
    pub(crate) fn set_constant_buffer(&mut self, buffer: &ConstantBuffer<'_>) {
        self.state.programs.version = self.state.programs.version.saturating_add(1);
        let version = self.state.programs.version;
        let stage = self.state.stage_mut(buffer.stage);
        stage.constants.clear();
        for vector in buffer.data.chunks(16) {
            let mut words = [0; 4];
            for (word, bytes) in words.iter_mut().zip(vector.as_chunks::<4>().0) {
                *word = u32::from_le_bytes(*bytes);
            }
            stage.constants.push(words);
        }
        stage.version = version;
    }

    pub(crate) fn set_uniform_buffer(&mut self, buffer: &UniformBuffer) -> Result<()> {
        let resource = buffer.resource.map(|id| self.resource(id)).transpose()?;
        let index = buffer.index.number();
        let stage = self.state.stage_mut(buffer.stage);
        match resource {
            Some(resource) => {
                resource.buffer()?;
                stage
                    .buffers
                    .insert(index, (resource, buffer.offset, buffer.length));
            }
            None => drop(stage.buffers.remove(&index)),
        }
        self.state.dirty |= Dirty::RESOURCES;
        Ok(())
    }

    /// Links a program before it is drawn with, as the state is now: what changes until then may
    /// have another one linked. Sets that no draw could use yet are passed over.
    pub(crate) fn link_shader(&mut self, ids: &[Option<ObjectId>; 6]) -> Result<()> {
        let mut shaders = Vec::new();
        for id in ids.iter().flatten() {
            shaders.push(Arc::clone(self.state.objects.shader(*id)?));
        }
        let has = |stage| shaders.iter().any(|shader| shader.stage == stage);
        let is_whole = has(ShaderStage::Vertex)
            && has(ShaderStage::Fragment)
            && has(ShaderStage::TessCtrl) <= has(ShaderStage::TessEval)
            && !has(ShaderStage::Compute);
        if !is_whole {
            return Ok(());
        }
        let bound = PIPELINE.into_iter().filter_map(|stage| {
            let mut found = shaders.iter().filter(|shader| shader.stage == stage);
            found.next().map(Arc::clone)
        });
        self.program_of(&bound.collect::<Vec<_>>(), Kind::Polygons)?;
        Ok(())
    }

    /// The program for a draw, linked with the first wish, in use and with all it is given.
    pub(crate) fn apply_program(&mut self, kind: Kind) -> Result<()> {
        let same = self
            .state
            .programs
            .current
            .as_ref()
            .filter(|(_, last)| *last == kind);
        let is_dirty = self.state.dirty.contains(Dirty::PROGRAM);
        let linked = match same {
            Some((linked, _)) if !is_dirty => Arc::clone(linked),
            _ => {
                let linked = self.find_program(kind)?;
                self.state.programs.current = Some((Arc::clone(&linked), kind));
                self.state.dirty |= Dirty::RESOURCES;
                linked
            }
        };
        self.gl.use_program(Some(&linked.program));
        let changed = self.state.dirty.contains(Dirty::RESOURCES);
        for stage in &linked.stages {
            let given = self.state.stage(stage.stage);
            give_constants(self.gl, &linked.program, stage, given);
            if changed {
                give_resources(self.gl, stage, given, &self.state.counters)?;
            }
        }
        self.give_state(&linked);
        Ok(())
    }

    /// The same for a dispatch.
    pub(crate) fn apply_compute(&mut self, shader: &Arc<ShaderObject>) -> Result<Arc<Linked>> {
        let language = self.host.language;
        let given = self.state.stage(ShaderStage::Compute);
        let key = Key {
            plain_constants: true,
            counters: counters(std::slice::from_ref(shader)),
            images: image_formats(given),
            shadows: compared(given, shader),
            clamped: clamped(given, shader),
            texel_buffers: texels(given, shader),
            shared_bytes: shader.shared_bytes,
            bindings: bindings(ShaderStage::Compute, Usage::default(), &language),
            ..Key::default()
        };
        let bindings = key.bindings;
        let texts = &mut self.state.programs.texts;
        let variant = shader.variant(texts, &language.target, key)?;
        let linked = self.linked(vec![(ShaderStage::Compute, variant, bindings)])?;
        self.gl.use_program(Some(&linked.program));
        let given = self.state.stage(ShaderStage::Compute);
        for stage in &linked.stages {
            give_constants(self.gl, &linked.program, stage, given);
            give_resources(self.gl, stage, given, &self.state.counters)?;
        }
        Ok(linked)
    }

    fn find_program(&mut self, kind: Kind) -> Result<Arc<Linked>> {
        let bound = PIPELINE
            .into_iter()
            .filter_map(|stage| self.state.stage(stage).shader.clone());
        self.program_of(&bound.collect::<Vec<_>>(), kind)
    }

    /// The program of these shaders, in the order of stages.
    fn program_of(&mut self, bound: &[Arc<ShaderObject>], kind: Kind) -> Result<Arc<Linked>> {
        if bound
            .first()
            .is_none_or(|first| first.stage != ShaderStage::Vertex)
        {
            return Err(Error::Misbehaved("a draw without a vertex shader"));
        }
        let made = bound.iter().rev().find_map(|shader| shader.primitive());
        let kind = made.map_or(kind, Kind::of_gl);
        let language = self.host.language;
        let mut before = Usage::default();
        let mut variants = Vec::new();
        for (index, shader) in bound.iter().enumerate() {
            let mut key = self.key(bound, index, kind);
            key.bindings = bindings(shader.stage, before, &language);
            before.images = before.images.saturating_add(shader.usage.images);
            before.storage = before.storage.saturating_add(shader.usage.storage);
            let bindings = key.bindings;
            let texts = &mut self.state.programs.texts;
            let variant = shader.variant(texts, &language.target, key)?;
            variants.push((shader.stage, variant, bindings));
        }
        self.linked(variants)
    }

    /// The program of these texts, linked with the first wish.
    fn linked(
        &mut self,
        variants: Vec<(ShaderStage, Arc<Variant>, Bindings)>,
    ) -> Result<Arc<Linked>> {
        let ids: Vec<_> = variants.iter().map(|(_, variant, _)| variant.id).collect();
        if let Some(linked) = self.state.programs.linked.get(&ids) {
            return Ok(Arc::clone(linked));
        }
        tracing::trace!("a program of {ids:?}");
        let linked = Arc::new(link(self.gl, self.host.programs.as_ref(), variants)?);
        if self.state.programs.linked.len() >= MAX_PROGRAMS {
            self.state.programs.linked.clear();
        }
        self.state.programs.linked.insert(ids, Arc::clone(&linked));
        self.stats.pipelines = self.stats.pipelines.saturating_add(1);
        Ok(linked)
    }

    /// What of the state changes the text of bound shader `index`.
    fn key(&self, bound: &[Arc<ShaderObject>], index: usize, kind: Kind) -> Key {
        let state = &*self.state;
        let flags = state
            .bound
            .rasterizer
            .as_ref()
            .map_or(F::empty(), |one| one.flags);
        let mut key = Key {
            plain_constants: true,
            previous: index
                .checked_sub(1)
                .and_then(|before| bound.get(before))
                .map(|before| before.interface.outputs.clone()),
            next: index
                .checked_add(1)
                .and_then(|after| bound.get(after))
                .map(|after| after.interface.inputs.clone()),
            counters: counters(bound),
            flat: flags.contains(F::FLATSHADE),
            ..Key::default()
        };
        let Some(shader) = bound.get(index) else {
            return key;
        };
        key.images = image_formats(state.stage(shader.stage));
        key.shadows = compared(state.stage(shader.stage), shader);
        key.clamped = clamped(state.stage(shader.stage), shader);
        key.texel_buffers = texels(state.stage(shader.stage), shader);
        if let Some(elements) = &state.vertices.elements {
            key.attributes = elements.numbers;
        }
        let is_last = bound
            .iter()
            .rposition(|one| one.stage != ShaderStage::Fragment);
        if is_last == Some(index) {
            self.last_stage_key(&mut key, shader, flags);
        }
        if shader.stage == ShaderStage::Fragment {
            self.fragment_key(&mut key, flags, kind);
        }
        key
    }

    fn last_stage_key(&self, key: &mut Key, shader: &ShaderObject, flags: F) {
        let caps = self.gl.caps();
        key.scale_y = true;
        key.halve_z = flags.contains(F::CLIP_HALFZ) && !caps.features.clip_control;
        key.clamp_vertex_color = flags.contains(F::CLAMP_VERTEX_COLOR);
        key.point_size = caps.api.is_es() && !flags.contains(F::POINT_SIZE_PER_VERTEX);
        key.stream_output = shader.stream_output.clone();
        let clips = |number| {
            shader
                .interface
                .outputs
                .find(Semantic::ClipDistance, number)
                .is_some()
        };
        if !clips(0) && !clips(1) {
            let planes = self
                .state
                .bound
                .rasterizer
                .as_ref()
                .map_or(0, |one| one.clip_plane_enable);
            key.clip_planes = 8u8.saturating_sub(planes.leading_zeros() as u8);
        }
    }

    fn fragment_key(&self, key: &mut Key, flags: F, kind: Kind) {
        let state = &*self.state;
        let buffers = &state.framebuffer.color;
        key.color_buffers = u8::try_from(buffers.len()).unwrap_or(u8::MAX).min(8);
        for (color, surface) in key.colors.iter_mut().zip(buffers) {
            let kind = surface
                .as_ref()
                .and_then(|one| one.format.description().channels.first());
            *color = ColorBuffer {
                numbers: match kind.map(|channel| channel.kind) {
                    Some(ChannelKind::Sint) => Numbers::Int,
                    Some(ChannelKind::Uint) => Numbers::Uint,
                    _ => Numbers::Float,
                },
                swizzle: surface.as_ref().map_or(WRITTEN, |one| one.ordered(WRITTEN)),
                ..ColorBuffer::default()
            };
        }
        key.dual_source = state
            .bound
            .blend
            .as_ref()
            .is_some_and(|blend| is_dual_source(blend));
        key.clamp_fragment_color = flags.contains(F::CLAMP_FRAGMENT_COLOR);
        key.two_sided = flags.contains(F::LIGHT_TWOSIDE);
        key.flip_origin = true;
        let rasterizer = state.bound.rasterizer.as_ref();
        let is_filled = rasterizer.is_none_or(|one| visible_fill(one) == PolygonMode::Fill);
        let stipples = kind == Kind::Polygons && is_filled;
        key.polygon_stipple = stipples && flags.contains(F::POLY_STIPPLE);
        let tests = state
            .bound
            .tests
            .as_ref()
            .filter(|tests| tests.alpha_enable);
        key.alpha_test = tests.map(|tests| comparison(tests.alpha_func));
        if kind == Kind::Points && flags.contains(F::POINT_QUAD_RASTERIZATION) {
            let replaced = state
                .bound
                .rasterizer
                .as_ref()
                .map_or(0, |one| one.sprite_coord_enable);
            let lower = flags.contains(F::SPRITE_COORD_LOWER_LEFT);
            let flip = self.gl.caps().api.is_es() && !lower;
            key.point_sprite = PointSprite {
                replaced,
                texcoord: true,
                flip,
            };
        }
    }

    /// The uniforms that stand for state.
    fn give_state(&self, linked: &Linked) {
        let (gl, program, places) = (self.gl, &linked.program, &linked.places);
        let values = &self.state.values;
        let flip = if values.is_flipped() { -1.0 } else { 1.0 };
        let set = |place: Option<i32>, value: f32| {
            if let Some(place) = place {
                gl.set_float(program, place, value);
            }
        };
        set(places.y_scale, flip);
        let rasterizer = self.state.bound.rasterizer.as_ref();
        set(
            places.point_size,
            rasterizer.map_or(1.0, |one| one.point_size),
        );
        set(
            places.alpha_reference,
            self.state
                .bound
                .tests
                .as_ref()
                .map_or(0.0, |one| one.alpha_ref),
        );
        if let Some(place) = places.clip_planes {
            gl.set_vec4s(program, place, values.clip_planes.as_slice());
        }
        if let Some(place) = places.polygon_stipple {
            gl.set_uints(program, place, values.polygon_stipple.as_slice());
        }
        if let Some(place) = places.fragment_y {
            gl.set_vec2(
                program,
                place,
                [-1.0, self.state.framebuffer.height() as f32],
            );
        }
    }
}

fn counters(bound: &[Arc<ShaderObject>]) -> [u32; 8] {
    let mut lengths = [0; 8];
    for counters in bound.iter().flat_map(|shader| &shader.interface.counters) {
        if let Some(length) = lengths.get_mut(usize::from(counters.buffer)) {
            *length = counters.length.max(*length);
        }
    }
    lengths
}

/// Texture units and uniform buffers have a range for each stage, so that a shader's text
/// does for all programs. There are too few places for images and storage buffers: stages
/// take those that the stages before leave.
fn bindings(stage: ShaderStage, before: Usage, language: &Language) -> Bindings {
    let stage = match stage {
        ShaderStage::Compute => 0,
        stage => stage.number() as u16,
    };
    Bindings {
        constants: stage.saturating_mul(language.constants),
        samplers: stage.saturating_mul(language.samplers),
        images: before.images,
        storage: before.storage,
        counters: 0,
    }
}

fn link(
    gl: &Current<'_>,
    cache: Option<&ProgramCache>,
    variants: Vec<(ShaderStage, Arc<Variant>, Bindings)>,
) -> Result<Linked> {
    let feedback = variants
        .iter()
        .flat_map(|(_, variant, _)| &variant.text.feedback);
    let names = feedback.map(|name| CString::new(name.as_str()));
    let names: Vec<_> = names.collect::<Result<_, _>>().unwrap_or_default();
    let located = variants.iter().map(|(_, variant, _)| &variant.text);
    let located: Vec<_> = located.flat_map(locations).collect();
    let mut options = LinkOptions {
        streamed: names.iter().map(CString::as_c_str).collect(),
        keeps_binary: cache.is_some(),
        ..LinkOptions::default()
    };
    for (place, name) in &located {
        match *place {
            Place::Attribute(place) => options.attributes.push((place, name)),
            Place::Color(place, index) => options.outputs.push((place, index, name)),
        }
    }
    let program = match cache {
        None => compile(gl, &variants, &options)?,
        Some(cache) => {
            let texts = variants.iter();
            let texts: Vec<_> = texts
                .map(|(stage, variant, _)| (*stage, variant.text.text.as_str()))
                .collect();
            let key = cache.key(&texts, &options);
            match cache.load(gl, &key) {
                Some(program) => program,
                None => {
                    let program = compile(gl, &variants, &options)?;
                    cache.keep(gl, &key, &program);
                    program
                }
            }
        }
    };
    let stages = variants.into_iter().map(|(stage, variant, bindings)| {
        bind_by_name(gl, &program, &variant, bindings);
        let plain = variant
            .text
            .constants
            .iter()
            .find(|constants| constants.plain);
        let constants = plain.and_then(|constants| {
            let place = gl.uniform_location(&program, &constants.name)?;
            Some((place, constants.vectors as usize))
        });
        LinkedStage {
            stage,
            variant,
            bindings,
            constants,
            version: AtomicU64::new(u64::MAX),
        }
    });
    let stages: Vec<_> = stages.collect();
    let places = places(gl, &program, &stages);
    Ok(Linked {
        program,
        stages,
        places,
    })
}

fn compile(
    gl: &Current<'_>,
    variants: &[(ShaderStage, Arc<Variant>, Bindings)],
    options: &LinkOptions<'_>,
) -> Result<Program> {
    let shaders = variants.iter().map(|(_, variant, _)| variant.compiled(gl));
    let shaders: Vec<_> = shaders.collect::<Result<_>>()?;
    let program = gl.link(&shaders, options).inspect_err(|error| {
        let texts = variants
            .iter()
            .map(|(_, variant, _)| variant.text.text.as_str());
        tracing::debug!(
            "the driver refuses a program: {error}\n{}",
            texts.collect::<String>()
        );
    })?;
    Ok(program)
}

/// Where something is that a text only names.
#[derive(Clone, Copy, Debug)]
enum Place {
    Attribute(u32),
    /// The colour buffer, and which of its colours.
    Color(u32, u32),
}

/// Where the language cannot say locations.
fn locations(text: &glsl::Program) -> Vec<(Place, CString)> {
    if text.locations_in_text {
        return Vec::new();
    }
    let attributes = text.attributes.iter().map(|number| {
        let place = Place::Attribute((*number).into());
        (place, format!("attribute{number}"))
    });
    let written = |buffer: &u32| text.colors.checked_shr(*buffer).unwrap_or(0) & 1 != 0;
    let colors = (0..8).filter(written).map(|buffer| {
        let place = match text.dual_source && buffer == 1 {
            true => Place::Color(0, 1),
            false => Place::Color(buffer, 0),
        };
        (place, format!("color{buffer}"))
    });
    let named = attributes.chain(colors);
    named
        .filter_map(|(place, name)| Some((place, CString::new(name).ok()?)))
        .collect()
}

/// Where the language cannot say bindings.
fn bind_by_name(gl: &Current<'_>, program: &Program, variant: &Variant, bindings: Bindings) {
    if variant.text.bindings_in_text {
        return;
    }
    for constants in variant
        .text
        .constants
        .iter()
        .filter(|constants| !constants.plain)
    {
        if let Some(block) = gl.uniform_block(program, &constants.name) {
            let binding = bindings.constants.saturating_add(constants.buffer);
            gl.bind_uniform_block(program, block, binding.into());
        }
    }
    for sampler in &variant.text.samplers {
        for element in 0..sampler.length.unwrap_or(1) {
            let name = match sampler.length {
                Some(_) => format!("{}[{element}]", sampler.name),
                None => sampler.name.clone(),
            };
            if let Some(place) = gl.uniform_location(program, &name) {
                let unit = bindings.samplers.saturating_add(sampler.index);
                gl.set_int(program, place, unit.saturating_add(element).into());
            }
        }
    }
}

fn places(gl: &Current<'_>, program: &Program, stages: &[LinkedStage]) -> Places {
    let asked = |asks: fn(&glsl::Uniforms) -> bool, name: &str| {
        let asked = stages
            .iter()
            .any(|stage| asks(&stage.variant.text.uniforms));
        asked.then(|| gl.uniform_location(program, name)).flatten()
    };
    Places {
        y_scale: asked(|one| one.y_scale, "y_scale"),
        clip_planes: asked(|one| one.clip_planes > 0, "clip_planes"),
        point_size: asked(|one| one.point_size, "point_size"),
        alpha_reference: asked(|one| one.alpha_reference, "alpha_reference"),
        polygon_stipple: asked(|one| one.polygon_stipple, "polygon_stipple"),
        fragment_y: asked(|one| one.fragment_y, "fragment_y"),
    }
}

fn give_constants(gl: &Current<'_>, program: &Program, stage: &LinkedStage, given: &StageState) {
    let Some((place, vectors)) = stage.constants else {
        return;
    };
    if stage.version.swap(given.version, Ordering::Relaxed) != given.version {
        let count = vectors.min(given.constants.len());
        gl.set_uvec4s(
            program,
            place,
            given.constants.get(..count).unwrap_or_default(),
        );
    }
}

fn image_formats(given: &StageState) -> [Option<ImageFormat>; 32] {
    let mut formats = [None; 32];
    for (format, image) in formats.iter_mut().zip(&given.images) {
        *format = image.as_ref().and_then(|image| image.in_text);
    }
    formats
}

/// What the shader's comparisons give; nothing of views that it doesn't compare, so that they
/// don't change its key.
fn compared(given: &StageState, shader: &ShaderObject) -> [[Compared; 4]; 32] {
    let mut shadows = [[Compared::Result; 4]; 32];
    if shader.interface.shadows == 0 {
        return shadows;
    }
    let views = crate::sampler::shadows(&given.views);
    for (index, (shadow, view)) in shadows.iter_mut().zip(views).enumerate() {
        if shader.interface.shadows >> index & 1 != 0 {
            *shadow = view;
        }
    }
    shadows
}

/// The same of the texels of buffers.
fn texels(given: &StageState, shader: &ShaderObject) -> [[Swizzle; 4]; 32] {
    let mut texels = [WHOLE_TEXEL; 32];
    if shader.interface.texel_buffers == 0 {
        return texels;
    }
    let views = crate::sampler::texels(&given.views);
    for (index, (texel, view)) in texels.iter_mut().zip(views).enumerate() {
        if shader.interface.texel_buffers >> index & 1 != 0 {
            *texel = view;
        }
    }
    texels
}

/// The same of coordinates that are clamped.
fn clamped(given: &StageState, shader: &ShaderObject) -> [[bool; 3]; 32] {
    let mut clamped = [[false; 3]; 32];
    if shader.interface.samplers == 0 {
        return clamped;
    }
    let samplers = crate::sampler::clamped(&given.samplers);
    for (index, (clamped, sampler)) in clamped.iter_mut().zip(samplers).enumerate() {
        if shader.interface.samplers >> index & 1 != 0 {
            *clamped = sampler;
        }
    }
    clamped
}

fn give_resources(
    gl: &Current<'_>,
    stage: &LinkedStage,
    given: &StageState,
    counters: &[Option<BufferPart>],
) -> Result<()> {
    give_buffers(gl, stage, given)?;
    give_textures(gl, stage, given);
    for image in &stage.variant.text.images {
        for index in indices(image.index, image.length) {
            if let Some(image) = given
                .images
                .get(usize::from(index))
                .and_then(Option::as_ref)
            {
                image.bind(gl, stage.bindings.images.saturating_add(index).into());
            }
        }
    }
    for storage in &stage.variant.text.storage {
        for index in indices(storage.index, storage.length) {
            let place = stage.bindings.storage.saturating_add(index).into();
            match given
                .storage
                .get(usize::from(index))
                .and_then(Option::as_ref)
            {
                Some(part) => part.bind(gl, IndexedTarget::ShaderStorage, place)?,
                None => gl.unbind_buffer_range(IndexedTarget::ShaderStorage, place),
            }
        }
    }
    for one in &stage.variant.text.counters {
        if let Some(part) = counters
            .get(usize::from(one.buffer))
            .and_then(Option::as_ref)
        {
            part.bind(gl, IndexedTarget::AtomicCounter, one.buffer.into())?;
        }
    }
    Ok(())
}

/// One, or those of an array.
fn indices(first: u16, length: Option<u16>) -> std::ops::Range<u16> {
    first..first.saturating_add(length.unwrap_or(1))
}

fn give_buffers(gl: &Current<'_>, stage: &LinkedStage, given: &StageState) -> Result<()> {
    for constants in stage
        .variant
        .text
        .constants
        .iter()
        .filter(|constants| !constants.plain)
    {
        let place = stage
            .bindings
            .constants
            .saturating_add(constants.buffer)
            .into();
        match given.buffers.get(&constants.buffer.into()) {
            Some((resource, offset, length)) => {
                let buffer = resource.buffer()?;
                // Mesa's length may go past the end of the buffer.
                let left = buffer.size().saturating_sub((*offset).into());
                let length = u64::from(*length).min(left);
                let target = IndexedTarget::Uniform;
                gl.bind_buffer_range(target, place, buffer, (*offset).into(), length)?;
            }
            None => gl.unbind_buffer_range(IndexedTarget::Uniform, place),
        }
    }
    Ok(())
}

fn give_textures(gl: &Current<'_>, stage: &LinkedStage, given: &StageState) {
    for sampler in &stage.variant.text.samplers {
        let last = sampler.index.saturating_add(sampler.length.unwrap_or(1));
        for index in sampler.index..last {
            let unit = u32::from(stage.bindings.samplers.saturating_add(index));
            let slot = usize::from(index);
            let Some(view) = given.views.get(slot).and_then(Option::as_ref) else {
                continue;
            };
            let texture = view.prepare(gl, sampler.target.is_shadow());
            gl.bind_texture(unit, texture);
            if view.has_sampler() {
                let state = given.samplers.get(slot).and_then(Option::as_ref);
                let state = state.map(|state| state.of(gl, view));
                gl.bind_sampler(unit, state.as_deref());
            }
        }
    }
}

const fn comparison(func: CompareFunc) -> Comparison {
    match func {
        CompareFunc::Never => Comparison::Never,
        CompareFunc::Less => Comparison::Less,
        CompareFunc::Equal => Comparison::Equal,
        CompareFunc::LessEqual => Comparison::LessOrEqual,
        CompareFunc::Greater => Comparison::Greater,
        CompareFunc::NotEqual => Comparison::NotEqual,
        CompareFunc::GreaterEqual => Comparison::GreaterOrEqual,
        CompareFunc::Always => Comparison::Always,
    }
}

impl State {
    /// What a stage was given.
    pub(crate) fn stage(&self, stage: ShaderStage) -> &StageState {
        let [vertex, fragment, geometry, control, evaluation, compute] = &self.stages;
        match stage {
            ShaderStage::Vertex => vertex,
            ShaderStage::Fragment => fragment,
            ShaderStage::Geometry => geometry,
            ShaderStage::TessCtrl => control,
            ShaderStage::TessEval => evaluation,
            ShaderStage::Compute => compute,
        }
    }

    pub(crate) fn stage_mut(&mut self, stage: ShaderStage) -> &mut StageState {
        let [vertex, fragment, geometry, control, evaluation, compute] = &mut self.stages;
        match stage {
            ShaderStage::Vertex => vertex,
            ShaderStage::Fragment => fragment,
            ShaderStage::Geometry => geometry,
            ShaderStage::TessCtrl => control,
            ShaderStage::TessEval => evaluation,
            ShaderStage::Compute => compute,
        }
    }
}
