//! A client's stream of requests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::Writer;
use wire_vtest::{Extent, Request, Version};

fuzz_target!(|data: &[u8]| {
    let Some((version, mut stream)) = data.split_first() else {
        return;
    };
    let version = Version::negotiate(u32::from(version % 5));
    while let Ok(Extent::Complete(end)) = Request::extent(stream, version) {
        assert!(end >= 8 && end <= stream.len());
        let (message, rest) = stream.split_at(end);
        if let Ok(request) = Request::parse(message, version) {
            assert_round_trip(&request, version);
        }
        stream = rest;
    }
    // What an incomplete message holds is an error, and no more than that.
    assert!(Request::parse(stream, version).is_err());
});

fn assert_round_trip(request: &Request<'_>, version: Version) {
    let mut writer = Writer::new();
    request.encode(&mut writer, version);
    let message = writer.as_bytes();
    assert_eq!(
        Request::extent(message, version),
        Ok(Extent::Complete(message.len()))
    );
    assert_eq!(Request::parse(message, version).as_ref(), Ok(request));
}
