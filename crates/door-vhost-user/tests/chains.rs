//! Descriptor chains as no driver makes them.

mod common;

use common::{FREE, Guest, INDIRECT, NEXT, QUEUE_SIZE, RESPONSE, WRITE, descriptor, encode};
use proptest::prelude::*;
use wire_virtio_gpu::{
    Command, Format, Header, ResourceCreate2d, ResourceId, ResourceUnref, Response,
};

const FROM: u64 = FREE;
const TO: u64 = FREE + 0x8000;

/// A request that is done whenever it is sent.
fn display_info() -> Vec<u8> {
    encode(Header::default(), Command::GetDisplayInfo)
}

/// The device answers, whatever was sent before.
fn is_alive(guest: &mut Guest) {
    let create = Command::ResourceCreate2d(ResourceCreate2d {
        resource: ResourceId::new(77).unwrap(),
        format: Format::B8G8R8A8Unorm,
        width: 4,
        height: 4,
    });
    assert_eq!(guest.command(create), Response::Nodata);
    let resource = ResourceId::new(77).unwrap();
    let unref = Command::ResourceUnref(ResourceUnref { resource });
    assert_eq!(guest.command(unref), Response::Nodata);
}

#[test]
fn requests_and_responses_may_be_in_pieces() {
    let mut guest = Guest::new();
    let request = display_info();
    guest.memory.write(FROM, &request).unwrap();
    // A request in single bytes, a response in three pieces.
    let count = u16::try_from(request.len()).unwrap();
    for at in 0..count {
        guest.describe(0, at, FROM + u64::from(at), 1, NEXT, at + 1);
    }
    guest.describe(0, count, TO, 10, NEXT | WRITE, count + 1);
    guest.describe(0, count + 1, TO + 0x1000, 0, NEXT | WRITE, count + 2);
    guest.describe(0, count + 2, TO + 0x2000, 4096, WRITE, 0);
    guest.offer(0, 0);
    guest.kick(0);
    let (_, len) = guest.wait_used(0);
    assert_eq!(len, 24 + 16 * 24);
    let mut bytes = vec![0; len as usize];
    guest.memory.read(TO, &mut bytes[..10]).unwrap();
    guest.memory.read(TO + 0x2000, &mut bytes[10..]).unwrap();
    let (_, response) = Response::parse(&bytes).unwrap();
    assert!(matches!(response, Response::DisplayInfo(_)));
    is_alive(&mut guest);
}

#[test]
fn a_table_of_descriptors_may_be_elsewhere() {
    let mut guest = Guest::new();
    guest.memory.write(FROM, &display_info()).unwrap();
    let table = [
        descriptor(FROM, 24, NEXT, 1),
        descriptor(TO, 4096, WRITE, 0),
    ]
    .concat();
    guest.memory.write(FREE + 0x100, &table).unwrap();
    guest.describe(0, 5, FREE + 0x100, 32, INDIRECT, 0);
    guest.offer(0, 5);
    guest.kick(0);
    assert_eq!(guest.wait_used(0), (5, 24 + 16 * 24));
    is_alive(&mut guest);
}

#[test]
fn a_response_that_does_not_fit_is_cut() {
    let mut guest = Guest::new();
    for room in [1u32, 23, 24, 25, 100] {
        guest.put(0, 0, &display_info(), room);
        guest.kick(0);
        assert_eq!(guest.wait_used(0), (0, room));
        // Nothing is written behind the room.
        let mut behind = [0];
        guest
            .memory
            .read(RESPONSE + u64::from(room), &mut behind)
            .unwrap();
        guest.memory.fill(RESPONSE, 0x1000, 0).unwrap();
    }
    guest.put(0, 0, &display_info(), 0);
    guest.kick(0);
    assert_eq!(guest.wait_used(0), (0, 0));
    is_alive(&mut guest);
}

/// Address, length, flags, next.
type Descriptor = (u64, u32, u16, u16);

