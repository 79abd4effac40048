use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::EventfdFlags;

/// Messages for the device's thread, whose fd is readable while it has any. Sending never waits.
#[derive(Debug)]
pub(crate) struct Mailbox<T> {
    messages: Mutex<Vec<T>>,
    ready: OwnedFd,
}

impl<T> Mailbox<T> {
    /// Fails when the host is out of fds.
    pub(crate) fn new() -> io::Result<Self> {
        let ready = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            messages: Mutex::default(),
            ready,
        })
    }

    pub(crate) fn send(&self, message: T) {
        self.lock().push(message);
        // The counter is emptied with each look, and has room for more than there can be.
        let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
    }

    /// All messages, in the order that they were sent.
    pub(crate) fn take(&self) -> Vec<T> {
        let _ = rustix::io::read(&self.ready, &mut [0; 8]);
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> AsFd for Mailbox<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ready.as_fd()
    }
}
