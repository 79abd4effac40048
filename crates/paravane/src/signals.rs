use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// What asks a program to end.
const ENDING: [Signal; 4] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
];

/// Signals, taken out of their usual course and read from an fd.
#[derive(Debug)]
pub(crate) struct Signals {
    fd: SignalFd,
}

/// A signal that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) signal: Signal,
    /// Whether it was the terminal that sent it, to the whole process group.
    pub(crate) from_terminal: bool,
}

impl Signals {
    /// Blocks the ending signals in this thread and those it makes from now on.
    pub(crate) fn block() -> io::Result<Self> {
        Self::block_with([])
    }

    /// Blocks others, too.
    pub(crate) fn block_with(others: impl IntoIterator<Item = Signal>) -> io::Result<Self> {
        let set: SigSet = ENDING.into_iter().chain(others).collect();
        set.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let fd = SignalFd::with_flags(&set, flags)?;
        Ok(Self { fd })
    }

    /// Takes the next signal, if one has arrived.
    pub(crate) fn next(&self) -> io::Result<Option<Arrival>> {
        let Some(info) = self.fd.read_signal()? else {
            return Ok(None);
        };
        let signal = i32::try_from(info.ssi_signo).map_err(io::Error::other)?;
        Ok(Some(Arrival {
            signal: Signal::try_from(signal)?,
            from_terminal: info.ssi_code == SI_KERNEL,
        }))
    }
}

/// `SI_KERNEL` of `asm-generic/siginfo.h`: sent by the kernel, not by a process.
const SI_KERNEL: i32 = 0x80;

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
