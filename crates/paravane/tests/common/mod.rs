//! The program as a user starts it.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod venus;
pub(crate) mod work;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use wire::{Guest, Writer};
use wire_vtest::{Reply, Request, Version};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A program that hears signals. What starts the tests may ignore them, as `nohup` and a shell's
/// `&` do, and a program that begins so never hears one.
pub(crate) fn hearing(program: &str) -> Command {
    let mut command = Command::new("/usr/bin/env");
    command.args(["--default-signal=HUP,INT,QUIT,TERM", program]);
    command
}

/// `paravane` with a clean environment and some arguments.
pub(crate) fn paravane(args: &[&str]) -> Command {
    let mut command = hearing(env!("CARGO_BIN_EXE_paravane"));
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in [
        "MESA_VK_WSI_DEBUG",
        "PARAVANE_LOG",
        "VN_DEBUG",
        "VTEST_RENDERNODE",
        "VTEST_SOCKET_NAME",
    ] {
        command.env_remove(name);
    }
    command
}

/// A directory with a driver's manifest, as installed for two architectures.
pub(crate) fn installed() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let icds = dir.path().join("vulkan/icd.d");
    std::fs::create_dir_all(&icds).unwrap();
    for name in [
        "virtio_icd.i686.json",
        "virtio_icd.x86_64.json",
        "lvp_icd.x86_64.json",
    ] {
        std::fs::write(icds.join(name), "{}").unwrap();
    }
    dir
}

/// `paravane run` where the driver is installed.
pub(crate) fn run(dir: &TempDir, args: &[&str]) -> Command {
    let mut command = paravane(&["run"]);
    command.args(args).env("XDG_DATA_DIRS", dir.path());
    command.env("XDG_RUNTIME_DIR", dir.path());
    command
}

/// What is in that directory beside the driver.
pub(crate) fn left_behind(dir: &TempDir) -> Vec<PathBuf> {
    let entries = dir
        .path()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries.filter(|path| !path.ends_with("vulkan")).collect()
}

/// The next line that the program prints. What follows must wait for an answer: what is read
/// too much is lost.
pub(crate) fn line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    line.trim_end().to_owned()
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits for the end, and for no longer than [`PATIENCE`].
pub(crate) fn finish(mut child: Child) -> Output {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            // Not its output: what it has started may hold that open for ever.
            panic!("it has not ended after {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Connects to a server as soon as it listens, says `name`, and gets an answer.
pub(crate) fn greet(path: &Path, name: &str) -> UnixStream {
    let deadline = Instant::now() + PATIENCE;
    let mut stream = loop {
        match UnixStream::connect(path) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > deadline => panic!("{}: {error}", path.display()),
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut writer = Writer::new();
    Request::CreateRenderer(Guest::new(name.as_bytes())).encode(&mut writer, Version::V0);
    Request::PingProtocolVersion.encode(&mut writer, Version::V0);
    stream.write_all(writer.as_bytes()).unwrap();
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes).unwrap();
    let reply = Reply::parse(&Request::PingProtocolVersion, Version::V0, &bytes);
    assert_eq!(reply, Ok(Reply::Ping));
    stream
}
