//! Shader objects, their text in chunks, and the GLSL that is made of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use hashbrown::HashMap;
use host_gl::{Current, ShaderKind, enums as gl};
use shader::back::glsl::{self, Bindings, Capture, Interface, Key, Program, StreamOutput};
use shader::front::tgsi;
use shader::ir::{File, NumericProperty, Primitive, Property};
use shader::valid::Valid;
use wire_virgl::{Chunk, ObjectId, ShaderExtra, ShaderStage};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::limits::{MAX_TEXTS, MAX_VARIANTS};
use crate::sub_context::Dirty;

/// A shader of the guest's.
#[derive(Debug)]
pub(crate) struct ShaderObject {
    /// Unique in the process; never 0.
    pub(crate) id: u64,
    pub(crate) stage: ShaderStage,
    pub(crate) valid: Valid,
    pub(crate) interface: Interface,
    pub(crate) usage: Usage,
    pub(crate) stream_output: StreamOutput,
    pub(crate) shared_bytes: u32,
    /// What GLSL was made of it so far.
    variants: Mutex<Variants>,
}

/// The GLSL of a shader by key.
#[derive(Debug, Default)]
struct Variants {
    made: HashMap<Key, Arc<Variant>>,
    /// What the last draw took: most draws take it again, and comparing a key is a good deal
    /// less than hashing it.
    last: Option<(Key, Arc<Variant>)>,
}

/// A shader's GLSL for one key.
#[derive(Debug)]
pub(crate) struct Variant {
    /// Unique in the process.
    pub(crate) id: u64,
    pub(crate) text: Program,
    stage: ShaderStage,
    /// Compiled with the first wish: a program that is on disk needs it not.
    shader: OnceLock<host_gl::Shader>,
}

/// The variants of a sub-context by their texts: guests make the same shader again and again,
/// Mesa's driver one to link it and another to draw with it.
#[derive(Debug, Default)]
pub(crate) struct Texts(HashMap<(blake3::Hash, Bindings), Weak<Variant>>);

impl Texts {
    /// The variant with this text, if one is in use, or a new one.
    pub(crate) fn variant(
        &mut self,
        stage: ShaderStage,
        bindings: Bindings,
        text: Program,
    ) -> Arc<Variant> {
        let key = (blake3::hash(text.text.as_bytes()), bindings);
        let known = self.0.get(&key).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| known.text == text) {
            return known;
        }
        if self.0.len() >= MAX_TEXTS {
            self.0.retain(|_, variant| variant.strong_count() > 0);
        }
        if self.0.len() >= MAX_TEXTS {
            self.0.clear();
        }
        let variant = Arc::new(Variant {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            text,
            stage,
            shader: OnceLock::new(),
        });
        self.0.insert(key, Arc::downgrade(&variant));
        variant
    }
}

impl Variant {
    /// The text, compiled.
    pub(crate) fn compiled(&self, current: &Current<'_>) -> Result<&host_gl::Shader> {
        if let Some(shader) = self.shader.get() {
            return Ok(shader);
        }
        let text = &self.text.text;
        let shader = current
            .compile(kind_of(self.stage), text)
            .inspect_err(|error| {
                tracing::debug!("the driver refuses a shader: {error}\n{text}");
            })?;
        Ok(self.shader.get_or_init(|| shader))
    }
}

/// How many of each a shader names at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) images: u16,
    pub(crate) storage: u16,
}

/// A text of which more is to come.
#[derive(Debug)]
pub(crate) struct LongText {
    id: ObjectId,
    stage: ShaderStage,
    extra: ShaderExtra,
    total: usize,
    text: Vec<u8>,
}

/// The next id of a shader or a variant.
static IDS: AtomicU64 = AtomicU64::new(1);

impl ShaderObject {
    fn new(stage: ShaderStage, text: &[u8], extra: &ShaderExtra) -> Result<Self> {
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = str::from_utf8(text).map_err(|_| Error::Misbehaved("a shader is no text"))?;
        let refuse = |error: shader::Error| {
            tracing::debug!("a shader is refused: {error}\n{text}");
            Error::Shader(error.to_string())
        };
        let valid = Valid::new(tgsi::parse(text).map_err(refuse)?.shader).map_err(refuse)?;
        if valid.shader().stage != stage_of(stage) {
            return Err(Error::Misbehaved("a shader's text is for another stage"));
        }
        let (stream_output, shared_bytes) = match extra {
            ShaderExtra::StreamOutput(output) => (captures(output.as_ref())?, 0),
            ShaderExtra::SharedMemory(bytes) => (StreamOutput::default(), *bytes),
        };
        Ok(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            stage,
            interface: Interface::new(&valid),
            usage: usage(&valid),
            valid,
            stream_output,
            shared_bytes,
            variants: Mutex::default(),
        })
    }

    /// The GLSL for a key, written with the first wish.
    pub(crate) fn variant(
        &self,
        texts: &mut Texts,
        target: &glsl::Target,
        key: Key,
    ) -> Result<Arc<Variant>> {
        let mut variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, variant)) = &variants.last
            && *last == key
        {
            return Ok(Arc::clone(variant));
        }
        if let Some(variant) = variants.made.get(&key) {
            let variant = Arc::clone(variant);
            variants.last = Some((key, Arc::clone(&variant)));
            return Ok(variant);
        }
        let text = glsl::write(&self.valid, target, &key);
        let text = text.map_err(|error| Error::Shader(error.to_string()))?;
        tracing::trace!("a shader for {:?}:\n{}", self.stage, text.text);
        if variants.made.len() >= MAX_VARIANTS {
            variants.made.clear();
        }
        let variant = texts.variant(self.stage, key.bindings, text);
        variants.last = Some((key.clone(), Arc::clone(&variant)));
        variants.made.insert(key, Arc::clone(&variant));
        Ok(variant)
    }
}

