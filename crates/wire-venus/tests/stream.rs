//! The fuzz target `wire_venus` without a fuzzer: the committed inputs, and some thousand made
//! here.

mod common;

use bumpalo::Bump;
use common::sample::{Random, Sampler};
use common::stream::check;
use wire_venus::{Decoder, decode_command};

/// Inputs made here.
const INPUTS: usize = 4000;

#[test]
fn committed_inputs() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/wire_venus");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}

/// Streams of some commands with some bytes changed.
#[test]
fn made_inputs() {
    let mut random = Random(7);
    let mut sampler = Sampler::new(7);
    let decode = |bytes: &[u8]| {
        let arena = Bump::new();
        let mut decoder = Decoder::new(bytes, &arena);
        let error = decode_command(&mut decoder).err();
        (bytes.len() - decoder.remaining(), error)
    };
    let commands: Vec<_> = (0..346)
        .filter_map(|id| sampler.message(&[id, 1], decode))
        .collect();
    assert!(commands.len() > 300);
    for _ in 0..INPUTS {
        let picked =
            (0..=random.below(4)).map(|_| commands[random.below(commands.len())].as_slice());
        let mut stream = picked.collect::<Vec<_>>().concat();
        for _ in 0..random.below(4) {
            let at = random.below(stream.len());
            stream[at] = random.next() as u8;
        }
        check(&stream);
    }
}
