//! What must hold for any bytes: the fuzz target's body, which a test runs, too.

use wire::Writer;
use wire_virtio_gpu::limits::MAX_HEAD;
use wire_virtio_gpu::{Config, Events, Features, HEADER_SIZE, Head, Queue, Request, Response};

/// Reads `data` as a byte of features and queue with a request behind it, as a response, and as a
/// configuration. What can be read is written and read to the same; nothing panics.
pub(crate) fn check(data: &[u8]) {
    check_response(data);
    check_config(data);
    if let Some((choice, request)) = data.split_first() {
        let queue = match choice & 0x80 {
            0 => Queue::Control,
            _ => Queue::Cursor,
        };
        check_request(
            request,
            queue,
            Features::from_bits_truncate((*choice).into()),
        );
    }
}

fn check_request(bytes: &[u8], queue: Queue, features: Features) {
    let whole = Request::parse(bytes, queue, features);
    let short = bytes.get(..MAX_HEAD).unwrap_or(bytes);
    let head = match Head::parse(short, queue, features) {
        Ok(head) => head,
        Err(error) => {
            assert_eq!(whole, Err(error), "the head is all that counts");
            let mut writer = Writer::new();
            Response::from(error.code()).encode(&error.header(), &mut writer);
            assert_eq!(writer.len(), HEADER_SIZE);
            return;
        }
    };
    let scattered = head.tail(bytes.len()).and_then(|tail| {
        assert!(tail.start >= HEADER_SIZE && tail.start <= MAX_HEAD);
        assert_eq!(tail.end, head.request_size());
        head.clone().complete(&bytes[tail])
    });
    match (&whole, &scattered) {
        (Ok(whole), Ok(scattered)) => {
            assert_eq!(whole, scattered);
            assert_eq!(bytes.len(), head.request_size());
        }
        // In one piece, bytes behind the tail are the first thing that is wrong.
        (Err(_), _) if bytes.len() > head.request_size() => {}
        (whole, scattered) => assert_eq!(whole, scattered),
    }
    if let Ok(request) = scattered {
        check_round_trip(&request, queue, features, head.request_size());
    }
}

fn check_round_trip(request: &Request<'_>, queue: Queue, features: Features, size: usize) {
    let mut writer = Writer::new();
    request.encode(&mut writer);
    let bytes = writer.into_bytes();
    assert_eq!(bytes.len(), size, "{request:?}");
    let again = Request::parse(&bytes, queue, features);
    assert_eq!(again.as_ref(), Ok(request));
    for cut in [HEADER_SIZE.saturating_sub(1), size.saturating_sub(1)] {
        let cut = bytes.get(..cut).unwrap_or_default();
        assert!(Request::parse(cut, queue, features).is_err());
    }
}

fn check_response(data: &[u8]) {
    let Ok((header, response)) = Response::parse(data) else {
        return;
    };
    assert_eq!(response.size(), data.len());
    let mut writer = Writer::new();
    response.encode(&header, &mut writer);
    assert_eq!(writer.len(), response.size());
    let again = Response::parse(writer.as_bytes());
    assert_eq!(again, Ok((header.of_response(), response)));
}

fn check_config(data: &[u8]) {
    if let Ok(config) = Config::parse(data) {
        assert_eq!(Config::parse(&config.to_bytes()), Ok(config));
    }
    if let Some((offset, bytes)) = data.split_first_chunk() {
        let cleared = Events::cleared_by(u32::from_le_bytes(*offset), bytes);
        assert!(Events::all().contains(cleared));
    }
}
