//! What a client's process is confined to, tried out by a driver that a guest has taken over.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{PATIENCE, finish, greet, paravane, signal, text};
use rustix::process::Signal;
use tempfile::TempDir;

/// What everybody can do who is not confined.
const EASY: &[&str] = &[
    "read a file",
    "list a folder",
    "read passwd",
    "signal the server",
    "hold the server",
    "make a socket",
    "make sockets",
    "start a program",
    "fork",
];

/// Nobody: `nobody` of most systems.
const NOBODY: u32 = 65534;

/// A place for a server, whose driver is the intruder.
struct Place {
    dir: TempDir,
    user: Option<u32>,
    /// Whether it is as in a container: no right to make a namespace.
    has_no_namespaces: bool,
}

/// Runs a command where there are no namespaces to be made, and no rights.
const CONTAINER: &str = "echo 0 > /proc/sys/user/max_user_namespaces && \
    exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all \"$@\"";

impl Place {
    fn of_this_user() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let manifest = format!(
            r#"{{"file_format_version": "1.0.0", "ICD":
                {{"library_path": "{}", "api_version": "1.3.0"}}}}"#,
            library().display()
        );
        for (name, content) in [
            ("intruder.json", manifest.as_str()),
            ("secret", "a secret"),
            ("secret.spare", "another"),
        ] {
            fs::write(dir.path().join(name), content).unwrap();
        }
        Self {
            dir,
            user: None,
            has_no_namespaces: false,
        }
    }

    /// None where even that takes a namespace, and there is none.
    fn without_namespaces() -> Option<Self> {
        let place = Self {
            has_no_namespaces: true,
            ..Self::of_this_user()
        };
        let status = place.wrapped(&Command::new("true")).status();
        status.is_ok_and(|status| status.success()).then_some(place)
    }

    /// The same for an ordinary user; none where this one cannot become one, or that one reach it.
    fn of_an_ordinary_user() -> Option<Self> {
        let place = Self::of_this_user();
        let all = fs::Permissions::from_mode(0o755);
        fs::set_permissions(place.dir.path(), all).unwrap();
        std::os::unix::fs::chown(place.dir.path(), Some(NOBODY), Some(NOBODY)).ok()?;
        let place = Self {
            user: Some(NOBODY),
            ..place
        };
        let program = env!("CARGO_BIN_EXE_paravane");
        let words = [program, "--version"];
        let mut command = place.become_user(Command::new("/usr/bin/env"));
        let output = command.args(words).stdout(Stdio::null()).status();
        output.is_ok_and(|status| status.success()).then_some(place)
    }

    /// A server with these options, and what its intruder says until a client has been served.
    fn serve(&self, options: &[&str]) -> Served {
        let mut command = self.become_user(paravane(&["vtest", "--no-virgl", "--socket-path"]));
        command.arg(self.socket()).args(options);
        command.env("HOME", self.dir.path());
        command.env_remove("XDG_CACHE_HOME");
        command.env("INTRUDER_SECRET", self.dir.path().join("secret"));
        for name in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
            command.env(name, self.dir.path().join("intruder.json"));
        }
        if self.has_no_namespaces {
            command = self.wrapped(&command);
        }
        Served {
            child: Some(command.spawn().unwrap()),
            socket: self.socket(),
        }
    }

    /// The same command in a place like a container.
    fn wrapped(&self, command: &Command) -> Command {
        let mut wrapped = Command::new("unshare");
        wrapped.args(["--user", "--map-root-user", "sh", "-c", CONTAINER, "sh"]);
        wrapped.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        wrapped.stdin(Stdio::piped()).stdout(Stdio::piped());
        wrapped.stderr(Stdio::piped());
        wrapped
    }

    fn become_user(&self, command: Command) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = command;
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    fn secret(&self) -> String {
        fs::read_to_string(self.dir.path().join("secret")).unwrap()
    }
}

/// A server that does not outlive a test that fails.
struct Served {
    child: Option<Child>,
    socket: PathBuf,
}

impl Served {
    /// What became of each attempt.
    fn attempts(&mut self) -> BTreeMap<String, String> {
        let log = self.child.as_mut().unwrap().stderr.as_mut().unwrap();
        let mut attempts = BTreeMap::new();
        let mut lines = BufReader::new(log).lines();
        while attempts.len() < intruder::NAMES.len() {
            let line = lines.next().expect("the intruder says all").unwrap();
            if let Some((name, outcome)) = line
                .strip_prefix("intruder: ")
                .and_then(|line| line.split_once(": "))
            {
                attempts.insert(name.into(), outcome.into());
            }
        }
        attempts
    }

