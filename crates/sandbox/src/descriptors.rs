//! Descriptors that a process has inherited.

use std::io;
use std::os::fd::RawFd;

use crate::Error;

/// Standard input, output and error.
const STANDARD: [RawFd; 3] = [0, 1, 2];

/// Closes all that whoever started this process has left open, but for `kept` and the standard ones.
/// For a program that has just begun: what it has opened itself would be closed as well, and is not
/// to be used any more.
///
/// # Errors
/// The kernel is older than 5.9, and nothing is closed.
pub fn close_inherited(kept: &[RawFd]) -> Result<(), Error> {
    let mut kept: Vec<RawFd> = STANDARD.iter().chain(kept).copied().collect();
    kept.sort_unstable();
    let starts = kept.iter().map(|fd| fd.saturating_add(1));
    let ends = kept.iter().skip(1).map(|fd| fd.saturating_sub(1));
    for (first, last) in starts.zip(ends.chain([RawFd::MAX])) {
        if first <= last {
            close(first, last).map_err(Error::Descriptors)?;
        }
    }
    Ok(())
}

fn close(first: RawFd, last: RawFd) -> io::Result<()> {
    // SAFETY: the call takes no memory. That no owner of a descriptor in this range is left is what
    // the public function asks of its caller; a descriptor closed behind an owner's back would be an
    // I/O error there, or another file's, and never memory that is not valid.
    let result = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first.unsigned_abs(),
            last.unsigned_abs(),
            0,
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
