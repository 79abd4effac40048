//! Where virtual machines are run: a root directory with the newest QEMU, or this machine's own.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use super::card::{BackEnd, Card, Size};
use super::qemu::{Display, Version, names};
use super::script::{Program, Script};
use super::session::Setup;
use crate::command;
use crate::error::{Error, Result};
use crate::guest_image;
use crate::lab::{Call, Recipe, Room, Screen};
use crate::packages::{self, Need};
use crate::workspace::{Profile, Workspace};

/// Whose QEMU runs the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// The newest one that Debian has for its stable suite, from the lab.
    Lab,
    /// The one that came with Debian 13.
    Stable,
    /// This machine's own.
    Host,
}

pub(crate) struct Site {
    pub(crate) choice: Choice,
    pub(crate) version: Version,
    /// What runs beside QEMU comes from here.
    lab: Room,
    qemu: Room,
    /// `paravane`, if it can be a back end.
    paravane: Option<PathBuf>,
    /// Own programs for guests.
    pub(crate) programs: PathBuf,
}

/// QEMU with its displays, what runs beside it, and drivers for both to draw with.
const PACKAGES: &[&str] = &[
    "dbus-bin",
    "dbus-daemon",
    "libegl-mesa0",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libgles2",
    "libglx-mesa0",
    "libvulkan1",
    "mesa-vulkan-drivers",
    "mount",
    // Has QEMU's own vhost-user-gpu, too.
    "qemu-system-gui",
    "qemu-system-modules-opengl",
    "qemu-system-x86",
    "seabios",
    // Venus in QEMU's own card.
    "virgl-server",
    "virtiofsd",
    "xvfb",
];

const QEMU: &str = "qemu-system-x86_64";
const CONTRIB: &str = "/usr/lib/qemu/vhost-user-gpu";

/// For this machine's own QEMU, and for the programs that guests run.
const HOST: &[Need] = &[Need::Program(QEMU, "qemu-system-x86")];
const COMPILER: &[Need] = &[
    Need::Program("cc", "build-essential"),
    // The kernel's headers of its interface to graphics.
    Need::Package("libdrm-dev"),
    Need::Program("setpriv", "util-linux"),
];

const COMPILE: &[&str] = &[
    "-std=gnu11",
    "-I/usr/include/libdrm",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-O2",
    "-static",
];

/// Where QEMU's window is.
const SCREEN: Screen = Screen {
    width: 1280,
    height: 1024,
};

impl Site {
    /// Makes what is missing of it. `paravane` is the program to test, or else it is built.
    pub(crate) fn set(
        workspace: &Workspace,
        choice: Choice,
        paravane: Option<&Path>,
    ) -> Result<Self> {
        packages::ensure(COMPILER)?;
        let lab = Room::of_root(workspace, recipe(workspace, BACKPORTS).make()?)?;
        if !lab.sees_workspace() {
            let text = "virtual machines are tested where file systems can be mounted alone";
            return Err(Error::Missing(text.to_owned()));
        }
        let qemu = match choice {
            Choice::Lab => Room::of_root(workspace, recipe(workspace, BACKPORTS).make()?)?,
            Choice::Stable => Room::of_root(workspace, recipe(workspace, None).make()?)?,
            Choice::Host => {
                packages::ensure(HOST)?;
                Room::of_host_apart(workspace)?
            }
        };
        let paravane = match paravane {
            Some(path) => path.to_owned(),
            None => workspace.build("paravane", "paravane", Profile::Release)?,
        };
        let paravane = seen_in_rooms(workspace, &paravane)?;
        Ok(Self {
            choice,
            version: version(&qemu)?,
            lab,
            qemu,
            paravane: serves(&paravane).then_some(paravane),
            programs: compile(workspace)?,
        })
    }

