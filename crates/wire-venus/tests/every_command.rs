//! Every command and every reply, there and back.

mod common;

use bumpalo::Bump;
use common::sample::{Random, Sampler, Verdict};
use vulkan_types::*;
use wire::ParseError;
use wire_venus::{Decoder, Encoder, WireReply, decode_command, encode_command, for_each_command};

/// Messages of each kind.
const SAMPLES: u64 = 6;

/// A reply's decoder and encoder in one.
type Recode = fn(&[u8], &mut Encoder) -> Verdict;

struct Kind {
    id: u32,
    name: &'static str,
    recode_reply: Recode,
}

macro_rules! kinds {
    ($($command:ident,)*) => {
        fn kinds() -> Vec<Kind> {
            vec![$(Kind {
                id: $command::ID,
                name: $command::NAME,
                recode_reply: |bytes, encoder| {
                    let arena = Bump::new();
                    let mut decoder = Decoder::new(bytes, &arena);
                    let reply = <$command as Request>::Reply::decode_reply(&mut decoder);
                    let taken = bytes.len() - decoder.remaining();
                    match reply {
                        Ok(reply) => {
                            reply.encode_reply(encoder);
                            (taken, None)
                        }
                        Err(error) => (taken, Some(error)),
                    }
                },
            },)*]
        }
    };
}

for_each_command!(kinds);

fn decode(bytes: &[u8]) -> Verdict {
    let arena = Bump::new();
    let mut decoder = Decoder::new(bytes, &arena);
    let error = decode_command(&mut decoder).err();
    (bytes.len() - decoder.remaining(), error)
}

/// The bytes of what a command decodes to.
fn recode(bytes: &[u8]) -> Result<Vec<u8>, ParseError> {
    let arena = Bump::new();
    let mut decoder = Decoder::new(bytes, &arena);
    let (command, flags) = decode_command(&mut decoder)?;
    let mut encoder = Encoder::new();
    encode_command(&command, flags, &mut encoder);
    assert!(!format!("{command:?}").is_empty());
    Ok(encoder.bytes().to_vec())
}

/// A message for each kind and sample.
fn for_each_sample(
    seed: u64,
    start: impl Fn(&Kind) -> Vec<u32>,
    decode: impl Fn(&Kind, &[u8]) -> Verdict,
    check: impl Fn(&Kind, &[u8]),
) {
    let mut sampler = Sampler::new(seed);
    for kind in kinds() {
        for _ in 0..SAMPLES {
            let sample = sampler.message(&start(&kind), |bytes| decode(&kind, bytes));
            check(
                &kind,
                &sample.unwrap_or_else(|| panic!("{}: none found", kind.name)),
            );
        }
    }
}

/// The same but for padding, which is put as zero whatever it was.
fn assert_same(name: &str, bytes: &[u8], again: &[u8]) {
    assert_eq!(bytes.len(), again.len(), "{name}");
    let differ = bytes.iter().zip(again).position(|(a, b)| a != b && *b != 0);
    assert_eq!(differ, None, "{name}");
}

#[test]
fn a_command_is_the_same_there_and_back() {
    for_each_sample(
        1,
        |kind| vec![kind.id, 1],
        |_, bytes| decode(bytes),
        |kind, bytes| {
            let again = recode(bytes).unwrap();
            assert_same(kind.name, bytes, &again);
            assert_eq!(recode(&again).unwrap(), again, "{}", kind.name);
        },
    );
}

#[test]
fn a_reply_is_the_same_there_and_back() {
    let recode = |kind: &Kind, bytes: &[u8]| {
        let mut encoder = Encoder::new();
        ((kind.recode_reply)(bytes, &mut encoder), encoder)
    };
    for_each_sample(
        2,
        |kind| vec![kind.id],
        |kind, bytes| recode(kind, bytes).0,
        |kind, bytes| {
            let (_, once) = recode(kind, bytes);
            assert_same(kind.name, bytes, once.bytes());
            let (verdict, twice) = recode(kind, once.bytes());
            assert_eq!(verdict, (once.bytes().len(), None), "{}", kind.name);
            assert_eq!(twice.bytes(), once.bytes(), "{}", kind.name);
        },
    );
}

#[test]
fn a_message_cut_short_is_an_error() {
    for_each_sample(
        3,
        |kind| vec![kind.id, 0],
        |_, bytes| decode(bytes),
        |kind, bytes| {
            let step = bytes.len() / 512 + 1;
            for cut in (0..bytes.len()).step_by(step) {
                assert!(recode(&bytes[..cut]).is_err(), "{} cut at {cut}", kind.name);
            }
        },
    );
}

/// What decodes after a change is encoded and decoded to the same; nothing panics.
#[test]
fn a_changed_message_is_an_error_or_another_message() {
    for_each_sample(
        4,
        |kind| vec![kind.id, 1],
        |_, bytes| decode(bytes),
        |kind, bytes| {
            let mut random = Random(u64::from(kind.id));
            for _ in 0..200 {
                let mut changed = bytes.to_vec();
                for _ in 0..=random.below(3) {
                    let at = random.below(changed.len());
                    changed[at] = if random.once_in(2) {
                        random.next() as u8
                    } else {
                        random.below(3) as u8
                    };
                }
                if let Ok(again) = recode(&changed) {
                    assert_eq!(
                        recode(&again).as_deref(),
                        Ok(again.as_slice()),
                        "{}",
                        kind.name
                    );
                }
            }
        },
    );
}
