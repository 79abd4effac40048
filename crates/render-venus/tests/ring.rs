//! Rings: their layout, their thread, and guests that lie about both.

mod common;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use common::guest::is_fence;
use common::ring::{ALIVE, IDLE, RESOURCE, RING, Ring, ends_by_ring, layout};
use common::{Guest, World, guest};
use context::{Error, ResourceId, RingIdx};
use vulkan_types::*;
use wire_venus::{Encoder, GENERATE_REPLY, WireRequest};

fn ends(fault: &str, act: impl FnOnce(&mut Guest, World) -> Result<(), Error>) {
    if let Some((mut guest, world)) = guest() {
        let result = act(&mut guest, world);
        guest.expect_end(result, fault);
    }
}

#[test]
fn commands_are_carried_out_past_the_end_of_the_buffer() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    for _ in 0..200 {
        ring.send(&DeviceWaitIdle {
            device: world.device,
        });
        ring.send(&EnumerateInstanceVersion {});
        let tail = ring.tail;
        ring.wait("head", |ring| {
            ring.head() == tail || ring.status() & IDLE != 0
        });
        if ring.status() & IDLE != 0 {
            guest
                .send(&NotifyRingMESA {
                    ring: RING,
                    seqno: 0,
                    flags: RingNotifyFlagsMESA(0),
                })
                .unwrap();
        }
        guest
            .send(&WaitRingSeqnoMESA {
                ring: RING,
                seqno: tail.into(),
            })
            .unwrap();
        guest.settle().unwrap();
        assert_eq!(ring.head(), tail);
    }
    guest
        .send(&WriteRingExtraMESA {
            ring: RING,
            offset: 4,
            value: 7,
        })
        .unwrap();
    assert_eq!(ring.word(ring.info.extra_offset + 4), 7);
    guest.send(&DestroyRingMESA { ring: RING }).unwrap();
}

#[test]
fn an_idle_ring_says_so_and_wakes() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    ring.wait("idle", |ring| ring.status() & IDLE != 0);
    ring.send(&EnumerateInstanceVersion {});
    let tail = ring.tail;
    guest
        .send(&NotifyRingMESA {
            ring: RING,
            seqno: 0,
            flags: RingNotifyFlagsMESA(0),
        })
        .unwrap();
    ring.wait("awake", |ring| ring.head() == tail);
}

#[test]
fn a_watched_ring_is_said_to_live() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    let monitor = RingMonitorInfoMESA {
        max_reporting_period_microseconds: 1000,
        ..Default::default()
    };
    let shm = guest.shm(RESOURCE, 8192);
    let links = [Extension::RingMonitorInfoMESA(&monitor)];
    let create_info = RingCreateInfoMESA {
        next: Chain(&links),
        ..layout()
    };
    guest
        .send(&CreateRingMESA {
            ring: RING,
            create_info: &create_info,
        })
        .unwrap();
    let ring = Ring {
        shm,
        tail: 0,
        info: layout(),
    };
    for _ in 0..3 {
        ring.wait("alive", |ring| ring.status() & ALIVE != 0);
        ring.shm
            .fetch_and_u32(128, !ALIVE, Ordering::SeqCst)
            .unwrap();
    }
}