    /// Why `script` cannot run on `card` here.
    pub(crate) fn objection(&self, script: &Script, card: Card) -> Option<String> {
        let version = self.version;
        if script.qemu.is_some_and(|oldest| version < oldest) {
            return Some(format!("QEMU {version} is too old for it"));
        }
        if let Some(objection) = card.objection(version, script.outputs.len()) {
            return Some(objection);
        }
        if (card.needs_window() || script.window) && !self.qemu.outside("/usr/bin/Xvfb").exists() {
            return Some("there is no Xvfb beside this QEMU".to_owned());
        }
        let has_back_end = match card.back_end() {
            None => return None,
            Some(BackEnd::Paravane) => self.paravane.is_some(),
            Some(BackEnd::Contrib) => self.lab.outside(CONTRIB).exists(),
        };
        (!has_back_end).then(|| format!("there is no back end for {}", card.name()))
    }

    /// QEMU with `arguments`, in `folder`.
    pub(super) fn qemu(&self, folder: &Path, display: Display, arguments: &[String]) -> Command {
        let mut words = vec![QEMU.to_owned()];
        words.extend_from_slice(arguments);
        let mut call = in_folder(folder, words);
        if display.is_window() {
            call.screen = Some(SCREEN);
            call.frames = Some(folder.join(super::pictures::FRAMES));
            call = call.env("LIBGL_ALWAYS_SOFTWARE", "1");
        }
        self.qemu.command(&call)
    }

    /// A daemon that serves `shared` as a virtiofs at `socket`.
    pub(super) fn file_system(&self, folder: &Path, socket: &str, shared: &Path) -> Command {
        let words: [OsString; 8] = [
            "/usr/libexec/virtiofsd".into(),
            "--socket-path".into(),
            socket.into(),
            "--shared-dir".into(),
            shared.into(),
            // It is in namespaces already.
            "--sandbox=none".into(),
            "--cache=always".into(),
            "--log-level=error".into(),
        ];
        self.lab.command(&in_folder(folder, words))
    }

    pub(super) fn bus(&self, folder: &Path) -> Command {
        let address = format!("--address=unix:path={}", names::BUS);
        let words = [
            "dbus-daemon",
            "--session",
            "--nofork",
            "--nopidfile",
            &address,
        ];
        self.lab.command(&in_folder(folder, words))
    }

    /// Tells QEMU's display that output `head` has another size.
    pub(super) fn resize(&self, folder: &Path, head: &str, width: &str, height: &str) -> Command {
        let words = [
            "dbus-send".to_owned(),
            format!("--bus=unix:path={}", names::BUS),
            "--print-reply".to_owned(),
            // Not for long: what hangs is found so.
            "--reply-timeout=10000".to_owned(),
            "--dest=org.qemu".to_owned(),
            format!("/org/qemu/Display1/Console_{head}"),
            "org.qemu.Display1.Console.SetUIInfo".to_owned(),
            // Its size in millimetres, and its place.
            "uint16:300".to_owned(),
            "uint16:200".to_owned(),
            "int32:0".to_owned(),
            "int32:0".to_owned(),
            format!("uint32:{width}"),
            format!("uint32:{height}"),
        ];
        self.lab.command(&in_folder(folder, words))
    }

    /// `program` with `words` where back ends run.
    pub(super) fn natively(&self, folder: &Path, program: &Path, words: &[&str]) -> Command {
        let mut all: Vec<OsString> = vec![program.into()];
        all.extend(words.iter().map(Into::into));
        self.lab.command(&in_folder(folder, all))
    }

    pub(super) fn back_end(&self, setup: &Setup<'_>, back_end: BackEnd) -> Command {
        let (card, folder) = (setup.card, &setup.folder);
        let outputs = &setup.script.outputs;
        let mut words: Vec<OsString> = Vec::new();
        match back_end {
            BackEnd::Contrib => words.extend([CONTRIB.into(), "--socket-path".into()]),
            BackEnd::Paravane => {
                words.extend(self.paravane.iter().map(Into::into));
                words.extend(["vhost-user".into(), "--socket-path".into()]);
            }
        }
        words.push(names::GPU.into());
        if back_end == BackEnd::Paravane {
            words.extend(["--screenshot-on", "SIGUSR1", super::pictures::SCREENS].map(Into::into));
        }
        words.extend(own_display(card, outputs));
        let mut call = in_folder(folder, words).env("LIBGL_ALWAYS_SOFTWARE", "1");
        if setup.script.bus {
            // QEMU's D-Bus display shows a card that can draw by OpenGL with OpenGL alone, for
            // which it wants a DRM device. So the host is one without.
            call = call.env("__EGL_VENDOR_LIBRARY_FILENAMES", "/dev/null");
        }
        self.lab.command(&call)
    }
}

