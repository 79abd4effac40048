use std::collections::HashMap;
use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use context::{LogBudget, Renderer};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;

use crate::limits::MAX_CLIENTS;
use crate::{ClientReport, Here, Listener, Outcome, Service, Stats};

/// How long to leave a listener alone when the host is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts vtest clients, and has each served on a thread of its own. Clones are the same server.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
}

struct Shared {
    service: Arc<dyn Service>,
    /// Clients at a time.
    max_clients: usize,
    clients: Mutex<Clients>,
    /// Notified when a client has left.
    left: Condvar,
    stats: Mutex<Stats>,
    log_budget: Mutex<LogBudget>,
    last_client: AtomicU64,
    /// Readable once the server stops.
    stop: OwnedFd,
}

#[derive(Default)]
struct Clients {
    connected: HashMap<u64, Client>,
    /// Threads that are ending, to be joined.
    ending: Vec<JoinHandle<()>>,
    stopped: bool,
}

struct Client {
    socket: Arc<UnixStream>,
    thread: JoinHandle<()>,
}

impl Server {
    /// A server whose contexts `renderer` makes, in this process. Fails when the host is out of
    /// fds.
    pub fn new(renderer: Arc<dyn Renderer>) -> io::Result<Self> {
        Self::with_service(Arc::new(Here::new(renderer)), MAX_CLIENTS)
    }