#[test]
fn layouts_that_are_none() {
    type Change = fn(&mut RingCreateInfoMESA<'static>);
    let changes: [(&str, Change); 14] = [
        ("ring", |i| i.tail_offset = i.head_offset),
        ("ring", |i| i.status_offset = i.buffer_offset + 64),
        ("ring", |i| i.extra_offset = i.buffer_offset + 4092),
        ("ring", |i| i.head_offset = 2),
        ("ring", |i| i.buffer_offset = 193),
        ("ring", |i| i.extra_size = 3),
        ("ring", |i| i.size = 8193),
        ("ring", |i| i.offset = 1 << 40),
        ("ring", |i| i.offset = usize::MAX),
        ("ring", |i| i.extra_offset = usize::MAX - 3),
        ("ring", |i| i.extra_size = usize::MAX - 3),
        ("power of two", |i| i.buffer_size = 4092),
        ("power of two", |i| i.buffer_size = 0),
        ("power of two", |i| i.buffer_size = 1 << 63),
    ];
    for (fault, change) in changes {
        ends(fault, |guest, _| {
            let mut info = layout();
            change(&mut info);
            Ring::create(guest, info).map(drop)
        });
    }
}

#[test]
fn a_ring_that_is_not_fresh() {
    for offset in [0, 128] {
        ends("not zero", |guest, _| {
            let shm = guest.shm(RESOURCE, 8192);
            shm.store_u32(offset, 4, Ordering::SeqCst).unwrap();
            guest.send(&CreateRingMESA {
                ring: RING,
                create_info: &layout(),
            })
        });
    }
}

#[test]
fn two_rings_of_one_name() {
    ends("already names", |guest, _| {
        Ring::create(guest, layout())?;
        guest.shm(ResourceId(9), 8192);
        let create_info = RingCreateInfoMESA {
            resource_id: 9,
            ..layout()
        };
        guest.send(&CreateRingMESA {
            ring: RING,
            create_info: &create_info,
        })
    });
}

#[test]
fn a_ring_in_no_resource() {
    ends("no resource", |guest, _| {
        guest.send(&CreateRingMESA {
            ring: RING,
            create_info: &layout(),
        })
    });
    ends("no resource", |guest, _| {
        guest.shm(RESOURCE, 8192);
        guest.context.detach(RESOURCE);
        guest.send(&CreateRingMESA {
            ring: RING,
            create_info: &layout(),
        })
    });
}

#[test]
fn a_ring_that_is_not_there() {
    ends("no ring", |guest, _| {
        guest.send(&DestroyRingMESA { ring: RING })
    });
    ends("no ring", |guest, _| {
        guest.send(&WaitRingSeqnoMESA {
            ring: RING,
            seqno: 0,
        })
    });
    ends("no ring", |guest, _| {
        guest.send(&SubmitVirtqueueSeqnoMESA {
            ring: RING,
            seqno: 1,
        })
    });
    ends("no ring", |guest, _| {
        guest.send(&NotifyRingMESA {
            ring: RING,
            seqno: 0,
            flags: RingNotifyFlagsMESA(0),
        })
    });
}

#[test]
fn a_tail_further_than_the_buffer_is_long() {
    ends_by_ring("ring tail", |_, _, ring| ring.set_tail(4100));
    ends_by_ring("ring tail", |_, _, ring| ring.set_tail(u32::MAX));
}

#[test]
fn a_tail_in_the_middle_of_a_command() {
    ends_by_ring("malformed command", |_, _, ring| {
        let mut encoder = Encoder::new();
        DestroyDevice {
            device: DeviceId(0),
        }
        .encode_command(0, &mut encoder);
        ring.put(&encoder.bytes()[..12]);
    });
}

#[test]
fn rubbish_in_a_ring() {
    ends_by_ring("malformed command", |_, _, ring| ring.put(&[0xff; 64]));
}

#[test]
fn what_a_ring_may_not_do() {
    let flags = RingNotifyFlagsMESA(0);
    ends_by_ring("inside a ring", |_, _, ring| {
        ring.send(&DestroyRingMESA { ring: RING })
    });
    ends_by_ring("inside a ring", |_, _, ring| {
        ring.send(&CreateRingMESA {
            ring: 1,
            create_info: &layout(),
        })
    });
    ends_by_ring("inside a ring", |_, _, ring| {
        ring.send(&NotifyRingMESA {
            ring: RING,
            seqno: 0,
            flags,
        })
    });
    ends_by_ring("inside a ring", |_, _, ring| {
        ring.send(&WaitRingSeqnoMESA {
            ring: RING,
            seqno: 0,
        })
    });
    ends_by_ring("inside a ring", |_, _, ring| {
        ring.send(&WriteRingExtraMESA {
            ring: RING,
            offset: 0,
            value: 0,
        })
    });
    ends_by_ring("inside a ring", |_, _, ring| {
        ring.send(&SubmitVirtqueueSeqnoMESA {
            ring: RING,
            seqno: 0,
        })
    });
    ends("outside a ring", |guest, _| {
        guest.send(&WaitVirtqueueSeqnoMESA { seqno: 1 })
    });
}

/// A ring has a reply stream of its own.
#[test]
fn a_reply_in_a_ring_without_a_stream() {
    ends_by_ring("reply without a stream", |_, _, ring| {
        let mut encoder = Encoder::new();
        EnumerateInstanceVersion {}.encode_command(GENERATE_REPLY, &mut encoder);
        ring.put(encoder.bytes());
    });
}

#[test]
fn a_position_that_was_never_written() {
    ends("not written", |guest, _| {
        Ring::create(guest, layout())?;
        guest.send(&WaitRingSeqnoMESA {
            ring: RING,
            seqno: 400,
        })
    });
}

#[test]
fn words_outside_of_the_extra_region() {
    for offset in [64, 61, usize::MAX - 3, usize::MAX] {
        ends("ring extra", |guest, _| {
            Ring::create(guest, layout())?;
            guest.send(&WriteRingExtraMESA {
                ring: RING,
                offset,
                value: 1,
            })
        });
    }
    // Inside of it, and not aligned.
    ends("past its resource", |guest, _| {
        Ring::create(guest, layout())?;
        guest.send(&WriteRingExtraMESA {
            ring: RING,
            offset: 2,
            value: 1,
        })
    });
}

/// The ring's resource goes away under it: the ring stops, its memory stays until then.
#[test]
fn a_ring_whose_resource_is_detached() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    guest.context.detach(RESOURCE);
    ring.put(&[0xff; 64]);
    let result = guest.send(&NotifyRingMESA {
        ring: RING,
        seqno: 0,
        flags: RingNotifyFlagsMESA(0),
    });
    assert_eq!(ring.head(), 0);
    guest.expect_end(result, "no ring");
}

