//! The server, and what it says.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::process;
use crate::error::{Error, Result};

const MANIFESTS: &str = "/usr/share/vulkan/icd.d";

/// How long it may take to be ready, or quiet, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long nothing changes before it counts as quiet.
const QUIET: Duration = Duration::from_millis(1500);

/// After how many seconds it ends a process that hangs: longer than a call takes into a driver that
/// draws on the processor, while all others do as well.
pub(super) const HANG_LIMIT: u64 = 6;

pub(super) struct Server {
    child: Mutex<Child>,
    pid: u32,
    folder: PathBuf,
    socket: PathBuf,
    /// The guest's Vulkan driver.
    venus: PathBuf,
    /// The processes that have served each client, by the client's id.
    served: Arc<Mutex<BTreeMap<u32, Vec<u32>>>>,
    log: Arc<Mutex<Vec<String>>>,
}

/// What a server without clients has.
pub(super) struct Measure {
    pub(super) files: usize,
    pub(super) memory: u64,
}

impl Server {
    /// Starts it, with programs from `folder`.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let private = std::env::var_os("XDG_RUNTIME_DIR").unwrap_or_else(|| "/tmp".into());
        let socket = Path::new(&private).join("torture");
        let hang_limit = HANG_LIMIT.to_string();
        let mut command = Command::new(folder.join("paravane"));
        command
            .args(["vtest", "--venus", "--virgl", "--use-egl-surfaceless"])
            .args(["--hang-limit", &hang_limit, "--socket-path"])
            .arg(&socket)
            .env("PARAVANE_LOG", "warn,paravane::apart=debug")
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|source| Error::Spawn {
            command: "paravane vtest".into(),
            source,
        })?;
        let (served, log) = (Arc::default(), Arc::default());
        if let Some(stderr) = child.stderr.take() {
            let (served, log) = (Arc::clone(&served), Arc::clone(&log));
            std::thread::spawn(move || listen(stderr, &served, &log));
        }
        let server = Self {
            pid: child.id(),
            child: Mutex::new(child),
            folder: folder.to_owned(),
            socket,
            venus: venus()?,
            served,
            log,
        };
        server.wait_until("listens", || server.socket.exists())?;
        Ok(server)
    }

    /// One of the clients, with these arguments.
    pub(super) fn client(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command.args(arguments);
        command.env("VTEST_SOCKET_NAME", &self.socket);
        match program {
            "gl-client" => command.env("GALLIUM_DRIVER", "virpipe"),
            _ => command
                .env("VN_DEBUG", "vtest")
                .env("VN_PERF", "no_fence_feedback")
                .env("VK_DRIVER_FILES", &self.venus),
        };
        command
    }

    /// The process that serves a client now, if one does.
    pub(super) fn serving(&self, client: u32) -> Option<u32> {
        let served = lock(&self.served);
        let last = served.get(&client)?.last().copied()?;
        process::lives(last).then_some(last)
    }

    /// Whether a process has taken the client, and may have ended since.
    pub(super) fn has_served(&self, client: u32) -> bool {
        lock(&self.served).contains_key(&client)
    }

    /// Adds a line to the log.
    pub(super) fn note(&self, line: String) {
        lock(&self.log).push(line);
    }

    /// What the log has about a client and the processes that served it.
    pub(super) fn log_of(&self, client: u32) -> String {
        let mut names = vec![format!("pid {client})")];
        let served = lock(&self.served).get(&client).cloned();
        let processes = served.unwrap_or_default();
        names.extend(processes.iter().map(|process| format!("process {process}")));
        let log = lock(&self.log);
        let about = |line: &&String| names.iter().any(|name| line.contains(name));
        let lines: Vec<_> = log.iter().filter(about).map(String::as_str).collect();
        lines.join("\n")
    }

    /// What a client and the server's processes do, and the end of the log.
    pub(super) fn describe(&self, client: u32) -> String {
        let children = process::children(self.pid);
        let about = std::iter::once(client).chain(children);
        let mut lines: Vec<String> = about.map(process::describe).collect();
        let log = lock(&self.log);
        lines.extend(log.iter().rev().take(10).rev().cloned());
        lines.join("\n")
    }

    /// Processes that serve nobody yet, as far as is known.
    pub(super) fn spares(&self) -> Vec<u32> {
        let served = lock(&self.served);
        let taken: Vec<u32> = served.values().flatten().copied().collect();
        drop(served);
        let mut processes = process::children(self.pid);
        processes.retain(|pid| !taken.contains(pid));
        processes
    }

    /// What it has when no client is there and one process is ready.
    pub(super) fn measure(&self) -> Result<Measure> {
        let mut last = None;
        let mut since = Instant::now();
        self.wait_until("comes to rest", || {
            let now = (process::children(self.pid), process::files(self.pid));
            if last.as_ref() != Some(&now) || now.0.len() != 1 {
                since = Instant::now();
                last = Some(now);
            }
            since.elapsed() > QUIET
        })?;
        Ok(Measure {
            files: process::files(self.pid),
            memory: process::memory(self.pid),
        })
    }

    /// Fails if it has ended.
    pub(super) fn check(&self) -> Result<()> {
        let mut child = lock(&self.child);
        match child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Error::Rule(format!("the server has ended: {status}"))),
            Err(error) => Err(Error::Rule(format!("the server: {error}"))),
        }
    }

    fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            self.check()?;
            if Instant::now() > deadline {
                let processes = process::children(self.pid);
                let text = format!("after {PATIENCE:?} no server {what}: processes {processes:?}");
                return Err(Error::Rule(text));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = self.memory >> 10;
        write!(f, "one process ready, {} files, {kib} KiB", self.files)
    }
}

fn venus() -> Result<PathBuf> {
    let entries = fs::read_dir(MANIFESTS).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    let is_venus = |path: &PathBuf| path.to_string_lossy().contains("/virtio_icd.");
    let found = paths.find(is_venus);
    found.ok_or_else(|| Error::Missing("there is no Venus driver here".into()))
}

const UNEXPECTED: &[&str] = &[
    "ERROR",
    "panicked",
    "has not answered",
    "no process takes it",
];

/// Reads the log, and keeps it, and who is served where.
fn listen(stderr: ChildStderr, served: &Mutex<BTreeMap<u32, Vec<u32>>>, log: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stderr).lines();
    for line in lines.map_while(std::result::Result::ok) {
        if let Some((client, process)) = assignment(&line) {
            lock(served).entry(client).or_default().push(process);
        }
        // What no killing explains.
        if UNEXPECTED.iter().any(|words| line.contains(words)) {
            eprintln!("{line}");
        }
        lock(log).push(line);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `... client 7 (pid 12) is served by process 34`.
fn assignment(line: &str) -> Option<(u32, u32)> {
    let (before, process) = line.split_once(") is served by process ")?;
    let (_, client) = before.rsplit_once("(pid ")?;
    Some((client.parse().ok()?, process.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn the_log_says_who_is_served_where() {
        let line = "2026 DEBUG client 7 (pid 12) is served by process 34";
        assert_eq!(assignment(line), Some((12, 34)));
        assert_eq!(assignment("client 7 (pid 12) has left"), None);
    }
}
