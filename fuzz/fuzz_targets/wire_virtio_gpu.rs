//! A driver's request, a device's response, and the configuration.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/wire-virtio-gpu/tests/fuzz/check.rs"]
mod check;

fuzz_target!(|data: &[u8]| check::check(data));
