//! What is written is read to the same, and lies where the C structures have it.
#![forbid(unsafe_code)]

#[path = "common/samples.rs"]
mod samples;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use samples::{any_request, any_response, request_of, response_of};
use wire::{ParseError, Writer};
use wire_virtio_gpu::*;

fn bytes_of(request: &Request<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    request.encode(&mut writer);
    writer.into_bytes()
}

fn parse(bytes: &[u8]) -> Result<Request<'_>, RequestError> {
    let control = Request::parse(bytes, Queue::Control, Features::all());
    match control {
        Err(RequestError::WrongQueue { .. }) => {
            Request::parse(bytes, Queue::Cursor, Features::all())
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn requests(request in any_request()) {
        let bytes = bytes_of(&request.as_request());
        prop_assert_eq!(parse(&bytes), Ok(request.as_request()));
    }

    #[test]
    fn a_request_cut_anywhere_is_an_error(request in any_request()) {
        let bytes = bytes_of(&request.as_request());
        for size in 0..bytes.len() {
            let error = parse(&bytes[..size]).expect_err("cut");
            prop_assert_eq!(error.header() == Header::default(), size < HEADER_SIZE);
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert!(parse(&longer).is_err());
    }

    #[test]
    fn responses((header, response) in any_response()) {
        let mut writer = Writer::new();
        response.encode(&header, &mut writer);
        prop_assert_eq!(writer.len(), response.size());
        let read = Response::parse(writer.as_bytes());
        prop_assert_eq!(read, Ok((header.of_response(), response)));
    }

    #[test]
    fn a_response_has_its_own_length((header, response) in any_response()) {
        let mut writer = Writer::new();
        response.encode(&header, &mut writer);
        let bytes = writer.into_bytes();
        if !matches!(response, Response::Capset(_)) {
            prop_assert!(Response::parse(&bytes[..bytes.len() - 1]).is_err());
            prop_assert!(Response::parse(&[bytes.as_slice(), &[0]].concat()).is_err());
        }
    }
}

/// `sizeof` of each request's structure in `linux/virtio_gpu.h`.
#[test]
fn sizes_of_fixed_parts() {
    let size = |command| match command {
        CommandType::GetDisplayInfo | CommandType::CtxDestroy => 24,
        CommandType::ResourceCreate2d => 40,
        CommandType::SetScanout | CommandType::ResourceFlush => 48,
        CommandType::TransferToHost2d => 56,
        CommandType::ResourceCreateBlob => 56,
        CommandType::SetScanoutBlob | CommandType::CtxCreate => 96,
        CommandType::ResourceCreate3d
        | CommandType::TransferToHost3d
        | CommandType::TransferFromHost3d => 72,
        CommandType::ResourceMapBlob => 40,
        CommandType::UpdateCursor | CommandType::MoveCursor => 56,
        _ => 32,
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for command in CommandType::ALL.iter().copied() {
        let tree = request_of(command).new_tree(&mut runner);
        let sample = tree.expect("it can be made").current();
        let bytes = bytes_of(&sample.as_request());
        let head = Head::parse(&bytes, command.queue(), Features::all());
        let tail = head.and_then(|head| head.tail(bytes.len()));
        assert_eq!(tail.map(|tail| tail.start), Ok(size(command)), "{command}");
    }
}

/// `sizeof` of each response's structure.
#[test]
fn sizes_of_responses() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for response in ResponseType::ALL.iter().copied() {
        let tree = response_of(response).new_tree(&mut runner);
        let sample = tree.expect("it can be made").current();
        let size = match (response, &sample) {
            (ResponseType::OkDisplayInfo, _) => 408,
            (ResponseType::OkCapsetInfo | ResponseType::OkResourceUuid, _) => 40,
            (ResponseType::OkEdid, _) => 1056,
            (ResponseType::OkMapInfo, _) => 32,
            (_, Response::Capset(bytes)) => 24 + bytes.len(),
            _ => 24,
        };
        assert_eq!(sample.size(), size, "{response:?}");
    }
}

const HEADER: Header = Header {
    fence: Some(Fence(0x0807_0605_0403_0201)),
    context: ContextId::new(0x0c0b_0a09),
    ring: RingIdx::new(0x0d),
};

fn request(command: Command<'_>) -> Vec<u8> {
    let header = HEADER;
    bytes_of(&Request { header, command })
}

#[test]
fn a_request_byte_for_byte() {
    let entry = |address, length| MemEntry::new(address, length).expect("in range");
    let bytes = request(Command::ResourceCreateBlob(ResourceCreateBlob {
        resource: ResourceId::new(5).expect("not 0"),
        mem: BlobMem::Host3dGuest,
        flags: BlobFlags::MAPPABLE | BlobFlags::CROSS_DEVICE,
        blob_id: BlobId(6),
        size: 0x2000,
        entries: vec![entry(0x1_0000_0000, 0x1000), entry(0x3000, 0x1000)],
    }));
    let words: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect();
    let header = [0x010c, 3, 0x0403_0201, 0x0807_0605, 0x0c0b_0a09, 0x0d];
    let fixed = [5, 3, 5, 2, 6, 0, 0x2000, 0];
    let entries = [0, 1, 0x1000, 0, 0x3000, 0, 0x1000, 0];
    assert_eq!(words, [&header[..], &fixed, &entries].concat());
}

#[test]
fn a_response_byte_for_byte() {
    let mut writer = Writer::new();
    let cache = MapCache::WriteCombined;
    Response::MapInfo(MapInfo { cache }).encode(&HEADER, &mut writer);
    let head = [0x06, 0x11, 0, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    let rest = [9, 10, 11, 12, 13, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(writer.as_bytes(), [head, rest].concat());
    let unfenced = Header {
        fence: None,
        ..HEADER
    };
    let mut writer = Writer::new();
    Response::Nodata.encode(&unfenced, &mut writer);
    assert_eq!(writer.as_bytes()[..4], [0, 0x11, 0, 0]);
    assert_eq!(writer.as_bytes()[4..], [0; 20]);
}

fn code(bytes: &[u8], queue: Queue, features: Features) -> Result<Header, ErrorCode> {
    match Request::parse(bytes, queue, features) {
        Ok(request) => Ok(request.header),
        Err(error) => Err(error.code()),
    }
}

/// What a guest gets for each way to be wrong.
#[test]
fn refusals() {
    let refused = |bytes: &[u8]| code(bytes, Queue::Control, Features::all());
    let change = |bytes: &[u8], at: usize, word: u32| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        bytes
    };
    let info = request(Command::GetDisplayInfo);
    assert_eq!(refused(&info[..23]), Err(ErrorCode::Unspec));
    for unknown in [0, 0xff, 0x010e, 0x01ff, 0x020a, 0x0302, 0x1100, u32::MAX] {
        let bytes = change(&info, 0, unknown);
        assert_eq!(refused(&bytes), Err(ErrorCode::Unspec), "{unknown:#x}");
    }
    let wrong_queue = code(&info, Queue::Cursor, Features::all());
    assert_eq!(wrong_queue, Err(ErrorCode::Unspec));

    let resource = ResourceId::new(1).expect("not 0");
    let flush = request(Command::ResourceUnref(ResourceUnref { resource }));
    let none = change(&flush, 24, 0);
    assert_eq!(refused(&none), Err(ErrorCode::InvalidResourceId));

    let scanout = ScanoutId::new(15).expect("in range");
    let edid = request(Command::GetEdid(GetEdid { scanout }));
    let past = change(&edid, 24, 16);
    assert_eq!(refused(&past), Err(ErrorCode::InvalidScanoutId));
    let not_accepted = code(&edid, Queue::Control, !Features::EDID);
    assert_eq!(not_accepted, Err(ErrorCode::Unspec));

    let destroy = request(Command::CtxDestroy);
    let none = change(&destroy, 16, 0);
    assert_eq!(refused(&none), Err(ErrorCode::InvalidContextId));
    let ring = change(&destroy, 20, 64);
    assert_eq!(refused(&ring), Err(ErrorCode::InvalidParameter));
    let unknown_to_it = code(&ring, Queue::Control, !Features::CONTEXT_INIT);
    assert!(unknown_to_it.is_ok_and(|header| header.ring.is_none()));
}

/// Counts over their limits are refused by the head alone: nothing is allocated for them.
#[test]
fn limits_hold_before_the_tail() {
    let resource = ResourceId::new(1).expect("not 0");
    let entries = Vec::new();
    let attach = Command::ResourceAttachBacking(ResourceAttachBacking { resource, entries });
    let submit = Command::Submit3d(Submit3d {
        commands: wire::Guest::new(&[]),
    });
    let cases = [
        (request(attach), 28, limits::MAX_MEM_ENTRIES, 16),
        (request(submit), 24, limits::MAX_SUBMIT, 1),
    ];
    for (mut bytes, at, limit, unit) in cases {
        bytes[at..at + 4].copy_from_slice(&limit.to_le_bytes());
        let head = Head::parse(&bytes, Queue::Control, Features::all()).expect("at the limit");
        let size = 32 + limit as usize * unit;
        assert_eq!(head.request_size(), size);
        assert_eq!(head.tail(size), Ok(32..size));
        assert_eq!(head.tail(size + 7), Ok(32..size));
        assert!(head.tail(size - 1).is_err());
        assert!(head.complete(&[]).is_err());
        bytes[at..at + 4].copy_from_slice(&(limit + 1).to_le_bytes());
        let error = Head::parse(&bytes, Queue::Control, Features::all());
        assert!(matches!(
            error,
            Err(RequestError::Malformed {
                fault: Fault::Bytes(ParseError::Limit { .. }),
                ..
            })
        ));
    }
}

/// A scanout is turned off whatever the driver left in the fields of the image.
#[test]
fn no_image_needs_no_format() {
    let scanout = ScanoutId::new(2).expect("in range");
    let off = SetScanoutBlob {
        rect: Rect::default(),
        scanout,
        image: None,
    };
    let mut bytes = request(Command::SetScanoutBlob(off));
    bytes[48..].fill(0xff);
    let read = Request::parse(&bytes, Queue::Control, Features::all());
    assert_eq!(
        read.map(|request| request.command),
        Ok(Command::SetScanoutBlob(off))
    );
}

#[test]
fn a_name_is_text_for_a_terminal() {
    let name = DebugName::new(b"glx\x1b[2Jgears\0rubbish");
    assert_eq!(name.text(), "glx\u{fffd}[2Jgears");
    assert_eq!(format!("{name:?}"), "DebugName(..)");
    assert_eq!(DebugName::new(&[0xff; 100]).as_bytes().len(), 64);
}
