use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};

use context::{Event, EventReceiver, FenceId, RingIdx};

use crate::fences::Shared;

/// The only timeline of a virgl context.
pub(crate) const VIRGL_RING: RingIdx = RingIdx(0);

/// What a context tells, for the two threads of its client: one sleeps until there is news, the
/// other looks when a request asks for it. Both may act on an event; each event is acted on once.
#[derive(Debug)]
pub(crate) struct Events {
    receiver: EventReceiver,
    /// The newest fence that has signalled on [`VIRGL_RING`]; 0 before any has.
    virgl_signaled: AtomicU64,
}

impl Events {
    pub(crate) fn new(receiver: EventReceiver) -> Self {
        Self {
            receiver,
            virgl_signaled: AtomicU64::new(0),
        }
    }

    /// Acts on the events that there are, without waiting for any, and says whether there were.
    pub(crate) fn take(&self, shared: &Shared, socket: &UnixStream) -> bool {
        let events = self.receiver.drain();
        let any = !events.is_empty();
        for event in events {
            self.act(event, shared, socket);
        }
        any
    }

    /// Whether `fence` of [`VIRGL_RING`] has signalled.
    pub(crate) fn has_virgl_signaled(&self, fence: FenceId) -> bool {
        fence.0 <= self.virgl_signaled.load(Ordering::Acquire)
    }

    /// Tells the context that nobody waits for it any more.
    pub(crate) fn close(&self) {
        self.receiver.close();
    }

    fn act(&self, event: Event, shared: &Shared, socket: &UnixStream) {
        match event {
            Event::FenceSignaled { ring, fence, .. } => {
                if ring == VIRGL_RING {
                    self.virgl_signaled.fetch_max(fence.0, Ordering::AcqRel);
                }
                shared.syncs().fence_signaled(ring, fence);
            }
            Event::ContextLost { reason, .. } => {
                shared.set_lost(reason);
                // Wakes the thread that waits for the next request.
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }
}

impl AsFd for Events {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.receiver.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use context::{ContextId, EventSender, events};

    fn signal(sender: &EventSender, ring: RingIdx, fence: u64) {
        sender.send(Event::FenceSignaled {
            ctx: ContextId(1),
            ring,
            fence: FenceId(fence),
        });
    }

    #[test]
    fn fences_of_other_timelines_are_not_virgls() {
        let (sender, receiver) = events().unwrap();
        let events = Events::new(receiver);
        let (ours, _theirs) = UnixStream::pair().unwrap();
        signal(&sender, RingIdx(1), 7);
        events.take(&Shared::default(), &ours);
        assert!(!events.has_virgl_signaled(FenceId(1)));
        signal(&sender, VIRGL_RING, 7);
        events.take(&Shared::default(), &ours);
        assert!(events.has_virgl_signaled(FenceId(7)));
        assert!(!events.has_virgl_signaled(FenceId(8)));
    }
}
