//! Submissions: streams and fences that come through the door, and not by a ring.
//!
//! One may begin by waiting for a ring: Mesa 26 sends such a one with the fence of each of its
//! submissions (`src/virtio/vulkan/vn_queue.c`, `vn_create_sync_file`). While the door waited
//! with it, the guest would not hear of fences before, and it and the host would take turns. So
//! it is queued up, with what comes after it, and a thread executes them in their order:
//!
//! ```text
//! at once --the first command waits for a ring--> queued up
//! queued up --all is executed--> at once
//! ```
//!
//! Whatever else the door asks of the context waits until nothing is queued up.

use std::sync::{Arc, Mutex};

use bumpalo::Bump;
use context::{FenceId, RingIdx};
use vulkan_types as t;
use vulkan_types::Request;
use wire_venus::Decoder;

use crate::Fatal;
use crate::context_impl::{Shared, lock};
use crate::generated::decode;
use crate::recorder::HEAD;
use crate::stream::Stream;

/// What is queued up.
pub(crate) enum Job {
    /// A stream.
    Commands(Vec<u8>),
    /// A fence behind the streams before it.
    Fence(RingIdx, FenceId),
}

/// The context's end of it. The queue is the context's ([`Shared::submissions`]).
pub(crate) struct Submissions(Arc<Mutex<Stream>>);

impl Submissions {
    pub(crate) fn new(shared: &Shared) -> Self {
        Self(Arc::new(Mutex::new(Stream::new(shared, None))))
    }

    /// Executes a stream, now or in its turn.
    pub(crate) fn submit(&self, shared: &Arc<Shared>, commands: &[u8]) -> Result<(), Fatal> {
        if shared.submissions.is_busy() || waits_for_ring(shared, commands) {
            let size = commands.len();
            return self.queue(shared, Job::Commands(commands.to_vec()), size);
        }
        lock(&self.0).execute(shared, commands, |_| {})
    }

    /// Asks for a fence, now or in its turn.
    pub(crate) fn fence(
        &self,
        shared: &Arc<Shared>,
        ring: RingIdx,
        fence: FenceId,
    ) -> Result<(), Fatal> {
        match shared.submissions.is_busy() {
            true => self.queue(shared, Job::Fence(ring, fence), 0),
            false => shared.fence(ring, fence),
        }
    }

    fn queue(&self, shared: &Arc<Shared>, job: Job, size: usize) -> Result<(), Fatal> {
        shared.check_alive()?;
        let jobs = &shared.submissions;
        jobs.push(job, size, || shared.check_wanted())?;
        jobs.start(
            || format!("submit-{}", shared.life.id()),
            || {
                let (stream, shared) = (Arc::clone(&self.0), Arc::clone(shared));
                move || serve(&stream, &shared)
            },
        )
    }
}

fn serve(stream: &Mutex<Stream>, shared: &Arc<Shared>) {
    let take = |job: &mut Job| std::mem::replace(job, Job::Commands(Vec::new()));
    let result = shared.submissions.serve(take, |job| match job {
        Job::Commands(commands) => lock(stream).execute(shared, &commands, |_| {}),
        Job::Fence(ring, fence) => shared.fence(ring, fence),
    });
    if let Err(fatal) = result {
        shared.fail(&fatal);
    }
}

/// Whether a stream begins by waiting for a ring, and would. What is wrong with it is found when
/// it is executed.
fn waits_for_ring(shared: &Shared, commands: &[u8]) -> bool {
    let Some((head, arguments)) = commands.split_at_checked(HEAD) else {
        return false;
    };
    let command = head.first_chunk().map(|word| u32::from_le_bytes(*word));
    if command != Some(t::WaitRingSeqnoMESA::ID) {
        return false;
    }
    let arena = Bump::new();
    let wait = decode::<t::WaitRingSeqnoMESA>(&mut Decoder::new(arguments, &arena));
    let ring = wait.and_then(|wait| Ok((shared.ring(wait.ring)?, wait.seqno)));
    ring.is_ok_and(|(ring, seqno)| ring.keeps_waiting(seqno as u32))
}
