use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use context::Renderer as _;
use door_vtest::Listener;
use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use worker::Worker;
use worker::sandbox::{Policy, Role};

use crate::Failure;
use crate::cli::VhostUserArgs;
use crate::machine::{Ended, Machine};
use crate::program::{End, Program};
use crate::serving::raise_fd_limit;
use crate::signals::Signals;

/// What a vhost-user program of type "gpu" says of itself (`docs/interop/vhost-user.json` of
/// QEMU's).
const CAPABILITIES: &str = r#"{"type":"gpu","features":["render-node","virgl"]}"#;

/// Serves until a signal, or until the only front end has gone.
pub(crate) fn run(args: &VhostUserArgs) -> Result<ExitCode, Failure> {
    if args.print_capabilities {
        println!("{CAPABILITIES}");
        return Ok(ExitCode::SUCCESS);
    }
    match (args.fd, args.only, args.socket.as_slice()) {
        (None, None, [_, _, ..]) => serve_each(args.socket.len()),
        _ => serve(args),
    }
}

/// Serves one device after the other, in this process.
fn serve(args: &VhostUserArgs) -> Result<ExitCode, Failure> {
    args.confinement.close_inherited(args.fd.as_slice())?;
    let signals = Signals::block_with(args.device.screenshot_signal()?)?;
    raise_fd_limit();
    let connected = args.fd.map(connected).transpose()?;
    let listener = match args.socket.get(args.only.unwrap_or(0)) {
        Some(path) if connected.is_none() => Some(Listener::bind(path)?),
        _ => None,
    };
    let entered = policy(args, listener.as_ref()).enter(args.confinement.demand())?;
    let worker = Worker::new(&args.config())?;
    if worker.capsets().is_empty() {
        tracing::warn!("this host has neither OpenGL nor Vulkan to offer: screens only");
    }
    let mut machine = Machine::new(Arc::new(worker), &args.device, false)?;
    let report = entered.seal()?;
    if !report.is_whole() {
        tracing::warn!("the device's process is confined in part: {report}");
    }
    if let Some(stream) = connected {
        machine.serve(stream, &signals)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(listener) = listener else {
        return Err("no socket to listen on".into());
    };
    tracing::info!("listening on {}", listener.path().display());
    while let Some(stream) = accept(&listener, &mut machine, &signals)? {
        let ended = machine.serve(stream, &signals)?;
        if args.once || ended == Ended::BySignal {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the process may do besides rendering: write pictures, and remove its own socket.
fn policy(args: &VhostUserArgs, listener: Option<&Listener>) -> Policy {
    let cache = args.config().opengl.program_cache;
    let mut policy = args.confinement.policy(Role::Device, cache);
    if let Some([_, folder]) = args.device.screenshot_on.as_deref() {
        policy = policy.write(folder);
    }
    match listener.and_then(|listener| std::path::absolute(listener.path()).ok()) {
        Some(path) => policy.remove(path.parent().unwrap_or(Path::new("/"))),
        None => policy,
    }
}

/// The socket that whoever started this program left open under a number.
fn connected(fd: i32) -> Result<UnixStream, Failure> {
    let duplicate = || -> io::Result<OwnedFd> {
        let this = pidfd_open(getpid(), PidfdFlags::empty())?;
        Ok(pidfd_getfd(this, fd, PidfdGetfdFlags::empty())?)
    };
    match duplicate() {
        Ok(fd) => Ok(fd.into()),
        Err(error) => Err(format!("--fd {fd}: {error}").into()),
    }
}

/// Waits for a front end; none if a signal ends the program.
fn accept(
    listener: &Listener,
    machine: &mut Machine,
    signals: &Signals,
) -> io::Result<Option<UnixStream>> {
    loop {
        let mut fds = [
            PollFd::new(listener, PollFlags::IN),
            PollFd::new(signals, PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if machine.take_signals(signals)? == Some(Ended::BySignal) {
            return Ok(None);
        }
        match rustix::net::accept(listener) {
            Ok(socket) => return Ok(Some(socket.into())),
            Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Serves each socket in a process of its own, so that what ends one device ends no other.
fn serve_each(sockets: usize) -> Result<ExitCode, Failure> {
    let signals = Signals::block_with([Signal::SIGUSR1, Signal::SIGUSR2])?;
    let this = std::env::current_exe()?.into_os_string();
    let mut programs = Vec::new();
    for only in 0..sockets {
        let mut command = vec![this.clone()];
        command.extend(std::env::args_os().skip(1));
        command.push(format!("--only={only}").into());
        programs.push(Program::spawn(&command, &[])?);
    }
    let mut code = 0;
    while !programs.is_empty() {
        let ended = wait_for_one(&programs, &signals)?;
        if let Some(at) = ended {
            code = code.max(programs.swap_remove(at).wait().map(End::exit_code)?);
        }
    }
    Ok(ExitCode::from(code))
}

/// Waits for one of the programs to end, or passes a signal on to all.
fn wait_for_one(programs: &[Program], signals: &Signals) -> io::Result<Option<usize>> {
    let mut fds: Vec<_> = programs
        .iter()
        .map(|program| PollFd::new(program, PollFlags::IN))
        .collect();
    fds.push(PollFd::new(signals, PollFlags::IN));
    match poll(&mut fds, None) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ended = fds.iter().position(|fd| !fd.revents().is_empty());
    while let Some(arrival) = signals.next()? {
        // Those of the terminal reach the programs themselves.
        if !arrival.from_terminal {
            programs
                .iter()
                .try_for_each(|program| program.signal(arrival.signal))?;
        }
    }
    Ok(ended.filter(|at| *at < programs.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `VhostUserBackend` of QEMU's `docs/interop/vhost-user.json`.
    #[test]
    fn libvirt_finds_the_program() {
        let file = include_str!("../../../packaging/50-paravane-gpu.json");
        let parsed: serde_json::Value = serde_json::from_str(file).unwrap();
        let fields: Vec<_> = parsed.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["binary", "description", "tags", "type"]);
        assert_eq!(parsed["type"], "gpu");
        let binary = parsed["binary"].as_str().unwrap();
        assert!(binary.starts_with('/'));
        // Without a subcommand, it is this one.
        let line = vec![binary.into(), "--fd=3".into(), "--virgl".into()];
        let line = crate::cli::with_subcommand(line);
        let cli = <crate::cli::Cli as clap::Parser>::try_parse_from(line).unwrap();
        let crate::cli::Command::VhostUser(args) = cli.command else {
            panic!("another subcommand");
        };
        assert_eq!(args.fd, Some(3));
    }

    #[test]
    fn capabilities_are_json() {
        let parsed: serde_json::Value = serde_json::from_str(CAPABILITIES).unwrap();
        assert_eq!(parsed["type"], "gpu");
        assert_eq!(parsed["features"].as_array().unwrap().len(), 2);
    }
}
