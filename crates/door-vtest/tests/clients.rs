//! Clients over real sockets, well-behaved ones and others.

mod common;

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{
    BLOCK, BUG, Client, INCREMENT, LOSE_CONTEXT, MALFORMED, NO_BLOB, NOP, OPAQUE_BLOB, OwnedReply,
    PATIENCE, final_stats, is_readable, run_one, server,
};
use context::CapsetId;
use host_memory::Mapping;
use proptest::prelude::*;
use wire::{Guest, Writer};
use wire_vtest::{
    Batch, BlobFlags, BlobType, Box3d, BusyWaitFlags, Command, DrmSyncTransfer, DrmSyncWait, Param,
    Request, ResourceCreate, ResourceCreateBlob, ResourceHandle, SubmitCmd2, SyncId, SyncPoint,
    SyncobjHandle, SyncobjPoint, SyncobjUse, SyncobjUseFlags, Transfer, Transfer2, Version,
};

const NOT_YET: Duration = Duration::from_millis(20);

#[test]
fn a_client_greets_as_mesa_does() {
    let (server, _) = server();
    let mut client = Client::connect(&server);
    client.create_renderer("vkcube");
    let ping = Request::PingProtocolVersion;
    let busy = Request::ResourceBusyWait(ResourceHandle(0), BusyWaitFlags::empty());
    client.send(&ping);
    client.send(&busy);
    assert!(matches!(client.receive(&ping), OwnedReply::Ping));
    assert!(matches!(client.receive(&busy), OwnedReply::Busy(false)));
    client.negotiate(3);
    assert_eq!(client.version, Version::V3);
    let timelines = client.call(&Request::GetParam(Param::MaxTimelineCount));
    assert!(matches!(timelines, OwnedReply::Param(Some(64))));
    let capset = client.call(&Request::GetCapset {
        id: CapsetId::VENUS.0,
        version: 0,
    });
    assert!(matches!(capset, OwnedReply::Bytes(Some(bytes)) if bytes == [0x5a; 160]));
    client.send(&Request::ContextInit(CapsetId::VENUS.0));
    client.send(&Request::ContextInit(CapsetId::VENUS.0));
    client.expect_alive();
    drop(client);
    let stats = final_stats(&server);
    let report = &stats.reports[0];
    assert_eq!(report.name, "vkcube");
    assert_eq!(report.pid, Some(std::process::id() as i32));
    assert_eq!(report.version, 3);
    assert_eq!(report.capset, Some(CapsetId::VENUS));
    assert_eq!(report.counts.contexts, 1);
    assert_eq!((stats.clients, stats.dropped), (1, 0));
}

#[test]
fn versions_are_negotiated_again_and_again() {
    let (server, _) = server();
    let mut client = Client::connect(&server);
    client.create_renderer("test");
    for (asked, given) in [(9, 4), (2, 2), (1, 0), (0, 0), (3, 3), (4, 4)] {
        client.negotiate(asked);
        assert_eq!(client.version.number(), given);
    }
}

#[test]
fn what_is_not_offered_is_said_to_be_absent() {
    let (server, _) = server();
    let mut client = Client::connect(&server);
    client.create_renderer("test");
    let caps = client.call(&Request::GetCaps);
    assert!(matches!(caps, OwnedReply::Bytes(Some(bytes)) if bytes.is_empty()));
    client.negotiate(4);
    for param in [Param::HasTimelineSyncobj, Param::Unknown(77)] {
        let answer = client.call(&Request::GetParam(param));
        assert!(matches!(answer, OwnedReply::Param(None)));
    }
    for (id, version) in [(1, 0), (2, 0), (CapsetId::VENUS.0, 1), (99, 0)] {
        let capset = client.call(&Request::GetCapset { id, version });
        assert!(matches!(capset, OwnedReply::Bytes(None)));
    }
    client.expect_alive();
}

