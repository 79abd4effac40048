//! The protocol's own commands: reply streams, indirect streams, rings.

use std::sync::Arc;

use vulkan_types as t;
use wire_venus::limits::MAX_STREAM_DEPTH;

use crate::Fatal;
use crate::limits::{ARENA_START, MAX_RINGS, MAX_STREAM_BYTES};
use crate::recorder::takes_streams;
use crate::ring::{Layout, Ring};
use crate::scope::Scope;
use crate::stream::{recycle, run};

pub(crate) fn set_reply_command_stream(
    s: &Scope<'_>,
    c: &t::SetReplyCommandStreamMESA<'_>,
) -> Result<t::SetReplyCommandStreamMESAReply, Fatal> {
    let pages = s.shared.pages(c.stream.resource_id)?;
    s.replies
        .borrow_mut()
        .set(pages, c.stream.offset as u64, c.stream.size as u64)?;
    Ok(t::SetReplyCommandStreamMESAReply {})
}

pub(crate) fn seek_reply_command_stream(
    s: &Scope<'_>,
    c: &t::SeekReplyCommandStreamMESA,
) -> Result<t::SeekReplyCommandStreamMESAReply, Fatal> {
    s.replies.borrow_mut().seek(c.position as u64)?;
    Ok(t::SeekReplyCommandStreamMESAReply {})
}

/// Streams that lie in resources: too large for a ring, or recorded beforehand.
pub(crate) fn execute_command_streams(
    s: &Scope<'_>,
    c: &t::ExecuteCommandStreamsMESA<'_>,
) -> Result<t::ExecuteCommandStreamsMESAReply, Fatal> {
    const NAME: &str = "vkExecuteCommandStreamsMESA";
    if s.depth >= MAX_STREAM_DEPTH {
        return Err(Fatal::misuse(NAME, "streams within streams within streams"));
    }
    if takes_streams(s, c)? {
        return Ok(t::ExecuteCommandStreamsMESAReply {});
    }
    for (at, stream) in c.streams.iter().enumerate() {
        if let Some(position) = c.reply_positions.get(at) {
            s.replies.borrow_mut().seek(*position as u64)?;
        }
        if stream.size > MAX_STREAM_BYTES {
            return Err(Fatal::Limit {
                what: "bytes in a command stream",
                limit: MAX_STREAM_BYTES,
            });
        }
        let pages = s.shared.pages(stream.resource_id)?;
        // A stream within a stream finds none, and makes its own.
        let mut copy = s.copies.take();
        let result = copy
            .take(&pages, stream.offset as u64, stream.size)
            .map_err(Fatal::from)
            .and_then(|bytes| execute(s, bytes));
        copy.shrink();
        s.copies.set(copy);
        result?;
    }
    Ok(t::ExecuteCommandStreamsMESAReply {})
}

fn execute(s: &Scope<'_>, bytes: &[u8]) -> Result<(), Fatal> {
    let mut at = 0;
    let mut arena = bumpalo::Bump::with_capacity(ARENA_START);
    while at < bytes.len() {
        let inner = Scope {
            arena: &arena,
            leads: false,
            depth: s.depth + 1,
            ..*s
        };
        at = run(&inner, bytes, at, |_| {})?;
        recycle(&mut arena);
    }
    Ok(())
}

