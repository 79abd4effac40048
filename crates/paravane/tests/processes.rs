//! Each client has a process of its own, and the server outlives them all.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use common::{PATIENCE, finish, greet, installed, line, paravane, run, signal, text};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use wire::{Guest, Writer};
use wire_vtest::{Request, Version};

/// Clients one after the other, none of which is to leave anything behind.
const CLIENTS: usize = 200;

/// Longer than a process takes to end or to start, without drivers.
const SETTLED: Duration = Duration::from_millis(300);

/// A server that does not outlive a test that fails.
struct Served {
    child: Option<Child>,
    dir: TempDir,
}

impl Served {
    /// Serves without drivers: what is tested is processes, not what they render.
    fn start() -> Self {
        Self::with(&["--no-virgl"], Path::new("/nowhere.json")).listening()
    }

    /// Once its socket is there.
    fn listening(self) -> Self {
        let deadline = Instant::now() + PATIENCE;
        while UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < deadline, "it does not listen");
            pause();
        }
        self
    }

    fn with(args: &[&str], driver: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = paravane(&["vtest", "--socket-path"]);
        command.arg(dir.path().join("socket")).args(args);
        command.env("VK_DRIVER_FILES", driver);
        command.env("VK_ICD_FILENAMES", driver);
        let child = Some(command.spawn().unwrap());
        Self { child, dir }
    }

    fn pid(&self) -> i32 {
        self.child.as_ref().unwrap().id() as i32
    }

    fn greet(&self, name: &str) -> UnixStream {
        greet(&self.socket(), name)
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Its processes, once there are so many.
    fn processes(&self, count: usize) -> BTreeSet<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let processes = children(self.pid());
            if processes.len() == count {
                return processes;
            }
            assert!(Instant::now() < deadline, "{processes:?}, and not {count}");
            pause();
        }
    }

    /// The process that is ready for the next client, where there was none, or the last has left.
    fn spare(&self) -> i32 {
        let mut last = self.processes(1);
        loop {
            std::thread::sleep(SETTLED);
            let now = self.processes(1);
            if now == last {
                return *now.first().unwrap();
            }
            last = now;
        }
    }

    /// Ends it as a user does.
    fn end(mut self) -> Output {
        let child = self.child.take().unwrap();
        signal(&child, Signal::TERM);
        let output = finish(child);
        assert!(output.status.success(), "{output:?}");
        output
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_process_that_fails_takes_its_client_and_no_other() {
    for (sent, said) in [(Signal::KILL, "SIGKILL"), (Signal::ABORT, "SIGABRT")] {
        let served = Served::start();
        let first = served.spare();
        let mut one = served.greet("one");
        served.processes(2);
        let mut two = served.greet("two");
        kill(first, sent);
        assert_eq!(one.read(&mut [0]).unwrap(), 0);
        ping(&mut two);
        ping(&mut served.greet("three"));
        ping(&mut two);
        drop(two);
        let output = served.end();
        let log = text(&output.stderr);
        let about: Vec<_> = log.lines().filter(|line| line.contains(said)).collect();
        assert_eq!(about.len(), 1, "{log}");
        assert!(about[0].contains("the process that served it"), "{log}");
    }
}

#[test]
fn a_process_that_ends_before_its_client_is_there_is_replaced() {
    let served = Served::start();
    kill(served.spare(), Signal::KILL);
    ping(&mut served.greet("one"));
    let output = served.end();
    assert!(!text(&output.stderr).contains("SIGKILL"), "{output:?}");
}

#[test]
fn nothing_outlives_the_server() {
    let mut served = Served::start();
    let mut clients = ["one", "two", "three"].map(|name| served.greet(name));
    let processes = served.processes(4);
    let mut child = served.child.take().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while processes.iter().any(|pid| is_running(*pid)) {
        assert!(Instant::now() < deadline, "one of {processes:?} goes on");
        pause();
    }
    for client in &mut clients {
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)));
    }
}

