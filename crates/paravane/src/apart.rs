//! Clients served each in a process of its own, which runs this program again.
//!
//! ```text
//!   this process                                   a client's process
//!   Spares::start    -- starts, option --serve-client -->  loads drivers, probes
//!                    <-- Start: what it offers, or why not --
//!   Apart::serve     -- the client's socket -->            serves the client
//!                    <-- Taken --
//!                    <-- Account: what the client did --   ends
//! ```
//!
//! The line between them is the new process's standard input. When this process ends, those end.

mod child;
mod inside;
mod message;
mod spares;
mod watch;

use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use context::CapsetId;
use door_vtest::{Outcome, Service};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;
use rustix::net::sockopt::socket_peercred;
use rustix::net::{RecvFlags, recv};
use worker::sandbox::group_of;

use child::{Child, NoAccount};
use spares::Spares;

pub(crate) use inside::serve_a_client;
pub(crate) use message::StartError;
pub(crate) use watch::Bounds;

/// Processes that may end, one after the other, just when a client is for them.
const ATTEMPTS: usize = 4;

/// What the command line of such a process has in front, with how much it says.
const OPTION: &str = "--serve-client=";

/// What a process takes that serves a client which has not asked for anything yet, with its
/// drivers: as measured with Mesa's software drivers, rounded up.
pub(crate) const PROCESS_COST: u64 = 64 << 20;

/// Serves each client in a process of its own.
pub(crate) struct Apart {
    spares: Spares,
    bounds: Bounds,
    processor: Mutex<Duration>,
}

impl Apart {
    /// Starts the first process, and tells what it offers. Clients will come by `socket`.
    pub(crate) fn start(
        socket: Option<&Path>,
        bounds: Bounds,
    ) -> Result<(Self, Vec<CapsetId>), StartError> {
        let env = environment(socket, std::env::var_os(SOCKET_NAME));
        let (first, capsets) = Child::start(Voice::Loud, &env)?;
        let apart = Self {
            spares: Spares::new(first, env)?,
            bounds,
            processor: Mutex::default(),
        };
        Ok((apart, capsets))
    }

    /// Processor time of the processes that have ended, as they told.
    pub(crate) fn processor_time(&self) -> Duration {
        *self
            .processor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the client served, or tells why it was not, or not to its end.
    fn hand_over(&self, id: u64, socket: &UnixStream) -> Result<Outcome, String> {
        let mut child = self.with_client(id, socket)?;
        if let (Ok(client), Some(process)) = (socket_peercred(socket), child.pid()) {
            let client = client.pid;
            tracing::debug!("client {id} (pid {client}) is served by process {process}");
        }
        let account = child.account(socket, &self.bounds);
        let group = self.group_of(&child);
        let end = child.end();
        if let Some(group) = group {
            // It may have had none; and none is left when all its processes have ended.
            let _ = std::fs::remove_dir(group);
        }
        match account {
            Ok(account) => {
                self.add(account.processor);
                Ok(account.into())
            }
            Err(why) => {
                let why = match (why, end) {
                    (NoAccount::Ended(verdict), _) => verdict.to_string(),
                    (NoAccount::Lost(_), Ok(end)) => end.to_string(),
                    (NoAccount::Lost(error), Err(_)) => error.to_string(),
                };
                Err(format!("the process that served it has failed: {why}"))
            }
        }
    }

    /// A process that has taken the client.
    fn with_client(&self, id: u64, socket: &UnixStream) -> Result<Child, String> {
        let mut attempts = 0..ATTEMPTS;
        loop {
            let mut child = self.spares.take().map_err(|error| error.to_string())?;
            match child.hand_over(id, socket, self.bounds.hang) {
                Ok(()) => return Ok(child),
                Err(_) if attempts.next().is_some() => {}
                Err(error) => return Err(format!("no process takes it: {error}")),
            }
        }
    }

    fn group_of(&self, child: &Child) -> Option<PathBuf> {
        let parent = self.bounds.group.as_ref()?;
        let pid = child.pid()?.as_raw_nonzero().get().unsigned_abs();
        Some(group_of(parent, pid))
    }

    fn add(&self, used: Duration) {
        let mut all = self
            .processor
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *all = all.saturating_add(used);
    }
}

impl Service for Apart {
    fn serve(&self, id: u64, socket: Arc<UnixStream>) -> Outcome {
        let start = Instant::now();
        let outcome = match has_spoken(&socket) {
            true => self.hand_over(id, &socket),
            false => Ok(Outcome::unserved(&socket, start, None)),
        };
        // Whatever has become of the process: the client is to see that it is over.
        let _ = socket.shutdown(std::net::Shutdown::Both);
        outcome.unwrap_or_else(|reason| Outcome::unserved(&socket, start, Some(reason)))
    }
}

/// How much a process says while it starts. The first one says for all what the host lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Voice {
    Loud,
    Quiet,
}

/// The variable that tells Mesa's guest drivers where a server is, and what they take without it
/// (`VTEST_DEFAULT_SOCKET_NAME` of virglrenderer's `vtest/vtest_protocol.h`).
const SOCKET_NAME: &str = "VTEST_SOCKET_NAME";
const DEFAULT_SOCKET: &str = "/tmp/.virgl_test";

/// The Vulkan loader starts Mesa's Venus driver, too, where the host has it, and that looks for a
/// server: a process would be a client of the one that waits for it. So they find none there.
fn environment(own: Option<&Path>, named: Option<OsString>) -> Vec<(&'static str, OsString)> {
    let found = named.unwrap_or_else(|| DEFAULT_SOCKET.into());
    match own {
        Some(own) if own == Path::new(&found) => vec![(SOCKET_NAME, "/dev/null".into())],
        _ => Vec::new(),
    }
}

/// Waits until a client has said something; whether it has, and not only hung up. Who merely looks
/// whether somebody listens costs no process.
fn has_spoken(socket: &UnixStream) -> bool {
    let mut fds = [PollFd::new(socket, PollFlags::IN)];
    let waited = retry_on_intr(|| poll(&mut fds, None));
    let mut byte = [0];
    let peeked = retry_on_intr(|| recv(socket, &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT));
    waited.is_ok() && peeked.is_ok_and(|(_, length)| length != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_does_not_become_its_servers_client() {
        let changed = |own: &str, named: Option<&str>| {
            !environment(Some(Path::new(own)), named.map(Into::into)).is_empty()
        };
        assert!(changed(DEFAULT_SOCKET, None));
        assert!(changed("/run/gpu", Some("/run/gpu")));
        assert!(!changed("/run/gpu", None));
        // Another server: whoever says so wants the one on top of the other.
        assert!(!changed("/run/gpu", Some("/run/other")));
        assert!(environment(None, Some("/run/gpu".into())).is_empty());
    }
}
