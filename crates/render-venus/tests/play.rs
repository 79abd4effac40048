//! Games of the fuzz target `venus_context`: those committed, and some thousand made here.

mod common;

use common::guest::others_live;
use common::play::play;
use common::renderer;

/// Games made here; `PARAVANE_GAMES` asks for more.
const GAMES: u64 = 300;

#[test]
fn committed_games() {
    let Some(renderer) = renderer() else { return };
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fuzz/seeds/venus_context"
    );
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        play(renderer, &std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
    others_live();
}

#[test]
fn random_games() {
    let Some(renderer) = renderer() else { return };
    let games = std::env::var("PARAVANE_GAMES")
        .ok()
        .and_then(|games| games.parse().ok());
    let mut state = 0x5eed;
    for _ in 0..games.unwrap_or(GAMES) {
        let game: Vec<u8> = (0..600)
            .map(|_| {
                // SplitMix64.
                state = u64::wrapping_add(state, 0x9e37_79b9_7f4a_7c15);
                let mut z = state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                (z ^ (z >> 31)) as u8
            })
            .collect();
        play(renderer, &game);
    }
    others_live();
}
