//! `paravane vtest`.

mod common;

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::process::Child;

use common::{finish, greet, paravane, signal, text};
use rustix::process::Signal;

struct Served {
    child: Child,
    dir: tempfile::TempDir,
}

impl Served {
    fn start(args: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // What a dead server leaves behind.
        drop(UnixListener::bind(dir.path().join("socket")).unwrap());
        let socket = dir.path().join("socket");
        let mut command = paravane(&["vtest", "--no-virgl"]);
        let child = command
            .args(args)
            .arg("--socket-path")
            .arg(socket)
            .spawn()
            .unwrap();
        Self { child, dir }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.dir.path().join("socket")
    }
}

#[test]
fn clients_are_served_until_a_signal() {
    for (sent, options) in [
        (Signal::TERM, &["--multi-clients", "--no-fork"][..]),
        (Signal::INT, &["--multi-clients", "--no-fork"]),
        (Signal::TERM, &["--multi-clients"]),
        (Signal::INT, &[]),
    ] {
        let served = Served::start(options);
        let mut one = greet(&served.socket(), "one");
        let _two = greet(&served.socket(), "two");
        signal(&served.child, sent);
        let socket = served.socket();
        let output = finish(served.child);
        assert!(output.status.success(), "{output:?}");
        assert!(!socket.exists());
        assert_eq!(one.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn the_process_is_found_by_the_programs_name() {
    let served = Served::start(&["--no-fork"]);
    let _client = greet(&served.socket(), "one");
    let name = std::fs::read_to_string(format!("/proc/{}/comm", served.child.id()));
    assert_eq!(name.unwrap(), "paravane\n");
    signal(&served.child, Signal::TERM);
    finish(served.child);
}

#[test]
fn rubbish_costs_its_sender_the_connection_and_one_line() {
    let served = Served::start(&[]);
    let mut good = greet(&served.socket(), "good");
    let mut bad = greet(&served.socket(), "bad");
    bad.write_all(&[0xff; 100]).unwrap();
    let ended = bad.read(&mut [0]);
    assert!(matches!(ended, Ok(0)) || ended.is_err());
    good.write_all(&[0, 0, 0, 0, 10, 0, 0, 0]).unwrap();
    good.read_exact(&mut [0; 8]).unwrap();
    drop(good);
    signal(&served.child, Signal::TERM);
    let output = finish(served.child);
    let log = text(&output.stderr);
    let about_bad: Vec<_> = log
        .lines()
        .filter(|line| line.contains("(bad, pid "))
        .collect();
    assert_eq!(about_bad.len(), 1, "{log}");
    assert!(
        about_bad[0].contains("malformed request: command number"),
        "{log}"
    );
    assert!(!log.contains("good"), "{log}");
}

#[test]
fn one_client_can_be_all() {
    let served = Served::start(&["--no-loop-or-fork"]);
    drop(greet(&served.socket(), "only"));
    assert!(finish(served.child).status.success());
}

#[test]
fn two_servers_cannot_have_one_socket() {
    let served = Served::start(&[]);
    drop(greet(&served.socket(), "first"));
    let mut second = paravane(&["vtest"]);
    let second = second.env("VTEST_SOCKET_NAME", served.socket());
    let output = finish(second.spawn().unwrap());
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(
        message.contains("another server is listening on"),
        "{message}"
    );
    drop(greet(&served.socket(), "again"));
    signal(&served.child, Signal::TERM);
    assert!(finish(served.child).status.success());
}

#[test]
fn help_has_examples() {
    for command in ["run", "vtest", "info"] {
        let output = finish(paravane(&["help", command]).spawn().unwrap());
        assert!(text(&output.stdout).contains("Examples:\n"));
    }
}
