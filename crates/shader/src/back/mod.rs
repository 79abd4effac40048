//! Languages that go out.

pub mod glsl;
pub mod tgsi;
