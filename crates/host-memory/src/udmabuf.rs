//! A memfd's pages as a dma-buf, by `/dev/udmabuf` (Linux `include/uapi/linux/udmabuf.h`).

use std::ffi::c_void;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, opcode};

use crate::Shm;

/// Close the descriptor on exec.
const UDMABUF_FLAGS_CLOEXEC: u32 = 1;

/// `struct udmabuf_create`.
#[repr(C)]
struct Create {
    memfd: u32,
    flags: u32,
    offset: u64,
    size: u64,
}

/// Makes a dma-buf of all pages of `shm`.
///
/// # Errors
/// The host has no `/dev/udmabuf`, or refuses: by default it makes none over 64 MiB.
pub fn udmabuf(shm: &Shm) -> io::Result<OwnedFd> {
    let device = rustix::fs::open(
        "/dev/udmabuf",
        OFlags::RDWR | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let memfd = shm.fd().as_raw_fd().cast_unsigned();
    let create = Create {
        memfd,
        flags: UDMABUF_FLAGS_CLOEXEC,
        offset: 0,
        size: shm.len(),
    };
    // SAFETY: `Create` is the argument of this ioctl, which reads it and returns a new
    // descriptor.
    Ok(unsafe { rustix::ioctl::ioctl(device, create) }?)
}

// SAFETY: opcode, argument and output are those of UDMABUF_CREATE.
unsafe impl Ioctl for Create {
    type Output = OwnedFd;

    const IS_MUTATING: bool = false;

    fn opcode(&self) -> Opcode {
        opcode::write::<Create>(b'u', 0x42)
    }

    fn as_ptr(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }

    unsafe fn output_from_ptr(out: IoctlOutput, _: *mut c_void) -> rustix::io::Result<OwnedFd> {
        // SAFETY: the ioctl succeeded, and its output is a new descriptor for the caller.
        Ok(unsafe { OwnedFd::from_raw_fd(out) })
    }
}
