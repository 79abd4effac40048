//! A guest of the vhost-user door: descriptors, requests, resets and memory tables in any order.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/door-vhost-user/tests/common/mod.rs"]
mod common;

fuzz_target!(|data: &[u8]| {
    common::play::play(data);
});
