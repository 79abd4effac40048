//! virgl's clients over real sockets: what they transfer, wait for, and must not do.

mod common;

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::canvas::{CAPS1_SIZE, CAPS2_SIZE, COPY, Canvas, FILL, LOSE, MAKE, MAX_SIDE, NOTHING};
use common::{Client, OwnedReply, PATIENCE, final_stats, is_readable, to_points};
use context::CapsetId;
use door_vtest::{ClientReport, Server};
use host_memory::Mapping;
use proptest::prelude::*;
use wire::Writer;
use wire_vtest::{
    Batch, BlobFlags, BlobType, Box3d, BusyWaitFlags, Command, Request, ResourceCreate,
    ResourceCreateBlob, ResourceHandle, SubmitCmd2, Transfer, Transfer2, Version,
};

const ALL_VERSIONS: [u32; 4] = [0, 2, 3, 4];
const MEMORY_VERSIONS: [u32; 3] = [2, 3, 4];

fn server() -> (Server, Arc<Canvas>) {
    let canvas = Arc::new(Canvas::default());
    (Server::new(Arc::clone(&canvas) as _).unwrap(), canvas)
}

/// A client with a name and a version, as Mesa's: its context comes with its first resource.
fn client(server: &Server, version: u32) -> Client {
    let mut client = Client::connect(server);
    client.create_renderer("test");
    client.negotiate(version);
    client
}

/// A resource of so many pixels of 4 bytes.
fn shape(width: u32, height: u32, depth: u32) -> ResourceCreate {
    ResourceCreate {
        handle: ResourceHandle(0),
        target: 2,
        format: 4,
        bind: 2,
        width,
        height,
        depth,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
    }
}

fn region(start: [u32; 3], size: [u32; 3]) -> Box3d {
    Box3d {
        x: start[0],
        y: start[1],
        z: start[2],
        width: size[0],
        height: size[1],
        depth: size[2],
    }
}

fn all_of(create: &ResourceCreate) -> Box3d {
    region([0; 3], [create.width, create.height, create.depth])
}

/// A resource of a client, and its memory from version 2 on.
struct Made {
    handle: ResourceHandle,
    memory: Option<Mapping>,
}

impl Made {
    fn write(&self, offset: u64, bytes: &[u8]) {
        self.memory.as_ref().unwrap().write(offset, bytes).unwrap();
    }

    fn read(&self, offset: u64, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        let memory = self.memory.as_ref().unwrap();
        memory.read(offset, &mut bytes).unwrap();
        bytes
    }
}

