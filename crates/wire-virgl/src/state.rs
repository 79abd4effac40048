//! State that is set at once, without an object.

use wire::{ParseError, Reader, Writer};

use crate::codec::{
    Wire, check_limit, encode_all, flag_words, halves, numbers, parse_slots, payload, word_of,
};
use crate::enums::ShaderStage;
use crate::ids::{FormatNumber, ObjectId, ResourceId};
use crate::limits::{
    MAX_ATOMIC_BUFFERS, MAX_ATTRIBS, MAX_COLOR_BUFS, MAX_CONSTANT_BUFFERS, MAX_SAMPLER_VIEWS,
    MAX_SAMPLERS, MAX_SHADER_BUFFERS, MAX_SHADER_IMAGES, MAX_STREAMOUT_TARGETS, MAX_VIEWPORTS,
};

/// Values for slots from `start` on; all of them are below the command's limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Slots<T> {
    /// The first slot.
    pub start: u32,
    /// One a slot.
    pub values: Vec<T>,
}

/// Values for slots of one shader stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageSlots<T> {
    /// The stage.
    pub stage: ShaderStage,
    /// The slots.
    pub slots: Slots<T>,
}

payload! {
    /// From clip space to the window (`VIRGL_SET_VIEWPORT_STATE_*`).
    pub struct Viewport {
        /// Multiplied by, in x, y and z.
        pub scale: [f32; 3],
        /// Added then, in x, y and z.
        pub translate: [f32; 3],
    }

    /// A buffer that vertices come from (`VIRGL_SET_VERTEX_BUFFER_*`).
    pub struct VertexBuffer {
        /// Bytes from vertex to vertex.
        pub stride: u32,
        /// Bytes into the resource.
        pub offset: u32,
        /// The buffer; none leaves the slot empty.
        pub resource: Option<ResourceId>,
    }

    /// A part of a buffer that shaders write to: storage or atomic counters
    /// (`VIRGL_SET_SHADER_BUFFER_*`, `VIRGL_SET_ATOMIC_BUFFER_*`).
    pub struct BufferSlot {
        /// Bytes into the resource.
        pub offset: u32,
        /// In bytes.
        pub length: u32,
        /// The buffer; none empties the slot.
        pub resource: Option<ResourceId>,
    }

    /// A resource that shaders load from and store to (`VIRGL_SET_SHADER_IMAGE_*`).
    pub struct ImageView {
        /// How texels are read and written.
        pub format: FormatNumber,
        /// What shaders do.
        pub access: ImageAccess,
        /// Which part.
        pub range: ImageRange,
        /// Of what; none empties the slot.
        pub resource: Option<ResourceId>,
    }

    /// A part of a buffer that shaders read (`VIRGL_SET_UNIFORM_BUFFER_*`).
    pub struct UniformBuffer {
        /// The stage.
        pub stage: ShaderStage,
        /// The slot, below [`MAX_CONSTANT_BUFFERS`].
        pub index: UniformIndex,
        /// Bytes into the resource.
        pub offset: u32,
        /// In bytes.
        pub length: u32,
        /// The buffer; none empties the slot.
        pub resource: Option<ResourceId>,
    }

    /// Tessellation without a control shader (`VIRGL_TESS_STATE_SIZE`).
    pub struct TessState {
        /// The outer levels.
        pub outer: [f32; 4],
        /// The inner levels.
        pub inner: [f32; 2],
    }

    /// A work-around that the guest asks for (`VIRGL_SET_TWEAKS_*`).
    pub struct Tweak {
        /// Which.
        pub id: TweakId,
        /// Its parameter: 0 is off, where it is a switch.
        pub value: u32,
    }
}

numbers! {
    /// A work-around for a program (`enum vrend_tweak_type` in `virgl_protocol.h`).
    pub enum TweakId "tweak" {
        0 GlesBgraEmulate "virgl_tweak_gles_brga_emulate",
        1 GlesBgraApplyDestSwizzle "virgl_tweak_gles_brga_apply_dest_swizzle",
        2 GlesTf3SamplesPassedFactor "virgl_tweak_gles_tf3_samples_passes_multiplier",
    }

    /// Bytes of an index.
    pub enum IndexSize "index size" {
        1 U8 "1",
        2 U16 "2",
        4 U32 "4",
    }
}

bitflags::bitflags! {
    /// What shaders do with an image (`PIPE_IMAGE_ACCESS_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct ImageAccess: u32 {
        /// They load.
        const READ = 1;
        /// They store.
        const WRITE = 2;
    }
}

