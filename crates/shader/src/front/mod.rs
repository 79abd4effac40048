//! Shader languages that come in.

mod position;
pub mod tgsi;

pub use position::Position;