/// What is wrong with a chain, by the descriptors that are written, and whether the driver can
/// tell that it got an error.
#[test]
fn chains_that_make_no_sense_go_back() {
    let beyond = common::MEMORY;
    let cases: &[(&str, &[Descriptor])] = &[
        ("a loop of one", &[(FROM, 24, NEXT, 0)]),
        ("a loop of two", &[(FROM, 24, NEXT, 1), (FROM, 24, NEXT, 0)]),
        ("a loop of writable ones", &[(TO, 24, NEXT | WRITE, 0)]),
        ("an end outside the table", &[(FROM, 24, NEXT, QUEUE_SIZE)]),
        ("far outside", &[(FROM, 24, NEXT, 0xffff)]),
        ("nothing to read", &[(TO, 4096, WRITE, 0)]),
        ("nothing at all", &[(FROM, 0, 0, 0)]),
        (
            "a request beyond the memory",
            &[(beyond, 24, NEXT, 1), (TO, 4096, WRITE, 0)],
        ),
        (
            "a request across the end",
            &[(beyond - 8, 24, NEXT, 1), (TO, 4096, WRITE, 0)],
        ),
        (
            "an address at the end of all",
            &[(u64::MAX, 24, NEXT, 1), (TO, 4096, WRITE, 0)],
        ),
        (
            "a huge request",
            &[(FROM, u32::MAX, NEXT, 1), (TO, 4096, WRITE, 0)],
        ),
        (
            "a response beyond the memory",
            &[(FROM, 24, NEXT, 1), (beyond, 4096, WRITE, 0)],
        ),
        (
            "read behind written",
            &[(TO, 24, NEXT | WRITE, 1), (FROM, 24, 0, 0)],
        ),
        ("a table of no descriptor", &[(FROM, 0, INDIRECT, 0)]),
        ("half a descriptor", &[(FROM, 8, INDIRECT, 0)]),
        ("a table beyond the memory", &[(beyond, 4096, INDIRECT, 0)]),
        ("a huge table", &[(FROM, 0xffff_fff0, INDIRECT, 0)]),
        ("a table in a table", &[(FREE + 0x300, 16, INDIRECT, 0)]),
    ];
    let mut guest = Guest::new();
    let nested = descriptor(FREE + 0x300, 16, INDIRECT, 0);
    guest.memory.write(FREE + 0x300, &nested).unwrap();
    for (what, chain) in cases {
        guest.memory.write(FROM, &display_info()).unwrap();
        for (at, (address, len, flags, next)) in (0..).zip(chain.iter()) {
            guest.describe(0, at, *address, *len, *flags, *next);
        }
        guest.offer(0, 0);
        guest.kick(0);
        let (head, _) = guest.wait_used(0);
        assert_eq!(head, 0, "{what}");
        is_alive(&mut guest);
    }
}

#[test]
fn a_request_may_be_too_long_and_not_too_short() {
    let mut guest = Guest::new();
    let mut long = display_info();
    long.extend([0xff; 1000]);
    let (_, response) = Response::parse(&guest.send(0, &long)).unwrap();
    assert!(matches!(response, Response::DisplayInfo(_)));
    // A stream of 64 MiB that is announced and not there.
    let mut submit = vec![0; 32];
    submit[..4].copy_from_slice(&0x207u32.to_le_bytes());
    submit[16] = 1;
    submit[24..28].copy_from_slice(&(64u32 << 20).to_le_bytes());
    let (_, response) = Response::parse(&guest.send(0, &submit)).unwrap();
    assert!(matches!(response, Response::Err(_)));
    is_alive(&mut guest);
}

/// A driver that breaks the ring itself is not served any more, until it starts anew.
#[test]
fn a_ring_that_makes_no_sense_stands_still() {
    let mut guest = Guest::new();
    // More available than the ring holds: its index jumps.
    let available = 0x1_0000 + 0x4000;
    guest.memory.write(available + 2, &[0xff, 0x7f]).unwrap();
    guest.kick(0);
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(guest.used(0), None);
    // The other queue goes on.
    let moved = wire_virtio_gpu::MoveCursor {
        position: wire_virtio_gpu::CursorPosition {
            scanout: wire_virtio_gpu::ScanoutId::new(0).unwrap(),
            x: 0,
            y: 0,
        },
    };
    let (_, response) = guest.request(1, Header::default(), Command::MoveCursor(moved));
    assert_eq!(response, Response::Nodata);
    guest.stop(0);
    guest.start(0);
    is_alive(&mut guest);
}

fn any_address() -> impl Strategy<Value = u64> {
    prop_oneof![
        FREE..FREE + 0x1_0000,
        common::MEMORY - 64..common::MEMORY + 64,
        // The queues' own structures.
        0x1_0000u64..0x3_0000,
        any::<u64>(),
    ]
}

fn any_len() -> impl Strategy<Value = u32> {
    prop_oneof![0u32..128, Just(4096u32), Just(u32::MAX), any::<u32>()]
}

fn any_descriptor() -> impl Strategy<Value = Descriptor> {
    let flags = prop_oneof![0u16..8, any::<u16>()];
    let next = prop_oneof![0..QUEUE_SIZE, any::<u16>()];
    (any_address(), any_len(), flags, next)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in the descriptors and where they point: nothing panics, the ring goes on or
    /// stands still, and a driver that begins anew is served.
    #[test]
    fn any_chains_are_survived(
        table in proptest::collection::vec(any_descriptor(), usize::from(QUEUE_SIZE)),
        bytes in proptest::collection::vec(any::<u8>(), 4096),
        heads in proptest::collection::vec(any::<u16>(), 1..32),
        queue in 0usize..2,
    ) {
        let mut guest = Guest::new();
        guest.memory.write(FREE, &bytes).unwrap();
        for (at, (address, len, flags, next)) in (0..).zip(&table) {
            guest.describe(queue, at, *address, *len, *flags, *next);
        }
        for head in &heads {
            guest.offer(queue, *head);
        }
        guest.kick(queue);
        std::thread::sleep(std::time::Duration::from_millis(2));
        guest.stop(0);
        guest.stop(1);
        guest.frontend().reset_device_for_test();
        guest.start(0);
        guest.start(1);
        is_alive(&mut guest);
    }
}

trait ResetDevice {
    fn reset_device_for_test(&mut self);
}

impl ResetDevice for vhost::vhost_user::Frontend {
    fn reset_device_for_test(&mut self) {
        use vhost::vhost_user::VhostUserFrontend;
        self.reset_device().unwrap();
    }
}
