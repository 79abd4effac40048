//! A guest of the Venus renderer, past the decoder, on the host's llvmpipe.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/render-venus/tests/common/mod.rs"]
mod common;

fuzz_target!(|data: &[u8]| {
    let renderer =
        common::guest::renderer().expect("a Vulkan driver: Debian's mesa-vulkan-drivers");
    common::play::play(renderer, data);
});
