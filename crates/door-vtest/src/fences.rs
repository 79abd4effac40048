use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;

use crate::events::Events;
use crate::stream::watch;
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

/// The thread that retires a client's fences, and watches for the client's end.
///
/// It is apart from the thread that executes requests, because a request may take long, and
/// what the client waits for meanwhile must not. Where nothing waits but by requests, it does
/// not listen to the context: to wake it for each fence would take more time than the fence.
#[derive(Debug)]
pub(crate) struct FenceThread {
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Orders {
    listen: AtomicBool,
    stop: AtomicBool,
    /// Readable after a change of the others.
    changed: OwnedFd,
}

impl FenceThread {
    pub(crate) fn spawn(
        name: &str,
        events: Arc<Events>,
        shared: Arc<Shared>,
        socket: Arc<UnixStream>,
    ) -> io::Result<Self> {
        let orders = Arc::new(Orders {
            listen: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            changed: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        });
        let thread = std::thread::Builder::new()
            .name(format!("{name}-fence"))
            .spawn({
                let orders = Arc::clone(&orders);
                move || {
                    if let Err(error) = retire(&events, &orders, &shared, &socket) {
                        shared.set_lost(format!("host failed: {error}"));
                        let _ = socket.shutdown(Shutdown::Both);
                    }
                    events.close();
                }
            })?;
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    /// Acts on the context's events from now on, as they come. Once is enough.
    pub(crate) fn listen(&self) {
        self.orders.give(&self.orders.listen);
    }
}

impl Drop for FenceThread {
    fn drop(&mut self) {
        self.orders.give(&self.orders.stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Orders {
    fn give(&self, order: &AtomicBool) {
        if !order.swap(true, Ordering::SeqCst) {
            // The counter goes to 2 at most: the write cannot fail.
            let _ = rustix::io::write(&self.changed, &1u64.to_ne_bytes());
        }
    }
}

/// Sleeps until there are events, and acts on them, until told to stop or the client hangs
/// up. Then the context is told that nobody waits for it any more.
fn retire(
    events: &Events,
    orders: &Orders,
    shared: &Shared,
    socket: &UnixStream,
) -> io::Result<()> {
    let watch = watch();
    loop {
        let listens = orders.listen.load(Ordering::SeqCst);
        let mut fds = [
            PollFd::new(socket, PollFlags::empty()),
            PollFd::new(&orders.changed, PollFlags::IN),
            PollFd::new(events, PollFlags::IN),
        ];
        let (watched, _) = fds.split_at_mut(if listens { 3 } else { 2 });
        match poll(watched, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [socket_state, changed, _] = fds.map(|fd| fd.revents());
        if listens {
            take(events, orders, shared, socket, watch);
        }
        if orders.stop.load(Ordering::SeqCst) || !socket_state.is_empty() {
            return Ok(());
        }
        if !changed.is_empty() {
            let _ = rustix::io::read(&orders.changed, &mut [0; 8]);
        }
    }
}

/// Acts on events as long as one comes a moment after the other: whoever waits for each submission
/// sends the next one then, and waking up takes as long as a small one.
fn take(
    events: &Events,
    orders: &Orders,
    shared: &Shared,
    socket: &UnixStream,
    watch: Option<Duration>,
) {
    let mut last = Instant::now();
    loop {
        if events.take(shared, socket) {
            last = Instant::now();
        }
        let is_quiet = watch.is_none_or(|watch| last.elapsed() >= watch);
        if is_quiet || orders.stop.load(Ordering::SeqCst) {
            return;
        }
        std::thread::yield_now();
    }
}
