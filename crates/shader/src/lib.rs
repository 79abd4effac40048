//! TGSI text, as Mesa's virgl driver sends it, becomes the shading language of the host.
//!
//! The way through is the list of modules: [`front`] reads text into [`ir`], [`valid`] says
//! whether the shader keeps the rules, and [`back`] writes it out: as GLSL
//! ([`back::glsl`] says how a renderer uses it), and as TGSI again, which is how front and
//! back are tested. No GL, no I/O.
//! The text is a stranger's: reading it never panics, never recurses, and takes memory in
//! proportion to the text, below the bounds in [`limits`].
//!
//! TGSI is described in Mesa's `docs/gallium/tgsi.rst`; its spelling follows
//! `src/gallium/auxiliary/tgsi/tgsi_dump.c`, which writes what arrives here.
#![forbid(unsafe_code)]

pub mod back;
mod error;
pub mod front;
pub mod ir;
pub mod limits;
pub mod valid;

pub use error::Error;
