//! A Venus command stream, and replies.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/wire-venus/tests/common/stream.rs"]
mod stream;

fuzz_target!(|data: &[u8]| stream::check(data));
