//! What the tests of the wire share.

pub(crate) mod sample;
