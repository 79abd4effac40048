//! A guest's shader.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/shader/tests/fuzz_tgsi/check.rs"]
mod check;

fuzz_target!(|data: &[u8]| check::check(data));
