use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Instant;

use context::{ContextId, Renderer};
use nix::sys::socket::getsockopt;
use nix::sys::socket::sockopt::PeerCredentials;

use crate::session::Session;
use crate::{ClientReport, Counts};

/// Serves clients that have connected, each on a thread of the [`Server`](crate::Server): here,
/// or by handing them to another process.
pub trait Service: Send + Sync {
    /// Serves the client at the other end of `socket`, the server's `id`th, until it has left.
    /// The server shuts the socket down when it stops.
    fn serve(&self, id: u64, socket: Arc<UnixStream>) -> Outcome;
}

/// How a client was served.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the client did, and why it was dropped, if it was.
    pub report: ClientReport,
    /// Whether a bug in Paravane ended it.
    pub is_bug: bool,
}

/// Serves clients in this process, each with a device and a context of its own.
pub struct Here {
    renderer: Arc<dyn Renderer>,
}

impl Here {
    /// With contexts that `renderer` makes.
    pub fn new(renderer: Arc<dyn Renderer>) -> Self {
        Self { renderer }
    }
}

impl Service for Here {
    fn serve(&self, id: u64, socket: Arc<UnixStream>) -> Outcome {
        // Few clients are connected at a time: numbers that are used again are long free.
        let ctx = ContextId(u32::try_from(id & u64::from(u32::MAX)).unwrap_or_default());
        let (report, is_bug) = Session::run(id, ctx, socket, Arc::clone(&self.renderer));
        Outcome { report, is_bug }
    }
}

impl Outcome {
    /// Of a client that connected at `start` and was not served, or whose service gave no
    /// account: `reason` says why, if it is not that the client has left.
    pub fn unserved(socket: &UnixStream, start: Instant, reason: Option<String>) -> Self {
        let report = ClientReport {
            name: "nameless".into(),
            pid: pid(socket),
            version: 0,
            capset: None,
            counts: Counts::default(),
            context: None,
            refusal: None,
            connected: start.elapsed(),
            dropped: reason,
        };
        Self {
            report,
            is_bug: false,
        }
    }
}

/// The client's process; the kernel says 0 if it is in a namespace that this process does
/// not see. (Which `rustix` has no room for: its process ids are never 0.)
pub(crate) fn pid(socket: &UnixStream) -> Option<i32> {
    let peer = getsockopt(socket, PeerCredentials).ok()?;
    Some(peer.pid()).filter(|pid| *pid != 0)
}