fn captures(output: Option<&wire_virgl::StreamOutput>) -> Result<StreamOutput> {
    let Some(output) = output else {
        return Ok(StreamOutput::default());
    };
    let stride = |words| u16::try_from(words).map_err(|_| Error::Misbehaved("a stream's stride"));
    let [a, b, c, d] = output.strides;
    let captures = output.outputs.iter().map(|one| Capture {
        register: one.register.into(),
        first: one.start_component,
        components: one.num_components,
        buffer: one.buffer,
        offset: one.dst_offset,
        stream: one.stream,
    });
    Ok(StreamOutput {
        strides: [stride(a)?, stride(b)?, stride(c)?, stride(d)?],
        captures: captures.collect(),
    })
}

fn usage(valid: &Valid) -> Usage {
    let count = |file: File| {
        let declarations = valid.shader().declarations.iter();
        let named = declarations.filter(|one| one.file == file);
        named
            .map(|one| one.last.saturating_add(1))
            .max()
            .unwrap_or(0)
    };
    let buffers = valid.shader().declarations.iter();
    let buffers = buffers.filter(|one| one.file == File::Buffer);
    // The lowest is the stage's first.
    let first_buffer = buffers.map(|one| one.first).min();
    Usage {
        images: count(File::Image),
        storage: count(File::Buffer).saturating_sub(first_buffer.unwrap_or(0)),
    }
}

const fn kind_of(stage: ShaderStage) -> ShaderKind {
    match stage {
        ShaderStage::Vertex => ShaderKind::Vertex,
        ShaderStage::Fragment => ShaderKind::Fragment,
        ShaderStage::Geometry => ShaderKind::Geometry,
        ShaderStage::TessCtrl => ShaderKind::TessControl,
        ShaderStage::TessEval => ShaderKind::TessEvaluation,
        ShaderStage::Compute => ShaderKind::Compute,
    }
}

const fn stage_of(stage: ShaderStage) -> shader::ir::Stage {
    use shader::ir::Stage as S;
    match stage {
        ShaderStage::Vertex => S::Vertex,
        ShaderStage::Fragment => S::Fragment,
        ShaderStage::Geometry => S::Geometry,
        ShaderStage::TessCtrl => S::TessControl,
        ShaderStage::TessEval => S::TessEvaluation,
        ShaderStage::Compute => S::Compute,
    }
}

impl Scope<'_> {
    /// A shader's text, or a part of one. None until it is whole.
    pub(crate) fn new_shader(
        &mut self,
        id: ObjectId,
        new: &wire_virgl::Shader<'_>,
    ) -> Result<Option<ShaderObject>> {
        let text = *new.text.as_inner();
        let long = match new.chunk {
            Chunk::First { total } if total as usize <= text.len() => {
                return ShaderObject::new(new.stage, text, &new.extra).map(Some);
            }
            Chunk::First { total } => LongText {
                id,
                stage: new.stage,
                extra: new.extra.clone(),
                total: total as usize,
                text: text.to_vec(),
            },
            Chunk::Continuation { offset } => {
                let long = self.state.long_text.take();
                let fits = |long: &LongText| {
                    long.id == id && long.stage == new.stage && long.text.len() == offset as usize
                };
                let mut long = long
                    .filter(fits)
                    .ok_or(Error::Misbehaved("a shader's chunk"))?;
                long.text.extend_from_slice(text);
                long
            }
        };
        if long.text.len() < long.total {
            self.state.long_text = Some(long);
            return Ok(None);
        }
        ShaderObject::new(long.stage, &long.text, &long.extra).map(Some)
    }

    pub(crate) fn bind_shader(&mut self, id: Option<ObjectId>, stage: ShaderStage) -> Result<()> {
        let shader = id
            .map(|id| self.state.objects.shader(id))
            .transpose()?
            .map(Arc::clone);
        if shader.as_ref().is_some_and(|shader| shader.stage != stage) {
            return Err(Error::Misbehaved("a shader is of another stage"));
        }
        self.state.stage_mut(stage).shader = shader;
        self.state.dirty |= Dirty::SHADERS;
        Ok(())
    }
}

impl ShaderObject {
    /// What the shader makes of primitives, if it makes its own: `GL_POINTS`, `GL_LINES` or
    /// `GL_TRIANGLES`.
    pub(crate) fn primitive(&self) -> Option<u32> {
        /// `PIPE_PRIM_LINES`
        const LINES: u32 = 1;
        let properties = self.valid.shader().properties.iter();
        let made = properties.filter_map(|property| match *property {
            Property::GsOutputPrimitive(Primitive::Points) => Some(gl::POINTS),
            Property::GsOutputPrimitive(Primitive::LineStrip) => Some(gl::LINES),
            Property::GsOutputPrimitive(_) => Some(gl::TRIANGLES),
            Property::Number(NumericProperty::TesPointMode, 1..) => Some(gl::POINTS),
            Property::Number(NumericProperty::TesPrimMode, LINES) => Some(gl::LINES),
            Property::Number(NumericProperty::TesPrimMode, _) => Some(gl::TRIANGLES),
            _ => None,
        });
        // Points are points whatever the mode.
        made.min()
    }
}
