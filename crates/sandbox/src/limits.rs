//! How much a process may take: resource limits, and a control group where one is given.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getpid, getrlimit, setrlimit};

/// Threads and processes in a client's control group: drivers start a thread for each processor, and
/// several for each context.
const MAX_TASKS: u64 = 4096;

/// Sets what cannot be raised again. `memory` is in bytes.
pub(crate) fn set(memory: Option<u64>) -> io::Result<()> {
    // What a guest has drawn is not to lie on the disk.
    lower(Resource::Core, 0)?;
    lower(Resource::Rtprio, 0)?;
    lower(Resource::Msgqueue, 0)?;
    match memory {
        // Writable memory that is this process's alone. Drivers reserve far more addresses than
        // they use: a limit of those would mean nothing.
        Some(bytes) => lower(Resource::Data, bytes),
        None => Ok(()),
    }
}

fn lower(resource: Resource, to: u64) -> io::Result<()> {
    let highest = getrlimit(resource).maximum;
    let to = Some(highest.map_or(to, |highest| to.min(highest)));
    setrlimit(
        resource,
        Rlimit {
            current: to,
            maximum: to,
        },
    )?;
    Ok(())
}

/// The control group of the process with this id, in one that was given.
#[must_use]
pub fn group_of(parent: &Path, pid: u32) -> PathBuf {
    parent.join(format!("paravane-{pid}"))
}

/// Makes a control group for this process in `parent` (version 2, delegated to this user), and goes
/// there. Whoever started the process removes it, when it has ended.
pub(crate) fn join_group(parent: &Path, memory: Option<u64>) -> io::Result<()> {
    let group = group_of(parent, getpid().as_raw_nonzero().get().unsigned_abs());
    match fs::create_dir(&group) {
        // An empty one, of a process whose server has ended first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let joined = limit_group(&group, memory).and_then(|()| write(&group, "cgroup.procs", "0"));
    if joined.is_err() {
        let _ = fs::remove_dir(&group);
    }
    joined
}

fn limit_group(group: &Path, memory: Option<u64>) -> io::Result<()> {
    let set = |file: &str, value: u64| write(group, file, &value.to_string());
    if let Some(bytes) = memory {
        set("memory.max", bytes)?;
        // Where there is no swapping there is no such file.
        let _ = set("memory.swap.max", 0);
    }
    match set("pids.max", MAX_TASKS) {
        // A group that was given for memory alone.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        set => set,
    }
}

/// Such files are there, or cannot be made.
fn write(group: &Path, file: &str, value: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(group.join(file))?;
    file.write_all(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a control group, as plain ones.
    #[test]
    fn a_group_is_limited_and_joined() {
        let dir = tempfile::tempdir().unwrap();
        let pid = std::process::id();
        let group = group_of(dir.path(), pid);
        let read = |file: &str| fs::read_to_string(group.join(file)).unwrap();
        // A group without the files is none.
        assert!(join_group(dir.path(), None).is_err());
        fs::create_dir(&group).unwrap();
        for file in ["cgroup.procs", "memory.max", "pids.max"] {
            fs::write(group.join(file), "").unwrap();
        }
        join_group(dir.path(), Some(5 << 20)).unwrap();
        assert_eq!(read("cgroup.procs"), "0");
        assert_eq!(read("memory.max"), "5242880");
        assert_eq!(read("pids.max"), "4096");
    }
}
