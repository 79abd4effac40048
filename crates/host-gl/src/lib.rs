//! Safe owning handles over the host's EGL and OpenGL or OpenGL ES.
//!
//! A [`Display`] is a GPU's or a software driver's EGL; a [`ShareGroup`] on it is what a
//! guest's contexts share objects in; a [`Context`] of the group is made current on a thread,
//! and everything else is a method of the [`Current`] that comes of it.
//!
//! No argument is able to break memory: GL gets pointers to slices whose length was checked
//! against what it will read or write by the format, the dimensions and the pixel store; no
//! pixel buffer object is ever bound while it does. What it only copies may be pages that a guest
//! sees too ([`Input`], [`Output`]). Offsets into buffers are checked against
//! the size that the handle knows. Vertex attributes always come from a buffer or are
//! disabled, and index and indirect ranges are checked; what is left, the vertices that
//! indices name and what shaders index, is bounded by the driver: contexts have robust
//! access wherever EGL has it ([`Caps::robust_access`]).
//!
//! New memory is zero, so that no one's old pixels can be read.

mod buffer;
mod caps;
mod clear;
mod context;
mod debug;
mod display;
mod draw;
mod egl;
pub mod enums;
mod error;
mod extensions;
mod framebuffer;
mod functions;
mod garbage;
mod gpu_memory;
mod kept;
mod memory;
mod object;
mod pitch;
mod pixel;
mod program;
mod query;
mod sampler;
mod shared_buffer;
mod span;
mod sync;
mod texture;
mod transform_feedback;
mod vertex;

pub use buffer::{Buffer, BufferAccess, BufferWrite, IndexedTarget, MAX_MAPPED_WRITE};
pub use caps::{Api, Caps, Features, Limits, Version};
pub use context::{ApiChoice, Context, ContextConfig, Current, Reset, ShareGroup};
pub use display::{Display, PlatformChoice};
pub use draw::{Direct, DrawCount, IndexType, Indexed, Indirect};
pub use egl::Library;
pub use error::{Error, GlError};
pub use extensions::Extensions;
pub use framebuffer::{Attachment, BlitRect, Framebuffer, Layer};
pub use gpu_memory::GpuMemory;
pub use memory::{Charge, MemoryLimit};
pub use pitch::Pitch;
pub use pixel::PixelFormat;
pub use program::{LinkOptions, Program, ProgramBinary, Shader, ShaderKind};
pub use query::Query;
pub use sampler::Sampler;
pub use span::{Input, Output};
pub use sync::Sync;
pub use texture::{Box3, FormatSupport, Texels, Texture, TextureDesc};
pub use transform_feedback::TransformFeedback;
pub use vertex::{Attribute, AttributeKind, VertexArray};
