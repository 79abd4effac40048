//! Runs commands in a lab so that nothing of them is left behind.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::command;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

const ENTER: &str = include_str!("enter.sh");
const SESSION: &str = include_str!("session.sh");

/// Where sessions in a lab share files with the machine outside, below its root.
const SHARED: &str = "run/paravane";

/// Of the caller's environment, what would be wrong in a room: paths and servers outside.
const NOT_PASSED_ON: &[&str] = &[
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "LD_LIBRARY_PATH",
    "TMPDIR",
    "XAUTHORITY",
];

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A root directory and the way into it.
pub(crate) struct Room {
    root: PathBuf,
    /// The folder for shared files, seen from outside and from inside.
    shared: (PathBuf, PathBuf),
    way: Way,
    /// Folders that are at their own path inside, too (only where mounts are possible).
    binds: Vec<PathBuf>,
}

/// How a command gets into the root; of those that change it, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As root: own mounts and processes, gone when the command ends.
    Namespaces,
    /// As anyone: the same inside a user namespace.
    UserNamespaces,
    /// As root in a container that may not mount: plain `chroot`.
    Chroot,
    /// Not at all: the root is this machine's own.
    Stay,
}

/// A command to run in a room.
pub(crate) struct Call {
    pub(crate) words: Vec<OsString>,
    pub(crate) env: Vec<(String, OsString)>,
    /// Where it runs, if not in this process's own folder.
    pub(crate) folder: Option<PathBuf>,
    /// The size of an X server that lives as long as the command.
    pub(crate) screen: Option<Screen>,
    /// A shared folder in which that X server keeps its picture.
    pub(crate) frames: Option<PathBuf>,
}

/// The size of an X server's screen, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// A folder that both sides see, removed when dropped.
pub(crate) struct Shared {
    outside: PathBuf,
    inside: PathBuf,
}

impl Room {
    pub(crate) fn of_root(workspace: &Workspace, root: PathBuf) -> Result<Self> {
        let way = Way::find()?;
        let binds = folders(workspace);
        let shared = (root.join(SHARED), Path::new("/").join(SHARED));
        Ok(Self {
            root,
            shared,
            way,
            binds,
        })
    }

    /// This machine itself, where its own packages have what clients need.
    pub(crate) fn of_host(workspace: &Workspace) -> Self {
        let shared = super::folder(workspace).join("host");
        let (root, binds) = (PathBuf::from("/"), Vec::new());
        Self {
            root,
            shared: (shared.clone(), shared),
            way: Way::Stay,
            binds,
        }
    }

    /// The same with a `/tmp` of its own where mounts are possible, for what meets at a fixed
    /// path there.
    pub(crate) fn of_host_apart(workspace: &Workspace) -> Result<Self> {
        let way = Way::find()?;
        let mut binds = folders(workspace);
        binds.retain(|folder| folder.starts_with("/tmp"));
        Ok(Self {
            way,
            binds,
            ..Self::of_host(workspace)
        })
    }

    /// Whether the workspace is at its own path inside, too.
    pub(crate) fn sees_workspace(&self) -> bool {
        self.way.mounts() || self.way == Way::Stay
    }

    /// A file of the room, seen from outside.
    pub(crate) fn outside(&self, inside: &str) -> PathBuf {
        self.root.join(inside.trim_start_matches('/'))
    }

    /// What the room calls `program`. Debian's `mesa-utils-bin` adds the architecture to the
    /// names of its programs, as in `eglinfo.x86_64-linux-gnu`.
    pub(crate) fn program(&self, program: &str) -> Option<String> {
        let entries = fs::read_dir(self.outside("/usr/bin")).ok()?;
        let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let fits = |name: &String| {
            let rest = name.strip_prefix(program);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        names.find(fits)
    }

    /// Makes a fresh folder that both sides see.
    pub(crate) fn share(&self) -> Result<Shared> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let (outside, inside) = (self.shared.0.join(&name), self.shared.1.join(&name));
        fs::create_dir_all(&outside).map_err(Error::io("create", &outside))?;
        Ok(Shared { outside, inside })
    }

