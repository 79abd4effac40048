//! Long recordings are executed beside their ring, in its order.
//!
//! A large frame's recording takes its thread a millisecond, and a guest that asks meanwhile
//! whether its last frame is drawn would wait for all of it: it and the host would take turns.
//! So the ring hands such a recording over and goes on reading. As long as one is under way:
//!
//! ```text
//! submissions, resets, updates of descriptors, further recordings,
//! what comes of a fence or a semaphore that is handed over          queue up behind it
//! the status of a fence      is told at once; what is queued up has not signalled a fence yet
//! anything else              waits until all of it is done
//! ```
//!
//! What is handed over is copied: the guest takes the ring's head for having been read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use vulkan_types as t;
use vulkan_types::Request;
use wire_venus::{Decoder, GENERATE_REPLY};

use crate::Fatal;
use crate::context_impl::{Shared, lock};
use crate::generated::decode;
use crate::handover::Handover;
use crate::limits::{LONG_RECORDING, MAX_QUEUED_BYTES};
use crate::ring::Ring;
use crate::scope::Scope;
use crate::stream::Stream;

/// Bytes before a command's arguments: its number and its flags.
pub(crate) const HEAD: usize = 8;

/// A ring's recordings that are executed beside it.
#[derive(Default)]
pub(crate) struct Recorder {
    jobs: Handover<Job>,
    /// A buffer to use again.
    spare: Mutex<Option<Vec<u8>>>,
}

struct Job {
    /// Where in the ring it begins.
    at: u32,
    commands: Vec<u8>,
    /// Those that it resets, or that signal after it.
    fences: Vec<t::FenceId>,
}

impl Recorder {
    /// Whether anything is under way.
    #[inline]
    pub(crate) fn is_busy(&self) -> bool {
        self.jobs.is_busy()
    }

    /// Whether a job that is under way resets this fence or lets it signal.
    pub(crate) fn concerns(&self, fence: t::FenceId) -> bool {
        self.jobs.any(|job| job.fences.contains(&fence))
    }

    /// Waits for this long, or until one more job is done.
    pub(crate) fn wait(&self, time: Duration) {
        self.jobs.wait(time);
    }

    /// Waits until everything is done that has been handed over by now.
    pub(crate) fn drain(&self, wanted: impl Fn() -> Result<(), Fatal>) -> Result<(), Fatal> {
        self.jobs.drain(wanted)
    }

    /// Whether anything is under way that begins in the ring before a position.
    pub(crate) fn is_behind(&self, position: u32) -> bool {
        self.jobs.any(|job| is_before(job.at, position))
    }

    /// Waits until nothing is.
    pub(crate) fn drain_before(
        &self,
        position: u32,
        wanted: impl Fn() -> Result<(), Fatal>,
    ) -> Result<(), Fatal> {
        let before = |job: &Job| is_before(job.at, position);
        self.jobs.drain_such(wanted, before)
    }

    /// A buffer for `size` bytes of commands.
    fn buffer(&self, size: usize) -> Vec<u8> {
        let mut buffer = lock(&self.spare).take().unwrap_or_default();
        buffer.resize(size, 0);
        buffer
    }

    /// Hands a job over, once there is room for it. Its thread starts with the first one: most
    /// rings never have one.
    fn push(&self, s: &Scope<'_>, commands: Vec<u8>, fences: Vec<t::FenceId>) -> Result<(), Fatal> {
        let Some(ring) = s.ring else { return Ok(()) };
        let (at, size) = (ring.position(), commands.len());
        let job = Job {
            at,
            commands,
            fences,
        };
        self.jobs.push(job, size, || s.check_wanted())?;
        self.jobs.start(
            || format!("record-{:x}", ring.id()),
            || {
                let (ring, shared) = (Arc::clone(ring), Arc::clone(s.shared));
                move || ring.recorder().run(&ring, &shared)
            },
        )
    }

    fn run(&self, ring: &Arc<Ring>, shared: &Arc<Shared>) {
        let mut stream = Stream::beside(shared, Arc::clone(ring));
        let take = |job: &mut Job| std::mem::take(&mut job.commands);
        let result = self.jobs.serve(take, |commands| {
            stream.execute(shared, &commands, |_| {})?;
            if commands.len() >= LONG_RECORDING {
                *lock(&self.spare) = Some(commands);
            }
            Ok(())
        });
        if let Err(fatal) = result {
            ring.fail(shared, &fatal);
        }
    }

    /// Ends its thread after what has been handed over. The ring's thread is behind its last
    /// command.
    pub(crate) fn close(&self) {
        self.jobs.close();
    }
}