/// A context can be dropped whatever its ring waits for.
#[track_caller]
fn is_dropped_promptly(guest: Guest) {
    let start = Instant::now();
    drop(guest);
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_context_dropped_while_its_ring_waits_for_a_fence() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    let fence = world.create_fence(&mut guest);
    let (fences, timeout) = (&[fence][..], u64::MAX);
    ring.send(&WaitForFences {
        device: world.device,
        fence_count: 1,
        fences,
        wait_all: 1,
        timeout,
    });
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(ring.head(), 0);
    is_dropped_promptly(guest);
}

#[test]
fn a_context_dropped_while_its_ring_waits_for_a_semaphore() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    let semaphore = world.create_timeline(&mut guest);
    let wait_info = SemaphoreWaitInfo {
        semaphore_count: 1,
        semaphores: &[semaphore],
        values: &[1],
        ..Default::default()
    };
    ring.send(&WaitSemaphores {
        device: world.device,
        wait_info: &wait_info,
        timeout: u64::MAX,
    });
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(ring.head(), 0);
    is_dropped_promptly(guest);
}

#[test]
fn a_context_dropped_while_its_ring_waits_for_the_virtqueue() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    ring.send(&WaitVirtqueueSeqnoMESA { seqno: 1 });
    std::thread::sleep(Duration::from_millis(50));
    is_dropped_promptly(guest);
}

#[test]
fn a_ring_that_waits_for_the_virtqueue_goes_on() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    ring.send(&WaitVirtqueueSeqnoMESA { seqno: 3 });
    let tail = ring.tail;
    guest
        .send(&SubmitVirtqueueSeqnoMESA {
            ring: RING,
            seqno: 2,
        })
        .unwrap();
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(ring.head(), 0);
    guest
        .send(&SubmitVirtqueueSeqnoMESA {
            ring: RING,
            seqno: 3,
        })
        .unwrap();
    ring.wait("the virtqueue", |ring| ring.head() == tail);
}

/// Lets the ring wait for a fence of the host's that nobody signals, for this long.
fn stall(guest: &mut Guest, world: World, ring: &mut Ring, time: Duration) {
    let fence = world.create_fence(guest);
    let (fences, timeout) = (&[fence][..], time.as_nanos() as u64);
    ring.send(&WaitForFences {
        device: world.device,
        fence_count: 1,
        fences,
        wait_all: 1,
        timeout,
    });
}

fn wait_for_ring(guest: &mut Guest, ring: &Ring) {
    guest
        .send(&WaitRingSeqnoMESA {
            ring: RING,
            seqno: ring.tail.into(),
        })
        .unwrap();
}

fn write_extra(guest: &mut Guest, value: u32) -> Result<(), Error> {
    guest.send(&WriteRingExtraMESA {
        ring: RING,
        offset: 0,
        value,
    })
}

#[test]
fn the_door_does_not_wait_with_a_submission_and_the_order_stays() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    let extra = |ring: &Ring| ring.word(ring.info.extra_offset);
    for round in 1..4 {
        stall(&mut guest, world, &mut ring, Duration::from_millis(300));
        let start = Instant::now();
        wait_for_ring(&mut guest, &ring);
        guest.fence(RingIdx(0), context::FenceId(round)).unwrap();
        write_extra(&mut guest, round as u32).unwrap();
        assert!(start.elapsed() < Duration::from_millis(200));
        assert_eq!(extra(&ring), round as u32 - 1);
        let fence = context::FenceId(round);
        assert!(!guest.wait_for(Duration::ZERO, |event| is_fence(event, fence)));
        assert!(guest.is_signaled(fence));
        assert_eq!(ring.head(), ring.tail);
        ring.wait("what came last", |ring| extra(ring) == round as u32);
    }
    // What makes and names memory comes after what was queued up.
    stall(&mut guest, world, &mut ring, Duration::from_millis(100));
    wait_for_ring(&mut guest, &ring);
    write_extra(&mut guest, 9).unwrap();
    guest.shm(ResourceId(9), 4096);
    assert_eq!(extra(&ring), 9);
}