impl Choice {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Stable => "stable",
            Self::Host => "host",
        }
    }
}

/// Where Debian has newer packages for its stable suite.
const BACKPORTS: Option<&str> = Some("trixie-backports");

fn recipe(workspace: &Workspace, backports: Option<&'static str>) -> Recipe {
    let folder = guest_image::folder(workspace);
    Recipe {
        title: "QEMU's root",
        root: folder.join(backports.map_or("qemu-stable", |_| "qemu")),
        suite: "trixie",
        backports,
        packages: BTreeSet::from_iter(PACKAGES.iter().copied()),
        hooks: Vec::new(),
        mirror: None,
        rebuild: false,
    }
}

/// What a back end has to be told whose front end has no display.
fn own_display(card: Card, outputs: &[Size]) -> Vec<OsString> {
    let mut words = Vec::new();
    if card == Card::ParavaneBlob {
        words.push("--headless".into());
        if !outputs.is_empty() {
            words.push(format!("--outputs={}", outputs.len()).into());
        }
        let modes = outputs.iter();
        words.extend(modes.map(|size| format!("--mode={}x{}", size.width, size.height).into()));
    }
    words
}

fn in_folder<W: Into<OsString>>(folder: &Path, words: impl IntoIterator<Item = W>) -> Call {
    let mut call = Call::new(words);
    call.folder = Some(folder.to_owned());
    call
}

fn version(qemu: &Room) -> Result<Version> {
    let output = command::output(&mut qemu.command(&Call::new([QEMU, "--version"])))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let unknown = || Error::Missing(format!("{QEMU} does not say its version: {text}"));
    Version::parse(&text).ok_or_else(unknown)
}

/// A copy of the program where every room sees it.
fn seen_in_rooms(workspace: &Workspace, program: &Path) -> Result<PathBuf> {
    let copy = guest_image::folder(workspace).join("paravane");
    // Another run may have it in use.
    let _ = fs::remove_file(&copy);
    fs::copy(program, &copy).map_err(Error::io("copy", program))?;
    Ok(copy)
}

/// Whether this `paravane` can be a vhost-user back end.
fn serves(paravane: &Path) -> bool {
    command::succeeds(Command::new(paravane).args(["vhost-user", "--help"]))
}

/// The folder of the workspace's own programs for guests.
pub(super) fn clients(workspace: &Workspace) -> PathBuf {
    guest_image::folder(workspace).join("clients")
}

/// Builds programs of the workspace for guests: they run in any that is as new as this machine.
pub(super) fn bring(workspace: &Workspace, programs: &[Program]) -> Result<()> {
    let folder = clients(workspace);
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    for program in programs {
        let package = &program.package;
        let built = match &program.test {
            Some(test) => workspace.build_test(package, test)?,
            None => workspace.build(package, package, Profile::Dev)?,
        };
        let copy = folder.join(program.file());
        fs::copy(&built, &copy).map_err(Error::io("copy", &built))?;
    }
    Ok(())
}

/// Builds the programs that run in guests: static, for any of them.
fn compile(workspace: &Workspace) -> Result<PathBuf> {
    let sources = guest_image::programs(workspace).join("src");
    let programs = guest_image::folder(workspace).join("programs");
    fs::create_dir_all(&programs).map_err(Error::io("create", &programs))?;
    let entries = fs::read_dir(&sources).map_err(Error::io("read", &sources))?;
    for entry in entries {
        let source = entry.map_err(Error::io("read", &sources))?.path();
        if source.extension().is_none_or(|ending| ending != "c") {
            continue;
        }
        let name = source.file_stem().unwrap_or_default();
        let mut cc = Command::new("cc");
        cc.args(COMPILE).arg("-o");
        command::run(cc.arg(programs.join(name)).arg(&source))?;
    }
    Ok(programs)
}
