//! The programs around a virtual machine: none outlives it, and none fills the disk with its log.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::command;
use crate::error::{Error, Result};

/// Of a program's output so much is kept; QEMU repeats some messages without end.
const LOG: u64 = 1 << 20;

/// Killed when dropped, and by the kernel if this process ends before.
pub(super) struct Process {
    name: &'static str,
    child: Child,
}

/// A line of `/proc/PID/stat`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stat {
    pid: i32,
    parent: i32,
    /// Of the process and of its children that have ended, in clock ticks.
    ticks: u64,
}

impl Process {
    /// Starts `command`, its output going to `log`.
    pub(super) fn start(name: &'static str, command: &Command, log: &Path) -> Result<Self> {
        let mut guarded = guarded(command);
        guarded.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Self::spawn(name, guarded)?;
        let (out, error) = (process.child.stdout.take(), process.child.stderr.take());
        let file = File::create(log).map_err(Error::io("create", log))?;
        let second = file.try_clone().map_err(Error::io("write", log))?;
        keep(out, file);
        keep(error, second);
        Ok(process)
    }

    /// Starts `command` with pipes for its input and output; what it complains of goes to `log`.
    pub(super) fn start_piped(name: &'static str, command: &Command, log: &Path) -> Result<Self> {
        let mut guarded = guarded(command);
        guarded.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Self::spawn(name, guarded)?;
        let file = File::create(log).map_err(Error::io("create", log))?;
        keep(process.child.stderr.take(), file);
        Ok(process)
    }

    fn spawn(name: &'static str, mut command: Command) -> Result<Self> {
        let spawned = command.stderr(Stdio::piped()).spawn();
        let child = spawned.map_err(|source| Error::Spawn {
            command: command::line(&command),
            source,
        })?;
        Ok(Self { name, child })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) fn kill(&mut self) {
        // It may have ended by itself; either way there is nothing left of it afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What it and its children have used of the CPUs, in seconds.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let all = all();
        let family = family(&all, self.pid());
        let ticks: u64 = family.iter().map(|stat| stat.ticks).sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a sum of a test's ticks is small"
        )]
        let seconds = ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
        seconds
    }

    /// Sends `signal` to its first child that runs `program`: the process itself is what sets
    /// up its namespaces.
    pub(super) fn signal(&self, program: &str, signal: Signal) -> Result<()> {
        let all = all();
        let family = family(&all, self.pid());
        let found = family.iter().find(|stat| runs(stat.pid, program));
        let pid = found.and_then(|stat| Pid::from_raw(stat.pid));
        let pid = pid.ok_or_else(|| Error::Missing(format!("{program} does not run")))?;
        kill_process(pid, signal).map_err(|error| {
            let what = format!("cannot signal {program}");
            let source = error.into();
            Error::Io { what, source }
        })
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The same command, killed with its namespaces when this process ends.
fn guarded(command: &Command) -> Command {
    let mut guarded = Command::new("setpriv");
    guarded.args(["--pdeathsig", "KILL", "--"]);
    guarded.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => guarded.env(name, value),
            None => guarded.env_remove(name),
        };
    }
    guarded
}

/// Writes the first [`LOG`] bytes of `stream` to `file`, and drops what follows.
fn keep(stream: Option<impl Read + Send + 'static>, mut file: File) {
    let Some(mut stream) = stream else { return };
    std::thread::spawn(move || {
        // Neither a full disk nor a broken pipe is a reason to stop emptying it.
        let _ = std::io::copy(&mut (&mut stream).take(LOG), &mut file);
        let rest = std::io::copy(&mut stream, &mut std::io::sink());
        if rest.is_ok_and(|dropped| dropped > 0) {
            let _ = writeln!(file, "\n(the rest is dropped)");
        }
    });
}

/// All processes there are.
fn all() -> Vec<Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    let files = entries.filter_map(|entry| Some(entry.ok()?.path().join("stat")));
    files
        .filter_map(|path| Stat::parse(&fs::read_to_string(path).ok()?))
        .collect()
}

/// Whether process `pid` runs the program of this name; the process's own name may be another.
fn runs(pid: i32, program: &str) -> bool {
    let file = fs::read_link(format!("/proc/{pid}/exe"));
    file.is_ok_and(|path| path.file_name().is_some_and(|name| name == program))
}

/// The process `root` and what has come of it, parents first.
fn family(all: &[Stat], root: i32) -> Vec<&Stat> {
    let mut family: Vec<&Stat> = all.iter().filter(|stat| stat.pid == root).collect();
    let mut next = 0;
    while let Some(parent) = family.get(next).map(|stat| stat.pid) {
        family.extend(all.iter().filter(|stat| stat.parent == parent));
        next += 1;
    }
    family
}

impl Stat {
    /// See proc_pid_stat(5): a name may hold blanks and parentheses, so fields are counted
    /// from its last one.
    fn parse(text: &str) -> Option<Self> {
        let (pid, rest) = text.split_once(" (")?;
        let (_, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // utime, stime, cutime and cstime are the 14th to 17th field of all.
        let times = fields.get(11..15)?;
        Some(Self {
            pid: pid.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            ticks: times
                .iter()
                .filter_map(|time| time.parse::<u64>().ok())
                .sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{Process, Stat, family};

    #[test]
    fn a_name_may_hold_anything() {
        let line = "42 (a) b) S 7 42 42 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 99";
        let expected = Stat {
            pid: 42,
            parent: 7,
            ticks: 100,
        };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("42 (cut"), None);
    }

    #[test]
    fn a_family_is_the_process_and_what_came_of_it() {
        let stat = |pid, parent| Stat {
            pid,
            parent,
            ticks: 0,
        };
        let all = [stat(5, 4), stat(2, 1), stat(3, 2), stat(4, 3), stat(9, 1)];
        let pids: Vec<i32> = family(&all, 2).iter().map(|stat| stat.pid).collect();
        assert_eq!(pids, [2, 3, 4, 5]);
    }

    #[test]
    fn output_is_kept_to_a_limit_and_the_program_killed() {
        let log = std::env::temp_dir().join(format!("xtask-process-{}", std::process::id()));
        let mut yes = Command::new("yes");
        yes.arg("0123456789");
        let process = Process::start("yes", &yes, &log).expect("it starts");
        let deadline = Instant::now() + Duration::from_secs(20);
        let length = || std::fs::metadata(&log).map_or(0, |data| data.len());
        while length() < super::LOG && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(process.cpu_seconds() >= 0.0);
        drop(process);
        let length = length();
        let _ = std::fs::remove_file(&log);
        assert!((super::LOG..super::LOG + 100).contains(&length), "{length}");
    }
}
