//! One command, whole.

use wire::{Guest, ParseError, Reader, Writer};

use crate::codec::{Wire, encode_all};
use crate::draw::{
    Clear, ClearSurface, ClearTexture, DrawVbo, LaunchGrid, MemoryBarrier, TextureBarrier,
};
use crate::enums::ShaderStage;
use crate::header::{CommandId, Header};
use crate::ids::{ObjectId, ResourceId, SubContextId, VideoBufferId, VideoCodecId};
use crate::limits::MAX_PAYLOAD_WORDS;
use crate::object::{self, BindableType, Object, ObjectType};
use crate::query::{GetQueryResult, GetQueryResultQbo, RenderCondition};
use crate::resource::{GetPipeResourceLayout, PipeResourceCreate, PipeResourceSetType};
use crate::state::{
    self, BufferSlot, ConstantBuffer, Framebuffer, FramebufferNoAttach, ImageView, IndexBuffer,
    Scissor, Slots, StageSlots, StencilRef, StreamoutTargets, TessState, Tweak, UniformBuffer,
    VertexBuffer, Viewport,
};
use crate::text;
use crate::transfer::{Blit, CopyTransfer3d, InlineWrite, ResourceCopyRegion, Transfer3d};
use crate::video::{
    CreateVideoBuffer, CreateVideoCodec, DecodeBitstream, EncodeBitstream, VideoFrame,
};

/// Clip planes with four coefficients each.
pub type ClipPlanes = [[f32; 4]; 8];

