//! A guest of the virgl renderer, past the decoder, on the host's software GL.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/render-virgl/tests/common/mod.rs"]
mod common;

fuzz_target!(|data: &[u8]| {
    common::play::play(common::core(), data);
});
