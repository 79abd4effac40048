//! The guest's end of a ring.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bumpalo::Bump;
use context::{Error, ResourceId};
use host_memory::Shm;
use vulkan_types::*;
use wire_venus::{Decoder, Encoder, GENERATE_REPLY, WireReply, WireRequest};

use super::guest::{Guest, REPLY, REPLY_BYTES, World, guest};

/// The resource that rings are in.
pub(crate) const RESOURCE: ResourceId = ResourceId(8);
/// What tests call their ring.
pub(crate) const RING: u64 = 0xaa;
/// `VkRingStatusFlagBitsMESA`.
pub(crate) const IDLE: u32 = 1;
pub(crate) const FATAL: u32 = 2;
pub(crate) const ALIVE: u32 = 4;

/// A layout like Mesa's, small.
pub(crate) fn layout() -> RingCreateInfoMESA<'static> {
    RingCreateInfoMESA {
        resource_id: RESOURCE.0,
        size: 8192,
        idle_timeout: 50_000_000,
        head_offset: 0,
        tail_offset: 64,
        status_offset: 128,
        buffer_offset: 192,
        buffer_size: 4096,
        extra_offset: 192 + 4096,
        extra_size: 64,
        ..Default::default()
    }
}

/// The guest's end of a ring.
pub(crate) struct Ring {
    pub(crate) shm: Shm,
    pub(crate) tail: u32,
    pub(crate) info: RingCreateInfoMESA<'static>,
}

impl Ring {
    pub(crate) fn create(
        guest: &mut Guest,
        info: RingCreateInfoMESA<'static>,
    ) -> Result<Self, Error> {
        let shm = guest.shm(RESOURCE, 8192);
        guest.send(&CreateRingMESA {
            ring: RING,
            create_info: &info,
        })?;
        Ok(Self { shm, tail: 0, info })
    }

    pub(crate) fn word(&self, offset: usize) -> u32 {
        self.shm.load_u32(offset as u64, Ordering::Acquire).unwrap()
    }

    pub(crate) fn head(&self) -> u32 {
        self.word(self.info.head_offset)
    }

    pub(crate) fn status(&self) -> u32 {
        self.word(self.info.status_offset)
    }

    pub(crate) fn set_tail(&mut self, tail: u32) {
        self.tail = tail;
        self.shm
            .store_u32(self.info.tail_offset as u64, tail, Ordering::SeqCst)
            .unwrap();
    }

    /// Writes bytes where the tail is, wrapping, and moves it.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        for (at, byte) in (self.tail..).zip(bytes) {
            let at = at as usize % self.info.buffer_size + self.info.buffer_offset;
            self.shm.write(at as u64, &[*byte]).unwrap();
        }
        self.set_tail(self.tail + bytes.len() as u32);
    }

    pub(crate) fn send<'a>(&mut self, command: &impl WireRequest<'a>) {
        let mut encoder = Encoder::new();
        command.encode_command(0, &mut encoder);
        self.put(encoder.bytes());
    }

    /// Waits until a condition holds.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(5);
        while !holds(self) {
            assert!(
                Instant::now() < end,
                "{what}: head {} status {}",
                self.head(),
                self.status()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends a command and reads its answer.
    pub(crate) fn ask<'a, C: WireRequest<'a>, T>(
        &mut self,
        replies: &Shm,
        command: &C,
        read: impl FnOnce(C::Reply<'_>) -> T,
    ) -> T
    where
        for<'r> C::Reply<'r>: WireReply<'r>,
    {
        let mut encoder = Encoder::new();
        let stream = CommandStreamDescriptionMESA {
            resource_id: REPLY.0,
            offset: 0,
            size: REPLY_BYTES as usize,
        };
        SetReplyCommandStreamMESA { stream: &stream }.encode_command(0, &mut encoder);
        command.encode_command(GENERATE_REPLY, &mut encoder);
        self.put(encoder.bytes());
        self.wait("an answer", |ring| ring.head() == ring.tail);
        let mut bytes = vec![0; 4096];
        replies.read(0, &mut bytes).unwrap();
        let arena = Bump::new();
        read(C::Reply::decode_reply(&mut Decoder::new(&bytes, &arena)).unwrap())
    }
}

/// A guest whose ring ends the context between two submissions.
pub(crate) fn ends_by_ring(fault: &str, act: impl FnOnce(&mut Guest, World, &mut Ring)) {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let mut ring = Ring::create(&mut guest, layout()).unwrap();
    act(&mut guest, world, &mut ring);
    // It may have fallen asleep, or have ended already.
    let _ = guest.send(&NotifyRingMESA {
        ring: RING,
        seqno: 0,
        flags: RingNotifyFlagsMESA(0),
    });
    assert!(guest.is_lost());
    ring.wait("fatal", |ring| ring.status() & FATAL != 0);
    let result = guest.send(&EnumerateInstanceVersion {});
    // What ended it is said in the log and by the event; now it has just ended.
    assert!(result.is_err());
    guest.expect_lost(fault);
}