#[test]
fn blobs_are_shared_with_the_context() {
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    for (blob_type, id) in [
        (BlobType::Host3d, 0),
        (BlobType::Guest, 0),
        (BlobType::Host3dGuest, 1),
    ] {
        let (resource, fd) = client.create_blob(blob_type, id, 100);
        let ours = Mapping::new(fd.as_fd(), 100).unwrap();
        ours.store_u32(0, 41, Ordering::Release).unwrap();
        client.submit(&[INCREMENT, resource], None, &[]);
        client.expect_alive();
        assert_eq!(ours.load_u32(0, Ordering::Acquire), Ok(42));
    }
    drop(client);
    let stats = final_stats(&server);
    let context = stats.reports[0].context.as_ref();
    assert_eq!(context.map(|context| context.commands), Some(3));
    let counts = stats.totals;
    assert_eq!((counts.blobs, counts.blob_bytes), (3, 300));
    assert_eq!((counts.submits, counts.command_bytes), (3, 24));
}

#[test]
fn a_resource_is_exported_and_its_number_used_again() {
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    let (first, _) = client.create_blob(BlobType::Host3d, 0, 4096);
    let (second, fd) = client.create_blob(BlobType::Host3d, OPAQUE_BLOB, 4096);
    assert_eq!((first, second), (1, 2));
    Mapping::new(fd.as_fd(), 4096)
        .unwrap()
        .store_u32(4, 9, Ordering::Relaxed)
        .unwrap();
    let exported = client.call(&Request::ResourceExportFd(ResourceHandle(second)));
    let OwnedReply::Fd(exported) = exported else {
        panic!("{exported:?}");
    };
    let seen = Mapping::new(exported.as_fd(), 4096).unwrap();
    assert_eq!(seen.load_u32(4, Ordering::Relaxed), Ok(9));
    client.send(&Request::ResourceUnref(ResourceHandle(first)));
    assert_eq!(client.create_blob(BlobType::Host3d, 0, 1).0, first);
    assert_eq!(client.create_blob(BlobType::Host3d, 0, 1).0, 3);
}

#[test]
fn syncs_are_written_read_and_waited_for() {
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    let [a, b] = [client.create_sync(1), client.create_sync(0)];
    assert_eq!(client.read_sync(a), 1);
    let satisfied = client.wait(false, u32::MAX, &[(a, 1)]);
    let also_satisfied = client.wait(false, 0, &[]);
    let too_early = client.wait(false, 0, &[(b, 1)]);
    let any = client.wait(true, 60_000, &[(a, 2), (b, 1)]);
    let all = client.wait(false, u32::MAX, &[(a, 2), (b, 1)]);
    assert!(is_readable(&satisfied, PATIENCE));
    assert!(is_readable(&also_satisfied, PATIENCE));
    assert!(!is_readable(&any, NOT_YET) && !is_readable(&all, NOT_YET));
    let write = |client: &mut Client, sync, value| {
        client.send(&Request::SyncWrite(SyncPoint { sync, value }));
    };
    write(&mut client, b, 1);
    assert!(is_readable(&any, PATIENCE));
    assert!(!is_readable(&all, NOT_YET));
    write(&mut client, a, 1 << 40);
    assert!(is_readable(&all, PATIENCE));
    assert_eq!(client.read_sync(a), 1 << 40);
    assert!(!is_readable(&too_early, NOT_YET));
    client.send(&Request::SyncUnref(a));
    assert_eq!(client.create_sync(0), a);
    drop(client);
    assert_eq!(final_stats(&server).totals.waits, 5);
    // Fds outlive the client and the server.
    assert!(is_readable(&all, PATIENCE) && !is_readable(&too_early, NOT_YET));
}

#[test]
fn a_fences_syncs_are_set_when_it_signals() {
    let (server, fake) = server();
    fake.hold_fences();
    let mut client = Client::in_context(&server);
    let [a, b] = [client.create_sync(0), client.create_sync(0)];
    client.submit(&[NOP], None, &[(b, 5)]);
    client.submit(&[NOP], Some(63), &[(a, 1)]);
    client.submit(&[], Some(63), &[(a, 2), (b, 6)]);
    let first = client.wait(false, u32::MAX, &[(a, 1)]);
    let second = client.wait(false, u32::MAX, &[(a, 2), (b, 6)]);
    assert_eq!(client.read_sync(b), 5);
    assert_eq!(fake.held_count(), 2);
    fake.release(1);
    assert!(is_readable(&first, PATIENCE));
    assert!(!is_readable(&second, NOT_YET));
    fake.release(1);
    assert!(is_readable(&second, PATIENCE));
    assert_eq!((client.read_sync(a), client.read_sync(b)), (2, 6));
    drop(client);
    assert_eq!(final_stats(&server).totals.fences, 2);
}

