//! A room with Paravane in it, and the two roads a client can take to the GPU.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use crate::command;
use crate::error::{Error, Result};
use crate::lab::{Call, Room, Screen, Shared};
use crate::workspace::Workspace;

/// Where Mesa's packages put the Vulkan loader's manifests.
const MANIFESTS: &str = "/usr/share/vulkan/icd.d";
/// Lavapipe's, so that results do not depend on the machine's GPU. Some distributions put
/// the architecture between name and ending.
const LAVAPIPE: &str = "lvp_icd.";
/// The guest half, Venus.
const VENUS: &str = "virtio_icd.";
/// Where programs brought into a room lie, below its shared folder.
const PROGRAM_FOLDER: &str = "bin";
/// The programs that the clients' tests run.
const PROGRAMS: &[&str] = &[
    "Xvfb",
    "glmark2",
    "timeout",
    "vkcube",
    "vkmark",
    "vulkaninfo",
];

/// What a client's Vulkan or OpenGL calls reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Road {
    /// The host's driver itself.
    Native,
    /// Mesa's Venus driver, and through it Paravane on the host's driver.
    Paravane,
    /// Mesa's virgl driver for OpenGL, and through it Paravane on the host's OpenGL.
    Virgl,
}

impl Road {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Paravane => "paravane",
            Self::Virgl => "virgl",
        }
    }

    /// The options of the `paravane run` that leads there, if one does.
    fn options(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Native => None,
            Self::Paravane => Some(&[]),
            Self::Virgl => Some(&["--virgl"]),
        }
    }
}

pub(crate) struct Stage {
    room: Room,
    shared: Shared,
    paravane: PathBuf,
    /// The library that makes a program's clock stand still.
    still_clock: PathBuf,
    /// The host driver's manifest.
    driver: String,
}

/// Whether `room` has all that the clients' tests need.
pub(crate) fn suffices(room: &Room) -> bool {
    let program = |name: &&str| room.outside("/usr/bin").join(name).is_file();
    PROGRAMS.iter().all(program)
        && room.program("eglinfo").is_some()
        && manifest(room, VENUS).is_some()
        && manifest(room, LAVAPIPE).is_some()
}

/// The manifest whose name starts so, as the room sees it.
fn manifest(room: &Room, start: &str) -> Option<String> {
    let entries = fs::read_dir(room.outside(MANIFESTS)).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut fitting = names.filter(|name| name.starts_with(start) && name.ends_with(".json"));
    fitting.next().map(|name| format!("{MANIFESTS}/{name}"))
}

impl Stage {
    /// Copies `program` into the room, which may be unable to see its folder.
    pub(crate) fn set(workspace: &Workspace, room: Room, program: &Path) -> Result<Self> {
        let shared = room.share()?;
        let paravane = bring(&shared, program, "paravane")?;
        let still_clock = workspace.build_library("still-clock")?;
        let still_clock = bring(&shared, &still_clock, "still-clock.so")?;
        let driver = manifest(&room, LAVAPIPE)
            .ok_or_else(|| Error::Missing("this room has no lavapipe".to_owned()))?;
        Ok(Self {
            room,
            shared,
            paravane,
            still_clock,
            driver,
        })
    }

    /// The words that make the clock stand still for the command after them, for some seconds
    /// of the real clock.
    pub(crate) fn stop_clock(&self, seconds: u32) -> [String; 3] {
        let preload = format!("LD_PRELOAD={}", self.still_clock.display());
        let still = format!("STILL_CLOCK_SECONDS={seconds}");
        ["env".to_owned(), preload, still]
    }

    /// What the room calls `program`.
    pub(crate) fn program(&self, program: &str) -> Result<String> {
        let missing = || Error::Missing(format!("this room has no {program}"));
        self.room.program(program).ok_or_else(missing)
    }

    /// The folder that both sides see.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Copies one more program into the room; returns where it is there.
    pub(crate) fn bring(&self, program: &Path, name: &str) -> Result<String> {
        let inside = bring(&self.shared, program, name)?;
        Ok(inside.to_string_lossy().into_owned())
    }

    /// Runs `words` by `road`; more than `limit` is a failure, and so is an exit status
    /// other than 0.
    pub(crate) fn run(&self, road: Road, words: &[&str], limit: Duration) -> Result<String> {
        self.run_call(self.call(road, &[], words, limit))
    }

    /// Runs `words` through a `paravane run` with these options.
    pub(crate) fn run_with(
        &self,
        options: &[&str],
        words: &[&str],
        limit: Duration,
    ) -> Result<String> {
        self.run_call(self.call(Road::Paravane, options, words, limit))
    }

    /// The command that runs `words` through a `paravane run` with these options.
    pub(crate) fn command_with(
        &self,
        road: Road,
        options: &[&str],
        words: &[&str],
        limit: Duration,
    ) -> Command {
        self.room.command(&self.call(road, options, words, limit))
    }

    /// The same under an X server whose picture is kept in the shared folder.
    pub(crate) fn run_on_screen(
        &self,
        road: Road,
        words: &[&str],
        limit: Duration,
        screen: Screen,
    ) -> Result<String> {
        let mut call = self.call(road, &[], words, limit);
        call.screen = Some(screen);
        call.frames = Some(self.shared.inside().to_owned());
        self.run_call(call)
    }

    fn call(&self, road: Road, options: &[&str], words: &[&str], limit: Duration) -> Call {
        let mut line: Vec<OsString> = vec!["timeout".into(), "--kill-after=5".into()];
        line.push(limit.as_secs().to_string().into());
        if let Some(always) = road.options() {
            line.extend([self.paravane.clone().into(), "run".into()]);
            line.extend(always.iter().chain(options).map(Into::into));
            line.push("--".into());
        }
        line.extend(words.iter().map(Into::into));
        Call::new(line)
            .env("VK_DRIVER_FILES", &self.driver)
            .env("LIBGL_ALWAYS_SOFTWARE", "true")
    }

    fn run_call(&self, call: Call) -> Result<String> {
        let mut command = self.room.command(&call);
        let output = command::output(&mut command)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Error::Rule(failure(&call, &output)))
    }
}

fn bring(shared: &Shared, program: &Path, name: &str) -> Result<PathBuf> {
    let folder = shared.outside().join(PROGRAM_FOLDER);
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let copy = folder.join(name);
    fs::copy(program, &copy).map_err(Error::io("copy to", &copy))?;
    Ok(shared.inside().join(PROGRAM_FOLDER).join(name))
}

/// The client's command, how it ended, and the end of what it said.
fn failure(call: &Call, output: &Output) -> String {
    let words: Vec<_> = call
        .words
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    let tail = lines
        .get(lines.len().saturating_sub(TAIL)..)
        .unwrap_or_default()
        .join("\n    ");
    format!(
        "`{}` ended with {}:\n    {tail}",
        words.join(" "),
        output.status
    )
}

/// How many lines of a failed client's output are shown.
const TAIL: usize = 30;
