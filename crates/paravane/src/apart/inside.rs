//! What goes on in a client's process.

use std::fs::{self, File};
use std::io::{self, stdin};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use context::{Error, Renderer};
use door_vtest::{Here, Service};
use rustix::process::{Signal, getpid, kill_process, set_parent_process_death_signal};
use rustix::stdio::dup2_stdin;
use tracing::subscriber::NoSubscriber;
use worker::sandbox::Role;
use worker::{Calls, Config, Worker};

use super::Voice;
use super::message::{self, Account, Start, Taken};
use super::watch::{Bounds, LOOKS, tick};
use crate::Failure;
use crate::cli::ConfinementArgs;
use crate::serving::{processor_time, raise_fd_limit};

/// How much sooner than others of its size the kernel ends this process when memory runs out, in
/// thousandths of the memory: the client that takes most is to go, before the server and before
/// what else the host runs.
const SOONER: i32 = 300;

/// Serves the client whose socket comes by the standard input, with what `config` says.
pub(crate) fn serve_a_client(
    config: &Config,
    confinement: &ConfinementArgs,
    bounds: &Bounds,
    voice: Voice,
) -> Result<ExitCode, Failure> {
    confinement.close_inherited(&[])?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    raise_fd_limit();
    go_sooner();
    let line = take_line()?;
    let start = || confined(config, confinement, bounds, voice);
    Ok(serve(start, &line).unwrap_or_else(|error| {
        // The server has ended, and logs no more.
        tracing::debug!("a client's process is alone: {error}");
        ExitCode::FAILURE
    }))
}

/// The line to the server, in whose place the standard input is nothing. lavapipe (Mesa 26.2) takes
/// descriptor 0 for that of memory that it has imported, and maps it where such memory is bound to a
/// sparse image: nothing refuses that, and a socket leaves a hole where the image was.
fn take_line() -> io::Result<UnixStream> {
    let line = stdin().as_fd().try_clone_to_owned()?;
    dup2_stdin(File::open("/dev/null")?)?;
    Ok(line.into())
}

/// Fails if nobody is at the other end of `line`.
fn serve(
    start: impl FnOnce() -> Result<Worker, Failure>,
    line: &UnixStream,
) -> io::Result<ExitCode> {
    let worker = match start() {
        Ok(worker) => worker,
        Err(error) => {
            let reason = error.to_string();
            message::write(line, &Start::Refused { reason })?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let capsets = worker.capsets().iter().map(|capset| capset.id.0).collect();
    message::write(line, &Start::Ready { capsets })?;
    if let Some((id, socket)) = message::receive_client(line)? {
        message::write(line, &Taken)?;
        let outcome = Here::new(Arc::new(worker)).serve(id, Arc::new(socket.into()));
        message::write(line, &Account::new(outcome, processor_time()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Renderers, in a sandbox. Nothing of a guest's has been read yet.
fn confined(
    config: &Config,
    confinement: &ConfinementArgs,
    bounds: &Bounds,
    voice: Voice,
) -> Result<Worker, Failure> {
    let cache = config.opengl.program_cache.clone();
    let policy = confinement.policy(Role::Renderer, cache);
    let entered = policy.enter(confinement.demand())?;
    // Linux forgets it where a process's rights change.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let worker = renderers(config, voice)?;
    if let Some(limit) = bounds.hang {
        let calls = Arc::clone(worker.calls());
        let watch = std::thread::Builder::new().name("watch".into());
        watch.spawn(move || end_if_stuck(&calls, limit))?;
    }
    let report = entered.seal()?;
    if voice == Voice::Loud && !report.is_whole() {
        tracing::warn!("clients' processes are confined in part: {report}");
    }
    Ok(worker)
}

/// Ends this process if a call does not come back from a renderer for so long: a driver that hangs
/// hears nothing. What is waited for is looks, not time, as in [`super::watch`].
fn end_if_stuck(calls: &Calls, limit: Duration) {
    let mut seen = None;
    let mut looks = 0;
    while looks < LOOKS {
        std::thread::sleep(tick(limit));
        let now = calls.stuck_behind();
        looks = match now.is_some() && now == seen {
            true => looks.saturating_add(1),
            false => 0,
        };
        seen = now;
    }
    tracing::warn!("the host's driver has not answered for {limit:?}: ending the client's process");
    let _ = kill_process(getpid(), Signal::KILL);
}

fn renderers(config: &Config, voice: Voice) -> Result<Worker, Error> {
    match voice {
        Voice::Loud => Worker::new(config),
        Voice::Quiet => {
            tracing::subscriber::with_default(NoSubscriber::new(), || Worker::new(config))
        }
    }
}

/// Without it, the kernel has only sizes to go by.
fn go_sooner() {
    const FILE: &str = "/proc/self/oom_score_adj";
    let raise = || {
        let now: i32 = fs::read_to_string(FILE).ok()?.trim().parse().ok()?;
        fs::write(FILE, now.saturating_add(SOONER).min(1000).to_string()).ok()
    };
    if raise().is_none() {
        tracing::debug!("cannot write {FILE}");
    }
}
