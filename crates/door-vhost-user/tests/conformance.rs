//! Every command, right and wrong, and what virtio 1.4 (5.7.6.7 to 5.7.6.10) has the device answer.

mod common;

use common::{FREE, Guest, encode};
use wire::Guest as Redacted;
use wire_virtio_gpu::{
    BlobFlags, BlobId, BlobImage, BlobMem, Box3d, CapsetId, Command, CommandType, ContextId,
    CtxCreate, CtxResource, CursorPosition, DebugName, ErrorCode, Fence, Format, GetCapset,
    GetCapsetInfo, GetEdid, Header, MemEntry, MoveCursor, Rect, ResourceAssignUuid,
    ResourceAttachBacking, ResourceCreate2d, ResourceCreate3d, ResourceCreateBlob,
    ResourceDetachBacking, ResourceFlags, ResourceFlush, ResourceId, ResourceMapBlob,
    ResourceUnmapBlob, ResourceUnref, Response, ScanoutId, SetScanout, SetScanoutBlob, Submit3d,
    TransferHost3d, TransferToHost2d, UpdateCursor,
};

fn id(number: u32) -> ResourceId {
    ResourceId::new(number).unwrap()
}

fn scanout(number: u32) -> ScanoutId {
    ScanoutId::new(number).unwrap()
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn create_2d(number: u32, width: u32, height: u32) -> Command<'static> {
    Command::ResourceCreate2d(ResourceCreate2d {
        resource: id(number),
        format: Format::B8G8R8A8Unorm,
        width,
        height,
    })
}

fn create_3d(number: u32, target: u32) -> Command<'static> {
    Command::ResourceCreate3d(ResourceCreate3d {
        resource: id(number),
        target,
        format: 1,
        bind: 2,
        width: 16,
        height: 16,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: ResourceFlags::empty(),
    })
}

fn attach(number: u32, address: u64, length: u32) -> Command<'static> {
    Command::ResourceAttachBacking(ResourceAttachBacking {
        resource: id(number),
        entries: vec![MemEntry::new(address, length).unwrap()],
    })
}

fn transfer_2d(number: u32, rect: Rect, offset: u64) -> Command<'static> {
    Command::TransferToHost2d(TransferToHost2d {
        rect,
        offset,
        resource: id(number),
    })
}

fn flush(number: u32, rect: Rect) -> Command<'static> {
    Command::ResourceFlush(ResourceFlush {
        rect,
        resource: id(number),
    })
}

fn show(number: u32, on: u32, rect: Rect) -> Command<'static> {
    Command::SetScanout(SetScanout {
        rect,
        scanout: scanout(on),
        resource: ResourceId::new(number),
    })
}

fn unref(number: u32) -> Command<'static> {
    Command::ResourceUnref(ResourceUnref {
        resource: id(number),
    })
}

fn transfer_3d(number: u32, offset: u64) -> TransferHost3d {
    TransferHost3d {
        region: Box3d {
            x: 0,
            y: 0,
            z: 0,
            w: 1,
            h: 1,
            d: 1,
        },
        offset,
        resource: id(number),
        level: 0,
        stride: 0,
        layer_stride: 0,
    }
}

fn in_context(number: u32) -> Header {
    Header {
        context: ContextId::new(number),
        ..Header::default()
    }
}

fn context(capset: Option<CapsetId>) -> Command<'static> {
    Command::CtxCreate(CtxCreate {
        capset,
        debug_name: DebugName::new(b"test"),
    })
}

fn blob(number: u32, mem: BlobMem, size: u64, entries: Vec<MemEntry>) -> Command<'static> {
    Command::ResourceCreateBlob(ResourceCreateBlob {
        resource: id(number),
        mem,
        flags: BlobFlags::MAPPABLE,
        blob_id: BlobId(1),
        size,
        entries,
    })
}

const NODATA: Response = Response::Nodata;
const UNSPEC: Response = Response::Err(ErrorCode::Unspec);
const SCANOUT: Response = Response::Err(ErrorCode::InvalidScanoutId);
const RESOURCE: Response = Response::Err(ErrorCode::InvalidResourceId);
const CONTEXT: Response = Response::Err(ErrorCode::InvalidContextId);
const PARAMETER: Response = Response::Err(ErrorCode::InvalidParameter);
const MEMORY: Response = Response::Err(ErrorCode::OutOfMemory);