    /// Waits for its own end.
    fn finish(mut self) -> std::process::Output {
        finish(self.child.take().unwrap())
    }

    fn end(mut self) -> std::process::Output {
        let child = self.child.take().unwrap();
        signal(&child, Signal::TERM);
        finish(child)
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

/// Built with this test, which depends on it.
fn library() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let library = this.parent().unwrap().join("libintruder.so");
    assert!(library.is_file(), "{}", library.display());
    library
}

fn nothing_gets_out(place: &Place) {
    let mut served = place.serve(&[]);
    let attempts = served.attempts();
    let out: Vec<_> = attempts
        .iter()
        .filter(|(_, outcome)| *outcome == "got out")
        .collect();
    assert!(out.is_empty(), "{out:?} of {attempts:#?}");
    // The server lives, and serves.
    drop(greet(&served.socket, "a client"));
    assert_eq!(place.secret(), "a secret");
    assert!(served.end().status.success());
}

#[test]
fn an_intruder_does_not_get_out() {
    nothing_gets_out(&Place::of_this_user());
}

#[test]
fn an_intruder_does_not_get_out_of_an_ordinary_users_process() {
    match Place::of_an_ordinary_user() {
        Some(place) => nothing_gets_out(&place),
        None => {
            eprintln!("SKIPPED: this user cannot become another, or that one reach the program")
        }
    }
}

#[test]
fn an_intruder_does_not_get_out_where_there_are_no_namespaces() {
    match Place::without_namespaces() {
        Some(place) => {
            nothing_gets_out(&place);
            let output = place.serve(&["--sandbox", "require"]).finish();
            let log = text(&output.stderr);
            assert!(log.contains("no namespaces"), "{log}");
        }
        None => eprintln!("SKIPPED: no place without namespaces can be made here"),
    }
}

/// The intruder can do what it tries, where nothing keeps it from it.
#[test]
fn without_a_sandbox_it_does() {
    let place = Place::of_this_user();
    let mut served = place.serve(&["--sandbox", "none"]);
    let attempts = served.attempts();
    for name in EASY {
        assert_eq!(attempts[*name], "got out", "{name}: {attempts:#?}");
    }
    served.end();
}

/// All threads, those of drivers as well, and nothing is left to be had.
#[test]
fn a_process_is_confined_as_a_whole() {
    let place = Place::of_this_user();
    let mut served = place.serve(&[]);
    served.attempts();
    let _client = greet(&served.socket, "a client");
    let server = served.child.as_ref().unwrap().id();
    // The client's, and the spare one, which may just be starting.
    let deadline = Instant::now() + PATIENCE;
    while children(server).len() != 2 || unconfined(server).is_some() {
        assert!(Instant::now() < deadline, "{:?}", unconfined(server));
        std::thread::sleep(Duration::from_millis(5));
    }
    served.end();
}

/// What `/proc` says of a thread of the server's processes that is not confined.
fn unconfined(server: u32) -> Option<String> {
    const CONFINED: [&str; 3] = ["Seccomp:\t2", "NoNewPrivs:\t1", "CapEff:\t0000000000000000"];
    let tasks = children(server)
        .into_iter()
        .filter_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).ok());
    let statuses = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("status")).ok());
    let mut open = statuses.filter(|status| {
        let is_there = |line: &&str| status.lines().any(|found| found == *line);
        !CONFINED.iter().all(is_there)
    });
    open.next()
}

#[test]
fn what_the_sandbox_lacks_is_said_once() {
    let place = Place::of_this_user();
    let served = place.serve(&["--control-group", "/nowhere"]);
    for name in ["first", "second", "third"] {
        drop(greet(&served.socket, name));
    }
    let output = served.end();
    let log = text(&output.stderr);
    assert_eq!(log.matches("no control group").count(), 1, "{log}");
}

#[test]
fn what_is_required_and_lacks_is_an_error() {
    let place = Place::of_this_user();
    let args = ["--control-group", "/nowhere", "--sandbox", "require"];
    let output = place.serve(&args).finish();
    assert_eq!(output.status.code(), Some(1));
    let log = text(&output.stderr);
    let said = "the sandbox cannot be built: no control group";
    assert!(log.contains(said), "{log}");
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task");
    let threads = fs::read_dir(path).unwrap();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok());
    let all: Vec<_> = lists.collect();
    let ids = all.iter().flat_map(|list| list.split_whitespace());
    ids.filter_map(|id| id.parse().ok()).collect()
}
