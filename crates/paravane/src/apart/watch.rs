//! Who hangs, or takes too much: what is seen of a client's process from outside, without believing
//! a word of it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Pid;

use crate::cli::ConfinementArgs;

/// What a client's process may do before it is ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    /// How long it may hang.
    pub(super) hang: Option<Duration>,
    /// How much memory it may have, in bytes.
    memory: Option<u64>,
    /// Where it has its control group.
    pub(super) group: Option<PathBuf>,
}

impl Bounds {
    pub(crate) fn new(hang: Option<Duration>, confinement: &ConfinementArgs) -> Self {
        Self {
            hang,
            memory: confinement.memory_limit(),
            group: confinement.control_group(),
        }
    }

    /// How long to wait between two looks; none if there is nothing to look for.
    pub(super) fn tick(&self) -> Option<Duration> {
        let of_hang = self.hang.map(tick);
        let of_memory = self.memory.map(|_| MEMORY_TICK);
        of_hang.into_iter().chain(of_memory).min()
    }
}

/// How often memory is looked at.
const MEMORY_TICK: Duration = Duration::from_millis(250);

/// Looks until something hangs. They are counted, not the time: while this process is stopped
/// itself, with all those that it has started, nobody hangs.
pub(super) const LOOKS: u32 = 8;

/// How long to wait between two looks at something that may hang for `limit`.
pub(super) fn tick(limit: Duration) -> Duration {
    limit / LOOKS
}

/// Why a process has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Verdict {
    /// Somebody has stopped it.
    #[error("it has been stopped for {0:?}")]
    Stopped(Duration),
    /// Its client has gone, and it does not end.
    #[error("it goes on {0:?} after its client has gone")]
    Stays(Duration),
    /// It has more memory than it may.
    #[error("it takes {} MiB of memory, more than --memory-limit", .0 >> 20)]
    TakesTooMuch(u64),
}

/// What was seen of a process so far.
pub(super) struct Watch<'a> {
    bounds: &'a Bounds,
    pid: Pid,
    stopped: Duration,
    alone: Duration,
}

impl<'a> Watch<'a> {
    pub(super) fn new(bounds: &'a Bounds, pid: Pid) -> Self {
        Self {
            bounds,
            pid,
            stopped: Duration::ZERO,
            alone: Duration::ZERO,
        }
    }

    /// Looks at the process, a tick after the last time.
    pub(super) fn look(&mut self, client: &UnixStream) -> Option<Verdict> {
        let tick = self.bounds.tick()?;
        count(&mut self.stopped, tick, is_stopped(self.pid));
        count(&mut self.alone, tick, has_gone(client));
        if let Some(limit) = self.bounds.hang {
            if self.stopped >= limit {
                return Some(Verdict::Stopped(limit));
            }
            if self.alone >= limit {
                return Some(Verdict::Stays(limit));
            }
        }
        let taken = self.bounds.memory.and_then(|_| memory(self.pid))?;
        (self.bounds.memory < Some(taken)).then_some(Verdict::TakesTooMuch(taken))
    }
}

/// How long something has been so without a break.
fn count(lasted: &mut Duration, tick: Duration, is_so: bool) {
    *lasted = match is_so {
        true => lasted.saturating_add(tick),
        false => Duration::ZERO,
    };
}

/// Whether it is stopped, other than by a debugger (`/proc/[pid]/stat` of `proc(5)`).
fn is_stopped(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    state.is_some_and(|rest| rest.starts_with('T'))
}

fn has_gone(client: &UnixStream) -> bool {
    let mut fds = [PollFd::new(client, PollFlags::RDHUP)];
    let polled = poll(&mut fds, Some(&Timespec::default()));
    polled.is_ok_and(|ready| ready != 0)
}

/// What is the process's own of its memory, and what of shared memory it has mapped, in bytes.
/// Files are in neither.
fn memory(pid: Pid) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kilobytes = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    let sum = kilobytes("RssAnon:")?.saturating_add(kilobytes("RssShmem:")?);
    Some(sum.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Program;
    use nix::sys::signal::Signal;
    use std::net::Shutdown;

    fn bounds(memory: Option<u64>) -> Bounds {
        Bounds {
            hang: Some(Duration::from_secs(8)),
            memory,
            group: None,
        }
    }

    #[test]
    fn who_is_stopped_hangs_after_so_many_looks() {
        let program = Program::spawn(&["sleep".into(), "60".into()], &[]).unwrap();
        let (client, _other) = UnixStream::pair().unwrap();
        let bounds = bounds(None);
        let mut watch = Watch::new(&bounds, program.pid());
        assert_eq!(watch.look(&client), None);
        program.signal(Signal::SIGSTOP).unwrap();
        while !is_stopped(program.pid()) {
            std::thread::yield_now();
        }
        for _ in 1..LOOKS {
            assert_eq!(watch.look(&client), None);
        }
        let verdict = Some(Verdict::Stopped(Duration::from_secs(8)));
        assert_eq!(watch.look(&client), verdict);
        program.signal(Signal::SIGCONT).unwrap();
        while is_stopped(program.pid()) {
            std::thread::yield_now();
        }
        assert_eq!(watch.look(&client), None);
        program.end(Duration::ZERO).unwrap();
    }

    #[test]
    fn who_stays_without_a_client_hangs() {
        let this = rustix::process::getpid();
        let (client, other) = UnixStream::pair().unwrap();
        let bounds = bounds(None);
        let mut watch = Watch::new(&bounds, this);
        for _ in 0..3 * LOOKS {
            assert_eq!(watch.look(&client), None);
        }
        // Not closed alone: a program that another test starts just now has it, too, until it runs.
        other.shutdown(Shutdown::Both).unwrap();
        let verdicts: Vec<_> = (0..LOOKS).map(|_| watch.look(&client)).collect();
        let (last, before) = verdicts.split_last().unwrap();
        assert!(before.iter().all(Option::is_none), "{verdicts:?}");
        assert_eq!(*last, Some(Verdict::Stays(Duration::from_secs(8))));
    }

    #[test]
    fn memory_is_what_the_process_has() {
        let this = rustix::process::getpid();
        let (client, _other) = UnixStream::pair().unwrap();
        let taken = memory(this).unwrap();
        assert!(taken > 1 << 16);
        let small = bounds(Some(1 << 16));
        let verdict = Watch::new(&small, this).look(&client);
        assert!(matches!(verdict, Some(Verdict::TakesTooMuch(_))));
        let large = bounds(Some(u64::MAX));
        assert_eq!(Watch::new(&large, this).look(&client), None);
    }
}
