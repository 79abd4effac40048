//! Long recordings: executed beside their ring, and yet in its order.

mod common;

use std::time::Instant;

use common::ring::{FATAL, RING, Ring, layout};
use common::{Guest, World, guest};
use context::ResourceId;
use host_memory::Shm;
use vulkan_types::*;
use wire_venus::{Encoder, GENERATE_REPLY, WireRequest};

/// The resource that recordings are in.
const STREAM: ResourceId = ResourceId(9);
const STREAM_BYTES: u64 = 1 << 20;
/// Commands of a recording that is long enough, and takes a while.
const COMMANDS: usize = 20_000;

/// A guest that records, draws and waits as Mesa's driver does.
struct Recording {
    ring: Ring,
    stream: Shm,
    replies: Shm,
    world: World,
    pool: CommandPoolId,
    commands: CommandBufferId,
    event: EventId,
    fence: FenceId,
    semaphore: SemaphoreId,
}

impl Recording {
    fn new(guest: &mut Guest, world: World) -> Self {
        // Never asleep, so that nobody has to wake it.
        let info = RingCreateInfoMESA {
            idle_timeout: 60_000_000_000,
            ..layout()
        };
        let ring = Ring::create(guest, info).unwrap();
        let stream = guest.shm(STREAM, STREAM_BYTES);
        let (pool, commands) = world.command_buffer(guest);
        let event = EventId(guest.fresh());
        guest
            .send(&CreateEvent {
                device: world.device,
                create_info: &EventCreateInfo::default(),
                event,
            })
            .unwrap();
        Self {
            ring,
            stream,
            replies: guest.replies.clone().unwrap(),
            world,
            pool,
            commands,
            event,
            fence: world.create_fence(guest),
            semaphore: world.create_timeline(guest),
        }
    }

    /// One that was read and submitted, and is not drawn yet.
    fn under_way(guest: &mut Guest, world: World) -> Self {
        let mut recording = Self::new(guest, world);
        let bytes = recording.recording(COMMANDS);
        recording.execute(&bytes);
        recording.submit(1);
        recording
    }

    /// A command buffer that sets the event again and again.
    fn recording(&self, commands: usize) -> Vec<u8> {
        let mut encoder = Encoder::new();
        BeginCommandBuffer {
            command_buffer: self.commands,
            begin_info: &CommandBufferBeginInfo::default(),
        }
        .encode_command(0, &mut encoder);
        for _ in 0..commands {
            CmdSetEvent {
                command_buffer: self.commands,
                event: self.event,
                stage_mask: PipelineStageFlags::ALL_COMMANDS,
            }
            .encode_command(0, &mut encoder);
        }
        EndCommandBuffer {
            command_buffer: self.commands,
        }
        .encode_command(0, &mut encoder);
        encoder.bytes().to_vec()
    }

    /// Has a stream executed; once the head is past it, its memory is something else's.
    fn execute(&mut self, bytes: &[u8]) {
        self.stream.write(0, bytes).unwrap();
        let streams = [CommandStreamDescriptionMESA {
            resource_id: STREAM.0,
            offset: 0,
            size: bytes.len(),
        }];
        self.ring.send(&ExecuteCommandStreamsMESA {
            stream_count: 1,
            streams: &streams,
            reply_positions: &[],
            dependency_count: 0,
            dependencies: &[],
            flags: CommandStreamExecutionFlagsMESA(0),
        });
        let tail = self.ring.tail;
        self.ring.wait("read", |ring| {
            ring.head() == tail || ring.status() & FATAL != 0
        });
        self.stream.fill(0, STREAM_BYTES, 0xff).unwrap();
    }

    /// Has it drawn, which signals the fence, and the semaphore with this value.
    fn submit(&mut self, value: u64) {
        let (commands, semaphores, values) = ([self.commands], [self.semaphore], [value]);
        let timeline = TimelineSemaphoreSubmitInfo {
            signal_semaphore_value_count: 1,
            signal_semaphore_values: &values,
            ..Default::default()
        };
        let links = [Extension::TimelineSemaphoreSubmitInfo(&timeline)];
        let submits = [SubmitInfo {
            next: Chain(&links),
            command_buffer_count: 1,
            command_buffers: &commands,
            signal_semaphore_count: 1,
            signal_semaphores: &semaphores,
            ..Default::default()
        }];
        self.ring.send(&QueueSubmit {
            queue: self.world.queue,
            submit_count: 1,
            submits: &submits,
            fence: self.fence,
        });
    }

    fn is_drawn(&mut self) -> bool {
        let command = GetFenceStatus {
            device: self.world.device,
            fence: self.fence,
        };
        let ret = self.ring.ask(&self.replies, &command, |reply| reply.ret);
        assert!(
            ret == VkResult::SUCCESS || ret == VkResult::NOT_READY,
            "{ret:?}"
        );
        ret == VkResult::SUCCESS
    }

    /// The semaphore's value.
    fn drawn(&mut self) -> u64 {
        let command = GetSemaphoreCounterValue {
            device: self.world.device,
            semaphore: self.semaphore,
        };
        self.ring.ask(&self.replies, &command, |reply| reply.value)
    }

