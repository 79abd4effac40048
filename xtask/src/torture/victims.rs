//! Clients that are begun for their processes to be killed.

use std::collections::BTreeMap;
use std::fmt;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::dice::Dice;
use super::process;
use super::server::{HANG_LIMIT, Server};
use crate::error::{Error, Result};

/// How many are tortured at a time.
const AT_A_TIME: usize = 3;

/// The latest moment, after a client has been taken, in milliseconds: nearly all of what a client
/// draws comes before.
const LATEST: u64 = 600;

/// How long a process may take to end that has been killed, on a busy machine; one that is stopped
/// is killed after the hang limit.
const PATIENCE: Duration = Duration::from_secs(HANG_LIMIT + 20);

/// How long a client may take to be served, or to end when it is served no more.
const CLIENTS_PATIENCE: Duration = Duration::from_secs(30);

/// What is done to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Injury {
    Kill,
    Segv,
    Abort,
    /// The watchdog has to find it.
    Stop,
    /// The next that it asks for is refused.
    Exhaust,
    /// The client goes, and with it the socket.
    Close,
    /// Before any client has it.
    Spare,
}

const INJURIES: [Injury; 7] = [
    Injury::Kill,
    Injury::Segv,
    Injury::Abort,
    Injury::Stop,
    Injury::Exhaust,
    Injury::Close,
    Injury::Spare,
];

/// Both kinds, and what they do.
const CLIENTS: [(&str, &[&str]); 2] = [("gl-client", &["render"]), ("vulkan-client", &["render"])];

pub(super) struct Victims<'a> {
    server: &'a Server,
    dice: Dice,
    /// Two that stop and continue one process would not know its state.
    spares: Mutex<()>,
}

/// How many processes were killed how.
#[derive(Debug, Default)]
pub(super) struct Kills {
    by_injury: BTreeMap<Injury, u64>,
    /// Clients that had ended before their moment came.
    missed: u64,
}

impl<'a> Victims<'a> {
    pub(super) fn new(server: &'a Server, seed: u64) -> Self {
        Self {
            server,
            dice: Dice::new(seed),
            spares: Mutex::default(),
        }
    }

