//! What the tests of the wire share.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod sample;
pub(crate) mod stream;
