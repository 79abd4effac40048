//! Fences: telling the door when the GPU is done.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use context::{ContextId, Event, EventSender, FenceId, RingIdx};
use host_gl::{Current, ShareGroup, Sync};

use crate::error::{Error, Result};
use crate::twin::Promise;

/// A context's fences, in the order in which they were asked for.
pub(crate) struct Fences {
    group: Arc<ShareGroup>,
    id: ContextId,
    events: EventSender,
    /// Started with the first fence.
    waiter: Option<Waiter>,
}

/// A fence that is waited for.
struct Waiting {
    /// None for work that was lost.
    sync: Option<Sync>,
    /// What is to be done when it is reached, before anybody hears of it.
    promises: Vec<Promise>,
    event: Event,
}

/// A thread with a GL context of its own, so that waiting stops nobody.
struct Waiter {
    fences: Option<Sender<Waiting>>,
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

    /// Whether nobody waits for fences any more.
    pub(crate) fn is_unheard(&self) -> bool {
        self.events.is_closed()
    }

    /// Waits here, until the point is reached or nobody waits for fences any more.
    pub(crate) fn wait(&self, gl: &Current<'_>, sync: &Sync) -> Result<()> {
        while !self.is_unheard() && !gl.wait(sync, SLICE)? {}
        Ok(())
    }

    /// Keeps the promises and sends the event when `sync` is reached.
    pub(crate) fn add(
        &mut self,
        sync: Sync,
        promises: Vec<Promise>,
        ring: RingIdx,
        fence: FenceId,
    ) -> Result<()> {
        let waiter = match self.waiter.take() {
            Some(waiter) => waiter,
            None => Waiter::start(&self.group, self.events.clone())?,
        };
        let waiting = Waiting {
            sync: Some(sync),
            promises,
            event: self.event(ring, fence),
        };
        match self.waiter.insert(waiter).send(waiting) {
            true => Ok(()),
            false => Err(Error::Unsupported("waiting for a lost GPU")),
        }
    }

    /// Sends the event behind those that were asked for before: what was lost is not going to
    /// be done, and the guest must not wait for it.
    pub(crate) fn add_lost(&mut self, ring: RingIdx, fence: FenceId) {
        let waiting = Waiting {
            sync: None,
            promises: Vec::new(),
            event: self.event(ring, fence),
        };
        let waiter = self.waiter.as_ref();
        if !waiter.is_some_and(|waiter| waiter.send(waiting)) {
            self.events.send(self.event(ring, fence));
        }
    }

    /// Tells that the context ended between two calls.
    pub(crate) fn end(&self, reason: String) {
        let ctx = self.id;
        self.events.send(Event::ContextLost { ctx, reason });
    }

    fn event(&self, ring: RingIdx, fence: FenceId) -> Event {
        Event::FenceSignaled {
            ctx: self.id,
            ring,
            fence,
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

impl Waiter {
    /// False if it has ended.
    fn send(&self, waiting: Waiting) -> bool {
        let fences = self.fences.as_ref();
        fences.is_some_and(|fences| fences.send(waiting).is_ok())
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

/// How long a wait goes on before it looks whether anybody still listens.
pub(crate) const SLICE: Duration = Duration::from_millis(100);

/// How long the driver may wait at once. A lost GPU ends the wait at once in any case.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends when nothing waits and no one can send more.
fn wait(context: &host_gl::Context, fences: &Receiver<Waiting>, events: &EventSender) {
    let mut waiting = VecDeque::new();
    while let Ok(first) = fences.recv() {
        waiting.push_back(first);
        while let Some(one) = waiting.pop_front() {
            if let Some(sync) = &one.sync
                && !is_reached(context, sync, events)
            {
                return;
            }
            keep(context, &one.promises);
            events.send(one.event);
            waiting.extend(fences.try_iter());
        }
    }
}

/// What cannot be kept, the guest does not see; what it waits for it hears all the same.
fn keep(context: &host_gl::Context, promises: &[Promise]) {
    if promises.is_empty() {
        return;
    }
    let kept = context.make_current().map_err(Error::from).and_then(|gl| {
        let mut kept = promises.iter().map(|promise| promise.keep(&gl));
        kept.try_for_each(|one| one)
    });
    if let Err(error) = kept {
        tracing::debug!("what was written to a mapped buffer is not brought back: {error}");
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