/// What a guest asks of a context. One variant a [`CommandId`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command<'a> {
    /// Nothing. Its payload has no meaning and is passed over.
    Nop,
    /// A new object with its id.
    CreateObject(ObjectId, Object<'a>),
    /// The object of a type to use; none for none.
    BindObject(BindableType, Option<ObjectId>),
    /// The end of an object. The type is the guest's word; an id of 0 ends nothing.
    DestroyObject(ObjectType, Option<ObjectId>),
    /// Viewports.
    SetViewportState(Slots<Viewport>),
    /// What is drawn to.
    SetFramebufferState(Framebuffer),
    /// All vertex buffers, from slot 0 on; later slots become empty.
    SetVertexBuffers(Vec<VertexBuffer>),
    /// The framebuffer in one value.
    Clear(Clear),
    /// A draw.
    DrawVbo(DrawVbo),
    /// Pixels in the command itself.
    ResourceInlineWrite(InlineWrite<'a>),
    /// Sampler views of a stage.
    SetSamplerViews(StageSlots<Option<ObjectId>>),
    /// Where indices come from.
    SetIndexBuffer(Option<IndexBuffer>),
    /// Constants of a stage.
    SetConstantBuffer(ConstantBuffer<'a>),
    /// What stencil values are compared with.
    SetStencilRef(StencilRef),
    /// The constant colour of blending.
    SetBlendColor([f32; 4]),
    /// Scissors.
    SetScissorState(Slots<Scissor>),
    /// A copy that may scale, convert, resolve and mirror.
    Blit(Box<Blit>),
    /// A copy without conversion.
    ResourceCopyRegion(ResourceCopyRegion),
    /// Sampler states of a stage.
    BindSamplerStates(StageSlots<Option<ObjectId>>),
    /// The start of counting.
    BeginQuery(ObjectId),
    /// The end of counting.
    EndQuery(ObjectId),
    /// A wish for a result.
    GetQueryResult(GetQueryResult),
    /// The pattern of stippled polygons, a row a word.
    SetPolygonStipple(Box<[u32; 32]>),
    /// The clip planes, four coefficients each.
    SetClipState(Box<ClipPlanes>),
    /// Samples that are drawn, one a bit.
    SetSampleMask(u32),
    /// Where output streams to.
    SetStreamoutTargets(StreamoutTargets),
    /// Draw only if.
    SetRenderCondition(RenderCondition),
    /// A uniform buffer of a stage.
    SetUniformBuffer(UniformBuffer),
    /// The sub-context that later commands are for.
    SetSubCtx(SubContextId),
    /// A new sub-context.
    CreateSubCtx(SubContextId),
    /// The end of a sub-context.
    DestroySubCtx(SubContextId),
    /// The shader of a stage.
    BindShader(Option<ObjectId>, ShaderStage),
    /// Tessellation without a control shader.
    SetTessState(TessState),
    /// Samples that are shaded at least.
    SetMinSamples(u32),
    /// Shader storage of a stage.
    SetShaderBuffers(StageSlots<BufferSlot>),
    /// Images of a stage.
    SetShaderImages(StageSlots<ImageView>),
    /// Earlier writes become visible.
    MemoryBarrier(MemoryBarrier),
    /// Compute.
    LaunchGrid(LaunchGrid),
    /// The size of a framebuffer without attachments.
    SetFramebufferStateNoAttach(FramebufferNoAttach),
    /// What was drawn becomes readable.
    TextureBarrier(TextureBarrier),
    /// Atomic counters.
    SetAtomicBuffers(Slots<BufferSlot>),
    /// Names of logs that the guest would like, without their zero byte.
    SetDebugFlags(Guest<&'a [u8]>),
    /// A wish for a result in a buffer.
    GetQueryResultQbo(GetQueryResultQbo),
    /// Pixels between a resource and its backing.
    Transfer3d(Transfer3d),
    /// The end of the transfers in front of a stream. Its payload is padding and passed over.
    EndTransfers,
    /// Pixels between a resource and another one's backing.
    CopyTransfer3d(CopyTransfer3d),
    /// A work-around.
    SetTweaks(Tweak),
    /// A part of a texture in one value.
    ClearTexture(ClearTexture),
    /// A resource that a blob is made of later.
    PipeResourceCreate(PipeResourceCreate),
    /// What an untyped resource is.
    PipeResourceSetType(PipeResourceSetType),
    /// A wish for `struct virgl_memory_info`, in this resource.
    GetMemoryInfo(ResourceId),
    /// A text for debuggers.
    SendStringMarker(Guest<&'a [u8]>),
    /// Shaders that will be used together, by [`ShaderStage`] number.
    LinkShader([Option<ObjectId>; 6]),
    /// A new codec session.
    CreateVideoCodec(CreateVideoCodec),
    /// The end of a codec session.
    DestroyVideoCodec(VideoCodecId),
    /// A new picture.
    CreateVideoBuffer(CreateVideoBuffer),
    /// The end of a picture.
    DestroyVideoBuffer(VideoBufferId),
    /// The start of a picture.
    BeginFrame(VideoFrame),
    /// Never given a payload; one is passed over.
    DecodeMacroblock,
    /// A picture to decode.
    DecodeBitstream(DecodeBitstream),
    /// A picture to encode.
    EncodeBitstream(EncodeBitstream),
    /// The end of a picture.
    EndFrame(VideoFrame),
    /// A part of a surface in one value.
    ClearSurface(ClearSurface),
    /// A wish for a resource's layout.
    GetPipeResourceLayout(GetPipeResourceLayout),
}

/// A command is longer than its header can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload is {words} words, the limit is {MAX_PAYLOAD_WORDS}")]
pub struct TooLong {
    /// Words of payload.
    pub words: usize,
}

impl<'a> Command<'a> {
    /// Parses what follows a header, neither more nor less.
    pub fn parse(header: Header, payload: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(payload);
        let command = Self::parse_payload(header, &mut reader)?;
        reader.finish()?;
        Ok(command)
    }

    /// Appends header and payload; nothing if it fails.
    ///
    /// # Errors
    /// The payload is longer than a command can be.
    pub fn encode(&self, writer: &mut Writer) -> Result<(), TooLong> {
        let mut payload = Writer::new();
        self.encode_payload(&mut payload);
        let words = payload.len().div_ceil(4);
        let header = Header {
            command: self.id(),
            object: self.object_number(),
            words: u16::try_from(words).map_err(|_| TooLong { words })?,
        };
        header.encode(writer);
        let padding = payload.len().wrapping_neg() % 4;
        writer.bytes(payload.as_bytes()).zeros(padding);
        Ok(())
    }

    /// The command's number.
    pub const fn id(&self) -> CommandId {
        match self {
            Self::Nop => CommandId::Nop,
            Self::CreateObject(..) => CommandId::CreateObject,
            Self::BindObject(..) => CommandId::BindObject,
            Self::DestroyObject(..) => CommandId::DestroyObject,
            Self::SetViewportState(_) => CommandId::SetViewportState,
            Self::SetFramebufferState(_) => CommandId::SetFramebufferState,
            Self::SetVertexBuffers(_) => CommandId::SetVertexBuffers,
            Self::Clear(_) => CommandId::Clear,
            Self::DrawVbo(_) => CommandId::DrawVbo,
            Self::ResourceInlineWrite(_) => CommandId::ResourceInlineWrite,
            Self::SetSamplerViews(_) => CommandId::SetSamplerViews,
            Self::SetIndexBuffer(_) => CommandId::SetIndexBuffer,
            Self::SetConstantBuffer(_) => CommandId::SetConstantBuffer,
            Self::SetStencilRef(_) => CommandId::SetStencilRef,
            Self::SetBlendColor(_) => CommandId::SetBlendColor,
            Self::SetScissorState(_) => CommandId::SetScissorState,
            Self::Blit(_) => CommandId::Blit,
            Self::ResourceCopyRegion(_) => CommandId::ResourceCopyRegion,
            Self::BindSamplerStates(_) => CommandId::BindSamplerStates,
            Self::BeginQuery(_) => CommandId::BeginQuery,
            Self::EndQuery(_) => CommandId::EndQuery,
            Self::GetQueryResult(_) => CommandId::GetQueryResult,
            Self::SetPolygonStipple(_) => CommandId::SetPolygonStipple,
            Self::SetClipState(_) => CommandId::SetClipState,
            Self::SetSampleMask(_) => CommandId::SetSampleMask,
            Self::SetStreamoutTargets(_) => CommandId::SetStreamoutTargets,
            Self::SetRenderCondition(_) => CommandId::SetRenderCondition,
            Self::SetUniformBuffer(_) => CommandId::SetUniformBuffer,
            Self::SetSubCtx(_) => CommandId::SetSubCtx,
            Self::CreateSubCtx(_) => CommandId::CreateSubCtx,
            Self::DestroySubCtx(_) => CommandId::DestroySubCtx,
            Self::BindShader(..) => CommandId::BindShader,
            Self::SetTessState(_) => CommandId::SetTessState,
            Self::SetMinSamples(_) => CommandId::SetMinSamples,
            Self::SetShaderBuffers(_) => CommandId::SetShaderBuffers,
            Self::SetShaderImages(_) => CommandId::SetShaderImages,
            Self::MemoryBarrier(_) => CommandId::MemoryBarrier,
            Self::LaunchGrid(_) => CommandId::LaunchGrid,
            Self::SetFramebufferStateNoAttach(_) => CommandId::SetFramebufferStateNoAttach,
            Self::TextureBarrier(_) => CommandId::TextureBarrier,
            Self::SetAtomicBuffers(_) => CommandId::SetAtomicBuffers,
            Self::SetDebugFlags(_) => CommandId::SetDebugFlags,
            Self::GetQueryResultQbo(_) => CommandId::GetQueryResultQbo,
            Self::Transfer3d(_) => CommandId::Transfer3d,
            Self::EndTransfers => CommandId::EndTransfers,
            Self::CopyTransfer3d(_) => CommandId::CopyTransfer3d,
            Self::SetTweaks(_) => CommandId::SetTweaks,
            Self::ClearTexture(_) => CommandId::ClearTexture,
            Self::PipeResourceCreate(_) => CommandId::PipeResourceCreate,
            Self::PipeResourceSetType(_) => CommandId::PipeResourceSetType,
            Self::GetMemoryInfo(_) => CommandId::GetMemoryInfo,
            Self::SendStringMarker(_) => CommandId::SendStringMarker,
            Self::LinkShader(_) => CommandId::LinkShader,
            Self::CreateVideoCodec(_) => CommandId::CreateVideoCodec,
            Self::DestroyVideoCodec(_) => CommandId::DestroyVideoCodec,
            Self::CreateVideoBuffer(_) => CommandId::CreateVideoBuffer,
            Self::DestroyVideoBuffer(_) => CommandId::DestroyVideoBuffer,
            Self::BeginFrame(_) => CommandId::BeginFrame,
            Self::DecodeMacroblock => CommandId::DecodeMacroblock,
            Self::DecodeBitstream(_) => CommandId::DecodeBitstream,
            Self::EncodeBitstream(_) => CommandId::EncodeBitstream,
            Self::EndFrame(_) => CommandId::EndFrame,
            Self::ClearSurface(_) => CommandId::ClearSurface,
            Self::GetPipeResourceLayout(_) => CommandId::GetPipeResourceLayout,
        }
    }

    /// The second byte of the header.
    fn object_number(&self) -> u8 {
        let object_type = match self {
            Self::CreateObject(_, object) => Some(object.object_type()),
            Self::BindObject(bindable, _) => Some(bindable.object_type()),
            Self::DestroyObject(object_type, _) => Some(*object_type),
            _ => None,
        };
        object_type.map_or(0, |object_type| object_type.number() as u8)
    }

    fn parse_payload(header: Header, r: &mut Reader<'a>) -> Result<Self, ParseError> {
        use CommandId as C;
        let object = u32::from(header.object);
        Ok(match header.command {
            C::CreateObject => {
                let object_type = ObjectType::parse_number(object)?;
                let (id, object) = object::parse_created(object_type, r)?;
                Self::CreateObject(id, object)
            }
            C::BindObject => Self::BindObject(BindableType::parse_number(object)?, Wire::parse(r)?),
            C::DestroyObject => {
                Self::DestroyObject(ObjectType::parse_number(object)?, Wire::parse(r)?)
            }
            C::BindShader => Self::BindShader(Wire::parse(r)?, Wire::parse(r)?),
            C::Nop => passed_over(r, Self::Nop)?,
            C::EndTransfers => passed_over(r, Self::EndTransfers)?,
            C::DecodeMacroblock => passed_over(r, Self::DecodeMacroblock)?,
            C::SetViewportState => Self::SetViewportState(state::viewports(r)?),
            C::SetFramebufferState => Self::SetFramebufferState(Framebuffer::parse(r)?),
            C::SetVertexBuffers => Self::SetVertexBuffers(state::vertex_buffers(r)?),
            C::Clear => Self::Clear(Wire::parse(r)?),
            C::DrawVbo => Self::DrawVbo(Wire::parse(r)?),
            C::ResourceInlineWrite => Self::ResourceInlineWrite(InlineWrite::parse(r)?),
            C::SetSamplerViews => Self::SetSamplerViews(state::sampler_views(r)?),
            C::SetIndexBuffer => Self::SetIndexBuffer(IndexBuffer::parse(r)?),
            C::SetConstantBuffer => Self::SetConstantBuffer(ConstantBuffer::parse(r)?),
            C::SetStencilRef => Self::SetStencilRef(Wire::parse(r)?),
            C::SetBlendColor => Self::SetBlendColor(Wire::parse(r)?),
            C::SetScissorState => Self::SetScissorState(state::scissors(r)?),
            C::Blit => Self::Blit(Box::new(Wire::parse(r)?)),
            C::ResourceCopyRegion => Self::ResourceCopyRegion(Wire::parse(r)?),
            C::BindSamplerStates => Self::BindSamplerStates(state::sampler_states(r)?),
            C::BeginQuery => Self::BeginQuery(Wire::parse(r)?),
            C::EndQuery => Self::EndQuery(Wire::parse(r)?),
            C::GetQueryResult => Self::GetQueryResult(Wire::parse(r)?),
            C::SetPolygonStipple => Self::SetPolygonStipple(Box::new(Wire::parse(r)?)),
            C::SetClipState => Self::SetClipState(Box::new(parse_clip_planes(r)?)),
            C::SetSampleMask => Self::SetSampleMask(Wire::parse(r)?),
            C::SetStreamoutTargets => Self::SetStreamoutTargets(StreamoutTargets::parse(r)?),
            C::SetRenderCondition => Self::SetRenderCondition(Wire::parse(r)?),
            C::SetUniformBuffer => Self::SetUniformBuffer(Wire::parse(r)?),
            C::SetSubCtx => Self::SetSubCtx(Wire::parse(r)?),
            C::CreateSubCtx => Self::CreateSubCtx(Wire::parse(r)?),
            C::DestroySubCtx => Self::DestroySubCtx(Wire::parse(r)?),
            C::SetTessState => Self::SetTessState(Wire::parse(r)?),
            C::SetMinSamples => Self::SetMinSamples(Wire::parse(r)?),
            C::SetShaderBuffers => Self::SetShaderBuffers(state::shader_buffers(r)?),
            C::SetShaderImages => Self::SetShaderImages(state::shader_images(r)?),
            C::MemoryBarrier => Self::MemoryBarrier(Wire::parse(r)?),
            C::LaunchGrid => Self::LaunchGrid(Wire::parse(r)?),
            C::SetFramebufferStateNoAttach => Self::SetFramebufferStateNoAttach(Wire::parse(r)?),
            C::TextureBarrier => Self::TextureBarrier(Wire::parse(r)?),
            C::SetAtomicBuffers => Self::SetAtomicBuffers(state::atomic_buffers(r)?),
            C::SetDebugFlags => Self::SetDebugFlags(text::parse_terminated(r)?),
            C::GetQueryResultQbo => Self::GetQueryResultQbo(Wire::parse(r)?),
            C::Transfer3d => Self::Transfer3d(Wire::parse(r)?),
            C::CopyTransfer3d => Self::CopyTransfer3d(Wire::parse(r)?),
            C::SetTweaks => Self::SetTweaks(Wire::parse(r)?),
            C::ClearTexture => Self::ClearTexture(Wire::parse(r)?),
            C::PipeResourceCreate => Self::PipeResourceCreate(Wire::parse(r)?),
            C::PipeResourceSetType => Self::PipeResourceSetType(PipeResourceSetType::parse(r)?),
            C::GetMemoryInfo => Self::GetMemoryInfo(Wire::parse(r)?),
            C::SendStringMarker => Self::SendStringMarker(text::parse_counted(r)?),
            C::LinkShader => Self::LinkShader(parse_link(r)?),
            C::CreateVideoCodec => Self::CreateVideoCodec(Wire::parse(r)?),
            C::DestroyVideoCodec => Self::DestroyVideoCodec(Wire::parse(r)?),
            C::CreateVideoBuffer => Self::CreateVideoBuffer(CreateVideoBuffer::parse(r)?),
            C::DestroyVideoBuffer => Self::DestroyVideoBuffer(Wire::parse(r)?),
            C::BeginFrame => Self::BeginFrame(Wire::parse(r)?),
            C::DecodeBitstream => Self::DecodeBitstream(Wire::parse(r)?),
            C::EncodeBitstream => Self::EncodeBitstream(Wire::parse(r)?),
            C::EndFrame => Self::EndFrame(Wire::parse(r)?),
            C::ClearSurface => Self::ClearSurface(Wire::parse(r)?),
            C::GetPipeResourceLayout => Self::GetPipeResourceLayout(Wire::parse(r)?),
        })
    }

    fn encode_payload(&self, w: &mut Writer) {
        match self {
            Self::Nop | Self::EndTransfers | Self::DecodeMacroblock => {}
            Self::CreateObject(id, object) => {
                id.encode(w);
                object.encode(w);
            }
            Self::BindObject(_, id) | Self::DestroyObject(_, id) => id.encode(w),
            Self::BindShader(id, stage) => {
                id.encode(w);
                stage.encode(w);
            }
            Self::SetViewportState(it) => it.encode(w),
            Self::SetFramebufferState(it) => it.encode(w),
            Self::SetVertexBuffers(it) => encode_all(it, w),
            Self::Clear(it) => it.encode(w),
            Self::DrawVbo(it) => it.encode(w),
            Self::ResourceInlineWrite(it) => it.encode(w),
            Self::SetSamplerViews(it) => it.encode(w),
            Self::SetIndexBuffer(it) => IndexBuffer::encode(it.as_ref(), w),
            Self::SetConstantBuffer(it) => it.encode(w),
            Self::SetStencilRef(it) => it.encode(w),
            Self::SetBlendColor(it) => it.encode(w),
            Self::SetScissorState(it) => it.encode(w),
            Self::Blit(it) => it.encode(w),
            Self::ResourceCopyRegion(it) => it.encode(w),
            Self::BindSamplerStates(it) => it.encode(w),
            Self::BeginQuery(it) => it.encode(w),
            Self::EndQuery(it) => it.encode(w),
            Self::GetQueryResult(it) => it.encode(w),
            Self::SetPolygonStipple(it) => it.encode(w),
            Self::SetClipState(it) => encode_clip_planes(it, w),
            Self::SetSampleMask(it) => it.encode(w),
            Self::SetStreamoutTargets(it) => it.encode(w),
            Self::SetRenderCondition(it) => it.encode(w),
            Self::SetUniformBuffer(it) => it.encode(w),
            Self::SetSubCtx(it) => it.encode(w),
            Self::CreateSubCtx(it) => it.encode(w),
            Self::DestroySubCtx(it) => it.encode(w),
            Self::SetTessState(it) => it.encode(w),
            Self::SetMinSamples(it) => it.encode(w),
            Self::SetShaderBuffers(it) => it.encode(w),
            Self::SetShaderImages(it) => it.encode(w),
            Self::MemoryBarrier(it) => it.encode(w),
            Self::LaunchGrid(it) => it.encode(w),
            Self::SetFramebufferStateNoAttach(it) => it.encode(w),
            Self::TextureBarrier(it) => it.encode(w),
            Self::SetAtomicBuffers(it) => it.encode(w),
            Self::SetDebugFlags(it) => text::encode_terminated(*it, w),
            Self::GetQueryResultQbo(it) => it.encode(w),
            Self::Transfer3d(it) => it.encode(w),
            Self::CopyTransfer3d(it) => it.encode(w),
            Self::SetTweaks(it) => it.encode(w),
            Self::ClearTexture(it) => it.encode(w),
            Self::PipeResourceCreate(it) => it.encode(w),
            Self::PipeResourceSetType(it) => it.encode(w),
            Self::GetMemoryInfo(it) => it.encode(w),
            Self::SendStringMarker(it) => text::encode_counted(*it, w),
            Self::LinkShader(it) => encode_all(it, w),
            Self::CreateVideoCodec(it) => it.encode(w),
            Self::DestroyVideoCodec(it) => it.encode(w),
            Self::CreateVideoBuffer(it) => it.encode(w),
            Self::DestroyVideoBuffer(it) => it.encode(w),
            Self::BeginFrame(it) => it.encode(w),
            Self::DecodeBitstream(it) => it.encode(w),
            Self::EncodeBitstream(it) => it.encode(w),
            Self::EndFrame(it) => it.encode(w),
            Self::ClearSurface(it) => it.encode(w),
            Self::GetPipeResourceLayout(it) => it.encode(w),
        }
    }
}

fn passed_over<'a>(
    reader: &mut Reader<'_>,
    command: Command<'a>,
) -> Result<Command<'a>, ParseError> {
    reader.skip(reader.remaining())?;
    Ok(command)
}

fn parse_clip_planes(reader: &mut Reader<'_>) -> Result<ClipPlanes, ParseError> {
    let mut planes = ClipPlanes::default();
    for plane in &mut planes {
        *plane = Wire::parse(reader)?;
    }
    Ok(planes)
}

fn encode_clip_planes(planes: &ClipPlanes, writer: &mut Writer) {
    encode_all(planes, writer);
}

/// On the wire the stages are in the order of their numbers.
fn parse_link(reader: &mut Reader<'_>) -> Result<[Option<ObjectId>; 6], ParseError> {
    let mut shaders = [None; 6];
    for shader in &mut shaders {
        *shader = Wire::parse(reader)?;
    }
    Ok(shaders)
}
