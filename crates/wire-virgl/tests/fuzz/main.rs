//! The fuzz target `wire_virgl` without a fuzzer: the committed inputs, and some thousand made
//! of them.
#![forbid(unsafe_code)]

mod check;

use check::check;
use wire_virgl::limits::MAX_PAYLOAD_WORDS;
use wire_virgl::{CapsV1, CapsV2, CommandId, CommandStream, PICTURE_DESCRIPTION_SIZE};

/// Streams made here.
const STREAMS: usize = 20_000;
/// Capsets made here, of each kind.
const CAPSETS: usize = 1000;
/// Descriptions of pictures made here.
const PICTURES: usize = 5000;

/// The committed inputs, in the order of their names.
fn seeds() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/wire_virgl");
    let entries = std::fs::read_dir(folder).expect("the seeds are there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("it can be read");
    paths.into_iter().map(read).collect()
}

#[test]
fn committed_inputs() {
    let seeds = seeds();
    assert!(seeds.len() >= 20, "{} seeds", seeds.len());
    for seed in seeds {
        check(&seed);
        for command in CommandStream::new(&seed) {
            command.unwrap_or_else(|error| panic!("Mesa sent it: {error}"));
        }
    }
}

/// Mesa's streams with some words changed, taken out, put in, and cut.
#[test]
fn changed_streams() {
    let seeds = seeds();
    let mut random = Random(7);
    for _ in 0..STREAMS {
        let seed = &seeds[random.below(seeds.len())];
        let mut stream = random.excerpt(seed);
        for _ in 0..=random.below(4) {
            random.change(&mut stream);
        }
        check(&stream);
    }
}

/// Every command with as much payload as a header can say, which fuzzers seldom try.
#[test]
fn longest_commands() {
    let objects = |command: CommandId| match command {
        CommandId::CreateObject => 0..13,
        _ => 0..1,
    };
    for command in CommandId::ALL.iter().copied() {
        for object in objects(command) {
            for word in [0, 1, 0x0101_0101, u32::MAX] {
                let header = u32::from(command.number()) | object << 8 | 0xffff << 16;
                let payload = std::iter::repeat_n(word, MAX_PAYLOAD_WORDS);
                let words = std::iter::once(header).chain(payload);
                check(&words.flat_map(u32::to_le_bytes).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn changed_capsets() {
    let mut random = Random(7);
    for _ in 0..CAPSETS {
        let (mut first, mut second) = (CapsV1::default().to_bytes(), CapsV2::default().to_bytes());
        for _ in 0..random.below(40) {
            random.overwrite(&mut first);
            random.overwrite(&mut second);
        }
        check(&first);
        check(&second);
    }
}

#[test]
fn changed_pictures() {
    let mut random = Random(7);
    for _ in 0..PICTURES {
        let mut picture = vec![0; PICTURE_DESCRIPTION_SIZE];
        for _ in 0..random.below(40) {
            random.overwrite(&mut picture);
        }
        check(&picture);
    }
}

/// A reproducible stream of numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A word as a hostile guest would choose it: small, a power of two, or anything.
    fn word(&mut self) -> [u8; 4] {
        let any = self.next() as u32;
        let word = match self.below(4) {
            0 => any % 64,
            1 => 1 << (any % 32),
            2 => u32::MAX - any % 4,
            _ => any,
        };
        word.to_le_bytes()
    }

    /// Some commands on end of a stream, so that changes near its end count, too.
    fn excerpt(&mut self, stream: &[u8]) -> Vec<u8> {
        let mut commands = CommandStream::new(stream);
        let mut ends = vec![0];
        while let Some(Ok(_)) = commands.next() {
            ends.push(commands.word() * 4);
        }
        let first = self.below(ends.len() - 1);
        let last = (first + 1 + self.below(12)).min(ends.len() - 1);
        stream[ends[first]..ends[last]].to_vec()
    }

    fn overwrite(&mut self, bytes: &mut [u8]) {
        let at = self.below(bytes.len() / 4) * 4;
        if let Some(word) = bytes.get_mut(at..at + 4) {
            word.copy_from_slice(&self.word());
        }
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() / 4) * 4;
        match self.below(8) {
            0 => bytes.truncate(self.below(bytes.len())),
            1 => drop(bytes.drain(at..bytes.len().min(at + 4))),
            2 => drop(bytes.splice(at..at, self.word())),
            3 if !bytes.is_empty() => {
                let at = self.below(bytes.len());
                bytes[at] = self.next() as u8;
            }
            _ => self.overwrite(bytes),
        }
    }
}