    /// The command that runs `call` in this room.
    pub(crate) fn command(&self, call: &Call) -> Command {
        let mut command = self.way.command(&self.root, &self.binds);
        let here = || std::env::current_dir().unwrap_or_default();
        command
            .arg(call.folder.clone().unwrap_or_else(here))
            .arg(call.screen.map(Screen::geometry).unwrap_or_default())
            .arg(call.frames.as_deref().unwrap_or(Path::new("")))
            .args(&call.words);
        for name in NOT_PASSED_ON {
            command.env_remove(name);
        }
        command.env("PATH", PATH);
        command.envs(call.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Where the sources are, and what is built of them.
fn folders(workspace: &Workspace) -> Vec<PathBuf> {
    let mut folders = vec![workspace.root().to_owned()];
    if !workspace.target().starts_with(workspace.root()) {
        folders.push(workspace.target().to_owned());
    }
    folders
}

impl Way {
    fn find() -> Result<Self> {
        let root = rustix::process::geteuid().is_root();
        let ways: &[Self] = if root {
            &[Self::Namespaces, Self::UserNamespaces, Self::Chroot]
        } else {
            &[Self::UserNamespaces]
        };
        ways.iter().copied().find(|way| way.works()).ok_or_else(|| {
            Error::Missing(
                "this machine lets you make no user namespaces, so the lab cannot be entered: \
                 run as root, or allow them (sysctl kernel.unprivileged_userns_clone=1, \
                 kernel.apparmor_restrict_unprivileged_userns=0)"
                    .to_owned(),
            )
        })
    }

    fn mounts(self) -> bool {
        matches!(self, Self::Namespaces | Self::UserNamespaces)
    }

    /// Tries to mount in a fresh namespace, as a session will.
    fn works(self) -> bool {
        let trial = ["sh", "-c", "mount -t tmpfs tmpfs /mnt"];
        match self {
            Self::Namespaces | Self::UserNamespaces => {
                command::succeeds(Command::new("unshare").args(self.namespaces()).args(trial))
            }
            Self::Chroot => command::succeeds(Command::new("chroot").args(["/", "true"])),
            Self::Stay => true,
        }
    }

    fn namespaces(self) -> &'static [&'static str] {
        match self {
            Self::Namespaces => &["--mount", "--pid", "--fork", "--kill-child"],
            Self::UserNamespaces => &[
                "--user",
                "--map-root-user",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
            ],
            Self::Chroot | Self::Stay => &[],
        }
    }

    /// Up to the session's script; its arguments are to follow.
    fn command(self, root: &Path, binds: &[PathBuf]) -> Command {
        match self {
            Self::Namespaces | Self::UserNamespaces => {
                let mut command = Command::new("unshare");
                command
                    .args(self.namespaces())
                    .args(["sh", "-c", ENTER, "enter"]);
                command.arg(root).arg(SESSION).args(binds).arg("--");
                command
            }
            Self::Chroot => {
                let mut command = Command::new("chroot");
                command
                    .arg(root)
                    .args(["/bin/sh", "-c", SESSION, "session"]);
                command
            }
            Self::Stay => {
                let mut command = Command::new("sh");
                command.args(["-c", SESSION, "session"]);
                command
            }
        }
    }
}

impl Call {
    pub(crate) fn new<W: Into<OsString>>(words: impl IntoIterator<Item = W>) -> Self {
        Self {
            words: words.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            folder: None,
            screen: None,
            frames: None,
        }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }
}

impl Shared {
    pub(crate) fn outside(&self) -> &Path {
        &self.outside
    }

    pub(crate) fn inside(&self) -> &Path {
        &self.inside
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A folder left behind costs disk space alone, and the lab is a build output.
        let _ = fs::remove_dir_all(&self.outside);
    }
}

impl Screen {
    /// What Xvfb's `-screen` takes: 24 bits a pixel, in 32.
    fn geometry(self) -> OsString {
        format!("{}x{}x24", self.width, self.height).into()
    }
}

impl FromStr for Screen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let size = || {
            let (width, height) = text.split_once('x')?;
            Some(Self {
                width: width.parse().ok()?,
                height: height.parse().ok()?,
            })
        };
        size()
            .filter(|size| size.width > 0 && size.height > 0)
            .ok_or_else(|| format!("`{text}` is not a size such as 1024x768"))
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn sizes() {
        assert_eq!(
            "640x480".parse(),
            Ok(Screen {
                width: 640,
                height: 480
            })
        );
        for wrong in ["640", "640x", "x480", "0x480", "640x480x24", "70000x1"] {
            assert!(wrong.parse::<Screen>().is_err(), "{wrong}");
        }
    }
}
