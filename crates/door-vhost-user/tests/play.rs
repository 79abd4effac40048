//! Guests that do anything, without a fuzzer.

mod common;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// `PARAVANE_PLAYS` says how many.
#[test]
fn whatever_a_guest_does() {
    let plays = std::env::var("PARAVANE_PLAYS").ok();
    let cases = plays.and_then(|plays| plays.parse().ok()).unwrap_or(200);
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let bytes = proptest::collection::vec(any::<u8>(), 0..2000);
    let played = TestRunner::new(config).run(&bytes, |bytes| {
        common::play::play(&bytes);
        Ok(())
    });
    played.unwrap();
}
