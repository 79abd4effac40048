//! What begins, ends, pauses and changes while requests are under way.

mod common;

use std::time::Duration;

use common::{FREE, Guest, Slow, encode};
use host_memory::Shm;
use vhost::vhost_user::VhostUserFrontend;
use vhost::vhost_user::message::VhostUserProtocolFeatures;
use vhost::{VhostBackend, VhostUserMemoryRegionInfo};
use wire::Guest as Redacted;
use wire_virtio_gpu::{
    Command, ContextId, CtxCreate, DebugName, ErrorCode, Features, Fence, Format, Header, MemEntry,
    Rect, ResourceAttachBacking, ResourceCreate2d, ResourceFlush, ResourceId, Response, RingIdx,
    ScanoutId, SetScanout, Submit3d, TransferToHost2d,
};

const WHOLE: Rect = Rect {
    x: 0,
    y: 0,
    width: 32,
    height: 16,
};

fn id(number: u32) -> ResourceId {
    ResourceId::new(number).unwrap()
}

fn header(ctx: u32, fence: Option<u64>, ring: Option<u8>) -> Header {
    Header {
        fence: fence.map(Fence),
        context: ContextId::new(ctx),
        ring: ring.map(|ring| RingIdx::new(ring).unwrap()),
    }
}

fn create_context(guest: &mut Guest, ctx: u32) {
    let create = Command::CtxCreate(CtxCreate {
        capset: None,
        debug_name: DebugName::new(b"test"),
    });
    let (_, response) = guest.request(0, header(ctx, None, None), create);
    assert_eq!(response, Response::Nodata);
}

fn create(number: u32) -> Command<'static> {
    Command::ResourceCreate2d(ResourceCreate2d {
        resource: id(number),
        format: Format::B8G8R8X8Unorm,
        width: 32,
        height: 16,
    })
}

/// A picture on the first screen, from the guest's memory at `address`.
fn show_picture(guest: &mut Guest, address: u64) {
    let entry = MemEntry::new(address, 2048).unwrap();
    for command in [
        create(1),
        Command::ResourceAttachBacking(ResourceAttachBacking {
            resource: id(1),
            entries: vec![entry],
        }),
        Command::SetScanout(SetScanout {
            rect: WHOLE,
            scanout: ScanoutId::new(0).unwrap(),
            resource: Some(id(1)),
        }),
    ] {
        assert_eq!(guest.command(command), Response::Nodata);
    }
    draw(guest);
}

fn draw(guest: &mut Guest) {
    for command in [
        Command::TransferToHost2d(TransferToHost2d {
            rect: WHOLE,
            offset: 0,
            resource: id(1),
        }),
        Command::ResourceFlush(ResourceFlush {
            rect: WHOLE,
            resource: id(1),
        }),
    ] {
        assert_eq!(guest.command(command), Response::Nodata);
    }
}

fn first_pixel(guest: &Guest) -> [u8; 3] {
    let frame = guest.display.frame(0).unwrap();
    let mut pixels = Vec::new();
    frame.read(frame.rect(), &mut pixels);
    pixels[..3].try_into().unwrap()
}

fn submit(guest: &mut Guest, slot: u16, header: Header) {
    let command = Command::Submit3d(Submit3d {
        commands: Redacted::new(b"draw"),
    });
    guest.put(0, slot, &encode(header, command), 256);
    guest.kick(0);
}