#[test]
fn fences_signal_while_a_submission_blocks() {
    let (server, fake) = server();
    fake.hold_fences();
    let mut client = Client::in_context(&server);
    let sync = client.create_sync(0);
    client.submit(&[NOP], Some(1), &[(sync, 1)]);
    let wait = client.wait(false, u32::MAX, &[(sync, 1)]);
    client.submit(&[BLOCK], None, &[]);
    fake.release(1);
    assert!(is_readable(&wait, PATIENCE));
    // And a client that goes away takes its blocked submission along.
    drop(client);
    let stats = final_stats(&server);
    assert_eq!((stats.clients, stats.dropped), (1, 0));
}

#[test]
fn a_submission_of_many_batches_runs_in_order() {
    let (server, _) = server();
    for version in [3, 4] {
        let mut client = Client::in_context(&server);
        client.negotiate(version);
        let (resource, fd) = client.create_blob(BlobType::Host3d, 0, 4);
        let sync = client.create_sync(0);
        let commands: Vec<u8> = [INCREMENT, resource]
            .iter()
            .flat_map(|w| w.to_le_bytes())
            .collect();
        let batch = |value| Batch {
            commands: &commands,
            syncs: vec![SyncPoint { sync, value }],
            ring_idx: Some(value as u32 % 64),
            ..Batch::default()
        };
        let batches = (1..=100).map(batch).collect();
        client.send(&Request::SubmitCmd2(SubmitCmd2 { batches }));
        let wait = client.wait(false, u32::MAX, &[(sync, 100)]);
        assert!(is_readable(&wait, PATIENCE));
        let counter = Mapping::new(fd.as_fd(), 4).unwrap();
        assert_eq!(counter.load_u32(0, Ordering::Acquire), Ok(100));
    }
}

#[test]
fn a_large_submission_arrives_whole_and_in_crumbs() {
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    let commands = vec![0; 3_000_000];
    let submit = Request::SubmitCmd2(SubmitCmd2 {
        batches: vec![Batch {
            commands: &commands,
            ..Batch::default()
        }],
    });
    client.send(&submit);
    client.expect_alive();
    let mut writer = Writer::new();
    Request::PingProtocolVersion.encode(&mut writer, client.version);
    Request::PingProtocolVersion.encode(&mut writer, client.version);
    for byte in writer.as_bytes() {
        client.stream.write_all(&[*byte]).unwrap();
    }
    for _ in 0..2 {
        let pong = client.receive(&Request::PingProtocolVersion);
        assert!(matches!(pong, OwnedReply::Ping));
    }
    drop(client);
    assert_eq!(final_stats(&server).totals.command_bytes, 3_000_000);
}

#[test]
fn a_wait_ends_with_its_connection() {
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    let sync = client.create_sync(0);
    let wait = client.wait(false, u32::MAX, &[(sync, 1)]);
    assert!(!is_readable(&wait, NOT_YET));
    client.submit(&[LOSE_CONTEXT], None, &[]);
    assert!(is_readable(&wait, PATIENCE));
    client.expect_hang_up();
}

