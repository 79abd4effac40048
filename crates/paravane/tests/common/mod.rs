//! The program as a user starts it.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod venus;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use wire::{Guest, Writer};
use wire_vtest::{Reply, Request, Version};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// `paravane` with a clean environment and some arguments.
pub(crate) fn paravane(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paravane"));
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

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Waits for the end, and for no longer than [`PATIENCE`].
pub(crate) fn finish(mut child: Child) -> Output {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("hangs: {:?}", child.wait_with_output().unwrap());
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
