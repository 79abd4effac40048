//! Processes that are ready before their clients are there.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::child::Child;
use super::message::StartError;
use super::{ATTEMPTS, Voice};

/// Processes that may be starting at a time, unless there are fewer processors.
const MAX_STARTING: usize = 8;

/// Keeps one process ready, and starts as many as there are clients that wait.
pub(super) struct Spares {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    env: Vec<(&'static str, OsString)>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Child>,
    starting: usize,
    /// How many processes clients have asked for.
    asked: u64,
    /// Which of those are waited for.
    waiting: BTreeSet<u64>,
    /// Why processes have not started, with what was `asked` before they were: each for one
    /// client that has asked before.
    failures: Vec<(u64, StartError)>,
    /// How many processes in a row have ended before they were ready.
    ended_early: usize,
    /// The last process has failed: there is a spare one again after the next client.
    resting: bool,
}

impl Spares {
    /// With a first one, which is ready; the others have its changes to the environment, too.
    pub(super) fn new(first: Child, env: Vec<(&'static str, OsString)>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            env,
            ..Shared::default()
        });
        shared.state().ready.push_back(first);
        let processors = std::thread::available_parallelism().map_or(1, Into::into);
        for _ in 0..processors.min(MAX_STARTING) {
            let shared = Arc::clone(&shared);
            // Runs as long as this process: those that it starts end with it.
            std::thread::Builder::new()
                .name("starter".into())
                .spawn(move || shared.start_what_is_wanted())?;
        }
        Ok(Self { shared })
    }

    /// A process that is ready, as soon as there is one.
    pub(super) fn take(&self) -> Result<Child, StartError> {
        let mut state = self.shared.state();
        let number = state.ask();
        let taken = loop {
            if let Some(taken) = state.take(number) {
                break taken;
            }
            self.shared.changed.notify_all();
            state = self.shared.wait(state);
        };
        state.waiting.remove(&number);
        drop(state);
        self.shared.changed.notify_all();
        taken
    }
}

impl Shared {
    fn start_what_is_wanted(&self) -> ! {
        let mut state = self.state();
        loop {
            if !state.wants_more() {
                state = self.wait(state);
                continue;
            }
            state.starting = state.starting.saturating_add(1);
            let asked = state.asked;
            drop(state);
            let started = Child::start(Voice::Quiet, &self.env);
            state = self.state();
            state.starting = state.starting.saturating_sub(1);
            match started {
                Ok((child, _)) => {
                    state.ended_early = 0;
                    state.ready.push_back(child);
                }
                Err(error) => state.fail(asked, error),
            }
            self.changed.notify_all();
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whole even after a panic: each critical section is one step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ask(&mut self) -> u64 {
        self.resting = false;
        self.asked = self.asked.saturating_add(1);
        self.waiting.insert(self.asked);
        self.asked
    }

    /// What has come of the request with this number, if anything has.
    fn take(&mut self, number: u64) -> Option<Result<Child, StartError>> {
        // One that has ended meanwhile, out of memory perhaps, serves nobody.
        self.ready.retain(Child::is_alive);
        if let Some(child) = self.ready.pop_front() {
            return Some(Ok(child));
        }
        let mut failures = self.failures.iter();
        let failure = failures.position(|(asked, _)| *asked >= number)?;
        Some(Err(self.failures.swap_remove(failure).1))
    }

    /// Whether there are fewer than one for each client that waits, and a spare one.
    fn wants_more(&self) -> bool {
        let coming = self.ready.len() + self.failures.len() + self.starting;
        coming < self.waiting.len() + usize::from(!self.resting)
    }

    fn fail(&mut self, asked: u64, error: StartError) {
        let ended = matches!(error, StartError::Failed(_));
        self.ended_early = self.ended_early.saturating_add(1);
        if ended && self.ended_early < ATTEMPTS && !self.waiting.is_empty() {
            // Somebody may have ended it, and the next one starts.
            tracing::debug!("one more process has to start: {error}");
            return;
        }
        self.ended_early = 0;
        self.resting = true;
        if self.failures.len() < self.waiting.range(..=asked).count() {
            self.failures.push((asked, error));
        } else {
            tracing::debug!("no process is ready for the next client: {error}");
        }
    }
}