/// Sends each command of a list, and compares.
fn check(guest: &mut Guest, list: Vec<(Command<'static>, Response)>) {
    for (at, (command, expected)) in list.into_iter().enumerate() {
        let text = format!("{at}: {command:?}");
        assert_eq!(guest.command(command), expected, "{text}");
    }
}

fn check_in(guest: &mut Guest, ctx: u32, list: Vec<(Command<'static>, Response)>) {
    for (at, (command, expected)) in list.into_iter().enumerate() {
        let text = format!("{at}: {command:?}");
        let (_, response) = guest.request(0, in_context(ctx), command);
        assert_eq!(response, expected, "{text}");
    }
}

#[test]
fn resources_of_two_dimensions() {
    let mut guest = Guest::new();
    let whole = rect(0, 0, 32, 16);
    check(
        &mut guest,
        vec![
            (create_2d(1, 32, 16), NODATA),
            (create_2d(1, 32, 16), RESOURCE),
            (create_2d(2, 0, 16), PARAMETER),
            (create_2d(2, 65_536, 65_536), PARAMETER),
            (transfer_2d(1, whole, 0), UNSPEC),
            (transfer_2d(9, whole, 0), RESOURCE),
            (attach(1, FREE, 2048), NODATA),
            (attach(1, FREE, 2048), UNSPEC),
            (attach(9, FREE, 2048), RESOURCE),
            (transfer_2d(1, whole, 0), NODATA),
            (transfer_2d(1, rect(1, 0, 32, 16), 0), PARAMETER),
            (transfer_2d(1, rect(u32::MAX, 0, 2, 1), 0), PARAMETER),
            (transfer_2d(1, rect(0, 0, 32, 1), 2048), PARAMETER),
            (transfer_2d(1, rect(0, 0, 32, 1), u64::MAX), PARAMETER),
            (flush(1, whole), NODATA),
            (flush(1, rect(0, 0, 33, 16)), PARAMETER),
            (flush(9, whole), RESOURCE),
            (unref(9), RESOURCE),
            (unref(1), NODATA),
            (unref(1), RESOURCE),
        ],
    );
}

#[test]
fn memory_that_is_not_there_is_no_backing() {
    let mut guest = Guest::new();
    let beyond = common::MEMORY;
    check(
        &mut guest,
        vec![
            (create_2d(1, 32, 16), NODATA),
            (attach(1, beyond, 16), PARAMETER),
            (attach(1, beyond - 8, 16), PARAMETER),
            (attach(1, u64::MAX - 32, 16), PARAMETER),
            (attach(1, beyond - 16, 16), NODATA),
        ],
    );
    let detach = || Command::ResourceDetachBacking(ResourceDetachBacking { resource: id(1) });
    check(&mut guest, vec![(detach(), NODATA), (detach(), UNSPEC)]);
}

#[test]
fn scanouts_show_what_they_are_given() {
    let mut guest = Guest::new();
    let whole = rect(0, 0, 32, 16);
    check(
        &mut guest,
        vec![
            (create_2d(1, 32, 16), NODATA),
            (show(1, 0, whole), NODATA),
            (show(1, 0, rect(0, 0, 33, 16)), PARAMETER),
            (show(1, 0, rect(0, 0, 0, 16)), PARAMETER),
            (show(9, 0, whole), RESOURCE),
            (show(1, 1, whole), NODATA),
            // The guest was told of two.
            (show(1, 2, whole), SCANOUT),
            (show(0, 2, whole), SCANOUT),
            (show(0, 1, rect(0, 0, 0, 0)), NODATA),
        ],
    );
    assert!(guest.display.frame(0).is_some());
    assert!(guest.display.frame(1).is_none());
    assert_eq!(guest.command(unref(1)), NODATA);
    assert!(guest.display.frame(0).is_none());
}

#[test]
fn pixels_arrive_on_the_screen() {
    let mut guest = Guest::new();
    let whole = rect(0, 0, 32, 16);
    let pixels: Vec<u8> = (0..2048u32).map(|at| (at % 251) as u8).collect();
    guest.memory.write(FREE, &pixels).unwrap();
    check(
        &mut guest,
        vec![
            (create_2d(1, 32, 16), NODATA),
            (attach(1, FREE, 2048), NODATA),
            (show(1, 0, whole), NODATA),
            (transfer_2d(1, whole, 0), NODATA),
            (flush(1, whole), NODATA),
        ],
    );
    let frame = guest.display.frame(0).unwrap();
    let mut shown = Vec::new();
    frame.read(frame.rect(), &mut shown);
    assert_eq!(shown, pixels);
}

#[test]
fn screens_say_what_they_are() {
    let mut guest = Guest::new();
    let Response::DisplayInfo(info) = guest.command(Command::GetDisplayInfo) else {
        panic!("no display info");
    };
    assert!(info.scanouts[0].enabled && !info.scanouts[1].enabled);
    assert_eq!(info.scanouts[0].rect, rect(0, 0, 1024, 768));
    let edid = |number| {
        Command::GetEdid(GetEdid {
            scanout: scanout(number),
        })
    };
    let Response::Edid(bytes) = guest.command(edid(0)) else {
        panic!("no EDID");
    };
    assert_eq!(bytes.as_bytes()[..8], [0, 255, 255, 255, 255, 255, 255, 0]);
    assert_eq!(guest.command(edid(2)), SCANOUT);
    let config = guest.config();
    assert_eq!(config[8..12], [2, 0, 0, 0]);
}

#[test]
fn capsets_are_told() {
    let mut guest = Guest::new();
    let info = |index| Command::GetCapsetInfo(GetCapsetInfo { index });
    let get = |capset, version| {
        Command::GetCapset(GetCapset {
            capset: CapsetId(capset),
            version,
        })
    };
    // The front end has no regions that blobs are mapped into.
    assert_eq!(guest.config()[12..16], [1, 0, 0, 0]);
    let Response::CapsetInfo(virgl) = guest.command(info(0)) else {
        panic!("no capset");
    };
    assert_eq!((virgl.capset, virgl.max_size), (CapsetId(1), 8));
    let capset = Response::Capset(common::renderer::CAPSET.to_vec());
    check(
        &mut guest,
        vec![
            (info(1), PARAMETER),
            (info(u32::MAX), PARAMETER),
            (get(1, 1), capset),
            (get(1, 2), PARAMETER),
            (get(4, 0), PARAMETER),
            (get(77, 0), PARAMETER),
        ],
    );
}

#[test]
fn contexts_live_and_die() {
    let mut guest = Guest::new();
    let submit = |commands: &'static [u8]| {
        Command::Submit3d(Submit3d {
            commands: Redacted::new(commands),
        })
    };
    check_in(
        &mut guest,
        1,
        vec![
            (submit(b"too early"), CONTEXT),
            (context(None), NODATA),
            (context(None), CONTEXT),
            (submit(b"commands"), NODATA),
            (submit(b""), NODATA),
            (submit(b"wrong"), PARAMETER),
            (Command::CtxDestroy, NODATA),
            (Command::CtxDestroy, CONTEXT),
        ],
    );
    assert_eq!(guest.slow.told().submitted, [b"commands".to_vec(), vec![]]);
    assert_eq!(guest.slow.told().contexts, 0);
    // A context of a kind that is not offered.
    let (_, response) = guest.request(0, in_context(2), context(Some(CapsetId(77))));
    assert_eq!(response, UNSPEC);
    // Context 0 is none.
    assert_eq!(guest.command(Command::CtxDestroy), CONTEXT);
}

#[test]
fn resources_of_contexts() {
    let mut guest = Guest::new();
    let known = |resource| CtxResource {
        resource: id(resource),
    };
    check_in(
        &mut guest,
        1,
        vec![
            (context(None), NODATA),
            (create_3d(1, 2), NODATA),
            (create_3d(1, 2), RESOURCE),
            (create_3d(2, 99), PARAMETER),
            (attach(1, FREE, 4096), NODATA),
            (Command::TransferToHost3d(transfer_3d(1, 0)), RESOURCE),
            (Command::CtxAttachResource(known(9)), RESOURCE),
            (Command::CtxAttachResource(known(1)), NODATA),
            (Command::TransferToHost3d(transfer_3d(1, 0)), NODATA),
            (Command::TransferFromHost3d(transfer_3d(1, 0)), NODATA),
            (Command::TransferToHost3d(transfer_3d(1, 4096)), PARAMETER),
            (Command::TransferToHost3d(transfer_3d(9, 0)), RESOURCE),
            (Command::CtxDetachResource(known(1)), NODATA),
            (Command::CtxDetachResource(known(9)), RESOURCE),
            (unref(1), NODATA),
        ],
    );
    let (_, response) = guest.request(0, in_context(7), Command::CtxAttachResource(known(1)));
    assert_eq!(response, CONTEXT);
}

#[test]
fn blobs_of_the_guest() {
    let mut guest = Guest::new();
    let entry = |length| vec![MemEntry::new(FREE, length).unwrap()];
    let image = |stride, offset| BlobImage {
        resource: id(1),
        width: 16,
        height: 16,
        format: Format::B8G8R8X8Unorm,
        strides: [stride, 0, 0, 0],
        offsets: [offset, 0, 0, 0],
    };
    let show = |image| {
        Command::SetScanoutBlob(SetScanoutBlob {
            rect: rect(0, 0, 16, 16),
            scanout: scanout(0),
            image,
        })
    };
    let map = || {
        Command::ResourceMapBlob(ResourceMapBlob {
            resource: id(1),
            offset: 0,
        })
    };
    check(
        &mut guest,
        vec![
            (blob(1, BlobMem::Guest, 0, vec![]), PARAMETER),
            (blob(1, BlobMem::Guest, 1 << 60, vec![]), MEMORY),
            (blob(1, BlobMem::Guest, 8192, entry(4096)), PARAMETER),
            (blob(1, BlobMem::Guest, 4096, entry(4096)), NODATA),
            (blob(1, BlobMem::Guest, 4096, entry(4096)), RESOURCE),
            (show(Some(image(64, 0))), NODATA),
            (show(Some(image(64, 3072))), NODATA),
            (show(Some(image(64, 3076))), PARAMETER),
            (show(Some(image(63, 0))), PARAMETER),
            (show(None), NODATA),
            // It is the guest's already.
            (map(), RESOURCE),
            (blob(2, BlobMem::Host3d, 4096, vec![]), CONTEXT),
            (unref(1), NODATA),
        ],
    );
}

#[test]
fn mapping_without_a_channel_is_refused() {
    let mut guest = Guest::new();
    let map = |offset| {
        Command::ResourceMapBlob(ResourceMapBlob {
            resource: id(1),
            offset,
        })
    };
    let unmap = || Command::ResourceUnmapBlob(ResourceUnmapBlob { resource: id(1) });
    check_in(
        &mut guest,
        1,
        vec![
            (context(None), NODATA),
            (blob(1, BlobMem::Host3d, 4096, vec![]), NODATA),
            (map(1), PARAMETER),
            (map(1 << 30), PARAMETER),
            (map(0), UNSPEC),
            // It is not half mapped.
            (unmap(), PARAMETER),
            (map(0), UNSPEC),
        ],
    );
}

#[test]
fn a_resource_has_one_name() {
    let mut guest = Guest::new();
    let name = |number| {
        Command::ResourceAssignUuid(ResourceAssignUuid {
            resource: id(number),
        })
    };
    assert_eq!(guest.command(name(1)), RESOURCE);
    assert_eq!(guest.command(create_2d(1, 4, 4)), NODATA);
    let first = guest.command(name(1));
    assert!(matches!(first, Response::ResourceUuid(_)));
    assert_eq!(guest.command(name(1)), first);
}

#[test]
fn pointers_have_their_own_queue() {
    let mut guest = Guest::new();
    let position = CursorPosition {
        scanout: scanout(0),
        x: 5u32.wrapping_neg(),
        y: 7,
    };
    let update = |resource| {
        Command::UpdateCursor(UpdateCursor {
            position,
            resource: ResourceId::new(resource),
            hot_x: 1,
            hot_y: 2,
        })
    };
    assert_eq!(guest.command(create_2d(1, 64, 64)), NODATA);
    assert_eq!(guest.command(create_2d(2, 32, 64)), NODATA);
    for (command, expected) in [
        (update(1), NODATA),
        (update(2), PARAMETER),
        (update(9), RESOURCE),
    ] {
        assert_eq!(guest.request(1, Header::default(), command).1, expected);
    }
    let moved = Command::MoveCursor(MoveCursor { position });
    assert_eq!(guest.request(1, Header::default(), moved.clone()).1, NODATA);
    let cursor = guest.display.cursor(0).unwrap();
    assert_eq!((cursor.position.x, cursor.position.y), (-5, 7));
    assert_eq!((cursor.hot_spot.x, cursor.hot_spot.y), (1, 2));
    // On the wrong queue they are nothing.
    assert_eq!(guest.command(moved), UNSPEC);
    let elsewhere = Command::GetDisplayInfo;
    assert_eq!(guest.request(1, Header::default(), elsewhere).1, UNSPEC);
    // Linux sends them without room for an answer.
    let bytes = encode(Header::default(), update(1));
    guest.put(1, 0, &bytes, 0);
    guest.kick(1);
    assert_eq!(guest.wait_used(1), (0, 0));
}

#[test]
fn what_the_driver_did_not_accept_it_may_not_send() {
    use wire_virtio_gpu::Features;
    let mut guest = Guest::connect(&common::setup(), common::Slow::default());
    let all = vhost::vhost_user::message::VhostUserProtocolFeatures::all();
    guest.negotiate(all, Features::empty());
    guest.set_memory();
    guest.start(0);
    let edid = Command::GetEdid(GetEdid {
        scanout: scanout(0),
    });
    for command in [
        edid,
        blob(1, BlobMem::Guest, 4096, vec![]),
        create_3d(1, 2),
        Command::ResourceAssignUuid(ResourceAssignUuid { resource: id(1) }),
    ] {
        assert_eq!(guest.command(command), UNSPEC);
    }
    assert_eq!(guest.command(create_2d(1, 4, 4)), NODATA);
}

/// Every number that is no command, every command that ends anywhere within its fixed part.
#[test]
fn rubbish_is_answered() {
    let mut guest = Guest::new();
    for number in [0u32, 1, 0xff, 0x10e, 0x1ff, 0x20a, 0x302, 0x1100, u32::MAX] {
        let mut bytes = vec![0; 24];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        let (_, response) = Response::parse(&guest.send(0, &bytes)).unwrap();
        assert_eq!(response, UNSPEC, "{number:#x}");
    }
    for command in CommandType::ALL {
        let mut bytes = [0xff; 96];
        bytes[..24].fill(0);
        bytes[..4].copy_from_slice(&command.number().to_le_bytes());
        bytes[16] = 1;
        for len in 0..96 {
            let answered = guest.send(0, &bytes[..len]);
            let (_, response) = Response::parse(&answered).unwrap();
            let is_wrong = matches!(response, Response::Err(_));
            let is_whole = matches!(
                command,
                CommandType::GetDisplayInfo | CommandType::CtxDestroy
            );
            assert!(
                is_wrong || (is_whole && len >= 24),
                "{command} of {len} bytes"
            );
        }
    }
}

#[test]
fn a_fence_comes_back_with_what_was_sent() {
    let mut guest = Guest::new();
    let header = Header {
        fence: Some(Fence(77)),
        context: ContextId::new(5),
        ring: None,
    };
    let (back, response) = guest.request(0, header, create_2d(1, 4, 4));
    assert_eq!((back, response), (header, NODATA));
    // An error, too.
    let (back, response) = guest.request(0, header, create_2d(1, 4, 4));
    assert_eq!((back, response), (header, RESOURCE));
    // Without the flag there is nothing to come back.
    let (back, _) = guest.request(0, in_context(5), create_2d(2, 4, 4));
    assert_eq!(back, Header::default());
}
