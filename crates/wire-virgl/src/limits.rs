//! How much a guest may ask for in one command, and why no more.
//!
//! Slots are numbered from 0; a command that sets slots `start..start + count` keeps
//! `start + count` within the limit. Where the reason is not another, the limit is the
//! size of Gallium's own array (`PIPE_MAX_*` in `pipe/p_state.h`), which no driver
//! built on Gallium can go past.

/// Payload words of a command: its header has 16 bits for them.
pub const MAX_PAYLOAD_WORDS: usize = 0xffff;

/// Viewports and scissors.
pub const MAX_VIEWPORTS: u32 = 16;

/// Colour buffers of a framebuffer, and render targets of a blend state.
pub const MAX_COLOR_BUFS: u32 = 8;

/// Vertex elements, and vertex buffers.
pub const MAX_ATTRIBS: u32 = 32;

/// Sampler views of a shader stage.
pub const MAX_SAMPLER_VIEWS: u32 = 128;

/// Sampler states of a shader stage.
pub const MAX_SAMPLERS: u32 = 32;

/// Uniform buffers of a shader stage.
pub const MAX_CONSTANT_BUFFERS: u32 = 32;

/// Shader storage buffers of a shader stage.
pub const MAX_SHADER_BUFFERS: u32 = 32;

/// Images of a shader stage.
pub const MAX_SHADER_IMAGES: u32 = 32;

/// Atomic counter buffers.
pub const MAX_ATOMIC_BUFFERS: u32 = 32;

/// Stream-output targets, and buffers that a shader's stream output names.
pub const MAX_STREAMOUT_TARGETS: u32 = 4;

/// Outputs that a shader streams.
pub const MAX_STREAMOUT_OUTPUTS: u32 = 64;

/// Vertex streams of a geometry shader; the protocol has two bits for them.
pub const MAX_VERTEX_STREAMS: u32 = 4;

/// Planes of an imported resource (`VIRGL_GBM_MAX_PLANES` in `vrend/vrend_renderer.h`):
/// as many as a DRM framebuffer has.
pub const MAX_PLANES: u32 = 4;

/// Resources of a video buffer, one a plane (`VREND_VIDEO_BUFFER_PLANE_NUM` in
/// `vrend/vrend_video.h`).
pub const MAX_VIDEO_PLANES: u32 = 3;

/// Bytes of one shader's text, all chunks together. Mesa's driver gives up at 32 MiB; the
/// factor of 2 is for drivers that are not Mesa.
pub const MAX_SHADER_TEXT: u32 = 64 * 1024 * 1024;

/// Video formats in a capset.
pub const MAX_VIDEO_CAPS: usize = 32;
