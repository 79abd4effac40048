use std::io;
use std::process::ExitCode;
use std::time::Duration;

use context::CapsetId;
use door_vtest::{Listener, Server};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;

use crate::Failure;
use crate::cli::VtestArgs;
use crate::serving::{Serving, raise_fd_limit};
use crate::signals::Signals;

/// Serves until a signal, or until the only client has left.
pub(crate) fn run(args: &VtestArgs) -> Result<ExitCode, Failure> {
    let signals = Signals::block()?;
    raise_fd_limit();
    let socket = Some(args.socket_path.as_path());
    let serving = Serving::start(&args.config(), args.isolation(), args.bounds(), socket)?;
    remark(args, &serving);
    let listener = Listener::bind(&args.socket_path)?;
    tracing::info!("listening on {}", listener.path().display());
    serve(args, &serving.server, &listener, &signals)?;
    serving.stop();
    Ok(ExitCode::SUCCESS)
}

/// Says which options come to nothing.
fn remark(args: &VtestArgs, serving: &Serving) {
    let about_opengl = args.use_egl_surfaceless || args.use_gles || args.use_glx || args.compat;
    if about_opengl && !serving.offers(CapsetId::VIRGL2) {
        tracing::info!("options about virgl's OpenGL have no effect: virgl is not offered");
    }
    if args.use_glx {
        tracing::warn!("--use-glx has no effect: OpenGL comes through EGL");
    }
    if serving.offers_nothing() {
        tracing::warn!("nothing is offered: clients can connect, but not render");
    }
}

fn serve(
    args: &VtestArgs,
    server: &Server,
    listener: &Listener,
    signals: &Signals,
) -> io::Result<()> {
    let ended = eventfd(0, EventfdFlags::CLOEXEC)?;
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let result = match args.no_loop_or_fork {
                true => server.serve_one(listener),
                false => server.serve(listener),
            };
            // Wakes the loop below; the counter goes from 0 to 1.
            let _ = rustix::io::write(&ended, &1u64.to_ne_bytes());
            result
        });
        let waited = wait_for_end(signals, &ended);
        // Those who still serve are waited for later.
        server.stop(Duration::ZERO);
        match serving.join() {
            Ok(served) => waited.and(served),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn wait_for_end(signals: &Signals, ended: &rustix::fd::OwnedFd) -> io::Result<()> {
    loop {
        let mut fds = [
            PollFd::new(ended, PollFlags::IN),
            PollFd::new(signals, PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if !fds[0].revents().is_empty() {
            return Ok(());
        }
        if let Some(arrival) = signals.next()? {
            tracing::info!("{}: ending", arrival.signal);
            return Ok(());
        }
    }
}