/// Makes a resource as Mesa does in the client's version; `memory_size` counts from 2 on.
fn make(client: &mut Client, create: ResourceCreate, memory_size: u32) -> Made {
    let wanted = ResourceHandle(7);
    let mut create = create;
    if client.version < Version::V3 {
        create.handle = wanted;
    }
    let request = match client.version {
        Version::V0 => Request::ResourceCreate(create),
        _ => Request::ResourceCreate2(create, memory_size),
    };
    let memory = |fd: OwnedFd| Some(Mapping::new(fd.as_fd(), memory_size.into()).unwrap());
    let silent =
        client.version == Version::V0 || (client.version == Version::V2 && memory_size == 0);
    if silent {
        client.send(&request);
        return Made {
            handle: wanted,
            memory: None,
        };
    }
    match client.call(&request) {
        OwnedReply::Fd(fd) => Made {
            handle: wanted,
            memory: memory(fd),
        },
        OwnedReply::Resource(handle, fd) => {
            assert_eq!(fd.is_some(), memory_size != 0);
            Made {
                handle,
                memory: fd.and_then(memory),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn transfer(made: &Made, region: Box3d, data_size: u32) -> Transfer {
    Transfer {
        resource: made.handle,
        level: 0,
        stride: 0,
        layer_stride: 0,
        region,
        data_size,
    }
}

fn transfer2(made: &Made, region: Box3d, offset: u32) -> Transfer2 {
    Transfer2 {
        resource: made.handle,
        level: 0,
        region,
        data_size: 0,
        offset,
    }
}

fn get(client: &mut Client, transfer: Transfer) -> Vec<u8> {
    match client.call(&Request::TransferGet(transfer)) {
        OwnedReply::Bytes(Some(bytes)) => bytes,
        other => panic!("{other:?}"),
    }
}

/// The whole resource, as it now is, by the client's own road.
fn pixels(client: &mut Client, made: &Made, create: &ResourceCreate) -> Vec<u8> {
    let size = create.width * create.height * create.depth * create.format;
    match made.memory {
        None => get(client, transfer(made, all_of(create), size)),
        Some(_) => {
            made.write(0, &vec![0xee; size as usize]);
            client.send(&Request::TransferGet2(transfer2(made, all_of(create), 0)));
            assert!(!busy(client, made.handle, true));
            made.read(0, size as usize)
        }
    }
}

fn submit(client: &mut Client, words: &[u32]) {
    let commands: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    client.send(&Request::SubmitCmd(&commands));
}

fn busy(client: &mut Client, handle: ResourceHandle, wait: bool) -> bool {
    let mut flags = BusyWaitFlags::empty();
    flags.set(BusyWaitFlags::WAIT, wait);
    match client.call(&Request::ResourceBusyWait(handle, flags)) {
        OwnedReply::Busy(busy) => busy,
        other => panic!("{other:?}"),
    }
}

fn numbered(size: usize) -> Vec<u8> {
    (0..size).map(|n| n as u8).collect()
}

/// What became of the only client, once it has left.
fn report(server: &Server) -> ClientReport {
    final_stats(server).reports.remove(0)
}

#[test]
fn a_client_greets_as_mesa_does() {
    let (server, _) = server();
    let mut client = Client::connect(&server);
    client.create_renderer("glxgears");
    let ping = Request::PingProtocolVersion;
    let probe = Request::ResourceBusyWait(ResourceHandle(0), BusyWaitFlags::empty());
    client.send(&ping);
    client.send(&probe);
    assert!(matches!(client.receive(&ping), OwnedReply::Ping));
    assert!(matches!(client.receive(&probe), OwnedReply::Busy(false)));
    client.negotiate(4);
    // Mesa sends both and takes what comes.
    client.send(&Request::GetCaps2);
    client.send(&Request::GetCaps);
    let caps2 = client.receive(&Request::GetCaps2);
    assert!(matches!(caps2, OwnedReply::Bytes(Some(bytes)) if bytes == [2; CAPS2_SIZE]));
    let caps = client.receive(&Request::GetCaps);
    assert!(matches!(caps, OwnedReply::Bytes(Some(bytes)) if bytes == [1; CAPS1_SIZE]));
    make(&mut client, shape(1, 1, 1), 4);
    client.expect_alive();
    drop(client);
    let report = report(&server);
    assert_eq!(report.capset, Some(CapsetId::VIRGL));
    assert_eq!((report.dropped, report.refusal), (None, None));
    assert_eq!((report.counts.contexts, report.counts.resources), (1, 1));
}

#[test]
fn both_capsets_are_sent_in_every_version_that_they_have() {
    let (server, _) = server();
    let mut client = client(&server, 4);
    let mut sizes = Vec::new();
    for (id, version) in [(1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (4, 0)] {
        match client.call(&Request::GetCapset { id, version }) {
            OwnedReply::Bytes(bytes) => sizes.push(bytes.map(|bytes| bytes.len())),
            other => panic!("{other:?}"),
        }
    }
    let (one, two) = (Some(CAPS1_SIZE), Some(CAPS2_SIZE));
    assert_eq!(sizes, [one, one, None, two, two, None, None]);
}

#[test]
fn pixels_go_there_and_back_in_every_version() {
    for version in ALL_VERSIONS {
        let (server, _) = server();
        let mut client = client(&server, version);
        let create = shape(5, 3, 2);
        let sent = numbered(5 * 3 * 2 * 4);
        let made = make(&mut client, create, 120);
        match &made.memory {
            None => client.send(&Request::TransferPut(
                transfer(&made, all_of(&create), 120),
                &sent,
            )),
            Some(_) => {
                made.write(0, &sent);
                client.send(&Request::TransferPut2(transfer2(&made, all_of(&create), 0)));
                assert!(!busy(&mut client, made.handle, true));
            }
        }
        assert_eq!(pixels(&mut client, &made, &create), sent, "{version}");
        drop(client);
        assert_eq!(report(&server).dropped, None);
    }
}

#[test]
fn a_part_lands_where_it_belongs() {
    let (server, _) = server();
    let create = shape(4, 4, 2);
    let part = region([1, 2, 1], [2, 2, 1]);
    let sent = numbered(16);
    let mut expected = vec![0; 128];
    for row in 0..2 {
        let at = ((4 + 2 + row) * 4 + 1) * 4;
        expected[at..at + 8].copy_from_slice(&sent[row * 8..row * 8 + 8]);
    }

    // Through the socket rows may be apart; the gap belongs to nothing.
    let mut inline = client(&server, 0);
    let made = make(&mut inline, create, 0);
    let strided = Transfer {
        stride: 11,
        ..transfer(&made, part, 19)
    };
    let mut spread = vec![0xaa; 19];
    spread[..8].copy_from_slice(&sent[..8]);
    spread[11..].copy_from_slice(&sent[8..]);
    inline.send(&Request::TransferPut(strided, &spread));
    assert_eq!(pixels(&mut inline, &made, &create), expected);
    spread[8..11].fill(0);
    assert_eq!(get(&mut inline, strided), spread);

    // In memory they are packed, from an offset on.
    let mut shared = client(&server, 4);
    let made = make(&mut shared, create, 128);
    made.write(100, &sent);
    shared.send(&Request::TransferPut2(transfer2(&made, part, 100)));
    shared.expect_alive();
    assert_eq!(pixels(&mut shared, &made, &create), expected);
    shared.send(&Request::TransferGet2(transfer2(&made, part, 3)));
    shared.expect_alive();
    assert_eq!(made.read(3, 16), sent);
}

#[test]
fn levels_are_apart() {
    let (server, _) = server();
    let mut client = client(&server, 0);
    let create = ResourceCreate {
        last_level: 1,
        ..shape(4, 2, 1)
    };
    let made = make(&mut client, create, 0);
    let second = Transfer {
        level: 1,
        ..transfer(&made, region([0; 3], [2, 1, 1]), 8)
    };
    client.send(&Request::TransferPut(second, &numbered(8)));
    assert_eq!(get(&mut client, second), numbered(8));
    assert_eq!(pixels(&mut client, &made, &create), [0; 32]);
}

#[test]
fn commands_and_transfers_see_the_same_pixels() {
    for version in ALL_VERSIONS {
        let (server, _) = server();
        let mut client = client(&server, version);
        let create = shape(2, 2, 1);
        let made = make(&mut client, create, 16);
        submit(&mut client, &[FILL, made.handle.0, 0x77]);
        assert_eq!(pixels(&mut client, &made, &create), [0x77; 16]);
        drop(client);
        let report = report(&server);
        assert_eq!(report.counts.submits, 1);
        assert_eq!(report.counts.command_bytes, 12);
        assert_eq!(report.counts.transfers, 1);
    }
}

#[test]
fn what_has_no_memory_gets_no_fd() {
    for version in MEMORY_VERSIONS {
        let (server, _) = server();
        let mut client = client(&server, version);
        let multi_sampled = ResourceCreate {
            nr_samples: 4,
            ..shape(2, 2, 1)
        };
        let made = make(&mut client, multi_sampled, 0);
        assert!(made.memory.is_none());
        client.expect_alive();
        submit(&mut client, &[FILL, made.handle.0, 1]);
        client.expect_alive();
    }
    // RESOURCE_CREATE never has memory, in any version.
    let (server, _) = server();
    let mut client = client(&server, 3);
    let reply = client.call(&Request::ResourceCreate(shape(1, 1, 1)));
    assert!(matches!(
        reply,
        OwnedReply::Resource(ResourceHandle(1), None)
    ));
}

#[test]
fn a_freed_resource_is_gone_and_its_number_comes_again() {
    let (server, canvas) = server();
    let mut client = client(&server, 4);
    let first = make(&mut client, shape(1, 1, 1), 4);
    let second = make(&mut client, shape(1, 1, 1), 4);
    assert_eq!((first.handle.0, second.handle.0), (1, 2));
    client.expect_alive();
    assert_eq!(canvas.live(), 2);
    client.send(&Request::ResourceUnref(first.handle));
    client.expect_alive();
    assert_eq!(canvas.live(), 1);
    assert_eq!(make(&mut client, shape(1, 1, 1), 4).handle, first.handle);
    drop(client);
    final_stats(&server);
    assert_eq!(canvas.live(), 0);
}

/// Longer than work is taken to be under way without a look.
const BEGINNING: Duration = Duration::from_millis(1);

#[test]
fn a_wait_is_for_the_gpu() {
    let (server, canvas) = server();
    let mut client = client(&server, 4);
    let made = make(&mut client, shape(1, 1, 1), 4);
    // Nothing was submitted.
    assert!(!busy(&mut client, made.handle, false));
    canvas.held.lock().unwrap().hold();
    submit(&mut client, &[NOTHING]);
    // At first nobody looks.
    assert!(busy(&mut client, made.handle, false));
    std::thread::sleep(BEGINNING);
    for _ in 0..3 {
        assert!(busy(&mut client, made.handle, false));
    }
    // However often a client asks, it is one fence.
    assert_eq!(canvas.held.lock().unwrap().count(), 1);
    let is_released = Arc::new(AtomicBool::new(false));
    let gpu = std::thread::spawn({
        let (canvas, is_released) = (Arc::clone(&canvas), Arc::clone(&is_released));
        move || {
            std::thread::sleep(Duration::from_millis(50));
            is_released.store(true, Ordering::SeqCst);
            canvas.held.lock().unwrap().release_all();
        }
    });
    assert!(!busy(&mut client, made.handle, true));
    assert!(is_released.load(Ordering::SeqCst));
    gpu.join().unwrap();
    assert!(!busy(&mut client, made.handle, false));
    // More work, more to wait for.
    canvas.held.lock().unwrap().hold();
    submit(&mut client, &[NOTHING]);
    std::thread::sleep(BEGINNING);
    assert!(busy(&mut client, made.handle, false));
    submit(&mut client, &[NOTHING]);
    std::thread::sleep(BEGINNING);
    assert!(busy(&mut client, made.handle, false));
    canvas.held.lock().unwrap().release(1);
    assert!(busy(&mut client, made.handle, false));
    canvas.held.lock().unwrap().release_all();
    assert!(!busy(&mut client, made.handle, false));
}

#[test]
fn a_wait_ends_with_its_client() {
    let waiting = |end: fn(&Server, Client)| {
        let (server, canvas) = server();
        canvas.held.lock().unwrap().hold();
        let mut client = client(&server, 4);
        submit(&mut client, &[NOTHING]);
        let wait = Request::ResourceBusyWait(ResourceHandle(1), BusyWaitFlags::WAIT);
        client.send(&wait);
        while canvas.held.lock().unwrap().waiting() == 0 {
            std::thread::yield_now();
        }
        end(&server, client);
        assert!(server.wait_until_idle(Some(PATIENCE)));
        assert_eq!(report(&server).dropped, None);
    };
    waiting(|_, client| drop(client));
    waiting(|server, client| {
        assert!(server.stop(PATIENCE));
        drop(client);
    });
}

#[test]
fn a_lost_context_is_the_reason_that_is_told() {
    let (server, _) = server();
    let mut client = client(&server, 4);
    submit(&mut client, &[LOSE]);
    client.expect_hang_up();
    let dropped = report(&server).dropped;
    assert_eq!(dropped.as_deref(), Some("context lost: as commanded"));
}

#[test]
fn streams_with_syncs_move_them_when_the_gpu_is_done() {
    let (server, canvas) = server();
    let mut client = client(&server, 4);
    client.send(&Request::ContextInit(CapsetId::VIRGL2.0));
    let made = make(&mut client, shape(1, 1, 1), 4);
    let sync = client.create_sync(0);
    canvas.held.lock().unwrap().hold();
    let words = [FILL, made.handle.0, 9];
    let commands: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    client.send(&Request::SubmitCmd2(SubmitCmd2 {
        batches: vec![Batch {
            commands: &commands,
            syncs: to_points(&[(sync, 1)]),
            ring_idx: Some(0),
            ..Batch::default()
        }],
    }));
    let wait = client.wait(false, u32::MAX, &[(sync, 1)]);
    assert!(!is_readable(&wait, Duration::from_millis(20)));
    assert!(busy(&mut client, made.handle, false));
    canvas.held.lock().unwrap().release_all();
    assert!(is_readable(&wait, PATIENCE));
    assert!(!busy(&mut client, made.handle, true));
    assert_eq!(pixels(&mut client, &made, &shape(1, 1, 1)), [9; 4]);
}

#[test]
fn blobs_are_made_of_what_commands_made() {
    let (server, canvas) = server();
    let mut client = client(&server, 4);
    let create = |blob_type, blob_id, size| {
        Request::ResourceCreateBlob(ResourceCreateBlob {
            blob_type,
            flags: BlobFlags::MAPPABLE,
            size,
            blob_id,
        })
    };
    submit(&mut client, &[MAKE, 5, 64]);
    let reply = client.call(&create(BlobType::Host3d, 5, 64));
    let OwnedReply::Resource(handle, Some(fd)) = reply else {
        panic!("{reply:?}");
    };
    let made = Made {
        handle,
        memory: Some(Mapping::new(fd.as_fd(), 64).unwrap()),
    };
    submit(&mut client, &[FILL, handle.0, 3]);
    let whole = region([0; 3], [64, 1, 1]);
    client.send(&Request::TransferGet2(transfer2(&made, whole, 0)));
    client.expect_alive();
    assert_eq!(made.read(0, 64), [3; 64]);
    // What no command made is refused, and Mesa goes on.
    let request = create(BlobType::Host3d, 5, 64);
    client.send(&request);
    expect_refusal(&mut client, Command::ResourceCreateBlob);
    // Memory of the client's own needs no command.
    let reply = client.call(&create(BlobType::Guest, 0, 10));
    assert!(matches!(
        reply,
        OwnedReply::Resource(ResourceHandle(2), Some(_))
    ));
    client.send(&Request::ResourceUnref(handle));
    client.expect_alive();
    assert_eq!(canvas.live(), 0);
    drop(client);
    let report = report(&server);
    assert_eq!(report.dropped, None);
    assert_eq!((report.counts.blobs, report.counts.refusals), (2, 1));
    let refusal = report.refusal.unwrap();
    assert!(refusal.starts_with("RESOURCE_CREATE_BLOB: "), "{refusal}");
}

#[test]
fn resources_are_exported() {
    let (server, _) = server();
    let mut client = client(&server, 4);
    let made = make(&mut client, shape(2, 1, 1), 8);
    submit(&mut client, &[FILL, made.handle.0, 0x42]);
    let reply = client.call(&Request::ResourceExportFd(made.handle));
    let OwnedReply::Fd(fd) = reply else {
        panic!("{reply:?}");
    };
    let mut seen = [0; 8];
    let mapping = Mapping::new(fd.as_fd(), 8).unwrap();
    mapping.read(0, &mut seen).unwrap();
    assert_eq!(seen, [0x42; 8]);
}

/// Reads number 0 and a byte without an fd.
fn expect_refusal(client: &mut Client, command: Command) {
    use std::io::Read;
    let mut words = [0; 12];
    client.stream.read_exact(&mut words).unwrap();
    let mut expected = Writer::new();
    expected.u32(1).u32(command.number()).u32(0);
    assert_eq!(words, expected.as_bytes());
    assert!(client.receive_byte().is_none());
    client.expect_alive();
}

#[test]
fn a_resource_that_cannot_be_is_refused_and_the_client_goes_on() {
    let too_large = ResourceCreate {
        handle: ResourceHandle(7),
        ..shape(MAX_SIDE + 1, 1, 1)
    };
    let (server, canvas) = server();
    // Nobody expects an answer.
    let mut oldest = client(&server, 0);
    oldest.send(&Request::ResourceCreate(too_large));
    oldest.expect_alive();
    // Only an fd is expected, and no fd is an answer.
    let mut older = client(&server, 2);
    older.send(&Request::ResourceCreate2(too_large, 4));
    assert!(older.receive_byte().is_none());
    older.send(&Request::ResourceCreate2(too_large, 0));
    older.expect_alive();
    assert_eq!(make(&mut older, shape(1, 1, 1), 4).handle.0, 7);
    let mut newest = client(&server, 4);
    let nameless = ResourceCreate {
        handle: ResourceHandle(0),
        ..too_large
    };
    newest.send(&Request::ResourceCreate2(nameless, 4));
    expect_refusal(&mut newest, Command::ResourceCreate2);
    let reply = newest.call(&Request::ResourceCreate2(nameless, 0));
    assert!(matches!(
        reply,
        OwnedReply::Resource(ResourceHandle(0), None)
    ));
    // The number was given back.
    assert_eq!(make(&mut newest, shape(1, 1, 1), 4).handle.0, 1);
    assert_eq!(canvas.live(), 2);
    drop((oldest, older, newest));
    let stats = final_stats(&server);
    assert_eq!((stats.clients, stats.dropped), (3, 0));
    assert_eq!((stats.totals.refusals, stats.totals.resources), (5, 2));
}

/// Transfers that only the renderer can tell to be wrong move nothing.
#[test]
fn a_transfer_outside_of_its_resource_moves_nothing() {
    let outside = [
        region([1, 0, 0], [2, 2, 1]),
        region([0, 1, 0], [2, 2, 1]),
        region([0, 0, 1], [2, 2, 1]),
        region([u32::MAX, 0, 0], [2, 1, 1]),
        region([0, 0, 0], [u32::MAX, u32::MAX, u32::MAX]),
    ];
    let create = shape(2, 2, 1);
    let (server, _) = server();
    let mut inline = client(&server, 0);
    let made = make(&mut inline, create, 0);
    submit(&mut inline, &[FILL, made.handle.0, 5]);
    for region in outside {
        inline.send(&Request::TransferPut(transfer(&made, region, 16), &[9; 16]));
        assert_eq!(get(&mut inline, transfer(&made, region, 16)), [0; 16]);
    }
    let no_level = Transfer {
        level: 1,
        ..transfer(&made, all_of(&create), 16)
    };
    assert_eq!(get(&mut inline, no_level), [0; 16]);
    // Fewer bytes than pixels: what is there is there, the rest is not invented.
    assert_eq!(
        get(&mut inline, transfer(&made, all_of(&create), 4)).len(),
        4
    );
    assert_eq!(pixels(&mut inline, &made, &create), [5; 16]);

    let mut shared = client(&server, 4);
    let made = make(&mut shared, create, 16);
    submit(&mut shared, &[FILL, made.handle.0, 5]);
    made.write(0, &[7; 16]);
    for region in outside {
        shared.send(&Request::TransferPut2(transfer2(&made, region, 0)));
        shared.send(&Request::TransferGet2(transfer2(&made, region, 0)));
    }
    // Inside the resource, and past the memory's end.
    let whole = all_of(&create);
    shared.send(&Request::TransferPut2(transfer2(&made, whole, 15)));
    shared.expect_alive();
    assert_eq!(made.read(0, 16), [7; 16]);
    drop((inline, shared));
    assert_eq!(final_stats(&server).dropped, 0);
}

/// A client whose resource 1 is 2 x 2 pixels with 16 bytes of memory, if it has any, does
/// `act`; why it was dropped.
fn dropped_after(version: u32, act: impl FnOnce(&mut Client, &Made)) -> String {
    let (server, canvas) = server();
    let mut client = client(&server, version);
    let made = make(&mut client, shape(2, 2, 1), 16);
    act(&mut client, &made);
    client.expect_hang_up();
    drop(client);
    let dropped = report(&server).dropped.expect("the client is dropped");
    assert!(!dropped.contains("bug in Paravane"), "{dropped}");
    assert_eq!(canvas.live(), 0);
    dropped
}

#[test]
fn what_a_client_cannot_mean_ends_it() {
    let whole = region([0; 3], [2, 2, 1]);
    let stranger = Made {
        handle: ResourceHandle(99),
        memory: None,
    };
    let twice = ResourceCreate {
        handle: ResourceHandle(7),
        ..shape(1, 1, 1)
    };
    type Act<'a> = Box<dyn FnOnce(&mut Client, &Made) + 'a>;
    let cases: Vec<(u32, &str, Act<'_>)> = vec![
        (
            0,
            "no resource 99",
            Box::new(|client, _| {
                client.send(&Request::TransferGet(transfer(&stranger, whole, 16)))
            }),
        ),
        (
            0,
            "no resource 99",
            Box::new(|client, _| {
                client.send(&Request::TransferPut(
                    transfer(&stranger, whole, 16),
                    &[0; 16],
                ));
            }),
        ),
        (
            4,
            "no resource 99",
            Box::new(|client, _| {
                client.send(&Request::TransferGet2(transfer2(&stranger, whole, 0)))
            }),
        ),
        (
            4,
            "no resource 99",
            Box::new(|client, _| {
                client.send(&Request::TransferPut2(transfer2(&stranger, whole, 0)))
            }),
        ),
        (
            4,
            "no resource 99",
            Box::new(|client, _| client.send(&Request::ResourceUnref(stranger.handle))),
        ),
        (
            4,
            "no resource 99",
            Box::new(|client, _| client.send(&Request::ResourceExportFd(stranger.handle))),
        ),
        (
            4,
            "guest misbehaved: 99 is not attached",
            Box::new(|client, _| submit(client, &[FILL, 99, 0])),
        ),
        (
            4,
            "a transfer from byte 16 on of 16",
            Box::new(|client, made| {
                client.send(&Request::TransferPut2(transfer2(made, whole, 16)))
            }),
        ),
        (
            2,
            "a transfer from byte 4294967295 on of 16",
            Box::new(|client, made| {
                client.send(&Request::TransferGet2(transfer2(made, whole, u32::MAX)));
            }),
        ),
        (
            0,
            "resource 7 has no backing",
            Box::new(|client, made| client.send(&Request::TransferGet(transfer(made, whole, 0)))),
        ),
        (
            0,
            "resource 7 exists already",
            Box::new(|client, _| client.send(&Request::ResourceCreate(twice))),
        ),
        (
            2,
            "resource 7 exists already",
            Box::new(|client, _| client.send(&Request::ResourceCreate2(twice, 4))),
        ),
        (
            2,
            "resource 0 exists already or cannot exist",
            Box::new(|client, _| client.send(&Request::ResourceCreate2(shape(1, 1, 1), 4))),
        ),
        (
            3,
            "resource 7 is not the client's to choose",
            Box::new(|client, _| client.send(&Request::ResourceCreate2(twice, 4))),
        ),
        (
            4,
            "malformed command stream",
            Box::new(|client, _| submit(client, &[77])),
        ),
        (
            4,
            "CONTEXT_INIT for capset 4 after capset 1",
            Box::new(|client, _| client.send(&Request::ContextInit(CapsetId::VENUS.0))),
        ),
    ];
    for (version, reason, act) in cases {
        let dropped = dropped_after(version, act);
        assert!(dropped.contains(reason), "{dropped:?} is not {reason:?}");
    }
}

#[test]
fn wrong_lengths_end_a_client() {
    use std::io::Write;
    let send = |length: u32, command: Command| {
        dropped_after(4, move |client, _| {
            let mut writer = Writer::new();
            writer.u32(length).u32(command.number()).zeros(64);
            client.stream.write_all(writer.as_bytes()).unwrap();
        })
    };
    for (length, command) in [
        (10, Command::ResourceCreate2),
        (12, Command::ResourceCreate2),
        (11, Command::ResourceCreate),
        (0, Command::ResourceUnref),
        (10, Command::TransferGet),
        (9, Command::TransferGet2),
        (1, Command::ResourceBusyWait),
        (u32::MAX, Command::SubmitCmd),
    ] {
        let dropped = send(length, command);
        assert!(dropped.starts_with("malformed request"), "{dropped}");
    }
    // A short request for a long reply.
    let dropped = dropped_after(0, |client, made| {
        let whole = region([0; 3], [2, 2, 1]);
        client.send(&Request::TransferGet(transfer(made, whole, u32::MAX)));
    });
    assert!(dropped.contains("transfer size"), "{dropped}");
}

#[test]
fn many_clients_at_once_see_only_their_own() {
    let (server, canvas) = server();
    std::thread::scope(|scope| {
        for n in 0..16u32 {
            let server = &server;
            scope.spawn(move || {
                let mut client = client(server, ALL_VERSIONS[n as usize % 4]);
                let create = shape(8, 8, 1);
                let made = make(&mut client, create, 256);
                for round in 0..50 {
                    let byte = (n * 16 + round) as u8;
                    submit(&mut client, &[FILL, made.handle.0, byte.into()]);
                    assert_eq!(pixels(&mut client, &made, &create), [byte; 256]);
                }
            });
        }
    });
    let stats = final_stats(&server);
    assert_eq!((stats.clients, stats.dropped), (16, 0));
    assert_eq!(stats.totals.resources, 16);
    assert_eq!(canvas.live(), 0);
}

#[test]
fn resources_of_one_client_are_all_its_own() {
    let (server, _) = server();
    let mut client = client(&server, 4);
    let create = shape(2, 2, 1);
    let (one, two) = (make(&mut client, create, 16), make(&mut client, create, 16));
    submit(&mut client, &[FILL, one.handle.0, 1]);
    submit(&mut client, &[COPY, two.handle.0, one.handle.0]);
    submit(&mut client, &[FILL, one.handle.0, 2]);
    assert_eq!(pixels(&mut client, &one, &create), [2; 16]);
    assert_eq!(pixels(&mut client, &two, &create), [1; 16]);
}

/// A request of a virgl client, with numbers that are often close to right.
fn any_request() -> impl Strategy<Value = Request<'static>> {
    let small = || prop_oneof![4 => 0u32..5, 1 => any::<u32>()];
    let handle = move || small().prop_map(ResourceHandle);
    let region = move || {
        [small(), small(), small(), small(), small(), small()]
            .prop_map(|[x, y, z, w, h, d]| region([x, y, z], [w, h, d]))
    };
    let create = move || {
        (handle(), [small(), small(), small()]).prop_map(|(handle, [w, h, d])| ResourceCreate {
            handle,
            ..shape(w, h, d)
        })
    };
    let memory_size = || prop_oneof![Just(0u32), 1u32..200];
    let commands = prop_oneof![
        Just(&b"\x01\0\0\0\x01\0\0\0\x07\0\0\0"[..]),
        Just(&[0; 4][..]),
        Just(&[][..]),
        Just(&[0xff; 8][..])
    ];
    prop_oneof![
        Just(Request::GetCaps),
        Just(Request::GetCaps2),
        prop_oneof![Just(0u32), Just(2), Just(3), Just(4)].prop_map(Request::ProtocolVersion),
        create().prop_map(Request::ResourceCreate),
        (create(), memory_size()).prop_map(|(create, size)| Request::ResourceCreate2(create, size)),
        handle().prop_map(Request::ResourceUnref),
        handle().prop_map(Request::ResourceExportFd),
        commands.prop_map(Request::SubmitCmd),
        (handle(), any::<bool>()).prop_map(|(handle, wait)| {
            let mut flags = BusyWaitFlags::empty();
            flags.set(BusyWaitFlags::WAIT, wait);
            Request::ResourceBusyWait(handle, flags)
        }),
        (handle(), region(), [small(), small(), small()], 0u32..200).prop_map(
            |(resource, region, [level, stride, layer_stride], data_size)| Request::TransferGet(
                Transfer {
                    resource,
                    level,
                    stride,
                    layer_stride,
                    region,
                    data_size
                }
            )
        ),
        (handle(), region(), small(), small()).prop_map(|(resource, region, level, offset)| {
            Request::TransferGet2(Transfer2 {
                resource,
                level,
                region,
                data_size: 0,
                offset,
            })
        }),
        (handle(), region(), small(), small()).prop_map(|(resource, region, level, offset)| {
            Request::TransferPut2(Transfer2 {
                resource,
                level,
                region,
                data_size: 0,
                offset,
            })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_client_asks_nothing_breaks_and_nothing_stays(
        version in prop_oneof![Just(0u32), Just(2), Just(3), Just(4)],
        requests in proptest::collection::vec(any_request(), 0..24),
    ) {
        let (server, canvas) = server();
        let mut client = client(&server, version);
        make(&mut client, shape(2, 2, 1), 16);
        for request in &requests {
            if let Request::ProtocolVersion(version) = request {
                client.version = Version::negotiate(*version);
            }
            if request.command().since() <= client.version {
                client.try_send(request);
            }
        }
        drop_unread(client);
        let stats = final_stats(&server);
        prop_assert_eq!(stats.clients, 1);
        let reason = stats.reports[0].dropped.clone().unwrap_or_default();
        prop_assert!(!reason.contains("bug in Paravane"), "{}", reason);
        prop_assert_eq!(canvas.live(), 0);
    }
}

/// Lets the server execute all that was sent, and throws the replies away.
fn drop_unread(client: Client) {
    use std::io::Read;
    let mut stream: UnixStream = client.stream;
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut rest = [0; 4096];
    while stream.read(&mut rest).is_ok_and(|size| size != 0) {}
}