    /// Kills one after the other, until it is time, or somebody says stop.
    pub(super) fn kill_until(&self, deadline: Instant, stop: &AtomicBool) -> Result<Kills> {
        let kill = || -> Result<Kills> {
            let mut kills = Kills::default();
            while Instant::now() < deadline && !stop.load(Ordering::Relaxed) {
                self.server.check()?;
                self.kill_one(&mut kills)?;
            }
            Ok(kills)
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(kill)).collect();
            let mut all = Kills::default();
            for thread in threads {
                let kills = thread.join();
                let kills = kills.map_err(|_| Error::Rule("a torturer has panicked".into()))?;
                all.add(kills?);
            }
            Ok(all)
        })
    }

    fn kill_one(&self, kills: &mut Kills) -> Result<()> {
        let injury = INJURIES[self.dice.below(INJURIES.len() as u64) as usize];
        if injury == Injury::Spare {
            return self.kill_spare(kills);
        }
        let (program, arguments) = CLIENTS[self.dice.below(CLIENTS.len() as u64) as usize];
        let mut command = self.server.client(program, arguments);
        let quiet = || Stdio::null();
        command.stdin(quiet()).stdout(quiet()).stderr(quiet());
        let child = command.spawn().map_err(|source| Error::Spawn {
            command: program.into(),
            source,
        })?;
        let mut client = Client(child);
        if !self.wait_for_service(&mut client)? {
            kills.missed += 1;
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(self.dice.below(LATEST)));
        let Some(victim) = self.server.serving(client.id()) else {
            kills.missed += 1;
            return Ok(());
        };
        let id = client.id();
        let line = format!("torture: {injury:?} for process {victim} of the client (pid {id})");
        self.server.note(line);
        self.injure(injury, victim, &mut client);
        self.wait_for_end(injury, victim, &mut client)?;
        kills.count(injury);
        Ok(())
    }

    /// Whether the client is served, and has not ended.
    fn wait_for_service(&self, client: &mut Client) -> Result<bool> {
        let deadline = Instant::now() + CLIENTS_PATIENCE;
        while self.server.serving(client.id()).is_none() {
            if client.has_ended() || self.server.has_served(client.id()) {
                return Ok(false);
            }
            if Instant::now() > deadline {
                let about = self.server.describe(client.id());
                return Err(Error::Rule(format!("a client is not served:\n{about}")));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(true)
    }

    fn injure(&self, injury: Injury, victim: u32, client: &mut Client) {
        match injury {
            Injury::Kill | Injury::Spare => process::signal(victim, Signal::KILL),
            // Rust's library takes the first one for a stack that might have overflowed, finds that
            // it has not, and has the kernel do as usual from then on.
            Injury::Segv => while_alive(victim, Signal::SEGV),
            Injury::Abort => process::signal(victim, Signal::ABORT),
            Injury::Stop => process::signal(victim, Signal::STOP),
            // A few pages, so that it is not always the same one that is refused.
            Injury::Exhaust => process::exhaust(victim, self.dice.below(1 << 20)),
            Injury::Close => client.kill(),
        }
    }

    /// The process ends, and the client with it: one that has run out of memory ends at the latest
    /// when its client has drawn all.
    fn wait_for_end(&self, injury: Injury, victim: u32, client: &mut Client) -> Result<()> {
        let deadline = Instant::now() + PATIENCE.max(CLIENTS_PATIENCE);
        while process::lives(victim) {
            if Instant::now() > deadline {
                let text = format!("process {victim} goes on after {injury:?}");
                return Err(Error::Rule(text));
            }
            if injury == Injury::Exhaust && client.has_ended() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    fn kill_spare(&self, kills: &mut Kills) -> Result<()> {
        let alone = self.spares.lock().unwrap_or_else(PoisonError::into_inner);
        let spares = self.server.spares();
        let spare = spares.get(self.dice.below(spares.len() as u64) as usize);
        if spare.is_some_and(|spare| self.kill_while_spare(*spare)) {
            kills.count(Injury::Spare);
        } else {
            kills.missed += 1;
        }
        drop(alone);
        // The next one takes its time to start.
        std::thread::sleep(Duration::from_millis(self.dice.below(LATEST)));
        Ok(())
    }

    /// Kills a process unless it has just taken a client, of which the log tells a moment later.
    /// While it is stopped it takes none.
    fn kill_while_spare(&self, spare: u32) -> bool {
        process::signal(spare, Signal::STOP);
        while process::lives(spare) && !process::is_stopped(spare) {
            std::thread::sleep(Duration::from_millis(1));
        }
        // The line to the server is one.
        let is_spare = process::sockets(spare) <= 1;
        let end = if is_spare { Signal::KILL } else { Signal::CONT };
        let line = format!("torture: {end:?} for process {spare}, which serves nobody");
        self.server.note(line);
        process::signal(spare, end);
        is_spare
    }
}

/// Signals it until it has ended, twice or so.
fn while_alive(pid: u32, signal: Signal) {
    for _ in 0..20 {
        process::signal(pid, signal);
        std::thread::sleep(Duration::from_millis(10));
        if !process::lives(pid) {
            return;
        }
    }
}

/// A client that does not outlive its turn.
struct Client(Child);

impl Client {
    fn id(&self) -> u32 {
        self.0.id()
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Kills {
    fn count(&mut self, injury: Injury) {
        *self.by_injury.entry(injury).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        for (injury, count) in other.by_injury {
            *self.by_injury.entry(injury).or_default() += count;
        }
        self.missed += other.missed;
    }
}

impl Injury {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "SIGKILL",
            Self::Segv => "SIGSEGV",
            Self::Abort => "SIGABRT",
            Self::Stop => "SIGSTOP",
            Self::Exhaust => "out of memory",
            Self::Close => "socket closed",
            Self::Spare => "killed before its client came",
        }
    }
}

impl fmt::Display for Kills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: u64 = self.by_injury.values().sum();
        write!(f, "{all} processes ended (")?;
        for (at, (injury, count)) in self.by_injury.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{} {count}", injury.name())?;
        }
        write!(f, "; {} came too late)", self.missed)
    }
}