#[test]
fn clients_leave_no_process_and_no_file_behind() {
    let served = Served::start();
    drop(served.greet("first"));
    served.spare();
    let before = files(served.pid());
    for _ in 0..CLIENTS {
        drop(served.greet("one of many"));
    }
    let spare = served.spare();
    assert_eq!(files(served.pid()), before);
    // The line to the server, and nothing that the server has opened.
    let open: BTreeSet<_> = fs::read_dir(format!("/proc/{spare}/fd"))
        .unwrap()
        .map(|file| fs::read_link(file.unwrap().path()).unwrap())
        .collect();
    let of_kind = |kind| {
        let is = move |file: &&PathBuf| file.to_string_lossy().starts_with(kind);
        open.iter().filter(is).count()
    };
    assert_eq!(of_kind("socket:"), 1, "{open:?}");
    assert_eq!(of_kind("anon_inode:"), 0, "{open:?}");
    served.end();
}

#[test]
fn a_process_that_is_stopped_is_ended() {
    let args = ["--no-virgl", "--hang-limit", "1"];
    let served = Served::with(&args, Path::new("/nowhere.json")).listening();
    let first = served.spare();
    let mut one = served.greet("one");
    let mut two = served.greet("two");
    kill(first, Signal::STOP);
    assert_eq!(one.read(&mut [0]).unwrap(), 0);
    assert!(!is_running(first));
    ping(&mut two);
    let output = served.end();
    let log = text(&output.stderr);
    assert!(log.contains("it has been stopped for 1s"), "{log}");
}

/// One that is stopped for less is not.
#[test]
fn a_process_that_goes_on_is_left_alone() {
    let args = ["--no-virgl", "--hang-limit", "2"];
    let served = Served::with(&args, Path::new("/nowhere.json")).listening();
    let first = served.spare();
    let mut one = served.greet("one");
    for _ in 0..3 {
        kill(first, Signal::STOP);
        std::thread::sleep(Duration::from_millis(1000));
        kill(first, Signal::CONT);
        std::thread::sleep(Duration::from_millis(500));
    }
    ping(&mut one);
    served.end();
}

#[test]
fn who_only_looks_costs_no_process() {
    let served = Served::start();
    let before = served.spare();
    for _ in 0..50 {
        drop(UnixStream::connect(served.socket()).unwrap());
    }
    assert_eq!(served.spare(), before);
    served.end();
}

#[test]
fn signals_to_the_process_group_are_the_servers() {
    let served = Served::start();
    let mut client = served.greet("interrupted");
    for pid in served.processes(2) {
        for sent in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
            kill(pid, sent);
        }
    }
    ping(&mut client);
    ping(&mut served.greet("second"));
    served.end();
}

#[test]
fn the_server_stops_its_clients() {
    let served = Served::start();
    let mut client = served.greet("dropped");
    served.end();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

fn assert_told(pid: i32) {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
    let mut variables = environment.split(|byte| *byte == 0);
    let told = variables.find(|variable| variable.starts_with(b"VTEST_SOCKET_NAME="));
    assert_eq!(told, Some(&b"VTEST_SOCKET_NAME=/dev/null"[..]), "{pid}");
}

/// Mesa's guest driver, which may be one of the host's, would wait in the process for the process.
#[test]
fn a_process_is_not_told_of_its_own_server() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = paravane(&["vtest", "--no-virgl"]);
    command.env("VTEST_SOCKET_NAME", dir.path().join("socket"));
    command.env("VK_DRIVER_FILES", "/nowhere.json");
    let child = Some(command.spawn().unwrap());
    let served = Served { child, dir }.listening();
    // The first one, and one that was started like all others; each has started, and is no longer
    // as the server was when it did.
    let first = served.spare();
    assert_told(first);
    drop(served.greet("one"));
    let second = served.spare();
    assert_ne!(second, first);
    assert_told(second);
    served.end();
}

