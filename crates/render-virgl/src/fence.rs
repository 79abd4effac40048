//! Fences: telling the door when the GPU is done.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use context::{ContextId, Event, EventSender, FenceId, RingIdx};
use host_gl::{Current, ShareGroup, Sync};

use crate::error::{Error, Result};

/// A context's fences, in the order in which they were asked for.
pub(crate) struct Fences {
    group: Arc<ShareGroup>,
    id: ContextId,
    events: EventSender,
    /// Started with the first fence.
    waiter: Option<Waiter>,
}

/// A thread with a GL context of its own, so that waiting stops nobody.
struct Waiter {
    fences: Option<Sender<(Sync, Event)>>,
    thread: Option<JoinHandle<()>>,
}

impl Fences {
    pub(crate) fn new(group: &Arc<ShareGroup>, id: ContextId, events: EventSender) -> Self {
        Self {
            group: Arc::clone(group),
            id,
            events,
            waiter: None,
        }
    }

    /// Waits here, until the point is reached or nobody waits for fences any more.
    pub(crate) fn wait(&self, gl: &Current<'_>, sync: &Sync) -> Result<()> {
        while !self.events.is_closed() && !gl.wait(sync, SLICE)? {}
        Ok(())
    }

    /// Sends the event when `sync` is reached.
    pub(crate) fn add(&mut self, sync: Sync, ring: RingIdx, fence: FenceId) -> Result<()> {
        let event = Event::FenceSignaled {
            ctx: self.id,
            ring,
            fence,
        };
        let waiter = match self.waiter.take() {
            Some(waiter) => waiter,
            None => Waiter::start(&self.group, self.events.clone())?,
        };
        let waiter = self.waiter.insert(waiter);
        let sent = waiter
            .fences
            .as_ref()
            .map(|fences| fences.send((sync, event)));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(Error::Unsupported("waiting for a lost GPU")),
        }
    }
}

impl Waiter {
    fn start(group: &Arc<ShareGroup>, events: EventSender) -> Result<Self> {
        let context = group.context()?;
        let (fences, receiver) = channel();
        let builder = std::thread::Builder::new().name("virgl-fences".into());
        let thread = builder.spawn(move || wait(&context, &receiver, &events));
        let thread = thread.map_err(|_| host_gl::Error::OutOfMemory)?;
        Ok(Self {
            fences: Some(fences),
            thread: Some(thread),
        })
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.fences = None;
        let ended = self.thread.take().map(JoinHandle::join);
        if matches!(ended, Some(Err(_))) {
            tracing::error!("the thread that waits for fences has panicked");
        }
    }
}

/// How long [`Fences::wait`] waits before it looks whether anybody still listens.
const SLICE: Duration = Duration::from_millis(100);

/// How long the driver may wait at once. A lost GPU ends the wait at once in any case.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends when nothing waits and no one can send more.
fn wait(context: &host_gl::Context, fences: &Receiver<(Sync, Event)>, events: &EventSender) {
    let mut waiting = VecDeque::new();
    while let Ok(first) = fences.recv() {
        waiting.push_back(first);
        while let Some((sync, event)) = waiting.pop_front() {
            if !is_reached(context, &sync, events) {
                return;
            }
            events.send(event);
            waiting.extend(fences.try_iter());
        }
    }
}

/// False if nobody waits for it any more, or the GPU is lost.
fn is_reached(context: &host_gl::Context, sync: &Sync, events: &EventSender) -> bool {
    let Ok(gl) = context.make_current() else {
        tracing::error!("the context that waits for fences cannot be made current");
        return false;
    };
    loop {
        match gl.wait(sync, PATIENCE) {
            Ok(true) => return true,
            Ok(false) if events.is_closed() => return false,
            Ok(false) => {}
            // What was lost is not going to be waited for: the guest must not hang.
            Err(error) => {
                tracing::warn!("a fence cannot be waited for: {error}");
                return true;
            }
        }
    }
}