flag_words! { ImageAccess, }

/// The slot of a uniform buffer, below [`MAX_CONSTANT_BUFFERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniformIndex(u32);

impl UniformIndex {
    /// The slot with this number, if there is one.
    pub const fn new(number: u32) -> Option<Self> {
        match number < MAX_CONSTANT_BUFFERS {
            true => Some(Self(number)),
            false => None,
        }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl Wire for UniformIndex {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        check_limit("uniform buffer", reader.u32()?, MAX_CONSTANT_BUFFERS - 1).map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.0);
    }
}

/// The part of a resource that an image shows. As with sampler views, the stream does not
/// tell buffers from textures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageRange([u32; 2]);

impl ImageRange {
    /// Bytes `offset` and `size` of a buffer.
    pub const fn of_buffer(offset: u32, size: u32) -> Self {
        Self([offset, size])
    }

    /// Layers, first and last, of one mip level of a texture.
    pub const fn of_texture(layers: (u16, u16), level: u8) -> Self {
        Self([word_of(layers), level as u32])
    }

    /// If the resource is a buffer: offset and size in bytes.
    pub const fn as_buffer(self) -> (u32, u32) {
        let Self([offset, size]) = self;
        (offset, size)
    }

    /// If the resource is a texture: the first and the last layer, and the mip level. The
    /// guest copies the level's word out of a C union, and only its low byte is the level.
    pub const fn as_texture(self) -> ((u16, u16), u8) {
        let Self([layers, level]) = self;
        (halves(layers), level as u8)
    }
}

impl Wire for ImageRange {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Wire::parse(reader).map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
}

/// What is drawn to (`VIRGL_SET_FRAMEBUFFER_STATE_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framebuffer {
    /// The depth-stencil surface.
    pub depth_stencil: Option<ObjectId>,
    /// The colour surfaces, at most [`MAX_COLOR_BUFS`]; some may be missing.
    pub color: Vec<Option<ObjectId>>,
}

impl Framebuffer {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let count = check_limit("colour buffers", reader.u32()?, MAX_COLOR_BUFS)?;
        let depth_stencil = Wire::parse(reader)?;
        let color = (0..count).map(|_| Wire::parse(reader));
        Ok(Self {
            depth_stencil,
            color: color.collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer.u32(u32::try_from(self.color.len()).unwrap_or(u32::MAX));
        self.depth_stencil.encode(writer);
        encode_all(&self.color, writer);
    }
}

/// The size of a framebuffer without attachments
/// (`VIRGL_SET_FRAMEBUFFER_STATE_NO_ATTACH_*`). Mesa sends it beside every framebuffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramebufferNoAttach {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// In layers.
    pub layers: u16,
    /// Samples a pixel.
    pub samples: u8,
}

impl Wire for FramebufferNoAttach {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let (width, height) = halves(reader.u32()?);
        let (layers, samples) = halves(reader.u32()?);
        Ok(Self {
            width,
            height,
            layers,
            samples: samples as u8,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer
            .u32(word_of((self.width, self.height)))
            .u32(word_of((self.layers, self.samples.into())));
    }
}

/// A rectangle outside of which nothing is drawn (`VIRGL_SET_SCISSOR_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scissor {
    /// The left and top edges, in pixels.
    pub min: (u16, u16),
    /// The right and bottom edges, in pixels, themselves outside.
    pub max: (u16, u16),
}

impl Wire for Scissor {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            min: halves(reader.u32()?),
            max: halves(reader.u32()?),
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(word_of(self.min)).u32(word_of(self.max));
    }
}

/// Where indices come from (`VIRGL_SET_INDEX_BUFFER_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexBuffer {
    /// The buffer.
    pub resource: ResourceId,
    /// Of one index.
    pub index_size: IndexSize,
    /// Bytes into the resource.
    pub offset: u32,
}

impl IndexBuffer {
    /// One word, or three; without a resource there is no index buffer.
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Option<Self>, ParseError> {
        let resource: Option<ResourceId> = Wire::parse(reader)?;
        let Some(resource) = resource else {
            let rest = if reader.remaining() > 0 { 8 } else { 0 };
            reader.skip(rest)?;
            return Ok(None);
        };
        Ok(Some(Self {
            resource,
            index_size: Wire::parse(reader)?,
            offset: reader.u32()?,
        }))
    }

    pub(crate) fn encode(this: Option<&Self>, writer: &mut Writer) {
        let Some(buffer) = this else {
            writer.u32(0);
            return;
        };
        buffer.resource.encode(writer);
        buffer.index_size.encode(writer);
        writer.u32(buffer.offset);
    }
}