#[test]
fn what_cannot_be_offered_is_said_at_the_start() {
    let Some(driver) = software_driver() else {
        return skip();
    };
    let args = ["--no-virgl", "--venus", "--gpu", "no such card"];
    let mut served = Served::with(&args, &driver);
    let output = finish(served.child.take().unwrap());
    assert_eq!(output.status.code(), Some(1));
    let log = text(&output.stderr);
    assert!(
        log.starts_with("paravane: host failed: cannot offer Venus"),
        "{log}"
    );
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn a_warning_comes_once_whoever_starts() {
    let served = Served::start();
    for _ in 0..5 {
        drop(served.greet("one of a few"));
    }
    let output = served.end();
    let log = text(&output.stderr);
    let warnings = log.matches("the Vulkan loader finds no driver").count();
    assert_eq!(warnings, 1, "{log}");
}

/// A driver that is taken away, and comes back.
#[test]
fn a_process_that_cannot_start_costs_one_client() {
    let Some(manifest) = software_driver() else {
        return skip();
    };
    let dir = tempfile::tempdir().unwrap();
    let driver = dir.path().join("driver.json");
    let text_of_it = fs::read(manifest).unwrap();
    fs::write(&driver, &text_of_it).unwrap();
    let served = Served::with(&["--no-virgl", "--venus", "--gpu", "llvmpipe"], &driver).listening();
    fs::remove_file(&driver).unwrap();
    // One is ready, or two: those that started while the driver was there.
    let mut clients = Vec::new();
    let mut turned_away = None;
    while clients.len() < 3 && turned_away.is_none() {
        match try_greet(&served.socket()) {
            Some(client) => clients.push(client),
            None => turned_away = Some(clients.len()),
        }
    }
    assert!(matches!(turned_away, Some(1 | 2)), "{turned_away:?}");
    clients.iter_mut().for_each(ping);
    fs::write(&driver, text_of_it).unwrap();
    ping(&mut served.greet("late"));
    let output = served.end();
    let log = text(&output.stderr);
    let lines: Vec<_> = log.lines().filter(|line| line.contains("Venus")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("cannot offer Venus"), "{log}");
}

#[test]
fn the_summary_adds_up_what_processes_did() {
    let dir = installed();
    let script = r#"echo "$VTEST_SOCKET_NAME"; read end"#;
    let mut child = run(&dir, &["--stats", "sh", "-c", script]).spawn().unwrap();
    let socket = line(&mut child);
    drop(greet(Path::new(&socket), "one"));
    drop(greet(Path::new(&socket), "another"));
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let output = finish(child);
    let summary = text(&output.stderr);
    assert!(summary.contains("  one (pid "), "{summary}");
    assert!(summary.contains("  another (pid "), "{summary}");
    assert!(
        summary.contains("together, 2 clients, 0 dropped"),
        "{summary}"
    );
    assert!(
        summary.contains("    requests                4\n"),
        "{summary}"
    );
}

/// A client that is served, or none that was turned away.
fn try_greet(socket: &Path) -> Option<UnixStream> {
    let mut client = UnixStream::connect(socket).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut writer = Writer::new();
    Request::CreateRenderer(Guest::new(b"hopeful")).encode(&mut writer, Version::V0);
    Request::PingProtocolVersion.encode(&mut writer, Version::V0);
    client.write_all(writer.as_bytes()).unwrap();
    client.read_exact(&mut [0; 8]).ok().map(|()| client)
}

fn ping(client: &mut UnixStream) {
    let mut writer = Writer::new();
    Request::PingProtocolVersion.encode(&mut writer, Version::V0);
    client.write_all(writer.as_bytes()).unwrap();
    client.read_exact(&mut [0; 8]).unwrap();
}

/// Counts as skipped, not as passed: the line says so to whoever reads the log.
fn skip() {
    eprintln!("SKIPPED: there is no lavapipe here");
}

fn software_driver() -> Option<PathBuf> {
    let folder = fs::read_dir("/usr/share/vulkan/icd.d").ok()?;
    let mut paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| path.to_string_lossy().contains("lvp_icd"))
}

fn kill(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// Those whose parent is `pid`, whether they run or wait to be forgotten.
fn children(pid: i32) -> BTreeSet<i32> {
    let processes = fs::read_dir("/proc").unwrap();
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| stat(*id).is_some_and(|(_, parent)| parent == pid))
        .collect()
}

fn is_running(pid: i32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}

/// A process's state and parent (`/proc/[pid]/stat` of `proc(5)`).
fn stat(pid: i32) -> Option<(char, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    let state = words.next()?.chars().next()?;
    Some((state, words.next()?.parse().ok()?))
}

fn files(pid: i32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}