/// Every way to be dropped, and what the log says then.
#[test]
fn a_client_that_errs_is_dropped_with_a_reason() {
    let submit = |commands: &[u32]| {
        let commands = commands.to_vec();
        move |client: &mut Client| client.submit(&commands, None, &[])
    };
    let blob = |id, size| {
        move |client: &mut Client| {
            client.send(&Request::ResourceCreateBlob(ResourceCreateBlob {
                blob_type: BlobType::Host3d,
                flags: BlobFlags::empty(),
                size,
                blob_id: id,
            }));
        }
    };
    fn send(request: Request<'_>) -> impl FnOnce(&mut Client) {
        move |client: &mut Client| client.send(&request)
    }
    let unknown = ResourceHandle(5);
    assert_dropped("as commanded", submit(&[LOSE_CONTEXT]));
    assert_dropped("bug in Paravane: as commanded", submit(&[BUG]));
    assert_dropped("malformed command stream", submit(&[MALFORMED]));
    assert_refused("no such memory", 12, blob(NO_BLOB, 1));
    assert_refused("a blob of 0 bytes", 12, blob(0, 0));
    assert_refused("blob size would be", 12, blob(0, u64::MAX));
    assert_dropped("no resource 5", send(Request::ResourceUnref(unknown)));
    assert_dropped("no resource 5", send(Request::ResourceExportFd(unknown)));
    assert_dropped("no sync 5", send(Request::SyncRead(SyncId(5))));
    assert_dropped("no sync 5", send(Request::SyncUnref(SyncId(5))));
    assert_dropped("no sync 5", |client| {
        client.submit(&[NOP], Some(0), &[(SyncId(5), 1)])
    });
    assert_dropped("no sync 5", |client| {
        client.submit(&[NOP], None, &[(SyncId(5), 1)])
    });
    assert_dropped("capset 2 after capset 4", send(Request::ContextInit(2)));
    assert_dropped("capset 0", send(Request::ContextInit(0)));
    assert_dropped("CREATE_RENDERER out of order", |client| {
        client.create_renderer("again")
    });
    assert_dropped("ring_idx is 64, the limit is 63", |client| {
        client.submit(&[NOP], Some(64), &[]);
    });
    assert_dropped("hung up 5 bytes before the end", |client| {
        client.stream.write_all(&[1, 0, 0]).unwrap();
        client.stream.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let sync_wait = Request::SyncWait(wire_vtest::SyncWait {
        flags: wire_vtest::SyncWaitFlags::ANY,
        timeout_ms: 0,
        points: vec![SyncPoint {
            sync: SyncId(5),
            value: 0,
        }],
    });
    assert_refused("no sync 5", 8, send(sync_wait));
}

fn assert_dropped(reason: &str, act: impl FnOnce(&mut Client)) {
    assert_refused(reason, 0, act);
}

/// As [`assert_dropped`], after as many bytes of a reply that lacks its fd.
fn assert_refused(reason: &str, bytes: usize, act: impl FnOnce(&mut Client)) {
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    client.expect_alive();
    act(&mut client);
    client.stream.read_exact(&mut vec![0; bytes]).unwrap();
    client.expect_hang_up();
    let dropped = final_stats(&server).reports.remove(0).dropped;
    let dropped = dropped.unwrap_or_else(|| panic!("not dropped for {reason}"));
    assert!(dropped.contains(reason), "{dropped}");
}

#[test]
fn what_needs_a_context_asks_for_virgl() {
    let needy = [
        Request::SyncCreate(0),
        Request::ResourceUnref(ResourceHandle(1)),
        Request::ResourceBusyWait(ResourceHandle(1), BusyWaitFlags::WAIT),
        Request::ResourceExportFd(ResourceHandle(1)),
    ];
    for request in needy {
        let dropped = run_one(|client| {
            client.create_renderer("test");
            client.negotiate(4);
            client.send(&request);
            client.expect_hang_up();
        });
        assert_eq!(dropped.as_deref(), Some("not supported here: capset 1"));
    }
}

#[test]
fn the_name_comes_first() {
    let dropped = run_one(|client| {
        client.send(&Request::PingProtocolVersion);
        client.expect_hang_up();
    });
    assert!(
        dropped
            .unwrap()
            .starts_with("PING_PROTOCOL_VERSION out of order")
    );
}

#[test]
fn a_name_cannot_spoil_the_log() {
    let (server, _) = server();
    let mut client = Client::connect(&server);
    let name = [b"\x1b[31m\n\xff", [b'x'; 1000].as_slice()].concat();
    client.send(&Request::CreateRenderer(Guest::new(&name)));
    client.expect_alive();
    drop(client);
    let name = &final_stats(&server).reports[0].name;
    assert_eq!(name.chars().count(), 64);
    assert!(!name.chars().any(char::is_control), "{name:?}");
}

/// The requests that only other servers serve, one of each.
fn refused() -> Vec<Request<'static>> {
    let region = Box3d {
        x: 0,
        y: 0,
        z: 0,
        width: 1,
        height: 1,
        depth: 1,
    };
    let create = ResourceCreate {
        handle: ResourceHandle(0),
        target: 2,
        format: 1,
        bind: 2,
        width: 1,
        height: 1,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
    };
    let transfer = Transfer {
        resource: ResourceHandle(1),
        level: 0,
        stride: 0,
        layer_stride: 0,
        region,
        data_size: 4,
    };
    let transfer2 = Transfer2 {
        resource: ResourceHandle(1),
        level: 0,
        region,
        data_size: 4,
        offset: 0,
    };
    let handle = SyncobjHandle(1);
    let point = SyncobjPoint { handle, point: 1 };
    let wait = || DrmSyncWait {
        timeout_ns: 0,
        flags: 0,
        points: vec![point],
    };
    let transfer_sync = DrmSyncTransfer {
        dst: point,
        src: point,
        flags: 0,
    };
    vec![
        Request::GetCaps2,
        Request::ResourceCreate(create),
        Request::ResourceCreate2(create, 4),
        Request::TransferGet(transfer),
        Request::TransferPut(transfer, &[0; 4]),
        Request::TransferGet2(transfer2),
        Request::TransferPut2(transfer2),
        Request::SubmitCmd(&[0; 4]),
        Request::DrmSyncCreate(0),
        Request::DrmSyncDestroy(handle),
        Request::DrmSyncHandleToFd(handle),
        Request::DrmSyncFdToHandle,
        Request::DrmSyncImportSyncFile(handle),
        Request::DrmSyncExportSyncFile(handle),
        Request::DrmSyncWait(wait()),
        Request::DrmSyncReset(vec![handle]),
        Request::DrmSyncSignal(vec![handle]),
        Request::DrmSyncTimelineSignal(vec![point]),
        Request::DrmSyncTimelineWait(wait()),
        Request::DrmSyncQuery(0, vec![handle]),
        Request::DrmSyncTransfer(transfer_sync),
    ]
}

#[test]
fn what_other_servers_serve_is_refused_by_name() {
    for request in refused() {
        let command = request.command();
        let (server, _) = server();
        let mut client = Client::in_context(&server);
        client.send(&request);
        client.expect_hang_up();
        let dropped = final_stats(&server).reports.remove(0).dropped.unwrap();
        let needs = match command.since() {
            Version::V4 => "DRM syncobjs",
            _ => "virgl",
        };
        assert_eq!(
            dropped,
            format!(
                "{command} needs {needs}, which {} not offered here",
                if needs == "virgl" { "is" } else { "are" }
            )
        );
    }
}

#[test]
fn submissions_with_syncobjs_are_refused() {
    let syncobj = SyncobjUse {
        point: SyncobjPoint {
            handle: SyncobjHandle(1),
            point: 0,
        },
        flags: SyncobjUseFlags::RESET,
    };
    let batches = [
        Batch {
            in_fence: true,
            ..Batch::default()
        },
        Batch {
            out_fence: true,
            ..Batch::default()
        },
        Batch {
            in_syncobjs: vec![syncobj],
            ..Batch::default()
        },
        Batch {
            out_syncobjs: vec![syncobj],
            ..Batch::default()
        },
    ];
    for batch in batches {
        assert_dropped("SUBMIT_CMD2 needs DRM syncobjs", |client| {
            client.send(&Request::SubmitCmd2(SubmitCmd2 {
                batches: vec![batch],
            }));
        });
    }
}

#[test]
fn every_command_is_tried_here() {
    let served = [
        Command::GetCaps,
        Command::ResourceUnref,
        Command::ResourceBusyWait,
        Command::CreateRenderer,
        Command::PingProtocolVersion,
        Command::ProtocolVersion,
        Command::GetParam,
        Command::GetCapset,
        Command::ContextInit,
        Command::ResourceCreateBlob,
        Command::SyncCreate,
        Command::SyncUnref,
        Command::SyncRead,
        Command::SyncWrite,
        Command::SyncWait,
        Command::SubmitCmd2,
        Command::ResourceExportFd,
    ];
    let refused = refused();
    let refused = refused.iter().map(Request::command);
    let mut tried: Vec<_> = served.into_iter().chain(refused).collect();
    tried.sort();
    assert_eq!(tried, Command::ALL);
}

#[test]
fn others_do_not_notice_a_client_that_sends_rubbish() {
    let (server, fake) = server();
    fake.hold_fences();
    let mut good = Client::in_context(&server);
    let sync = good.create_sync(0);
    good.submit(&[NOP], Some(0), &[(sync, 1)]);
    let wait = good.wait(false, u32::MAX, &[(sync, 1)]);
    for rubbish in [&[0xff; 64][..], &[0; 64], b"GET / HTTP/1.1\r\n\r\n"] {
        let mut bad = Client::connect(&server);
        bad.stream.write_all(rubbish).unwrap();
        bad.expect_hang_up();
        good.expect_alive();
    }
    fake.release(1);
    assert!(is_readable(&wait, PATIENCE));
    drop(good);
    let stats = final_stats(&server);
    assert_eq!((stats.clients, stats.dropped), (4, 3));
}

#[test]
fn a_client_that_announces_much_and_sends_little_costs_little() {
    let (server, _) = server();
    let clients: Vec<Client> = (0..100)
        .map(|_| {
            let mut client = Client::in_context(&server);
            client.expect_alive();
            let words: [u32; 2] = [16 * 1024 * 1024, Command::SubmitCmd2.number()];
            let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            client.stream.write_all(&header).unwrap();
            client
        })
        .collect();
    let mut other = Client::in_context(&server);
    other.expect_alive();
    assert!(resident_bytes() < 1 << 30);
    drop(clients);
    drop(other);
    assert_eq!(final_stats(&server).dropped, 100);
}

fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * rustix::param::page_size() as u64
}

