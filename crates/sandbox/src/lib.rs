//! What a process gives up before it reads a stranger's bytes: namespaces, files, system calls,
//! rights and memory; policies as data.
//!
//! A process confines itself, in two steps, because drivers need more while they load than later:
//!
//! ```text
//!   close_inherited   first of all       descriptors
//!   Policy::enter     one thread yet     limits, control group, namespaces, files, capabilities
//!                     drivers are loaded
//!   Entered::seal     all threads        system calls
//! ```
//!
//! Drivers that load a part of themselves later find it: their files stay readable.

mod calls;
mod descriptors;
mod files;
mod limits;
mod names;
mod rights;
mod spaces;

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

pub use descriptors::close_inherited;
pub use limits::group_of;

use files::{Grant, Right};

/// What a process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It renders for one client, whose socket it is given.
    Renderer,
    /// It serves one virtual machine's device after the other, and renders for it.
    Device,
}

/// What becomes of a wall that cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// There is no sandbox.
    None,
    /// It is said.
    Auto,
    /// It is an error.
    Require,
}

/// A part of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// Resource limits.
    Limits,
    /// A control group of its own.
    Group,
    /// Namespaces for user, network, System V IPC, mounts and name.
    Namespaces,
    /// Read-only file systems.
    Mounts,
    /// Only files on the list (landlock).
    Files,
    /// No capabilities, and none to come.
    Rights,
    /// Only system calls on the list (seccomp).
    Calls,
}

/// What cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Walls that have to be there are not.
    #[error("the sandbox cannot be built: {0}; --sandbox auto does without")]
    Missing(Report),
    /// Descriptors stay open that this process has inherited.
    #[error("cannot close inherited descriptors: {0}")]
    Descriptors(io::Error),
    /// The process has threads already, which would stay outside. A bug of ours.
    #[error("the sandbox has to come before threads, and there are {0}")]
    Threads(usize),
    /// A line of our own lists is wrong. A bug of ours.
    #[error("a rule of the sandbox is not understood: {0}")]
    Data(String),
    /// The kernel takes no filter.
    #[error("system calls: {0}")]
    Calls(String),
}

/// Which walls are missing, and why.
#[derive(Debug, Default)]
pub struct Report {
    missing: Vec<(Wall, String)>,
}

/// What a process may do from now on.
#[derive(Clone, Debug)]
pub struct Policy {
    role: Role,
    grants: Vec<Grant>,
    memory: Option<u64>,
    group: Option<PathBuf>,
}

/// A process that is confined but for its system calls.
#[derive(Debug)]
#[must_use = "system calls are not confined yet"]
pub struct Entered {
    role: Role,
    demand: Demand,
    report: Report,
}

impl Policy {
    /// What drivers need, and nothing else.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self {
            role,
            grants: Vec::new(),
            memory: None,
            group: None,
        }
    }

    /// Lets it write to a folder and all below it, which is made if it is missing.
    #[must_use]
    pub fn write(mut self, path: impl Into<PathBuf>) -> Self {
        self.grant(path.into(), Right::Write);
        self
    }

    /// Lets it remove files in a folder: its own socket, for one.
    #[must_use]
    pub fn remove(mut self, path: impl Into<PathBuf>) -> Self {
        self.grant(path.into(), Right::Remove);
        self
    }

    /// Bounds its memory, in bytes.
    #[must_use]
    pub fn memory(mut self, limit: Option<u64>) -> Self {
        self.memory = limit;
        self
    }

    /// Puts it into a control group of its own in this one.
    #[must_use]
    pub fn group(mut self, parent: Option<PathBuf>) -> Self {
        self.group = parent;
        self
    }

    /// Confines this process. No thread may have been started yet.
    ///
    /// # Errors
    /// A wall that is demanded cannot be built, or there are threads.
    pub fn enter(mut self, demand: Demand) -> Result<Entered, Error> {
        let mut entered = Entered {
            role: self.role,
            demand,
            report: Report::default(),
        };
        // What somebody has asked for is done, in a sandbox or not.
        entered.note(Wall::Limits, limits::set(self.memory));
        if let Some(parent) = &self.group {
            entered.note(Wall::Group, limits::join_group(parent, self.memory));
        }
        if demand != Demand::None {
            alone()?;
            self.grants.extend(files::of_drivers());
            entered.confine(&self.grants);
        }
        entered.checked()
    }

    fn grant(&mut self, path: PathBuf, right: Right) {
        if right == Right::Write {
            // Who cannot make it cannot write there either.
            let _ = fs::create_dir_all(&path);
        }
        self.grants.push(Grant { path, right });
    }
}

impl Entered {
    /// Confines the system calls of all threads, now that drivers are loaded, and tells what the
    /// sandbox lacks.
    ///
    /// # Errors
    /// The kernel takes no filter, and it has to.
    pub fn seal(mut self) -> Result<Report, Error> {
        if self.demand != Demand::None {
            let sealed = calls::restrict(self.role);
            self.note(Wall::Calls, sealed);
        }
        self.checked().map(|entered| entered.report)
    }

    fn confine(&mut self, grants: &[Grant]) {
        let left = spaces::leave();
        let is_apart = left.is_ok();
        self.note(Wall::Namespaces, left);
        if is_apart {
            let written = grants.iter().filter(|grant| grant.right != Right::Read);
            let written = written.filter(|grant| grant.right != Right::Use);
            let folders = written.map(|grant| grant.path.as_path());
            let mounted = spaces::write_only_to(folders.filter(|path| path.is_dir()));
            self.note(Wall::Mounts, mounted);
        }
        self.note(Wall::Rights, rights::take_no_more());
        match files::restrict(grants) {
            Ok(true) => {}
            Ok(false) => self.note(Wall::Files, Err("this kernel has no landlock")),
            Err(error) => self.note(Wall::Files, Err(error)),
        }
        self.note(Wall::Rights, rights::drop_capabilities());
    }

    fn note(&mut self, wall: Wall, built: Result<(), impl fmt::Display>) {
        if let Err(error) = built {
            self.report.missing.push((wall, error.to_string()));
        }
    }

    fn checked(self) -> Result<Self, Error> {
        match self.demand == Demand::Require && !self.report.is_whole() {
            true => Err(Error::Missing(self.report)),
            false => Ok(self),
        }
    }
}

impl Report {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// The walls that are missing.
    pub fn missing(&self) -> impl Iterator<Item = Wall> {
        self.missing.iter().map(|(wall, _)| *wall)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (wall, why)) in self.missing.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{wall} ({why})")?;
        }
        Ok(())
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limits => "no resource limits",
            Self::Group => "no control group",
            Self::Namespaces => "no namespaces",
            Self::Mounts => "file systems are not read-only",
            Self::Files => "all of the user's files in reach",
            Self::Rights => "the user's rights kept",
            Self::Calls => "all system calls allowed",
        })
    }
}

/// Fails if this process has more than one thread.
fn alone() -> Result<(), Error> {
    let threads = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    match threads {
        0 | 1 => Ok(()),
        _ => Err(Error::Threads(threads)),
    }
}
