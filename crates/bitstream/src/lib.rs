//! Writes the headers of video bitstreams from what they say: those that a guest's driver takes
//! apart and does not pass on, though a decoder wants them.
//!
//! Values are written as they are. Whether they make a stream that means something, only a
//! decoder can tell; writing neither fails nor panics.
#![forbid(unsafe_code)]

mod bits;
pub mod h264;
pub mod hevc;
pub mod jpeg;
pub mod mpeg2;
mod nal;
mod scan;

pub use bits::BitWriter;
pub use nal::{START_CODE, with_emulation_prevention};
pub use scan::{zigzag_4x4, zigzag_8x8};
