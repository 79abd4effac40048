use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use context::{Event, EventReceiver, FenceId, RingIdx};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;

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
    /// Whether [`Events::wait_for_virgl`] is between its look and its sleep, or asleep.
    waits: AtomicBool,
    /// Readable once an event was taken away from under the one that waits.
    taken: OwnedFd,
}

impl Events {
    pub(crate) fn new(receiver: EventReceiver) -> io::Result<Self> {
        Ok(Self {
            receiver,
            virgl_signaled: AtomicU64::new(0),
            waits: AtomicBool::new(false),
            taken: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    /// Acts on the events that there are, without waiting for any.
    pub(crate) fn take(&self, shared: &Shared, socket: &UnixStream) {
        for event in self.receiver.drain() {
            self.act(event, shared, socket);
        }
    }

    /// As [`Events::take`], for the thread that does not call [`Events::wait_for_virgl`].
    pub(crate) fn take_from_waiting(&self, shared: &Shared, socket: &UnixStream) {
        self.take(shared, socket);
        // Of the two stores and the two loads around them, in one order for all threads, one
        // load sees the other thread's store: either this one, or the one of the fence's number.
        if self.waits.load(Ordering::SeqCst) {
            // Fails only if the counter is full, and then it is readable.
            let _ = rustix::io::write(&self.taken, &1u64.to_ne_bytes());
        }
    }

    /// Whether `fence` of [`VIRGL_RING`] has signalled.
    pub(crate) fn has_virgl_signaled(&self, fence: FenceId) -> bool {
        fence.0 <= self.virgl_signaled.load(Ordering::SeqCst)
    }

    /// Waits until `fence` of [`VIRGL_RING`] has signalled, or the client has hung up; whether it
    /// has signalled.
    ///
    /// The thread that executes requests waits here rather than for the thread that retires
    /// fences: handing over would take longer than many a job of the GPU.
    pub(crate) fn wait_for_virgl(
        &self,
        fence: FenceId,
        shared: &Shared,
        socket: &UnixStream,
    ) -> io::Result<bool> {
        self.waits.store(true, Ordering::SeqCst);
        let result = self.wait(fence, shared, socket);
        self.waits.store(false, Ordering::SeqCst);
        result
    }

    fn wait(&self, fence: FenceId, shared: &Shared, socket: &UnixStream) -> io::Result<bool> {
        loop {
            self.take(shared, socket);
            if self.has_virgl_signaled(fence) {
                return Ok(true);
            }
            let mut fds = [
                PollFd::new(self, PollFlags::IN),
                PollFd::new(&self.taken, PollFlags::IN),
                PollFd::new(socket, PollFlags::empty()),
            ];
            match poll(&mut fds, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let [_, taken, socket_state] = fds.map(|fd| fd.revents());
            if !socket_state.is_empty() {
                return Ok(false);
            }
            if !taken.is_empty() {
                let _ = rustix::io::read(&self.taken, &mut [0; 8]);
            }
        }
    }

    /// Tells the context that nobody waits for it any more.
    pub(crate) fn close(&self) {
        self.receiver.close();
    }

    fn act(&self, event: Event, shared: &Shared, socket: &UnixStream) {
        match event {
            Event::FenceSignaled { ring, fence, .. } => {
                if ring == VIRGL_RING {
                    self.virgl_signaled.fetch_max(fence.0, Ordering::SeqCst);
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
    use std::sync::Arc;
    use std::time::Duration;

    fn signal(sender: &EventSender, ring: RingIdx, fence: u64) {
        sender.send(Event::FenceSignaled {
            ctx: ContextId(1),
            ring,
            fence: FenceId(fence),
        });
    }

    #[test]
    fn a_wait_ends_whoever_takes_the_event() {
        let (sender, receiver) = events().unwrap();
        let events = Arc::new(Events::new(receiver).unwrap());
        let shared = Arc::new(Shared::default());
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let ours = Arc::new(ours);
        let stop = Arc::new(AtomicBool::new(false));
        let thief = std::thread::spawn({
            let (events, shared, ours) = (events.clone(), shared.clone(), ours.clone());
            let stop = stop.clone();
            move || {
                while !stop.load(Ordering::Relaxed) {
                    events.take_from_waiting(&shared, &ours);
                }
            }
        });
        for n in 1..=300 {
            let signals = std::thread::spawn({
                let sender = sender.clone();
                move || signal(&sender, VIRGL_RING, n)
            });
            let waited = events.wait_for_virgl(FenceId(n), &shared, &ours);
            assert!(waited.unwrap());
            signals.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        thief.join().unwrap();
    }

    #[test]
    fn fences_of_other_timelines_are_not_virgls() {
        let (sender, receiver) = events().unwrap();
        let events = Events::new(receiver).unwrap();
        let (ours, _theirs) = UnixStream::pair().unwrap();
        signal(&sender, RingIdx(1), 7);
        events.take(&Shared::default(), &ours);
        assert!(!events.has_virgl_signaled(FenceId(1)));
        signal(&sender, VIRGL_RING, 7);
        events.take(&Shared::default(), &ours);
        assert!(events.has_virgl_signaled(FenceId(7)));
        assert!(!events.has_virgl_signaled(FenceId(8)));
    }

    #[test]
    fn a_wait_ends_when_the_client_hangs_up_or_the_context_is_lost() {
        let wait = |act: fn(EventSender, UnixStream)| {
            let (sender, receiver) = events().unwrap();
            let events = Events::new(receiver).unwrap();
            let shared = Shared::default();
            let (ours, theirs) = UnixStream::pair().unwrap();
            let actor = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(5));
                act(sender, theirs);
            });
            let waited = events.wait_for_virgl(FenceId(1), &shared, &ours);
            actor.join().unwrap();
            (waited.unwrap(), shared.take_loss())
        };
        assert_eq!(wait(|_sender, theirs| drop(theirs)), (false, None));
        let lost = wait(|sender, _theirs| {
            sender.send(Event::ContextLost {
                ctx: ContextId(1),
                reason: "reset".into(),
            });
            std::thread::sleep(Duration::from_millis(20));
        });
        assert_eq!(lost, (false, Some("reset".into())));
    }
}
