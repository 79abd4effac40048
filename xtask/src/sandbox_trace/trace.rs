//! A trace of strace's, and what clients' processes did in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::{Error, Result};

/// What a client's process has in its command line.
const SERVES: &str = "\"--serve-client=";

/// What it says when its drivers are loaded.
const READY: &str = "{\\\"Ready\\\"";

/// Names, each once.
pub(super) type Seen = BTreeSet<String>;

/// What clients' processes did.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Calls while drivers load.
    pub(super) loading: Seen,
    /// Calls from then on.
    pub(super) later: Seen,
    /// Files, whenever they were opened.
    pub(super) opened: Seen,
    /// The process of each of their threads, and which processes are ready.
    threads: BTreeMap<u32, u32>,
    ready: BTreeSet<u32>,
}

impl Trace {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let mut trace = Self::default();
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(Error::io("read", path))?;
            trace.note(&String::from_utf8_lossy(&line));
        }
        Ok(trace)
    }

    /// `THREAD CALL(ARGUMENTS) = RESULT`, or a half of it: `THREAD <... CALL resumed>REST`.
    fn note(&mut self, line: &str) -> Option<()> {
        let (thread, call) = line.split_once(' ')?;
        let thread: u32 = thread.parse().ok()?;
        let call = call.trim_start();
        if call.starts_with("execve(") && call.contains(SERVES) {
            self.threads.insert(thread, thread);
            return Some(());
        }
        let process = *self.threads.get(&thread)?;
        if call.starts_with("+++") {
            self.threads.remove(&thread);
            return Some(());
        }
        self.note_thread(process, call);
        let (name, arguments) = match call.strip_prefix("<... ") {
            Some(_) => return Some(()),
            None => call.split_once('(')?,
        };
        self.note_path(name, arguments);
        match self.ready.contains(&process) {
            true => &mut self.later,
            false => &mut self.loading,
        }
        .insert(name.to_owned());
        if arguments.contains(READY) {
            self.ready.insert(process);
        }
        Some(())
    }

    /// A new thread is the result of such a call, of which this may be the second half.
    fn note_thread(&mut self, process: u32, call: &str) -> Option<()> {
        let makes = [
            "clone(",
            "clone3(",
            "<... clone resumed>",
            "<... clone3 resumed>",
        ];
        if makes.iter().any(|start| call.starts_with(start)) {
            let (_, thread) = call.rsplit_once(" = ")?;
            self.threads.insert(thread.trim().parse().ok()?, process);
        }
        Some(())
    }

    fn note_path(&mut self, name: &str, arguments: &str) -> Option<()> {
        let opens = ["open", "openat", "openat2"].contains(&name);
        let failed = arguments.contains(" = -1 ENOENT");
        if opens && !failed {
            let path = arguments.split('"').nth(1)?;
            self.opened.insert(path.to_owned());
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_clients_processes_are_followed() {
        let mut trace = Trace::default();
        for line in [
            "1 execve(\"/usr/bin/paravane\", [\"paravane\", \"run\"], 0x1 /* 9 vars */) = 0",
            "1 openat(AT_FDCWD, \"/etc/other\", O_RDONLY) = 3",
            "2 execve(\"/proc/self/exe\", [\"paravane\", \"--serve-client=loud\", \"run\"], 0x1) = 0",
            "2 openat(AT_FDCWD, \"/usr/lib/a.so\", O_RDONLY|O_CLOEXEC) = 3",
            "2 openat(AT_FDCWD, \"/usr/lib/b.so\", O_RDONLY) = -1 ENOENT (No such file or directory)",
            "2 clone3({flags=CLONE_VM|CLONE_THREAD} <unfinished ...>",
            "3 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>",
            "2 <... clone3 resumed> => {parent_tid=[3]}, 88) = 3",
            "3 madvise(0x1, 4096, MADV_DONTNEED) = 0",
            "2 sendto(4, \"{\\\"Ready\\\":{\\\"capsets\\\":[4]}}\\n\", 26, 0, NULL, 0) = 26",
            "3 sched_yield() = 0",
            "3 +++ exited with 0 +++",
            "3 reboot() = 0",
        ] {
            trace.note(line);
        }
        let names = |seen: &Seen| seen.iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            names(&trace.loading),
            ["clone3", "madvise", "openat", "sendto"]
        );
        assert_eq!(names(&trace.later), ["sched_yield"]);
        assert_eq!(names(&trace.opened), ["/usr/lib/a.so"]);
    }
}
