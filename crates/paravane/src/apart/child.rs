//! A client's process, seen from the one that started it.

use std::ffi::OsString;
use std::io::{self, BufReader};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use context::CapsetId;

use super::message::{self, Account, Start, StartError, Taken};
use super::{OPTION, Voice};
use crate::program::{End, Program};

/// How long a process may take to end once its client has left: drivers may have files to write.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a process may take to start: a GPU that has slept takes seconds.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// What is changed in a process's environment.
pub(super) type Environment = [(&'static str, OsString)];

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

    /// Gives it its client. If this fails the client has not been heard, and another can have it.
    pub(super) fn hand_over(&mut self, id: u64, socket: &UnixStream) -> io::Result<()> {
        message::send_client(self.line.get_ref(), id, socket)?;
        message::read::<Taken>(&mut self.line).map(|Taken| ())
    }

    /// Waits until the client has left, for what it did.
    pub(super) fn account(&mut self) -> io::Result<Account> {
        message::read(&mut self.line)
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
