//! Languages that go out.

pub mod tgsi;
