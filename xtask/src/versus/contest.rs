//! The room in which the roads are compared, and what is in it.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::clients::eglinfo::{self, OpenGl};
use crate::command;
use crate::error::{Error, Result};
use crate::lab::{Call, Room, Screen, Shared};
use crate::road::{Road, Server};

const ENVIRONMENT: &[(&str, &str)] = &[
    ("LC_ALL", "C"),
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    // On all sides: what is measured is compiling, not finding again.
    ("MESA_SHADER_CACHE_DISABLE", "true"),
    ("PIGLIT_PLATFORM", "x11_egl"),
    // Tests draw to framebuffers of their own, for which the display's refresh does not matter.
    ("vblank_mode", "0"),
];
/// Below the shared folder.
const PARAVANE: &str = "bin-paravane";
const CLIENT: &str = "bin-gl-client";
/// piglit's own folder, as Debian has it below the architecture's.
const PIGLIT: &str = "piglit/bin";

/// A room with both servers and all clients in it.
pub(crate) struct Contest {
    room: Room,
    shared: Shared,
}

/// With what was measured.
pub(crate) struct Facts {
    /// The day, as in 2026-11-20.
    day: String,
    processors: usize,
    mesa: String,
    virglrenderer: String,
    seen: Vec<(Road, OpenGl)>,
}

impl Contest {
    pub(crate) fn set(room: Room, paravane: &Path, client: &Path) -> Result<Self> {
        let shared = room.share()?;
        for (program, name) in [(paravane, PARAVANE), (client, CLIENT)] {
            let copy = shared.outside().join(name);
            fs::copy(program, &copy).map_err(Error::io("copy to", &copy))?;
        }
        Ok(Self { room, shared })
    }

    /// The own client's path.
    pub(crate) fn client(&self) -> OsString {
        self.shared.inside().join(CLIENT).into()
    }

    /// The path of one of piglit's programs, if the room has it.
    pub(crate) fn piglit(&self, program: &str) -> Result<OsString> {
        let missing = || Error::Missing(format!("the lab has no {program}"));
        let folders = fs::read_dir(self.room.outside("/usr/lib")).map_err(|_| missing())?;
        folders
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .map(|folder| format!("/usr/lib/{folder}/{PIGLIT}/{program}"))
            .find(|path| self.room.outside(path).is_file())
            .map(Into::into)
            .ok_or_else(missing)
    }

    /// What `words` print by `road`; more than `limit` is a failure, and so is an exit status
    /// other than 0.
    pub(crate) fn run(
        &self,
        road: Road,
        words: &[OsString],
        screen: Option<Screen>,
        limit: Duration,
    ) -> Result<String> {
        let seconds = limit.as_secs().to_string();
        let mut line: Vec<OsString> = ["timeout", "--kill-after=5", &seconds]
            .map(Into::into)
            .into();
        line.extend(words.iter().cloned());
        let log = format!("{}.log", road.folder());
        let server = Server {
            paravane: self.shared.inside().join(PARAVANE).into(),
            log: self.shared.inside().join(log).into(),
            gles: false,
        };
        let mut call = Call::new(server.line(road, line));
        call.screen = screen;
        for (name, value) in ENVIRONMENT {
            call = call.env(name, value);
        }
        let output = command::output(&mut self.room.command(&call))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().last().unwrap_or_default();
            return Err(Error::Rule(format!("{}: {last}", output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(crate) fn facts(&self) -> Result<Facts> {
        let limit = Duration::from_secs(60);
        let line = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(Into::into).collect();
            let text = self.run(Road::Native, &words, None, limit)?;
            Ok::<_, Error>(text.trim().to_owned())
        };
        let version = |package| line(&["dpkg-query", "--show", "--showformat=${Version}", package]);
        let missing = || Error::Missing("the lab has no eglinfo".to_owned());
        let eglinfo = self.room.program("eglinfo").ok_or_else(missing)?;
        let words = [&[eglinfo.as_str()], &eglinfo::OPTIONS[..]].concat();
        let words: Vec<OsString> = words.iter().map(Into::into).collect();
        let sees = |road| {
            let text = self.run(road, &words, None, limit)?;
            Ok((road, eglinfo::parse(&text)?))
        };
        Ok(Facts {
            day: line(&["date", "--utc", "+%F"])?,
            processors: std::thread::available_parallelism().map_or(1, Into::into),
            mesa: version("libgl1-mesa-dri")?,
            virglrenderer: version("libvirglrenderer1")?,
            seen: Road::ALL.into_iter().map(sees).collect::<Result<_>>()?,
        })
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "- on {}, {} processors", self.day, self.processors)?;
        writeln!(out, "- Mesa {}, the client's and the host's", self.mesa)?;
        write!(out, "- virglrenderer {}", self.virglrenderer)?;
        for (road, opengl) in &self.seen {
            write!(out, "\n- {}: {opengl}", road.name())?;
        }
        Ok(())
    }
}