pub(crate) fn create_ring(
    s: &Scope<'_>,
    c: &t::CreateRingMESA<'_>,
) -> Result<t::CreateRingMESAReply, Fatal> {
    from_submission(s, "vkCreateRingMESA")?;
    let pages = s.shared.pages(c.create_info.resource_id)?;
    let layout = Layout::new(c.create_info, &pages)?;
    let monitor = c.create_info.next.find::<t::RingMonitorInfoMESA<'_>>();
    if monitor.is_some_and(|monitor| monitor.max_reporting_period_microseconds == 0) {
        return Err(Fatal::misuse(
            "vkCreateRingMESA",
            "a reporting period of zero",
        ));
    }
    let priority = c
        .create_info
        .next
        .find::<t::RingPriorityInfoMESA<'_>>()
        .map(|info| info.priority);
    let ring = Ring::new(
        c.ring,
        pages,
        layout,
        c.create_info.idle_timeout,
        monitor.is_some(),
    )?;
    {
        let mut rings = s.shared.rings();
        if rings.len() >= MAX_RINGS {
            return Err(Fatal::Limit {
                what: "rings",
                limit: MAX_RINGS,
            });
        }
        if rings.contains_key(&c.ring) {
            return Err(Fatal::IdTaken(c.ring));
        }
        rings.insert(c.ring, Arc::clone(&ring));
    }
    if let Some(monitor) = monitor {
        s.shared
            .monitor(monitor.max_reporting_period_microseconds)?;
    }
    ring.start(s.shared, priority)?;
    Ok(t::CreateRingMESAReply {})
}

pub(crate) fn destroy_ring(
    s: &Scope<'_>,
    c: &t::DestroyRingMESA,
) -> Result<t::DestroyRingMESAReply, Fatal> {
    from_submission(s, "vkDestroyRingMESA")?;
    let ring = s
        .shared
        .rings()
        .remove(&c.ring)
        .ok_or(Fatal::Ring(c.ring))?;
    ring.stop();
    Ok(t::DestroyRingMESAReply {})
}

pub(crate) fn notify_ring(
    s: &Scope<'_>,
    c: &t::NotifyRingMESA,
) -> Result<t::NotifyRingMESAReply, Fatal> {
    from_submission(s, "vkNotifyRingMESA")?;
    s.shared.ring(c.ring)?.notify();
    Ok(t::NotifyRingMESAReply {})
}

pub(crate) fn write_ring_extra(
    s: &Scope<'_>,
    c: &t::WriteRingExtraMESA,
) -> Result<t::WriteRingExtraMESAReply, Fatal> {
    from_submission(s, "vkWriteRingExtraMESA")?;
    s.shared
        .ring(c.ring)?
        .write_extra(c.offset as u64, c.value)?;
    Ok(t::WriteRingExtraMESAReply {})
}

/// The guest says over the virtqueue how far it got; a ring waits for that.
pub(crate) fn submit_virtqueue_seqno(
    s: &Scope<'_>,
    c: &t::SubmitVirtqueueSeqnoMESA,
) -> Result<t::SubmitVirtqueueSeqnoMESAReply, Fatal> {
    from_submission(s, "vkSubmitVirtqueueSeqnoMESA")?;
    s.shared.ring(c.ring)?.submit_virtqueue_seqno(c.seqno);
    Ok(t::SubmitVirtqueueSeqnoMESAReply {})
}

pub(crate) fn wait_virtqueue_seqno(
    s: &Scope<'_>,
    c: &t::WaitVirtqueueSeqnoMESA,
) -> Result<t::WaitVirtqueueSeqnoMESAReply, Fatal> {
    let ring = s.ring.ok_or(Fatal::misuse(
        "vkWaitVirtqueueSeqnoMESA",
        "sent outside a ring",
    ))?;
    ring.wait_virtqueue_seqno(&s.shared.life, c.seqno)?;
    Ok(t::WaitVirtqueueSeqnoMESAReply {})
}

pub(crate) fn wait_ring_seqno(
    s: &Scope<'_>,
    c: &t::WaitRingSeqnoMESA,
) -> Result<t::WaitRingSeqnoMESAReply, Fatal> {
    from_submission(s, "vkWaitRingSeqnoMESA")?;
    let ring = s.shared.ring(c.ring)?;
    // It may be asleep with the commands that we wait for in its buffer.
    ring.notify();
    ring.wait_executed(&s.shared.life, c.seqno as u32)?;
    Ok(t::WaitRingSeqnoMESAReply {})
}

/// Rings are managed by submissions: a ring that managed rings could wait for itself.
fn from_submission(s: &Scope<'_>, command: &'static str) -> Result<(), Fatal> {
    if s.ring.is_some() {
        Err(Fatal::misuse(command, "sent inside a ring"))
    } else {
        Ok(())
    }
}