/// Hands a ring's indirect streams over if they are a recording that is worth it; if they are
/// not, they may be executed once this returns.
///
/// A stream that begins a recording holds nothing that is replied to: Mesa sends one a command
/// buffer (`src/virtio/vulkan/vn_command_buffer.c`, `vn_cmd_submit`).
pub(crate) fn takes_streams(
    s: &Scope<'_>,
    c: &t::ExecuteCommandStreamsMESA<'_>,
) -> Result<bool, Fatal> {
    let Some(recorder) = s.recorder() else {
        return Ok(false);
    };
    let size = (c.streams.iter()).try_fold(0usize, |sum, stream| sum.checked_add(stream.size));
    let size = size.filter(|size| *size <= MAX_QUEUED_BYTES);
    let long = size.filter(|size| *size >= LONG_RECORDING || recorder.is_busy());
    let long = long.filter(|_| c.reply_positions.is_empty());
    let Some(size) = long.filter(|_| begin_recording(s, c)) else {
        recorder.drain(|| s.check_wanted())?;
        return Ok(false);
    };
    let mut commands = recorder.buffer(size);
    let mut room = commands.as_mut_slice();
    for stream in c.streams {
        let (part, rest) = room.split_at_mut(stream.size);
        let pages = s.shared.pages(stream.resource_id)?;
        pages.read(stream.offset as u64, part)?;
        room = rest;
    }
    recorder.push(s, commands, Vec::new())?;
    Ok(true)
}

/// Looks at the first command alone; what is out of range is found when it is executed. A guest
/// that changes it meanwhile harms nobody but itself: whatever is handed over is executed in the
/// ring's order.
fn begin_recording(s: &Scope<'_>, c: &t::ExecuteCommandStreamsMESA<'_>) -> bool {
    let first = c.streams.first().filter(|first| first.size >= HEAD);
    let word = first.and_then(|first| {
        let mut word = [0; 4];
        let pages = s.shared.pages(first.resource_id).ok()?;
        pages.read(first.offset as u64, &mut word).ok()?;
        Some(u32::from_le_bytes(word))
    });
    word == Some(t::BeginCommandBuffer::ID)
}

/// Lets a command queue up behind the recordings that are under way, and says how many bytes
/// it is; or says that it may be executed now, which it may have to wait for.
#[inline(never)]
pub(crate) fn takes<'a>(
    s: &Scope<'a>,
    recorder: &Recorder,
    (command, flags): (u32, u32),
    bytes: &'a [u8],
) -> Result<Option<usize>, Fatal> {
    match command {
        // They look for themselves, or do nothing to objects.
        t::ExecuteCommandStreamsMESA::ID
        | t::SetReplyCommandStreamMESA::ID
        | t::SeekReplyCommandStreamMESA::ID
        | t::GetFenceStatus::ID => return Ok(None),
        _ => {}
    }
    let waits = match flags & GENERATE_REPLY {
        0 => deferred(s, command, bytes)?,
        _ => None,
    };
    let Some((commands, fences)) = waits else {
        recorder.drain(|| s.check_wanted())?;
        return Ok(None);
    };
    recorder.push(s, commands.to_vec(), fences)?;
    Ok(Some(commands.len()))
}

/// A command that can wait: its bytes, and the fences that it concerns.
type Deferred<'a> = (&'a [u8], Vec<t::FenceId>);

/// Finds out where a command ends, if it can wait.
fn deferred<'a>(
    s: &Scope<'a>,
    command: u32,
    bytes: &'a [u8],
) -> Result<Option<Deferred<'a>>, Fatal> {
    let (_head, arguments) = bytes.split_at_checked(HEAD).unwrap_or_default();
    let d = &mut Decoder::new(arguments, s.arena);
    let fences = match command {
        t::QueueSubmit::ID => vec![decode::<t::QueueSubmit<'a>>(d)?.fence],
        t::QueueSubmit2::ID => vec![decode::<t::QueueSubmit2<'a>>(d)?.fence],
        t::ResetFences::ID => decode::<t::ResetFences<'a>>(d)?.fences.to_vec(),
        t::ResetFenceResourceMESA::ID => vec![decode::<t::ResetFenceResourceMESA>(d)?.fence],
        t::WaitSemaphoreResourceMESA::ID => none(decode::<t::WaitSemaphoreResourceMESA>(d)?),
        t::ImportSemaphoreResourceMESA::ID => {
            none(decode::<t::ImportSemaphoreResourceMESA<'a>>(d)?)
        }
        t::ResetCommandPool::ID => none(decode::<t::ResetCommandPool>(d)?),
        t::ResetCommandBuffer::ID => none(decode::<t::ResetCommandBuffer>(d)?),
        t::ResetDescriptorPool::ID => none(decode::<t::ResetDescriptorPool>(d)?),
        t::AllocateDescriptorSets::ID => none(decode::<t::AllocateDescriptorSets<'a>>(d)?),
        t::FreeDescriptorSets::ID => none(decode::<t::FreeDescriptorSets<'a>>(d)?),
        t::UpdateDescriptorSets::ID => none(decode::<t::UpdateDescriptorSets<'a>>(d)?),
        _ => return Ok(None),
    };
    let commands = bytes.get(..bytes.len() - d.remaining());
    Ok(commands.map(|commands| (commands, fences)))
}

/// Positions wrap.
fn is_before(position: u32, other: u32) -> bool {
    other.wrapping_sub(position) as i32 > 0
}

fn none<C>(_: C) -> Vec<t::FenceId> {
    Vec::new()
}