#[test]
fn a_fault_in_what_is_queued_up_ends_the_context() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    stall(&mut guest, world, &mut ring, Duration::from_millis(100));
    wait_for_ring(&mut guest, &ring);
    let result = guest.send(&DestroyRingMESA { ring: RING + 1 });
    result.expect("is told later");
    guest.expect_lost("no ring");
}

#[test]
fn a_context_dropped_while_submissions_are_queued_up() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    stall(&mut guest, world, &mut ring, Duration::from_secs(3600));
    wait_for_ring(&mut guest, &ring);
    for value in 0..100 {
        write_extra(&mut guest, value).unwrap();
        guest
            .fence(RingIdx(0), context::FenceId(value.into()))
            .unwrap();
    }
    is_dropped_promptly(guest);
}

/// Another thread of the context does not see that the ring is stuck, nor does the drop.
#[test]
fn a_detach_while_the_ring_waits_for_a_fence() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    let fence = world.create_fence(&mut guest);
    let (fences, timeout) = (&[fence][..], u64::MAX);
    ring.send(&WaitForFences {
        device: world.device,
        fence_count: 1,
        fences,
        wait_all: 1,
        timeout,
    });
    std::thread::sleep(Duration::from_millis(50));
    let start = Instant::now();
    let (done, wait) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        guest.context.detach(RESOURCE);
        let _ = done.send(());
        guest
    });
    assert!(
        wait.recv_timeout(Duration::from_secs(5)).is_ok(),
        "detach hangs"
    );
    assert!(start.elapsed() < Duration::from_secs(2));
    is_dropped_promptly(thread.join().unwrap());
}

/// Makes the queue wait for a semaphore that nobody signals.
fn block_queue(guest: &mut Guest, world: World) {
    let semaphore = world.create_timeline(guest);
    let timeline = TimelineSemaphoreSubmitInfo {
        wait_semaphore_value_count: 1,
        wait_semaphore_values: &[1],
        ..Default::default()
    };
    let submit = SubmitInfo {
        next: Chain(&[Extension::TimelineSemaphoreSubmitInfo(&timeline)]),
        wait_semaphore_count: 1,
        wait_semaphores: &[semaphore],
        wait_dst_stage_mask: &[PipelineStageFlags::ALL_COMMANDS],
        ..Default::default()
    };
    let (queue, submits) = (world.queue, &[submit][..]);
    guest
        .send(&QueueSubmit {
            queue,
            submit_count: 1,
            submits,
            fence: FenceId(0),
        })
        .unwrap();
}

#[test]
fn a_context_dropped_while_its_queue_waits() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    block_queue(&mut guest, world);
    guest.fence(RingIdx(1), context::FenceId(5)).unwrap();
    assert!(!guest.wait_for(Duration::from_millis(50), |_| true));
    is_dropped_promptly(guest);
}

#[test]
fn a_context_dropped_while_its_ring_waits_for_a_queue() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    block_queue(&mut guest, world);
    ring.send(&QueueWaitIdle { queue: world.queue });
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(ring.head(), 0);
    is_dropped_promptly(guest);
}

/// A wait that came by the virtqueue is given up when the door has gone.
#[test]
fn a_wait_that_nobody_waits_for() {
    type Act = fn(&mut Guest, World) -> Result<(), Error>;
    let commands: [Act; 3] = [
        |guest, world| {
            guest.send(&DeviceWaitIdle {
                device: world.device,
            })
        },
        |guest, world| {
            guest.send(&DestroyDevice {
                device: world.device,
            })
        },
        |guest, world| {
            let (fences, timeout) = (&[world.create_fence(guest)][..], u64::MAX);
            guest.send(&WaitForFences {
                device: world.device,
                fence_count: 1,
                fences,
                wait_all: 1,
                timeout,
            })
        },
    ];
    for command in commands {
        let Some((mut guest, world)) = guest() else {
            return;
        };
        block_queue(&mut guest, world);
        let (sender, other_end) = context::events().unwrap();
        drop(sender);
        let receiver = std::mem::replace(&mut guest.events, other_end);
        let thread = std::thread::spawn(move || {
            let result = command(&mut guest, world);
            (guest, result)
        });
        std::thread::sleep(Duration::from_millis(50));
        assert!(!thread.is_finished());
        drop(receiver);
        let (guest, result) = thread.join().unwrap();
        assert!(result.is_err());
        is_dropped_promptly(guest);
    }
}
