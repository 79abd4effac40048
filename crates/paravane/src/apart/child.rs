//! A client's process, seen from the one that started it.

use std::ffi::OsString;
use std::io::{self, BufReader};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use context::CapsetId;
use nix::sys::signal::Signal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::process::Pid;

use super::message::{self, Account, Start, StartError, Taken};
use super::watch::{Bounds, Verdict, Watch};
use super::{OPTION, Voice};
use crate::program::{End, Program};

/// How long a process may take to end once its client has left: drivers may have files to write.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a process may take to start: a GPU that has slept takes seconds.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// What is changed in a process's environment.
pub(super) type Environment = [(&'static str, OsString)];

/// Why there is no account.
#[derive(Debug)]
pub(super) enum NoAccount {
    /// The process went beyond its bounds, and has been killed.
    Ended(Verdict),
    /// The process has ended before it gave one, or has given none that is sound.
    Lost(io::Error),
}

impl From<io::Error> for NoAccount {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

/// A process that serves a client, or is ready to. It ends with this value.
pub(super) struct Child {
    line: BufReader<UnixStream>,
    /// Until its end has been seen.
    program: Option<Program>,
}

impl Child {
    /// Starts one with these changes to the environment, and waits until it is ready; tells which
    /// contexts it offers.
    ///
    /// It ends when the thread does that calls this (`PR_SET_PDEATHSIG` of `prctl(2)`).
    pub(super) fn start(
        voice: Voice,
        env: &Environment,
    ) -> Result<(Self, Vec<CapsetId>), StartError> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(START_PATIENCE))?;
        let program = Program::again(&arguments(voice), theirs.as_fd(), env)?;
        drop(theirs);
        let mut child = Self {
            line: BufReader::new(ours),
            program: Some(program),
        };
        match message::read(&mut child.line) {
            Ok(Start::Ready { capsets }) => {
                child.line.get_ref().set_read_timeout(None)?;
                Ok((child, capsets.into_iter().map(CapsetId).collect()))
            }
            Ok(Start::Refused { reason }) => Err(StartError::Refused(reason)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(StartError::Failed(
                format!("it is not ready after {START_PATIENCE:?}"),
            )),
            Err(error) => Err(StartError::Failed(match child.end() {
                Ok(end) => end.to_string(),
                Err(_) => error.to_string(),
            })),
        }
    }

    /// Whether it still runs, as far as is known.
    pub(super) fn is_alive(&self) -> bool {
        self.program
            .as_ref()
            .is_some_and(|program| !program.has_ended(Duration::ZERO))
    }

    /// Gives it its client, which it has to take within this time, if it has one. If this fails the
    /// client has not been heard, and another can have it.
    pub(super) fn hand_over(
        &mut self,
        id: u64,
        socket: &UnixStream,
        within: Option<Duration>,
    ) -> io::Result<()> {
        self.line.get_ref().set_read_timeout(within)?;
        message::send_client(self.line.get_ref(), id, socket)?;
        message::read::<Taken>(&mut self.line).map(|Taken| ())
    }

    /// Its number, as long as it is there.
    pub(super) fn pid(&self) -> Option<Pid> {
        self.program.as_ref().map(Program::pid)
    }

    /// Waits until the client has left, for what it did; kills the process if it goes beyond its
    /// bounds before.
    pub(super) fn account(
        &mut self,
        client: &UnixStream,
        bounds: &Bounds,
    ) -> Result<Account, NoAccount> {
        let Some(program) = &self.program else {
            return Err(NoAccount::Lost(io::ErrorKind::NotFound.into()));
        };
        let mut watch = Watch::new(bounds, program.pid());
        let tick = bounds.tick();
        while !self.has_said_something(tick)? {
            if let Some(verdict) = watch.look(client) {
                program.signal(Signal::SIGKILL)?;
                return Err(NoAccount::Ended(verdict));
            }
        }
        // The rest of the line is there, or it is none.
        self.line.get_ref().set_read_timeout(Some(PATIENCE))?;
        Ok(message::read(&mut self.line)?)
    }

    /// Whether it has within this time; for ever if none.
    fn has_said_something(&self, within: Option<Duration>) -> io::Result<bool> {
        if !self.line.buffer().is_empty() {
            return Ok(true);
        }
        let within = within.map(Timespec::try_from).transpose();
        let within = within.map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut fds = [PollFd::new(self.line.get_ref(), PollFlags::IN)];
        let ready = retry_on_intr(|| poll(&mut fds, within.as_ref()))?;
        Ok(ready != 0)
    }

    /// Waits for the end, and brings it about if it takes too long.
    pub(super) fn end(mut self) -> io::Result<End> {
        match self.program.take() {
            Some(program) => program.end(PATIENCE),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(program) = self.program.take() {
            let _ = program.end(Duration::ZERO);
        }
    }
}

/// This process's, behind one that says what the new one is for.
fn arguments(voice: Voice) -> Vec<OsString> {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "paravane".into());
    let mut option = OsString::from(OPTION);
    option.push(match voice {
        Voice::Loud => "loud",
        Voice::Quiet => "quiet",
    });
    [name, option].into_iter().chain(arguments).collect()
}
