//! A server of vtest clients, in this process or in one for each client.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use context::{CapsetId, Renderer};
use door_vtest::{Here, Server, limits};
use rustix::process::{Resource, Rlimit};
use rustix::time::ClockId;
use worker::{Config, Worker};

use crate::apart::{Apart, Bounds, PROCESS_COST, StartError};
use crate::cli::Isolation;

/// How long clients may take to end when the server does: longer than the renderer waits for
/// a queue that is stuck, a second.
const PATIENCE: Duration = Duration::from_secs(3);

/// A server, and what its clients are offered.
pub(crate) struct Serving {
    pub(crate) server: Server,
    capsets: Vec<CapsetId>,
    apart: Option<Arc<Apart>>,
}

impl Serving {
    /// Starts what renders, and fails if that cannot do what `config` asks for. `socket` is where
    /// clients will come, if others are told of it.
    pub(crate) fn start(
        config: &Config,
        isolation: Isolation,
        bounds: Bounds,
        socket: Option<&Path>,
    ) -> Result<Self, StartError> {
        match isolation {
            Isolation::None => Self::here(config),
            Isolation::Vm => Self::apart(socket, bounds),
        }
    }

    fn here(config: &Config) -> Result<Self, StartError> {
        let worker = Worker::new(config).map_err(|error| StartError::Refused(error.to_string()))?;
        let capsets = worker.capsets().iter().map(|capset| capset.id).collect();
        let service = Arc::new(Here::new(Arc::new(worker)));
        Ok(Self {
            server: Server::with_service(service, limits::MAX_CLIENTS)?,
            capsets,
            apart: None,
        })
    }

    /// The processes read the same options as this one.
    fn apart(socket: Option<&Path>, bounds: Bounds) -> Result<Self, StartError> {
        let (apart, capsets) = Apart::start(socket, bounds)?;
        let apart = Arc::new(apart);
        Ok(Self {
            server: Server::with_service(Arc::clone(&apart) as _, max_processes())?,
            capsets,
            apart: Some(apart),
        })
    }

    pub(crate) fn offers(&self, capset: CapsetId) -> bool {
        self.capsets.contains(&capset)
    }

    pub(crate) fn offers_nothing(&self) -> bool {
        self.capsets.is_empty()
    }

    /// Drops the clients, and waits a while for their ends.
    pub(crate) fn stop(&self) {
        if !self.server.stop(PATIENCE) {
            tracing::warn!("a client's work does not end; leaving it behind");
        }
    }

    /// What all threads of the server have used, in all its processes that served and have ended.
    pub(crate) fn processor_time(&self) -> Duration {
        let apart = self.apart.as_ref().map(|apart| apart.processor_time());
        processor_time().saturating_add(apart.unwrap_or_default())
    }
}

/// As many as take three quarters of the host's memory before their clients have asked for
/// anything: whoever connects again and again is turned away before others lack memory.
fn max_processes() -> usize {
    let info = rustix::system::sysinfo();
    let total = info.totalram.saturating_mul(info.mem_unit.into());
    let most = (total / 4 * 3 / PROCESS_COST).max(1);
    usize::try_from(most)
        .unwrap_or(usize::MAX)
        .min(limits::MAX_CLIENTS)
}

/// What all threads of this process have used; programs that it started are not in it.
pub(crate) fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
    used.try_into().unwrap_or_default()
}

/// Clients' resources hold file descriptors.
pub(crate) fn raise_fd_limit() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = rustix::process::setrlimit(Resource::Nofile, raised) {
        tracing::debug!("cannot raise the limit of file descriptors: {error}");
    }
}