    /// A server of at most `max_clients` clients at a time, which `service` serves. Fails when the
    /// host is out of fds.
    pub fn with_service(service: Arc<dyn Service>, max_clients: usize) -> io::Result<Self> {
        let shared = Shared {
            service,
            max_clients: max_clients.min(MAX_CLIENTS),
            clients: Mutex::default(),
            left: Condvar::new(),
            stats: Mutex::default(),
            log_budget: Mutex::new(LogBudget::new(Instant::now())),
            last_client: AtomicU64::new(0),
            stop: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Accepts clients until [`Server::stop`].
    pub fn serve(&self, listener: &Listener) -> io::Result<()> {
        while self.wait_for_client(listener)? {
            self.accept(listener);
        }
        Ok(())
    }

    /// Accepts one client, and returns when it has left.
    pub fn serve_one(&self, listener: &Listener) -> io::Result<()> {
        while self.wait_for_client(listener)? {
            if self.accept(listener) {
                self.wait_until_idle(None);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Serves the client at the other end of `stream` on a new thread.
    pub fn connect(&self, stream: UnixStream) -> io::Result<()> {
        self.join_ended();
        let mut clients = self.clients();
        if clients.stopped {
            return Err(io::Error::other("the server is stopping"));
        }
        let most = self.shared.max_clients;
        if clients.connected.len() >= most {
            return Err(io::Error::other(format!("{most} clients already")));
        }
        let socket = Arc::new(stream);
        let id = self.shared.last_client.fetch_add(1, Ordering::Relaxed);
        let id = id.wrapping_add(1);
        // The thread cannot leave before it is in the table: the table is locked.
        let thread = std::thread::Builder::new()
            .name(format!("vtest-{id}"))
            .spawn({
                let server = self.clone();
                let socket = Arc::clone(&socket);
                move || server.run_client(id, socket)
            })?;
        clients.connected.insert(id, Client { socket, thread });
        Ok(())
    }

    /// Drops all clients, accepts no more, and waits for their threads for at most `patience`.
    /// Whether all have ended.
    pub fn stop(&self, patience: Duration) -> bool {
        // Once is enough to make it readable for good; a second write adds to the counter.
        let _ = rustix::io::write(&self.shared.stop, &1u64.to_ne_bytes());
        let mut clients = self.clients();
        clients.stopped = true;
        for client in clients.connected.values() {
            let _ = client.socket.shutdown(Shutdown::Both);
        }
        drop(clients);
        self.wait_until_idle(Some(patience))
    }

    /// How many clients are connected.
    pub fn client_count(&self) -> usize {
        self.clients().connected.len()
    }

    /// Waits until no client is connected, for at most `patience`. Whether none is.
    pub fn wait_until_idle(&self, patience: Option<Duration>) -> bool {
        let clients = self.clients();
        let busy = |clients: &mut Clients| !clients.connected.is_empty();
        let is_idle = match patience {
            None => {
                drop(self.shared.left.wait_while(clients, busy));
                true
            }
            Some(patience) => self
                .shared
                .left
                .wait_timeout_while(clients, patience, busy)
                .is_ok_and(|(_, waited)| !waited.timed_out()),
        };
        self.join_ended();
        is_idle
    }

    /// What the clients that have left did.
    pub fn stats(&self) -> Stats {
        self.stats_guard().clone()
    }

    /// Sleeps until a client waits; false once the server stops.
    fn wait_for_client(&self, listener: &Listener) -> io::Result<bool> {
        loop {
            let mut fds = [
                PollFd::new(&self.shared.stop, PollFlags::IN),
                PollFd::new(listener, PollFlags::IN),
            ];
            match poll(&mut fds, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let [stop, listener] = fds.map(|fd| fd.revents());
            if !stop.is_empty() {
                return Ok(false);
            }
            if !listener.is_empty() {
                return Ok(true);
            }
        }
    }

    /// Accepts a client; whether there was one and it is being served.
    fn accept(&self, listener: &Listener) -> bool {
        let connected = match listener.accept() {
            Ok(Some(stream)) => self.connect(stream),
            Ok(None) => return false,
            Err(error) => {
                std::thread::sleep(ACCEPT_PAUSE);
                Err(error)
            }
        };
        if let Err(error) = &connected {
            self.warn(&format!("a client is turned away: {error}"));
        }
        connected.is_ok()
    }

    fn run_client(&self, id: u64, socket: Arc<UnixStream>) {
        // Even if a bug makes this thread panic, the server does not wait for it forever.
        let _registered = Registered { server: self, id };
        let Outcome { report, is_bug } = self.shared.service.serve(id, socket);
        self.log(id, &report, is_bug);
        self.stats_guard().add(report);
    }

    fn log(&self, id: u64, report: &ClientReport, is_bug: bool) {
        let ClientReport { name, pid, .. } = report;
        let pid = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
        match &report.dropped {
            Some(reason) if is_bug => {
                tracing::error!("client {id} ({name}, pid {pid}) dropped: {reason}");
            }
            Some(reason) => self.warn(&format!(
                "client {id} ({name}, pid {pid}) dropped: {reason}"
            )),
            None => tracing::info!("client {id} ({name}, pid {pid}) left{}", in_a_line(report)),
        }
        if let Some(refusal) = &report.refusal {
            self.warn(&format!(
                "client {id} ({name}, pid {pid}): {} requests refused, first {refusal}",
                report.counts.refusals
            ));
        }
    }

    /// Warns about what a client can cause at will.
    fn warn(&self, line: &str) {
        let budget = self.shared.log_budget.lock();
        let mut budget = budget.unwrap_or_else(PoisonError::into_inner);
        match budget.spend(Instant::now()) {
            None => {}
            Some(0) => tracing::warn!("{line}"),
            Some(suppressed) => tracing::warn!("{line} ({suppressed} lines like it left out)"),
        }
    }

    fn unregister(&self, id: u64) {
        let mut clients = self.clients();
        if let Some(client) = clients.connected.remove(&id) {
            clients.ending.push(client.thread);
        }
        drop(clients);
        self.shared.left.notify_all();
    }

    /// Joins threads that have nothing left to do but end.
    fn join_ended(&self) {
        let ending = std::mem::take(&mut self.clients().ending);
        for thread in ending {
            if thread.join().is_err() {
                tracing::error!("bug in Paravane: a client's thread panicked");
            }
        }
    }

    /// A panic elsewhere leaves the tables whole: each critical section is one step.
    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.shared
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn stats_guard(&self) -> MutexGuard<'_, Stats> {
        self.shared
            .stats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a client's context did, to go behind that it left.
fn in_a_line(report: &ClientReport) -> String {
    let Some(stats) = &report.context else {
        return String::new();
    };
    let gpus = match stats.gpus.is_empty() {
        true => "no device".to_owned(),
        false => stats.gpus.join(", "),
    };
    format!(
        " after {:.1} s: {gpus}; {} commands, {} draws, {} dispatches, {} submissions, \
         {} MiB of memory at most",
        report.connected.as_secs_f64(),
        stats.commands,
        stats.draws,
        stats.dispatches,
        stats.submissions,
        stats.memory_peak.div_ceil(1 << 20),
    )
}

/// A client's place in the table, given up when dropped.
struct Registered<'a> {
    server: &'a Server,
    id: u64,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.server.unregister(self.id);
    }
}
