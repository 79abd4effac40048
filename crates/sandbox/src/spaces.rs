//! Namespaces: a process without a network, without others' shared memory, on file systems that it
//! cannot write to.

use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use rustix::process::{getegid, geteuid};

/// Whether ordinary users are kept from what makes user namespaces useful (AppArmor, as Ubuntu sets
/// it up): one of them would be a place without a name for any user.
const APPARMOR: &str = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

/// What goes into namespaces of its own besides the user: the network, System V's shared memory,
/// mounts, the host's name.
fn all() -> CloneFlags {
    CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWUTS
}

/// Leaves the namespaces that this process was started in. For root a user namespace is asked for as
/// well, where it has no rights over others; where there can be none, root does without.
pub(crate) fn leave() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    match in_user_namespace() {
        Ok(()) => map(user.as_raw(), group.as_raw()),
        Err(_) if user.is_root() => Ok(unshare(all())?),
        Err(error) => Err(error),
    }
}

fn in_user_namespace() -> io::Result<()> {
    let restricted = fs::read_to_string(APPARMOR).is_ok_and(|text| text.trim() == "1");
    if restricted && !geteuid().is_root() {
        let why = "AppArmor keeps users from namespaces";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    Ok(unshare(all() | CloneFlags::CLONE_NEWUSER)?)
}

/// The user and group keep their numbers (`user_namespaces(7)`); all others have none.
fn map(user: u32, group: u32) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Makes all file systems read-only, and set-user-id programs ordinary, but for these folders. Needs
/// mounts of its own.
pub(crate) fn write_only_to<'a>(folders: impl Iterator<Item = &'a Path> + Clone) -> io::Result<()> {
    const NONE: Option<&str> = None;
    // Nothing of it is seen outside.
    let private = MsFlags::MS_PRIVATE | MsFlags::MS_REC;
    mount(NONE, "/", NONE, private, NONE)?;
    for folder in folders.clone() {
        mount(Some(folder), folder, NONE, MsFlags::MS_BIND, NONE)?;
    }
    set_read_only(c"/", true)?;
    for folder in folders {
        let path = CString::new(folder.as_os_str().as_encoded_bytes())?;
        set_read_only(&path, false)?;
    }
    // Where this process is may be one of them, and is then below its new mount.
    match std::env::current_dir() {
        Ok(here) => std::env::set_current_dir(here),
        Err(_) => Ok(()),
    }
}

/// `mount_setattr(2)`, on all mounts below, too, where it is to be read-only.
fn set_read_only(path: &CStr, read_only: bool) -> io::Result<()> {
    let read_only_flag = libc::MOUNT_ATTR_RDONLY;
    let attributes = libc::mount_attr {
        attr_set: match read_only {
            true => read_only_flag | libc::MOUNT_ATTR_NOSUID,
            false => 0,
        },
        attr_clr: match read_only {
            true => 0,
            false => read_only_flag,
        },
        propagation: 0,
        userns_fd: 0,
    };
    let flags = match read_only {
        true => libc::AT_RECURSIVE,
        false => 0,
    };
    // SAFETY: the path is a string that ends with 0 and the structure is whole, both live until the
    // call returns, and the size is the structure's.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
