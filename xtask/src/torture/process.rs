//! Other processes, as `/proc` has them (`proc(5)`).

use std::fs;
use std::path::PathBuf;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

/// The processes that `pid` has started and not yet waited for.
pub(super) fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten();
    let list = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).ok();
    let lists: Vec<String> = threads.flatten().filter_map(list).collect();
    let ids = lists.iter().flat_map(|list| list.split_whitespace());
    ids.filter_map(|id| id.parse().ok()).collect()
}

/// Whether it is there, and has not only to be waited for.
pub(super) fn lives(pid: u32) -> bool {
    state(pid).is_some_and(|state| !['Z', 'X'].contains(&state))
}

pub(super) fn is_stopped(pid: u32) -> bool {
    state(pid) == Some('T')
}

/// What it does, in a word or two: its state, and where in the kernel it waits.
pub(super) fn describe(pid: u32) -> String {
    let waits = fs::read_to_string(format!("/proc/{pid}/wchan")).unwrap_or_default();
    let state = state(pid).unwrap_or('?');
    format!("{pid}: {state} {waits}, {} sockets", sockets(pid))
}

fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

pub(super) fn sockets(pid: u32) -> usize {
    let files = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let targets = files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok());
    let is_socket = |target: &PathBuf| target.to_string_lossy().starts_with("socket:");
    targets.filter(is_socket).count()
}

pub(super) fn files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// Memory that is its own, in bytes.
pub(super) fn memory(pid: u32) -> u64 {
    kilobytes(pid, "RssAnon:") << 10
}

/// Writable memory that is its own, whether it has been used or not, in bytes.
pub(super) fn data(pid: u32) -> u64 {
    kilobytes(pid, "VmData:") << 10
}

fn kilobytes(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    number.unwrap_or(0)
}

/// Sends a signal; to nobody if it has ended.
pub(super) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Lets it have no more memory than it has, and a little.
pub(super) fn exhaust(pid: u32, more: u64) {
    let limit = Some(data(pid) + more);
    let limit = Rlimit {
        current: limit,
        maximum: limit,
    };
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = prlimit(Some(pid), Resource::Data, limit);
    }
}