/// Constants in the command itself (`VIRGL_SET_CONSTANT_BUFFER_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConstantBuffer<'a> {
    /// The stage.
    pub stage: ShaderStage,
    /// Sent, and without a meaning: there is one such buffer a stage.
    pub index: u32,
    /// Whole words of data; empty takes the buffer away.
    pub data: &'a [u8],
}

impl<'a> ConstantBuffer<'a> {
    pub(crate) fn parse(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        Ok(Self {
            stage: Wire::parse(reader)?,
            index: reader.u32()?,
            data: reader.bytes(reader.remaining())?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.stage.encode(writer);
        writer.u32(self.index).bytes(self.data);
    }
}

/// Where output streams to (`VIRGL_SET_STREAMOUT_TARGETS_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamoutTargets {
    /// Targets that go on where they were, one a bit.
    pub append: u32,
    /// The targets, at most [`MAX_STREAMOUT_TARGETS`]; some may be missing.
    pub targets: Vec<Option<ObjectId>>,
}

impl StreamoutTargets {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            append: reader.u32()?,
            targets: parse_slots(reader, "stream-output targets", 0, MAX_STREAMOUT_TARGETS)?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer.u32(self.append);
        encode_all(&self.targets, writer);
    }
}

/// What stencil values are compared with (`VIRGL_STENCIL_REF_VAL`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StencilRef {
    /// For front faces.
    pub front: u8,
    /// For back faces.
    pub back: u8,
}

impl Wire for StencilRef {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let [front, back, _, _] = reader.array()?;
        Ok(Self { front, back })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&[self.front, self.back, 0, 0]);
    }
}

impl<T> Slots<T> {
    fn parse(reader: &mut Reader<'_>, what: &'static str, limit: u32) -> Result<Self, ParseError>
    where
        T: Wire,
    {
        let start = reader.u32()?;
        let values = parse_slots(reader, what, start, limit)?;
        Ok(Self { start, values })
    }

    pub(crate) fn encode(&self, writer: &mut Writer)
    where
        T: Wire,
    {
        writer.u32(self.start);
        encode_all(&self.values, writer);
    }
}

impl<T> StageSlots<T> {
    fn parse(reader: &mut Reader<'_>, what: &'static str, limit: u32) -> Result<Self, ParseError>
    where
        T: Wire,
    {
        Ok(Self {
            stage: Wire::parse(reader)?,
            slots: Slots::parse(reader, what, limit)?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer)
    where
        T: Wire,
    {
        self.stage.encode(writer);
        self.slots.encode(writer);
    }
}

pub(crate) fn viewports(reader: &mut Reader<'_>) -> Result<Slots<Viewport>, ParseError> {
    Slots::parse(reader, "viewports", MAX_VIEWPORTS)
}

pub(crate) fn scissors(reader: &mut Reader<'_>) -> Result<Slots<Scissor>, ParseError> {
    Slots::parse(reader, "scissors", MAX_VIEWPORTS)
}

pub(crate) fn vertex_buffers(reader: &mut Reader<'_>) -> Result<Vec<VertexBuffer>, ParseError> {
    parse_slots(reader, "vertex buffers", 0, MAX_ATTRIBS)
}

pub(crate) fn sampler_views(
    reader: &mut Reader<'_>,
) -> Result<StageSlots<Option<ObjectId>>, ParseError> {
    StageSlots::parse(reader, "sampler views", MAX_SAMPLER_VIEWS)
}

pub(crate) fn sampler_states(
    reader: &mut Reader<'_>,
) -> Result<StageSlots<Option<ObjectId>>, ParseError> {
    StageSlots::parse(reader, "sampler states", MAX_SAMPLERS)
}

pub(crate) fn shader_buffers(
    reader: &mut Reader<'_>,
) -> Result<StageSlots<BufferSlot>, ParseError> {
    StageSlots::parse(reader, "shader buffers", MAX_SHADER_BUFFERS)
}

pub(crate) fn shader_images(reader: &mut Reader<'_>) -> Result<StageSlots<ImageView>, ParseError> {
    StageSlots::parse(reader, "shader images", MAX_SHADER_IMAGES)
}

pub(crate) fn atomic_buffers(reader: &mut Reader<'_>) -> Result<Slots<BufferSlot>, ParseError> {
    Slots::parse(reader, "atomic buffers", MAX_ATOMIC_BUFFERS)
}
