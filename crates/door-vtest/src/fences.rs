use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;

use crate::events::Events;
use crate::syncs::Syncs;

/// What the two threads of a client share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    syncs: Mutex<Syncs>,
    lost: Mutex<Option<String>>,
}

impl Shared {
    pub(crate) fn syncs(&self) -> MutexGuard<'_, Syncs> {
        self.syncs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the context is lost, if it is.
    pub(crate) fn take_loss(&self) -> Option<String> {
        self.lost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    pub(crate) fn set_lost(&self, reason: String) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }
}

/// The thread that retires a client's fences.
///
/// It is apart from the thread that executes requests, because a request may take long, and
/// what the client waits for meanwhile must not.
#[derive(Debug)]
pub(crate) struct FenceThread {
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl FenceThread {
    pub(crate) fn spawn(
        name: &str,
        events: Arc<Events>,
        shared: Arc<Shared>,
        socket: Arc<UnixStream>,
    ) -> io::Result<Self> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let thread = std::thread::Builder::new()
            .name(format!("{name}-fence"))
            .spawn({
                let stop = Arc::clone(&stop);
                move || {
                    if let Err(error) = retire(&events, &stop, &shared, &socket) {
                        shared.set_lost(format!("host failed: {error}"));
                        let _ = socket.shutdown(Shutdown::Both);
                    }
                    events.close();
                }
            })?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for FenceThread {
    fn drop(&mut self) {
        // The counter goes from 0 to 1: the write cannot fail.
        let _ = rustix::io::write(&*self.stop, &1u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sleeps until there are events, and acts on them, until told to stop or the client hangs
/// up. Then the context is told that nobody waits for it any more.
fn retire(events: &Events, stop: &OwnedFd, shared: &Shared, socket: &UnixStream) -> io::Result<()> {
    loop {
        let mut fds = [
            PollFd::new(events, PollFlags::IN),
            PollFd::new(stop, PollFlags::IN),
            PollFd::new(socket, PollFlags::empty()),
        ];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [_, stop, socket_state] = fds.map(|fd| fd.revents());
        events.take_from_waiting(shared, socket);
        if !stop.is_empty() || !socket_state.is_empty() {
            return Ok(());
        }
    }
}
