//! A Vulkan driver that tries to get out of the process that loads it.
//!
//! It stands for a driver that a guest has taken over: named in `VK_DRIVER_FILES` it is loaded into
//! each client's process, waits until that is as confined as it will be, and writes to the standard
//! error what became of each attempt: `intruder: NAME: got out`, or `intruder: NAME: ERROR`.
//! `INTRUDER_SECRET` is a file that everybody may read.

mod attempts;

use std::ffi::c_void;
use std::io::Write;
use std::time::{Duration, Instant};

pub use attempts::NAMES;

/// How long a process may take to be confined, if it ever is.
const PATIENCE: Duration = Duration::from_secs(3);

/// Run when the library is loaded.
#[used]
#[unsafe(link_section = ".init_array")]
static LOADED: extern "C" fn() = loaded;

extern "C" fn loaded() {
    // A test that names this crate is no process to get out of.
    if std::env::args().any(|argument| argument.starts_with("--serve-client")) {
        stay();
        std::thread::spawn(intrude);
    }
}

/// Has the Vulkan loader, which finds no driver in this, leave it in memory.
fn stay() {
    let mut place = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    let address: *const c_void = (&raw const LOADED).cast();
    // SAFETY: the address is in this library, and the place can be written to; the name that it then
    // holds is the loader's, and valid as long as the library is there.
    unsafe {
        if libc::dladdr(address, place.as_mut_ptr()) != 0 {
            let flags = libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
            libc::dlopen(place.assume_init().dli_fname, flags);
        }
    }
}

fn intrude() {
    let deadline = Instant::now() + PATIENCE;
    while !is_sealed() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    for (name, outcome) in attempts::all() {
        let line = match outcome {
            Ok(()) => format!("intruder: {name}: got out\n"),
            Err(error) => format!("intruder: {name}: {error}\n"),
        };
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// Whether system calls are filtered (`proc(5)`).
fn is_sealed() -> bool {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    status.lines().any(|line| line == "Seccomp:\t2")
}
