//! `paravane vhost-user`: its sockets, its ends, and what it says of itself.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(30);

fn paravane() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paravane"));
    command.args(["vhost-user", "--no-virgl"]);
    // No driver: what is tested here needs none.
    command.env("VK_DRIVER_FILES", "/nonexistent");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Ending {
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn wait(&mut self) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn connect(path: &Path) -> UnixStream {
    let start = Instant::now();
    loop {
        if let Ok(stream) = UnixStream::connect(path) {
            return stream;
        }
        assert!(start.elapsed() < PATIENCE, "nobody listens");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `VHOST_USER_GET_FEATURES`; returns the features.
fn features(stream: &mut UnixStream) -> u64 {
    let message = [1u32, 1, 0].map(u32::to_le_bytes).concat();
    stream.write_all(&message).unwrap();
    let mut answer = [0; 20];
    stream.read_exact(&mut answer).unwrap();
    u64::from_le_bytes(answer[12..].try_into().unwrap())
}

/// `VIRTIO_F_VERSION_1` and `VIRTIO_GPU_F_EDID`
const EXPECTED: u64 = 1 << 32 | 1 << 1;

#[test]
fn one_front_end_after_the_other_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gpu");
    let mut server = Ending(paravane().arg("--socket").arg(&path).spawn().unwrap());
    for _ in 0..3 {
        let mut front_end = connect(&path);
        assert_eq!(features(&mut front_end) & EXPECTED, EXPECTED);
    }
    // While one is there, too.
    let mut front_end = connect(&path);
    features(&mut front_end);
    server.signal(Signal::TERM);
    assert_eq!(server.wait(), 0);
    assert!(!path.exists());
    assert_eq!(front_end.read(&mut [0]).unwrap(), 0);
}

/// It is in a sandbox, and can still do what it has to: answer, and remove its socket, which was
/// named from where it was started.
#[test]
fn a_device_is_confined() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = paravane();
    command.current_dir(dir.path());
    command.args(["--socket", "gpu"]);
    let mut server = Ending(command.spawn().unwrap());
    let path = dir.path().join("gpu");
    let mut front_end = connect(&path);
    features(&mut front_end);
    for thread in std::fs::read_dir(format!("/proc/{}/task", server.0.id())).unwrap() {
        let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        for line in ["Seccomp:\t2", "NoNewPrivs:\t1"] {
            assert!(status.lines().any(|found| found == line), "{status}");
        }
    }
    server.signal(Signal::TERM);
    assert_eq!(server.wait(), 0);
    assert!(!path.exists());
}

#[test]
fn once_is_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gpu");
    let mut command = paravane();
    let mut server = Ending(command.arg("--once").arg("-s").arg(&path).spawn().unwrap());
    features(&mut connect(&path));
    assert_eq!(server.wait(), 0);
}

#[test]
fn several_sockets_are_several_processes() {
    let dir = tempfile::tempdir().unwrap();
    let paths = ["a", "b", "c"].map(|name| dir.path().join(name));
    let mut command = paravane();
    for path in &paths {
        command.arg("--socket-path").arg(path);
    }
    let mut server = Ending(command.spawn().unwrap());
    let mut front_ends = paths.each_ref().map(|path| connect(path));
    for front_end in &mut front_ends {
        assert_eq!(features(front_end) & EXPECTED, EXPECTED);
    }
    server.signal(Signal::TERM);
    assert_eq!(server.wait(), 0);
    for (path, front_end) in paths.iter().zip(&mut front_ends) {
        assert!(!path.exists());
        assert_eq!(front_end.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn a_connected_socket_is_served() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let number = theirs.as_raw_fd();
    rustix::io::fcntl_setfd(&theirs, rustix::io::FdFlags::empty()).unwrap();
    let mut command = paravane();
    let mut server = Ending(command.arg(format!("--fd={number}")).spawn().unwrap());
    drop(theirs);
    assert_eq!(features(&mut ours) & EXPECTED, EXPECTED);
    drop(ours);
    assert_eq!(server.wait(), 0);
}

#[test]
fn an_fd_that_is_not_open_is_told() {
    let mut command = paravane();
    let output = command.arg("--fd=1000").stderr(Stdio::piped()).output();
    let output = output.unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("--fd 1000"), "{told}");
}

#[test]
fn rubbish_on_the_socket_ends_that_front_end_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gpu");
    let server = Ending(paravane().arg("--socket").arg(&path).spawn().unwrap());
    for rubbish in [
        vec![0xff; 4096],
        vec![0; 12],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
    ] {
        let mut front_end = connect(&path);
        let _ = front_end.write_all(&rubbish);
    }
    assert_eq!(features(&mut connect(&path)) & EXPECTED, EXPECTED);
    drop(server);
}

#[test]
fn the_command_line_is_checked() {
    for args in [
        vec!["--mode", "640"],
        vec!["--mode", "0x480"],
        vec!["--outputs", "17"],
        vec!["--screenshot-on", "SIGHUP", "/tmp"],
        vec!["--mode=1x1", "--mode=2x2"],
    ] {
        let status = paravane()
            .args(["-s", "/nonexistent/gpu"])
            .args(&args)
            .status();
        assert!(!status.unwrap().success(), "{args:?}");
    }
}
