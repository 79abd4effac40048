//! Programs: which text each bound shader takes, how they are linked, and what they are given.

mod control;
mod give;
mod key;
mod link;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use host_gl::{Caps, Program, enums as gl};
use shader::back::glsl::{Bindings, Extensions, Target, Version};
use wire_virgl::{ConstantBuffer, ObjectId, PrimitiveMode, ShaderStage, UniformBuffer};

use self::give::{give_constants, give_resources};
pub(crate) use self::key::colors_of;

use self::key::bindings;
use self::link::{Places, Told, link};
use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::image::{BufferPart, Image};
use crate::limits::MAX_PROGRAMS;
use crate::resource::Resource;
use crate::sampler::{SamplerView, Samplers};
use crate::shader::{ShaderObject, Texts, Usage, Variant};
use crate::sub_context::{Dirty, State};

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
    /// Of what samplers add to the level of detail, by number.
    biases: Vec<(u16, Told)>,
    /// Of what it was given last.
    version: AtomicU64,
}

/// The programs of a sub-context by their variants' ids.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    linked: HashMap<Vec<u64>, Arc<Linked>>,
    /// Those that were found by the shaders that are bound, since what their text depends on
    /// changed last. Programs change more often than that.
    found: HashMap<([u64; PIPELINE.len()], Kind), Arc<Linked>>,
    texts: Texts,
    /// What the last draw used, and what it drew.
    current: Option<(Arc<Linked>, Kind)>,
    version: u64,
}

/// What is rasterised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
        let is_dirty = self.state.dirty.intersects(Dirty::PROGRAM | Dirty::SHADERS);
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
                give_resources(self.gl, &linked.program, stage, given, &self.state.counters)?;
            }
        }
        self.give_state(&linked);
        Ok(())
    }

    /// The same for a dispatch.
    pub(crate) fn apply_compute(&mut self, shader: &Arc<ShaderObject>) -> Result<Arc<Linked>> {
        let language = self.host.language;
        let key = self.compute_key(shader);
        let bindings = key.bindings;
        let texts = &mut self.state.programs.texts;
        let variant = shader.variant(texts, &language.target, key)?;
        let linked = self.linked(vec![(ShaderStage::Compute, variant, bindings)])?;
        self.gl.use_program(Some(&linked.program));
        let given = self.state.stage(ShaderStage::Compute);
        for stage in &linked.stages {
            give_constants(self.gl, &linked.program, stage, given);
            give_resources(self.gl, &linked.program, stage, given, &self.state.counters)?;
        }
        Ok(linked)
    }

    fn find_program(&mut self, kind: Kind) -> Result<Arc<Linked>> {
        if self.state.dirty.contains(Dirty::PROGRAM) {
            self.state.programs.found.clear();
        }
        let shader = |stage| self.state.stage(stage).shader.as_ref();
        let ids = PIPELINE.map(|stage| shader(stage).map_or(0, |shader| shader.id));
        if let Some(linked) = self.state.programs.found.get(&(ids, kind)) {
            return Ok(Arc::clone(linked));
        }
        let bound: Vec<_> = PIPELINE.into_iter().filter_map(shader).cloned().collect();
        let linked = self.program_of(&bound, kind)?;
        let found = &mut self.state.programs.found;
        if found.len() >= MAX_PROGRAMS {
            found.clear();
        }
        found.insert((ids, kind), Arc::clone(&linked));
        Ok(linked)
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
            let through = self.goes_through_control(bound, index, &mut key);
            key.bindings = bindings(shader.stage, before, &language);
            before.images = before.images.saturating_add(shader.usage.images);
            before.storage = before.storage.saturating_add(shader.usage.storage);
            let bindings = key.bindings;
            let texts = &mut self.state.programs.texts;
            let variant = shader.variant(texts, &language.target, key)?;
            variants.push((shader.stage, variant, bindings));
            if let Some(key) = through {
                variants.push(self.control(&key)?);
            }
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
            self.state.programs.found.clear();
        }
        self.state.programs.linked.insert(ids, Arc::clone(&linked));
        self.stats.pipelines = self.stats.pipelines.saturating_add(1);
        Ok(linked)
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
