//! A guest of the device: any verbs in any order.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/device/tests/common/mod.rs"]
mod common;

fuzz_target!(|data: &[u8]| {
    common::play::play(data);
});
