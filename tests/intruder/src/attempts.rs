//! The attempts.

use std::ffi::c_long;
use std::fs::{self, File};
use std::io;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;

/// An attempt: no error is a way out.
type Attempt = fn() -> io::Result<()>;

macro_rules! attempts {
    ($($name:literal => $attempt:expr,)*) => {
        /// What is attempted.
        pub const NAMES: &[&str] = &[$($name),*];

        const ATTEMPTS: &[(&str, Attempt)] = &[$(($name, $attempt)),*];
    };
}

attempts! {
    "read a file" => || fs::read(secret()).map(drop),
    "read passwd" => || fs::read("/etc/passwd").map(drop),
    "list a folder" => || fs::read_dir("/etc").map(drop),
    "list root" => || fs::read_dir("/").map(drop),
    "write a file" => || fs::write(secret(), "changed"),
    "make a file" => || File::create(secret().with_extension("new")).map(drop),
    "make a file in tmp" => || File::create("/tmp/paravane-intruder").map(drop),
    "remove a file" => || fs::remove_file(secret().with_extension("spare")),
    "change a file's mode" => || {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(secret(), fs::Permissions::from_mode(0o666))
    },
    "read the server's memory file" => || File::open(of_parent("mem")).map(drop),
    "read the server's environment" => || fs::read(of_parent("environ")).map(drop),
    "look through the server's descriptors" => || fs::read_dir(of_parent("fd")).map(drop),
    "read the server's memory" => read_parent,
    "trace the server" => || call(libc::SYS_ptrace, [libc::PTRACE_SEIZE.into(), parent(), 0, 0]),
    // No signal at all, for which the same right is needed.
    "signal the server" => || call(libc::SYS_kill, [parent(), 0, 0, 0]),
    "hold the server" => || call(libc::SYS_pidfd_open, [parent(), 0, 0, 0]),
    "limit the server" => limit_parent,
    "slow the server" => || call(libc::SYS_setpriority, [0, parent(), 19, 0]),
    "connect by TCP" => || allow(TcpStream::connect("127.0.0.1:9").map(drop), libc::ECONNREFUSED),
    "make a socket" => || call(libc::SYS_socket, [libc::AF_UNIX.into(), 1, 0, 0]),
    "make a network socket" => || call(libc::SYS_socket, [libc::AF_INET.into(), 2, 0, 0]),
    "make a netlink socket" => || call(libc::SYS_socket, [libc::AF_NETLINK.into(), 3, 0, 0]),
    "make sockets" => || UnixStream::pair().map(drop),
    "start a program" => || Command::new("/bin/true").status().map(drop),
    // What is not there cannot be started; but that is not for the sandbox to find out.
    "become a program" => || {
        let path = c"/nowhere".as_ptr() as c_long;
        allow(call(libc::SYS_execve, [path, 0, 0, 0]), libc::ENOENT)
    },
    "fork" => || call(libc::SYS_clone, [0, 0, 0, 0]),
    "make a namespace" => || call(libc::SYS_unshare, [libc::CLONE_NEWNS.into(), 0, 0, 0]),
    "make a user namespace" => || call(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0, 0]),
    "mount" => || allow(call(libc::SYS_mount, [0, 0, 0, 0]), libc::EFAULT),
    "make device files" => || {
        let path = c"/tmp/paravane-intruder-device".as_ptr() as c_long;
        call(libc::SYS_mknodat, [libc::AT_FDCWD.into(), path, 0o020666, 0x103])
    },
    "make shared memory" => || call(libc::SYS_shmget, [0x7061_7261, 4096, 0o1600, 0]),
    "open a file by its handle" => || {
        allow(call(libc::SYS_open_by_handle_at, [-1, 0, 0, 0]), libc::EFAULT)
    },
    "use io_uring" => || allow(call(libc::SYS_io_uring_setup, [0, 0, 0, 0]), libc::EFAULT),
    "use keys" => || call(libc::SYS_keyctl, [0, -3, 0, 0]),
    "use performance events" => || {
        allow(call(libc::SYS_perf_event_open, [0, 0, -1, -1]), libc::EFAULT)
    },
    "use BPF" => || allow(call(libc::SYS_bpf, [99, 0, 0, 0]), libc::EINVAL),
    // Type text into the terminal that the log goes to; what is none says so.
    "type into a terminal" => || {
        let letter = c"x".as_ptr() as c_long;
        let result = call(libc::SYS_ioctl, [2, libc::TIOCSTI as c_long, letter, 0]);
        allow(result, libc::ENOTTY)
    },
    // The last: what would follow would not be this user's.
    "become another user" => || call(libc::SYS_setuid, [1, 0, 0, 0]),
}

/// What became of each.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, io::Result<()>)> {
    ATTEMPTS.iter().map(|(name, attempt)| (*name, attempt()))
}

fn secret() -> PathBuf {
    std::env::var_os("INTRUDER_SECRET")
        .unwrap_or_default()
        .into()
}

fn parent() -> c_long {
    std::os::unix::process::parent_id().into()
}

fn of_parent(file: &str) -> PathBuf {
    format!("/proc/{}/{file}", parent()).into()
}

/// This error says that the kernel was ready to do it.
fn allow(result: io::Result<()>, error: i32) -> io::Result<()> {
    match result {
        Err(found) if found.raw_os_error() == Some(error) => Ok(()),
        other => other,
    }
}

/// Where the program is in memory, the server has the same one; if it is elsewhere, no such address
/// is an answer as well.
fn read_parent() -> io::Result<()> {
    let mut bytes = [0u8; 8];
    let local = libc::iovec {
        iov_base: (&raw mut bytes).cast(),
        iov_len: bytes.len(),
    };
    let remote = libc::iovec {
        iov_base: 0x1000 as *mut _,
        iov_len: bytes.len(),
    };
    // SAFETY: both structures live until the call returns, and the local one is of bytes that can be
    // written to.
    let read = unsafe { libc::process_vm_readv(parent() as i32, &local, 1, &remote, 1, 0) };
    match read {
        -1 => allow(Err(io::Error::last_os_error()), libc::EFAULT),
        _ => Ok(()),
    }
}

fn limit_parent() -> io::Result<()> {
    let core = libc::RLIMIT_CORE as c_long;
    let limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    call(
        libc::SYS_prlimit64,
        [parent(), core, (&raw const limit) as c_long, 0],
    )
}

/// Makes a system call whose arguments are numbers, or point to what lives for ever or in the caller.
fn call(number: c_long, arguments: [c_long; 4]) -> io::Result<()> {
    let [first, second, third, fourth] = arguments;
    // SAFETY: those that write to memory get none here; those that read it get what its callers own.
    let result = unsafe { libc::syscall(number, first, second, third, fourth, 0 as c_long, 0) };
    match result {
        // A second process has come out of it: that one must not go on as this one does.
        // SAFETY: nothing of it is to go on.
        0 if number == libc::SYS_clone => unsafe { libc::_exit(0) },
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