/// Waits until this many fences are asked for.
fn wait_fences(slow: &Slow, count: usize) {
    let start = std::time::Instant::now();
    while slow.told().fences.len() < count {
        assert!(start.elapsed() < common::PATIENCE, "no fence");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_fenced_request_is_answered_when_its_work_is_done() {
    let mut guest = Guest::new();
    create_context(&mut guest, 1);
    submit(&mut guest, 1, header(1, Some(10), None));
    wait_fences(&guest.slow, 1);
    // What has no fence does not wait.
    assert_eq!(guest.command(create(1)), Response::Nodata);
    assert_eq!(guest.used(0), None);
    guest.slow.signal_one();
    let (head, len) = guest.wait_used(0);
    assert_eq!(head, 2);
    let (back, response) = Response::parse(&guest.response(1, len)).unwrap();
    assert_eq!(back.fence, Some(Fence(10)));
    assert_eq!(response, Response::Nodata);
}

#[test]
fn fences_without_a_ring_come_in_order() {
    let mut guest = Guest::new();
    create_context(&mut guest, 1);
    submit(&mut guest, 1, header(1, Some(10), None));
    wait_fences(&guest.slow, 1);
    // Done at once, and behind the other all the same: Linux takes it for both.
    let bytes = encode(header(0, Some(11), None), create(1));
    guest.put(0, 2, &bytes, 256);
    guest.kick(0);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(guest.used(0), None);
    while !guest.slow.told().fences.is_empty() {
        guest.slow.signal_one();
    }
    assert_eq!(guest.wait_used(0).0, 2);
    assert_eq!(guest.wait_used(0).0, 4);
}

#[test]
fn rings_do_not_wait_for_each_other() {
    use wire_virtio_gpu::CapsetId;
    let mut guest = regions_guest();
    let create = Command::CtxCreate(CtxCreate {
        capset: Some(CapsetId(4)),
        debug_name: DebugName::new(b"test"),
    });
    let (_, response) = guest.request(0, header(1, None, None), create);
    assert_eq!(response, Response::Nodata);
    submit(&mut guest, 1, header(1, Some(10), Some(1)));
    wait_fences(&guest.slow, 1);
    submit(&mut guest, 2, header(1, Some(10), Some(2)));
    wait_fences(&guest.slow, 2);
    let second = guest.slow.told().fences.remove(1);
    guest.slow.told().fences.insert(0, second);
    guest.slow.signal_one();
    assert_eq!(guest.wait_used(0).0, 4);
    guest.slow.signal_one();
    assert_eq!(guest.wait_used(0).0, 2);
}

/// A front end that maps blobs, or says so.
fn regions_guest() -> Guest {
    let mut guest = Guest::connect(&common::setup(), Slow::default());
    guest.negotiate(VhostUserProtocolFeatures::all(), Features::all());
    guest.frontend().get_shmem_config().unwrap();
    guest.set_memory();
    guest.start(0);
    guest.start(1);
    guest
}

#[test]
fn a_context_that_ends_signals_its_fences() {
    let mut guest = Guest::new();
    create_context(&mut guest, 1);
    submit(&mut guest, 1, header(1, Some(10), None));
    wait_fences(&guest.slow, 1);
    let bytes = encode(header(1, None, None), Command::CtxDestroy);
    guest.put(0, 2, &bytes, 256);
    guest.kick(0);
    let mut heads = [guest.wait_used(0).0, guest.wait_used(0).0];
    heads.sort();
    assert_eq!(heads, [2, 4]);
}

#[test]
fn a_machine_that_pauses_goes_on() {
    let mut guest = Guest::new();
    create_context(&mut guest, 1);
    guest.memory.fill(FREE, 2048, 0x11).unwrap();
    show_picture(&mut guest, FREE);
    submit(&mut guest, 1, header(1, Some(10), None));
    wait_fences(&guest.slow, 1);
    let bases = [guest.stop(0), guest.stop(1)];
    // Meanwhile the work gets done; nothing is written to the guest's memory.
    guest.slow.signal_one();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(guest.used(0), None);
    guest.resume(0, bases[0]);
    guest.resume(1, bases[1]);
    assert_eq!(guest.wait_used(0).0, 2);
    // All that was there is.
    assert_eq!(first_pixel(&guest), [0x11; 3]);
    guest.memory.fill(FREE, 2048, 0x22).unwrap();
    draw(&mut guest);
    assert_eq!(first_pixel(&guest), [0x22; 3]);
}

/// By the message for it, and, as older front ends have it, by queues that begin anew.
#[test]
fn a_driver_that_begins_anew_finds_nothing() {
    for tells in [true, false] {
        let without = VhostUserProtocolFeatures::RESET_DEVICE;
        let wanted = match tells {
            true => VhostUserProtocolFeatures::all(),
            false => VhostUserProtocolFeatures::all() - without,
        };
        let mut guest = Guest::with(&common::setup(), wanted);
        create_context(&mut guest, 1);
        show_picture(&mut guest, FREE);
        submit(&mut guest, 1, header(1, Some(10), None));
        wait_fences(&guest.slow, 1);
        if tells {
            guest.frontend().reset_device().unwrap();
        } else {
            guest.stop(0);
            guest.stop(1);
        }
        let features = guest.frontend().get_features().unwrap();
        guest.frontend().set_features(features).unwrap();
        guest.set_memory();
        guest.start(0);
        guest.start(1);
        // The same names are free.
        create_context(&mut guest, 1);
        assert_eq!(guest.command(create(1)), Response::Nodata);
        assert!(guest.display.frame(0).is_none());
        // What was under way is not answered: its buffers are not the new driver's.
        let old = guest.slow.told().fences.remove(0);
        let (ctx, ring, fence, events) = old;
        events.send(context::Event::FenceSignaled { ctx, ring, fence });
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(guest.used(0), None);
        assert_eq!(guest.slow.told().contexts, 1);
    }
}

#[test]
fn reset_at_any_moment() {
    let mut guest = Guest::new();
    for round in 0..50u64 {
        create_context(&mut guest, 1);
        submit(&mut guest, 1, header(1, Some(round), None));
        submit(&mut guest, 2, header(1, None, None));
        std::thread::sleep(Duration::from_micros(round * 7));
        guest.frontend().reset_device().unwrap();
        guest.set_memory();
        guest.start(0);
        guest.start(1);
    }
    let err = Response::Err(ErrorCode::InvalidContextId);
    let (_, response) = guest.request(0, header(1, None, None), Command::CtxDestroy);
    assert_eq!(response, err);
    assert_eq!(guest.slow.told().contexts, 0);
}

#[test]
fn the_memory_table_may_change_while_running() {
    let mut guest = Guest::new();
    guest.memory.fill(FREE, 2048, 0x11).unwrap();
    show_picture(&mut guest, FREE);
    // The same, and another region: as when a blob is mapped.
    let blob = Shm::new("blob", 1 << 20).unwrap();
    let more = VhostUserMemoryRegionInfo {
        guest_phys_addr: 1 << 32,
        memory_size: 1 << 20,
        userspace_addr: 0x7e00_0000_0000,
        mmap_offset: 0,
        mmap_handle: std::os::fd::AsRawFd::as_raw_fd(&blob.fd()),
    };
    let whole = guest.region(0, common::MEMORY, 0);
    for _ in 0..20 {
        guest.frontend().set_mem_table(&[whole, more]).unwrap();
        guest.memory.fill(FREE, 2048, 0x33).unwrap();
        draw(&mut guest);
        assert_eq!(first_pixel(&guest), [0x33; 3]);
        guest.frontend().set_mem_table(&[whole]).unwrap();
        guest.memory.fill(FREE, 2048, 0x44).unwrap();
        draw(&mut guest);
        assert_eq!(first_pixel(&guest), [0x44; 3]);
    }
    // One at a time.
    assert!(guest.frontend().get_max_mem_slots().unwrap() > 8);
    for _ in 0..20 {
        guest.frontend().add_mem_region(&more).unwrap();
        draw(&mut guest);
        guest.frontend().remove_mem_region(&more).unwrap();
        draw(&mut guest);
    }
    // In two regions, cut within the picture's memory.
    let cut = FREE + 1024 - FREE % 4096;
    let cut = cut - cut % 4096 + 4096;
    let parts = [
        guest.region(0, cut, 0),
        guest.region(cut, common::MEMORY - cut, cut),
    ];
    guest.frontend().set_mem_table(&parts).unwrap();
    let entry = MemEntry::new(cut - 1024, 2048).unwrap();
    assert_eq!(guest.command(create(2)), Response::Nodata);
    let attach = Command::ResourceAttachBacking(ResourceAttachBacking {
        resource: id(2),
        entries: vec![entry],
    });
    assert_eq!(guest.command(attach), Response::Nodata);
    draw(&mut guest);
}

#[test]
fn nobody_waits_for_a_front_end_that_is_gone() {
    let mut guest = Guest::new();
    create_context(&mut guest, 1);
    let slow = guest.slow.clone();
    submit(&mut guest, 1, header(1, Some(10), None));
    wait_fences(&slow, 1);
    guest.hang_up().unwrap();
    assert_eq!(slow.told().contexts, 0);
}

#[test]
fn features_that_are_not_offered_are_refused() {
    let mut guest = Guest::connect(&common::setup(), Slow::default());
    guest.frontend().set_owner().unwrap();
    let offered = guest.frontend().get_features().unwrap();
    // Blobs are not, before the front end has said that it maps them.
    let device = Features::from_bits_truncate(offered);
    assert!(!device.intersects(Features::RESOURCE_BLOB | Features::CONTEXT_INIT));
    let asked = offered | Features::RESOURCE_BLOB.bits();
    let _ = guest.frontend().set_features(asked);
    assert!(guest.frontend().get_features().is_err());
    (guest.frontend, guest.stream) = (None, None);
    let ended = guest.session.take().unwrap().join().unwrap();
    assert!(ended.is_err());
}
