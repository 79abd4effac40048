//! A guest made by hand: what Mesa's driver does over the seam, and what it never would.
#![allow(dead_code, unused_imports, reason = "each test uses a part")]

pub(crate) mod guest;
pub(crate) mod log;
pub(crate) mod play;
pub(crate) mod ring;

pub(crate) use guest::{Guest, World, guest, renderer};
