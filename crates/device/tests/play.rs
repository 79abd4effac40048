//! Any verbs in any order, and what has to hold after each. The fuzz target `device` does the same
//! for longer.
#![forbid(unsafe_code)]

mod common;

use proptest::prelude::*;

use common::play::play;

/// Plays; `PARAVANE_PLAYS` asks for more.
const PLAYS: u32 = 1000;

fn plays() -> u32 {
    let asked = std::env::var("PARAVANE_PLAYS").ok();
    asked.map_or(PLAYS, |plays| plays.parse().expect("a number"))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: plays(),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_a_guest_asks_for_the_tables_hold(
        bytes in proptest::collection::vec(any::<u8>(), 0..4000),
    ) {
        play(&bytes);
    }
}

/// A play that only bounces off, or never does, tests little.
#[test]
fn some_of_it_is_refused() {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    let bytes: Vec<u8> = (0..200_000).map(next).collect();
    let (mut verbs, mut refused) = (0, 0);
    for bytes in bytes.chunks(4000) {
        let played = play(bytes);
        verbs += played.verbs;
        refused += played.refused;
    }
    assert!(
        refused * 10 > verbs && refused * 10 < verbs * 9,
        "{refused} of {verbs}"
    );
}