    fn is_set(&mut self) -> bool {
        let command = GetEventStatus {
            device: self.world.device,
            event: self.event,
        };
        let ret = self.ring.ask(&self.replies, &command, |reply| reply.ret);
        ret == VkResult::EVENT_SET
    }

    fn reset_fence(&mut self) {
        let fences = [self.fence];
        self.ring.send(&ResetFences {
            device: self.world.device,
            fence_count: 1,
            fences: &fences,
        });
    }

    fn reset_pool(&mut self) {
        self.ring.send(&ResetCommandPool {
            device: self.world.device,
            command_pool: self.pool,
            flags: CommandPoolResetFlags(0),
        });
    }
}

/// In the ring's order: a fence that is reset and submitted behind a recording has not signalled
/// before that is drawn, although it still is signalled when it is asked for.
#[test]
fn a_fence_signals_after_what_was_recorded() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut recording = Recording::new(&mut guest, world);
    let bytes = recording.recording(COMMANDS);
    let mut unready = 0;
    for round in 1..=20 {
        recording.execute(&bytes);
        recording.reset_fence();
        recording.submit(round);
        while !recording.is_drawn() {
            unready += 1;
        }
        assert_eq!(recording.drawn(), round);
        assert!(recording.is_set());
        recording.reset_pool();
    }
    assert!(unready > 0, "nothing was ever under way");
}

/// The virtqueue's commands come after all that the ring was told to wait for.
#[test]
fn the_virtqueue_waits_for_recordings() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut recording = Recording::new(&mut guest, world);
    let bytes = recording.recording(COMMANDS);
    for round in 1..=5 {
        recording.execute(&bytes);
        recording.reset_fence();
        recording.submit(round);
        let seqno = recording.ring.tail.into();
        guest
            .send(&WaitRingSeqnoMESA { ring: RING, seqno })
            .unwrap();
        guest.send(&QueueWaitIdle { queue: world.queue }).unwrap();
        let status = GetFenceStatus {
            device: world.device,
            fence: recording.fence,
        };
        assert_eq!(guest.ask(&status, |reply| reply.ret), Ok(VkResult::SUCCESS));
        recording.reset_pool();
    }
}

/// And not for what it was told later: a guest that waits for its last frame records the next.
#[test]
fn the_virtqueue_waits_for_no_later_recording() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut recording = Recording::new(&mut guest, world);
    let bytes = recording.recording(COMMANDS);
    let mut settle = |position: u32| {
        let start = Instant::now();
        let seqno = position.into();
        guest
            .send(&WaitRingSeqnoMESA { ring: RING, seqno })
            .unwrap();
        guest.settle().unwrap();
        start.elapsed()
    };
    let is_sooner = (0..5).filter(|_| {
        recording.reset_pool();
        let before = recording.ring.tail;
        recording.execute(&bytes);
        settle(before) < settle(recording.ring.tail)
    });
    assert!(is_sooner.count() >= 3);
}

#[test]
fn a_ring_ends_after_what_was_recorded() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let recording = Recording::under_way(&mut guest, world);
    let tail = recording.ring.tail;
    recording.ring.wait("read", |ring| ring.head() == tail);
    guest.send(&DestroyRingMESA { ring: RING }).unwrap();
    guest.send(&QueueWaitIdle { queue: world.queue }).unwrap();
    let status = GetEventStatus {
        device: world.device,
        event: recording.event,
    };
    let ret = guest.ask(&status, |reply| reply.ret);
    assert_eq!(ret, Ok(VkResult::EVENT_SET));
}

#[test]
fn a_context_dropped_while_it_records() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let _recording = Recording::under_way(&mut guest, world);
    drop(guest);
}

#[test]
fn rubbish_in_a_recording() {
    ends("malformed", |recording| {
        let mut bytes = recording.recording(COMMANDS);
        let middle = (bytes.len() / 2) & !3;
        bytes[middle..].fill(0xfe);
        bytes
    });
}

/// Nobody would read it: the ring's head has passed it long ago.
#[test]
fn a_reply_in_a_recording() {
    ends("reply without a stream", |recording| {
        let mut bytes = recording.recording(COMMANDS);
        let mut encoder = Encoder::new();
        EnumerateInstanceVersion {}.encode_command(GENERATE_REPLY, &mut encoder);
        bytes.extend(encoder.bytes());
        bytes
    });
}

#[test]
fn an_unknown_object_behind_a_recording() {
    ends("no object", |recording| {
        let bytes = recording.recording(COMMANDS);
        recording.fence = FenceId(0xdead);
        bytes
    });
}

fn ends(fault: &str, bytes: impl FnOnce(&mut Recording) -> Vec<u8>) {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut recording = Recording::new(&mut guest, world);
    let bytes = bytes(&mut recording);
    recording.execute(&bytes);
    recording.submit(1);
    assert!(guest.is_lost());
    recording
        .ring
        .wait("fatal", |ring| ring.status() & FATAL != 0);
    guest.expect_lost(fault);
}
