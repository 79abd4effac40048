use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use context::CapsetId;
use door_vtest::{Listener, Server};
use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tempfile::TempDir;

use crate::apart::StartError;
use crate::cli::RunArgs;
use crate::program::{End, Program};
use crate::serving::{Serving, raise_fd_limit};
use crate::signals::Signals;
use crate::summary::Summary;
use crate::{Failure, client_env, icd};

/// Signals that come within this time of the first are the same wish: `timeout` signals its
/// command and then the command's process group, and so sends each signal twice.
const SAME_WISH: Duration = Duration::from_secs(1);

/// What cannot be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// There is no place for the private socket.
    #[error("cannot make a private directory in {}: {source}", dir.display())]
    NoDirectory { dir: PathBuf, source: io::Error },
    /// The host can render neither way; warnings have said why.
    #[error("there is nothing to offer: this host has no Vulkan and no OpenGL (paravane info)")]
    Nothing,
    /// The host cannot render.
    #[error("cannot start the renderer: {0}")]
    NoRenderer(#[from] StartError),
}

/// Runs a program through a private server, and ends as it does.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let icds = icd::find(&args.icd)?;
    // Before any thread: threads inherit what is blocked.
    let signals = Signals::block()?;
    let serving = Serving::start(&args.config(), args.isolation(), args.bounds(), None);
    let serving = serving.map_err(RunError::NoRenderer)?;
    if serving.offers_nothing() {
        return Err(RunError::Nothing.into());
    }
    let dir = private_dir()?;
    let listener = Listener::bind(&dir.path().join("vtest"))?;
    let offers_virgl = serving.offers(CapsetId::VIRGL2);
    let env = client_env::for_client(listener.path(), &icds, offers_virgl, |name| {
        std::env::var_os(name)
    });
    let start = Instant::now();
    let end = serve_while(&serving.server, &listener, &signals, || {
        Program::spawn(&args.command, &env)
    });
    let elapsed = start.elapsed();
    serving.stop();
    let name = args.command.first().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default();
    let end = match end? {
        Ok(end) => end,
        Err(error) => return Ok(not_started(&name, &error)),
    };
    if args.stats {
        let summary = Summary {
            command: &name,
            end,
            elapsed,
            stats: &serving.server.stats(),
            processor: serving.processor_time(),
        };
        eprint!("{summary}");
    }
    Ok(ExitCode::from(end.exit_code()))
}

/// A directory that only this user can look into.
pub(crate) fn private_dir() -> Result<TempDir, RunError> {
    let runtime_dir = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let make = |dir: PathBuf| {
        tempfile::Builder::new()
            .prefix("paravane-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&dir)
            .map_err(|source| RunError::NoDirectory { dir, source })
    };
    // A runtime directory that is missing, or too long for a socket's name, is no reason
    // to give up.
    match runtime_dir.filter(|dir| dir.is_absolute() && dir.as_os_str().len() < 64) {
        Some(dir) => make(dir).or_else(|_| make("/tmp".into())),
        None => make("/tmp".into()),
    }
}

/// Serves while the program runs. The inner error is that it could not be started.
fn serve_while(
    server: &Server,
    listener: &Listener,
    signals: &Signals,
    spawn: impl FnOnce() -> io::Result<Program>,
) -> io::Result<io::Result<End>> {
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| {
            if let Err(error) = server.serve(listener) {
                tracing::error!("the server has ended: {error}");
            }
        });
        let end = match spawn() {
            Ok(program) => {
                // The program has the limit that it would have without Paravane.
                raise_fd_limit();
                wait(program, signals).map(Ok)
            }
            Err(error) => Ok(Err(error)),
        };
        // Those who still serve are waited for later.
        server.stop(Duration::ZERO);
        let _ = serving.join();
        end
    })
}

/// Waits for the program, and passes on what asks this process to end. Asked again, it kills the
/// program, which may hang in its driver and hear nothing.
fn wait(program: Program, signals: &Signals) -> io::Result<End> {
    let mut asked = None;
    loop {
        let mut fds = [
            PollFd::new(&program, PollFlags::IN),
            PollFd::new(signals, PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [ended, _] = fds.map(|fd| fd.revents());
        if !ended.is_empty() {
            return program.wait();
        }
        while let Some(arrival) = signals.next()? {
            // The terminal's signals have reached the program already: it is of the same
            // process group. And some programs are interrupted often in their lives.
            if arrival.from_terminal {
                continue;
            }
            if asked.get_or_insert_with(Instant::now).elapsed() < SAME_WISH {
                program.signal(arrival.signal)?;
            } else {
                tracing::warn!("{}, again: killing the program", arrival.signal);
                program.signal(Signal::SIGKILL)?;
            }
        }
    }
}

fn not_started(program: &str, error: &io::Error) -> ExitCode {
    eprintln!("paravane: {program}: {error}");
    // As shells have it.
    match error.kind() {
        io::ErrorKind::NotFound => ExitCode::from(127),
        _ => ExitCode::from(126),
    }
}
