//! A guest's virgl command stream, the capsets, and the descriptions of video pictures.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/wire-virgl/tests/fuzz/check.rs"]
mod check;

fuzz_target!(|data: &[u8]| check::check(data));
