//! The one pixel-format table: virgl's formats, their names, blocks, channels, planes and sizes.
//!
//! Numbers and names are those of `enum virgl_formats` in virglrenderer's
//! `src/virgl_hw.h`; blocks, channels and swizzles follow Mesa's
//! `src/util/format/u_format.yaml`, for little-endian hosts. Number 0, which both call
//! `NONE`, is the absence of a format and has no [`Format`].
#![forbid(unsafe_code)]

mod channel;
mod description;
mod format;
mod gl;
mod scanout;
mod size;
mod table;

pub use channel::{Channel, ChannelKind, Swizzle};
pub use description::{Block, ColorSpace, Description, Layout, Plane};
pub use format::Format;
pub use gl::{Conversion, GlFormat};
pub use scanout::ScanoutPixel;
