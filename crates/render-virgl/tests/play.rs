//! Streams that Mesa's driver sent, as they were and spoilt, on a software GL: nothing they say
//! brings the renderer down. The fuzz target `virgl_context` does the same for longer.
#![allow(missing_docs, reason = "tests")]

mod common;

use std::path::Path;

use common::both;
use common::play::{HEAD, play};

/// Streams that are played; `PARAVANE_PLAYS` asks for more.
const PLAYS: u64 = 300;

/// A generator of numbers that are the same each time (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/wire_virgl");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Changes some words: to small numbers, to what overflows, to their neighbours.
fn spoil(stream: &mut [u8], numbers: &mut Numbers) {
    let (words, _) = stream.as_chunks_mut::<4>();
    for _ in 0..numbers.below(24) {
        let at = numbers.below(words.len());
        let Some(word) = words.get_mut(at) else {
            return;
        };
        let old = u32::from_le_bytes(*word);
        let new = match numbers.below(6) {
            0 => numbers.below(64) as u32,
            1 => u32::MAX,
            2 => numbers.next() as u32,
            3 => 0,
            4 => i32::MAX as u32,
            _ => old.wrapping_add(1),
        };
        *word = new.to_le_bytes();
    }
}

#[test]
fn spoilt_streams_bring_nothing_down() {
    let (seeds, mut numbers) = (seeds(), Numbers(0x9e37_79b9_7f4a_7c15));
    let (mut commands, mut failures) = (0, 0);
    let plays = std::env::var("PARAVANE_PLAYS").ok();
    let plays = plays.and_then(|plays| plays.parse().ok()).unwrap_or(PLAYS);
    for round in 0..plays {
        let mut data: Vec<u8> = (0..HEAD).map(|_| numbers.next() as u8).collect();
        data.extend(&seeds[numbers.below(seeds.len())]);
        if round % 4 != 0 {
            spoil(&mut data[HEAD..], &mut numbers);
        }
        let renderer = both()[numbers.below(2)];
        let (done, failed) = play(renderer, &data);
        commands += done;
        failures += failed;
    }
    println!("{plays} streams: {commands} commands, {failures} failures");
    assert!(commands > plays && failures < commands);
}
