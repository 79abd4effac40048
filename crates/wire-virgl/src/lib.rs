//! What the bytes of virgl's context commands, replies and capsets mean, both directions.
//!
//! The protocol is virglrenderer's (`src/virgl_protocol.h`, `src/virgl_hw.h`); what the
//! headers leave open is as `src/vrend/vrend_decode.c` reads it and as Mesa's
//! `src/gallium/drivers/virgl/virgl_encode.c` writes it. A stream is little-endian words:
//! a [`Header`], as many words of payload as it says, the next header.
//!
//! Numbers from a closed set are checked, and so are counts, slots and lengths. Bits in a
//! packed word that the protocol gives no meaning are passed over, as the reference does.
//! Whether an id names anything, only the renderer knows.
#![forbid(unsafe_code)]

mod blend;
mod capset;
mod codec;
mod command;
mod depth_stencil;
mod draw;
mod enums;
mod header;
mod ids;
pub mod limits;
mod object;
mod picture;
mod profile;
mod query;
mod rasterizer;
mod reply;
mod resource;
mod sampler;
mod shader;
mod state;
mod stream;
mod text;
mod transfer;
mod video;

pub use blend::{
    AdvancedBlend, AlphaBlend, Blend, BlendEquation, BlendFactor, BlendFlags, BlendFunc,
    BlendTarget, ColorMask, LogicOp,
};
pub use capset::{
    CAPS_V1_SIZE, CAPS_V2_SIZE, CapabilityBits, CapabilityBits2, CapsV1, CapsV2,
    FEATURE_CHECK_VERSION, Features, FormatMask, RENDERER_NAME_SIZE, RendererName, VideoCaps,
    VideoCapsList,
};
pub use command::{ClipPlanes, Command, TooLong};
pub use depth_stencil::{DepthStencilAlpha, Stencil, StencilOp};
pub use draw::{
    Clear, ClearBuffers, ClearSurface, ClearTexture, Draw, DrawIndirect, DrawPatch, DrawVbo,
    LaunchGrid, MemoryBarrier, TextureBarrier,
};
pub use enums::{CompareFunc, ImageFilter, PrimitiveMode, ShaderStage, TextureTarget};
pub use header::{CommandId, Header};
pub use ids::{FormatNumber, ObjectId, ResourceId, SubContextId, VideoBufferId, VideoCodecId};
pub use object::{
    BindableType, MsaaSurface, Object, ObjectType, Query, QueryType, StreamoutTarget, Surface,
    VertexElement,
};
pub use picture::{
    Av1FilmGrain, Av1FilmGrainFields, Av1Frame, Av1FrameFields, Av1LoopFilterFields, Av1ModeFields,
    Av1Picture, Av1QmatrixFields, Av1RestorationFields, Av1Segmentation, Av1SegmentationFields,
    Av1SequenceFields, Av1Tiles, Av1WarpedMotion, ENCODE_FEEDBACK_SIZE, EncodeFeedback,
    EncodeStatus, H264EncodeControl, H264EncodePicture, H264EncodeSequence, H264EncodeSlice,
    H264MotionEstimation, H264Picture, H264Pps, H264RateControl, H264SliceType, H264Sps,
    HevcEncodeParameters, HevcEncodePicture, HevcEncodeSequence, HevcEncodeSlice, HevcEncodeSlices,
    HevcPicture, HevcPps, HevcRateControl, HevcSliceType, HevcSps, JpegComponent, JpegFrame,
    JpegHuffman, JpegHuffmanTable, JpegPicture, JpegQuantization, JpegScan, JpegScanComponent,
    Mpeg4Picture, Mpeg12Picture, PICTURE_DESCRIPTION_SIZE, PictureBase, PictureDescription,
    PictureType, QualityModes, RateControlMethod, UpTo, Vc1Picture, Vp9Fields, Vp9Frame,
    Vp9Picture, Vp9Segment, Vp9SegmentFlags, Vp9Slice, VuiFlags,
};
pub use profile::{Codec, Profile, ProfileTable};
pub use query::{
    ConditionBit, GetQueryResult, GetQueryResultQbo, QueryResultType, RenderCondition,
    RenderConditionMode,
};
pub use rasterizer::{CullFace, PolygonMode, Rasterizer, RasterizerFlags};
pub use reply::{
    ContextError, HOST_QUERY_STATE_SIZE, HostQueryState, LaidOutPlane, MEMORY_INFO_SIZE,
    MemoryInfo, QueryState, QueryValue, RESOURCE_LAYOUT_SIZE, RendererError, ResourceLayout,
};
pub use resource::{
    BindFlags, GetPipeResourceLayout, PipeResourceCreate, PipeResourceSetType, PlaneLayout,
    ResourceFlags,
};
pub use sampler::{
    BufferRange, MipFilter, SamplerState, SamplerView, TextureRange, ViewRange, ViewSwizzle, Wrap,
};
pub use shader::{Chunk, Shader, ShaderExtra, StreamOutput, StreamedOutput};
pub use state::{
    BufferSlot, ConstantBuffer, Framebuffer, FramebufferNoAttach, ImageAccess, ImageRange,
    ImageView, IndexBuffer, IndexSize, Scissor, Slots, StageSlots, StencilRef, StreamoutTargets,
    TessState, Tweak, TweakId, UniformBuffer, UniformIndex, VertexBuffer, Viewport,
};
pub use stream::{CommandStream, StreamError};
pub use transfer::{
    Blit, BlitBox, BlitEnd, BlitMask, Box3d, CopyTransfer3d, CopyTransferFlags, InlineWrite,
    ResourceCopyRegion, Transfer3d, TransferDirection, TransferRegion,
};
pub use video::{
    CreateVideoBuffer, CreateVideoCodec, DecodeBitstream, EncodeBitstream, VideoChromaFormat,
    VideoEntrypoint, VideoFrame, VideoProfile,
};
