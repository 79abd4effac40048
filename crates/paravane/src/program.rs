use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsString};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawnp};
use nix::sys::signal::{SigSet, Signal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, WaitIdStatus};
use rustix::process::{pidfd_open, pidfd_send_signal, waitid};

/// A program that was started, readable as an fd once it has ended.
///
/// `std::process::Command` would hand this process's blocked signals on to any program.
#[derive(Debug)]
pub(crate) struct Program {
    pid: Pid,
    pidfd: OwnedFd,
}

/// How a program has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It returned a status.
    Exited(u8),
    /// A signal ended it.
    Killed(i32),
}

impl Program {
    /// Starts `command`, found along PATH, with this process's environment and `env` on top.
    pub(crate) fn spawn(command: &[OsString], env: &[(&str, OsString)]) -> io::Result<Self> {
        let command = c_strings(command)?;
        let name = command.first().ok_or(io::ErrorKind::InvalidInput)?;
        let actions = PosixSpawnFileActions::init()?;
        Self::start(name, &command, &actions, &usual_signals()?, env)
    }

    /// Starts this program once more, with `arguments` from its name on, `stdin` as its standard
    /// input, this process's environment and `env` on top, and this thread's blocked signals.
    pub(crate) fn again(
        arguments: &[OsString],
        stdin: BorrowedFd<'_>,
        env: &[(&str, OsString)],
    ) -> io::Result<Self> {
        let mut actions = PosixSpawnFileActions::init()?;
        actions.add_dup2(stdin.as_raw_fd(), 0)?;
        let attributes = PosixSpawnAttr::init()?;
        let arguments = c_strings(arguments)?;
        Self::start(c"/proc/self/exe", &arguments, &actions, &attributes, env)
    }

    fn start(
        path: &CStr,
        command: &[CString],
        actions: &PosixSpawnFileActions,
        attributes: &PosixSpawnAttr,
        env: &[(&str, OsString)],
    ) -> io::Result<Self> {
        let pid = posix_spawnp(path, actions, attributes, command, &environment(env)?)?;
        let pid = Pid::from_raw(pid.as_raw()).ok_or(io::ErrorKind::NotFound)?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        Ok(Self { pid, pidfd })
    }

    /// Its number, which is no other's as long as its end has not been waited for.
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends it a signal; no error if it has ended.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        let signal = rustix::process::Signal::from_named_raw(signal as i32);
        let signal = signal.ok_or(io::ErrorKind::InvalidInput)?;
        match pidfd_send_signal(&self.pidfd, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether it ends within this time.
    pub(crate) fn has_ended(&self, within: Duration) -> bool {
        let within = Timespec::try_from(within).ok();
        let mut fds = [PollFd::new(self, PollFlags::IN)];
        let ended = rustix::io::retry_on_intr(|| poll(&mut fds, within.as_ref()));
        ended.is_ok_and(|ready| ready != 0)
    }

    /// Waits for its end for at most `patience`, and then brings it about.
    pub(crate) fn end(self, patience: Duration) -> io::Result<End> {
        if !self.has_ended(patience) {
            self.signal(Signal::SIGKILL)?;
        }
        self.wait()
    }

    /// Waits for its end.
    pub(crate) fn wait(self) -> io::Result<End> {
        let ended = rustix::io::retry_on_intr(|| {
            waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED)
        })?;
        ended
            .as_ref()
            .and_then(End::of)
            .ok_or_else(|| io::Error::other("the program ended in an unknown way"))
    }
}

impl AsFd for Program {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl End {
    fn of(status: &WaitIdStatus) -> Option<Self> {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Some(Self::Exited(u8::try_from(code & 0xff).ok()?)),
            (None, Some(signal)) => Some(Self::Killed(signal)),
            (None, None) => None,
        }
    }

    /// The status as shells have it.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Killed(signal) => u8::try_from(signal.saturating_add(128)).unwrap_or(255),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exited(code) => write!(f, "exit status {code}"),
            Self::Killed(signal) => match Signal::try_from(signal) {
                Ok(name) => write!(f, "ended by {name}"),
                Err(_) => write!(f, "ended by signal {signal}"),
            },
        }
    }
}

fn c_strings(command: &[OsString]) -> io::Result<Vec<CString>> {
    let strings = command
        .iter()
        .map(|argument| Ok(CString::new(argument.clone().into_vec())?));
    strings.collect()
}

/// Nothing blocked, and SIGPIPE, which Rust programs ignore, as usual.
fn usual_signals() -> io::Result<PosixSpawnAttr> {
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_sigmask(&SigSet::empty())?;
    attributes.set_sigdefault(&Signal::SIGPIPE.into())?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF,
    )?;
    Ok(attributes)
}

fn environment(changes: &[(&str, OsString)]) -> io::Result<Vec<CString>> {
    let mut variables: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    for (name, value) in changes {
        variables.insert(name.into(), value.clone());
    }
    let assignment = |(name, value): (OsString, OsString)| {
        let mut assignment = name;
        assignment.push("=");
        assignment.push(value);
        Ok(CString::new(assignment.into_vec())?)
    };
    variables.into_iter().map(assignment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_has_a_status_and_words() {
        assert_eq!(End::Exited(3).exit_code(), 3);
        assert_eq!(End::Killed(15).exit_code(), 143);
        assert_eq!(End::Exited(3).to_string(), "exit status 3");
        assert_eq!(End::Killed(15).to_string(), "ended by SIGTERM");
        assert_eq!(End::Killed(40).to_string(), "ended by signal 40");
    }

    #[test]
    fn a_program_with_a_zero_in_its_name_is_none() {
        let command = [OsString::from_vec(b"a\0b".to_vec())];
        assert!(Program::spawn(&command, &[]).is_err());
        assert!(Program::spawn(&[], &[]).is_err());
    }

    #[test]
    fn an_ended_program_can_be_signalled_in_vain() {
        let program = Program::spawn(&["true".into()], &[]).unwrap();
        let mut fds = [PollFd::new(&program, PollFlags::IN)];
        poll(&mut fds, None).unwrap();
        program.signal(Signal::SIGTERM).unwrap();
        assert_eq!(program.wait().unwrap(), End::Exited(0));
    }
}
