//! The fuzz target `wire_virtio_gpu` without a fuzzer: the committed inputs, and some ten thousand
//! made here.
#![forbid(unsafe_code)]

mod check;
#[path = "../common/samples.rs"]
mod samples;

use check::check;
use proptest::prelude::*;
use samples::{any_request, any_response};
use wire::Writer;
use wire_virtio_gpu::{CommandType, ResponseType};

#[test]
fn committed_inputs() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fuzz/seeds/wire_virtio_gpu"
    );
    let entries = std::fs::read_dir(folder).expect("the seeds are there");
    let mut seen = 0;
    for entry in entries {
        let path = entry.expect("it can be listed").path();
        check(&std::fs::read(path).expect("it can be read"));
        seen += 1;
    }
    assert_eq!(
        seen,
        CommandType::ALL.len() + ResponseType::ALL.len(),
        "a seed for each"
    );
}

fn changed(mut bytes: Vec<u8>, changes: Vec<(prop::sample::Index, u8)>) -> Vec<u8> {
    for (at, byte) in changes {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn changed_requests(
        request in any_request(),
        features in prop::bits::u8::masked(0xbf),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut writer = Writer::new();
        writer.u8(features);
        request.as_request().encode(&mut writer);
        let mut bytes = changed(writer.into_bytes(), changes);
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn changed_responses(
        (header, response) in any_response(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut writer = Writer::new();
        response.encode(&header, &mut writer);
        check(&changed(writer.into_bytes(), changes));
    }

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        check(&bytes);
    }

    /// Any number in place of a command's, with any bytes behind it.
    #[test]
    fn any_payload(command in prop::sample::select(CommandType::ALL), queue: bool, bytes: Vec<u8>) {
        let mut writer = Writer::new();
        writer.u8(0x3f | if queue { 0x80 } else { 0 }).u32(command.number()).bytes(&bytes);
        check(writer.as_bytes());
    }
}
