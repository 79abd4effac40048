//! A clock that stands still for the program it is preloaded into, and for no library.
//!
//! What an animation shows depends on the time, so two runs never show the same. With this
//! library in `LD_PRELOAD` the program itself always reads the same time, and draws the same
//! picture again and again. Its libraries, the Vulkan driver among them, go by the real
//! clock: Mesa's Venus driver wakes its renderer by the time since it last did
//! (`src/virtio/vulkan/vn_ring.c`), and would wait for ever.
//!
//! With `STILL_CLOCK_SECONDS=3` it stands still for three seconds of the real clock, from when
//! the program first reads it, and then is a day ahead: whatever the program had a time for is
//! over.

use std::arch::naked_asm;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::LazyLock;
use std::time::Duration;

use libc::{Dl_info, clockid_t, timespec};

/// The time that the program reads: no moment in particular, but not zero either, which
/// some programs take for "never".
const STILL: timespec = timespec {
    tv_sec: 1_000_000,
    tv_nsec: 0,
};

/// What it reads after that.
const DAY_AHEAD: timespec = timespec {
    tv_sec: STILL.tv_sec + 24 * 60 * 60,
    tv_nsec: 0,
};

/// `clock_gettime` of the C library, before the C library's own.
///
/// # Safety
/// As for the C library's: `time` can be written to.
// SAFETY: the name is the C library's, and so are the arguments and the meaning.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    // The address that this function would return to becomes the third argument.
    #[cfg(target_arch = "x86_64")]
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym clock_for);
    #[cfg(target_arch = "aarch64")]
    naked_asm!("mov x2, x30", "b {}", sym clock_for);
}

unsafe extern "C" fn clock_for(
    clock: clockid_t,
    time: *mut timespec,
    caller: *const c_void,
) -> c_int {
    if object_of(caller) == Some(*PROGRAM) {
        // SAFETY: by `clock_gettime`'s contract.
        unsafe { time.write(read_by_program()) };
        return 0;
    }
    real(clock, time)
}

/// What the kernel says, whoever asks.
fn real(clock: clockid_t, time: *mut timespec) -> c_int {
    // SAFETY: the kernel checks the pointer, and the call sets `errno` as is expected.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if result == 0 { 0 } else { -1 }
}

fn read_by_program() -> timespec {
    static START: LazyLock<Duration> = LazyLock::new(running);
    static STILL_FOR: LazyLock<Option<Duration>> = LazyLock::new(|| {
        let seconds = std::env::var("STILL_CLOCK_SECONDS").ok()?;
        Some(Duration::from_secs(seconds.parse().ok()?))
    });
    let since_start = running().saturating_sub(*START);
    match *STILL_FOR {
        Some(still_for) if since_start >= still_for => DAY_AHEAD,
        _ => STILL,
    }
}

/// The time since the machine was started. Not `Instant`, which asks `clock_gettime` above: in a
/// program that this library is linked into, as its test is, that would wait for itself.
fn running() -> Duration {
    let mut time = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    real(libc::CLOCK_MONOTONIC, &mut time);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Where the program itself, not a library, is loaded.
static PROGRAM: LazyLock<usize> = LazyLock::new(|| {
    // SAFETY: reads the auxiliary vector, and any value is a fine argument.
    let headers = unsafe { libc::getauxval(libc::AT_PHDR) };
    object_of(headers as *const c_void).unwrap_or_default()
});

/// Where the program or library is loaded that holds this address.
fn object_of(address: *const c_void) -> Option<usize> {
    let mut info = MaybeUninit::<Dl_info>::zeroed();
    // SAFETY: any address may be asked for, and `info` can be written to.
    let found = unsafe { libc::dladdr(address, info.as_mut_ptr()) };
    // SAFETY: zeroed, and all fields may be: pointers that are null.
    let info = unsafe { info.assume_init() };
    (found != 0).then_some(info.dli_fbase as usize)
}
