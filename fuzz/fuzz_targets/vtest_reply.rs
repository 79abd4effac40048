//! A server's answer to a request, as a client reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::Writer;
use wire_vtest::{Extent, Reply, Request, Version};

fuzz_target!(|data: &[u8]| {
    let Some((version, stream)) = data.split_first() else {
        return;
    };
    let version = Version::negotiate(u32::from(version % 5));
    let Ok(Extent::Complete(end)) = Request::extent(stream, version) else {
        return;
    };
    let (message, answer) = stream.split_at(end);
    let Ok(request) = Request::parse(message, version) else {
        return;
    };
    let Ok(Some(Extent::Complete(end))) = Reply::extent(&request, version, answer) else {
        return;
    };
    if let Ok(reply) = Reply::parse(&request, version, &answer[..end]) {
        let mut writer = Writer::new();
        reply.encode(&mut writer);
        assert_eq!(
            Reply::parse(&request, version, writer.as_bytes()),
            Ok(reply)
        );
    }
});