#[test]
fn a_stopped_server_drops_all_and_takes_no_more() {
    let (server, _) = server();
    let mut idle = Client::connect(&server);
    let mut blocked = Client::in_context(&server);
    blocked.submit(&[BLOCK], None, &[]);
    assert!(server.stop(PATIENCE));
    idle.expect_hang_up();
    blocked.expect_hang_up();
    let (_ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    assert!(server.connect(theirs).is_err());
}

#[test]
fn a_client_that_does_not_read_blocks_only_itself() {
    let (server, _) = server();
    let mut stuffed = Client::in_context(&server);
    let mut writer = Writer::new();
    for _ in 0..1000 {
        let capset = Request::GetCapset {
            id: CapsetId::VENUS.0,
            version: 0,
        };
        capset.encode(&mut writer, stuffed.version);
    }
    stuffed
        .stream
        .set_write_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    while stuffed.stream.write_all(writer.as_bytes()).is_ok() {}
    let mut other = Client::in_context(&server);
    other.expect_alive();
    let mut byte = [0];
    stuffed.stream.read_exact(&mut byte).unwrap();
    assert!(server.stop(PATIENCE));
}

#[test]
fn fds_that_a_client_sends_are_not_kept() {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let (server, _) = server();
    let mut client = Client::in_context(&server);
    client.expect_alive();
    let (reader, writer) = std::io::pipe().unwrap();
    let mut ping = Writer::new();
    Request::PingProtocolVersion.encode(&mut ping, client.version);
    let fds = [writer.as_fd()];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&fds)));
    let bytes = [std::io::IoSlice::new(ping.as_bytes())];
    sendmsg(&client.stream, &bytes, &mut ancillary, SendFlags::empty()).unwrap();
    let pong = client.receive(&Request::PingProtocolVersion);
    assert!(matches!(pong, OwnedReply::Ping));
    drop(writer);
    // The pipe's last writer is gone, so the end is there at once.
    let mut reader = reader;
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn noise_ends_a_client_and_nothing_else(
        in_context: bool,
        headers in proptest::collection::vec((0u32..40, 0u32..12, proptest::collection::vec(any::<u8>(), 0..48)), 0..8),
    ) {
        let (server, _) = server();
        let mut client = match in_context {
            true => Client::in_context(&server),
            false => Client::connect(&server),
        };
        for (command, length, body) in headers {
            let mut writer = Writer::new();
            writer.u32(length).u32(command).bytes(&body);
            let _ = client.stream.write_all(writer.as_bytes());
        }
        drop(client);
        let stats = final_stats(&server);
        prop_assert_eq!(stats.clients, 1);
        let reason = stats.reports[0].dropped.clone().unwrap_or_default();
        prop_assert!(!reason.contains("bug in Paravane"), "{}", reason);
    }
}
