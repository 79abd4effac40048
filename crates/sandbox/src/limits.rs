//! How much a process may take: resource limits, and a control group where one is given.

use std::fs;
use std::io;
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
    fs::create_dir(&group)?;
    let joined =
        limit_group(&group, memory).and_then(|()| fs::write(group.join("cgroup.procs"), "0"));
    if joined.is_err() {
        let _ = fs::remove_dir(&group);
    }
    joined
}

fn limit_group(group: &Path, memory: Option<u64>) -> io::Result<()> {
    let set = |file: &str, value: u64| fs::write(group.join(file), value.to_string());
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
