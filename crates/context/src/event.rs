use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::event::EventfdFlags;

use crate::{ContextId, FenceId, RingIdx};

/// What a renderer tells a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// All work before the fence is done, and so are the ring's earlier fences.
    FenceSignaled {
        /// The context whose fence it is.
        ctx: ContextId,
        /// The fence's timeline.
        ring: RingIdx,
        /// The fence, as the door numbered it.
        fence: FenceId,
    },
    /// The context is finished between two calls: its ring carried rubbish, its process or
    /// its device died.
    ContextLost {
        /// The context.
        ctx: ContextId,
        /// One line for the log.
        reason: String,
    },
}

/// Makes the two ends of a queue of events. Fails when the host is out of fds.
pub fn events() -> io::Result<(EventSender, EventReceiver)> {
    let ready = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        closed: AtomicBool::new(false),
        ready,
    });
    Ok((EventSender(Arc::clone(&shared)), EventReceiver(shared)))
}

/// The renderer's end. Clones send to the same receiver.
#[derive(Clone, Debug)]
pub struct EventSender(Arc<Shared>);

impl EventSender {
    /// Queues `event` and makes the receiver's fd readable. Nothing happens once the
    /// receiver is gone.
    pub fn send(&self, event: Event) {
        let mut events = self.0.lock();
        if self.is_closed() {
            return;
        }
        let was_empty = events.is_empty();
        events.push(event);
        if was_empty {
            self.0.set_ready();
        }
    }

    /// Whether the receiver is gone: nobody waits for this context any more. A context that
    /// blocks on something only its guest can bring about looks here now and then. Costs no
    /// more than reading a word.
    pub fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }
}

/// The door's end. Its fd is readable while events wait.
#[derive(Debug)]
pub struct EventReceiver(Arc<Shared>);

impl EventReceiver {
    /// Takes all waiting events, in the order they were sent. Never blocks.
    pub fn drain(&self) -> Vec<Event> {
        let mut events = self.0.lock();
        if !events.is_empty() {
            self.0.clear_ready();
        }
        std::mem::take(&mut *events)
    }

    /// Lets nothing in any more, as if the receiver were dropped: [`EventSender::is_closed`].
    pub fn close(&self) {
        let mut events = self.0.lock();
        self.0.closed.store(true, Ordering::Release);
        *events = Vec::new();
    }
}

impl AsFd for EventReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.ready.as_fd()
    }
}

impl Drop for EventReceiver {
    fn drop(&mut self) {
        self.close();
    }
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Vec<Event>>,
    /// Set once, under the queue's lock: nothing is queued from then on.
    closed: AtomicBool,
    /// Non-zero exactly while `queue` holds events; changed only under its lock.
    ready: OwnedFd,
}

impl Shared {
    /// A panic elsewhere leaves the queue whole: each critical section is one step.
    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cannot fail: the counter goes from 0 to 1 and no further.
    fn set_ready(&self) {
        let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
    }

    fn clear_ready(&self) {
        let _ = rustix::io::read(&self.ready, &mut [0; 8]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn is_readable(receiver: &EventReceiver) -> bool {
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut [PollFd::new(receiver, PollFlags::IN)], Some(&now)).unwrap() == 1
    }

    fn fence(n: u64) -> Event {
        Event::FenceSignaled {
            ctx: ContextId(1),
            ring: RingIdx(0),
            fence: FenceId(n),
        }
    }

    #[test]
    fn the_fd_is_readable_while_events_wait() {
        let (sender, receiver) = events().unwrap();
        assert!(!is_readable(&receiver));
        sender.send(fence(1));
        sender.clone().send(fence(2));
        assert!(is_readable(&receiver));
        assert_eq!(receiver.drain(), [fence(1), fence(2)]);
        assert!(!is_readable(&receiver));
        assert_eq!(receiver.drain(), []);
        sender.send(fence(3));
        assert!(is_readable(&receiver));
    }

    #[test]
    fn a_receiver_that_is_gone_is_no_error() {
        let (sender, receiver) = events().unwrap();
        assert!(!sender.is_closed());
        drop(receiver);
        assert!(sender.is_closed());
        sender.send(fence(1));
        assert!(sender.0.lock().is_empty());
    }

    #[test]
    fn nothing_comes_in_once_the_receiver_is_closed() {
        let (sender, receiver) = events().unwrap();
        sender.send(fence(1));
        receiver.close();
        assert!(sender.is_closed());
        sender.send(fence(2));
        assert_eq!(receiver.drain(), []);
    }

    #[test]
    fn events_of_many_threads_all_arrive() {
        let (sender, receiver) = events().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let sender = sender.clone();
                scope.spawn(move || (0..1000).for_each(|n| sender.send(fence(thread * 1000 + n))));
            }
            let mut seen = Vec::new();
            while seen.len() < 4000 {
                poll(&mut [PollFd::new(&receiver, PollFlags::IN)], None).unwrap();
                seen.extend(receiver.drain());
            }
            assert_eq!(seen.len(), 4000);
        });
        assert!(!is_readable(&receiver));
    }
}
