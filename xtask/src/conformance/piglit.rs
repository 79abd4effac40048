//! piglit in the lab: natively, and as the client of a `paravane vtest`.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::results::{self, Results};
use crate::clients::eglinfo::{self, OpenGl};
use crate::command;
use crate::error::{Error, Result};
use crate::lab::{Call, Room, Screen, Shared};
use crate::road::{Road, Server};

/// Some tests are drawn into windows of up to 400 by 300 pixels.
const SCREEN: Screen = Screen {
    width: 1024,
    height: 768,
};
/// Of one test, in seconds. The slowest of the list takes a quarter of it natively on two
/// processors.
const LIMIT: &str = "60";
const ENVIRONMENT: &[(&str, &str)] = &[
    ("LC_ALL", "C"),
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    // `surfaceless_egl` makes many tests crash natively, too.
    ("PIGLIT_PLATFORM", "x11_egl"),
    ("PIGLIT_COMPRESSION", "none"),
    // Or else it asks for a program that the lab does not have, which tests would be skipped.
    ("PIGLIT_NO_FAST_SKIP", "1"),
];
/// Below the shared folder, beside piglit's folders of results.
const PROGRAM: &str = "bin-paravane";
const LIST: &str = "tests.txt";

/// piglit, a list of tests for it, and a `paravane`, in a room.
pub(crate) struct Piglit {
    room: Room,
    shared: Shared,
    jobs: Option<usize>,
    /// Outside; remains when the room's folder is gone.
    kept: PathBuf,
}

/// What was measured with what.
pub(crate) struct Facts {
    /// The day, as in 2026-11-20.
    day: String,
    mesa: String,
    piglit: String,
    virglrenderer: String,
    pub(super) gles: bool,
    /// What a client sees by each road.
    seen: Vec<(Road, OpenGl)>,
}

impl Piglit {
    pub(crate) fn set(
        room: Room,
        program: &Path,
        list: &str,
        kept: PathBuf,
        jobs: Option<usize>,
    ) -> Result<Self> {
        let shared = room.share()?;
        let path = shared.outside().join(LIST);
        fs::write(&path, list).map_err(Error::io("write", &path))?;
        let copy = shared.outside().join(PROGRAM);
        fs::copy(program, &copy).map_err(Error::io("copy to", &copy))?;
        Ok(Self {
            room,
            shared,
            jobs,
            kept,
        })
    }

    /// The folder with results and logs.
    pub(crate) fn kept(&self) -> &Path {
        &self.kept
    }

    /// What is measured by all of `roads` and with what.
    pub(crate) fn facts(&self, roads: &[Road], gles: bool) -> Result<Facts> {
        let missing = || Error::Missing("the lab has no eglinfo".to_owned());
        let eglinfo = self.room.program("eglinfo").ok_or_else(missing)?;
        let eglinfo = words(&[&[eglinfo.as_str()], &eglinfo::OPTIONS[..]].concat());
        let sees = |road: &Road| {
            let text = self.text(self.by(*road, gles, eglinfo.clone()))?;
            Ok((*road, eglinfo::parse(&text)?))
        };
        let line = |words| self.text(words).map(|text| text.trim().to_owned());
        Ok(Facts {
            day: line(words(&["date", "--utc", "+%F"]))?,
            mesa: line(version_of("libgl1-mesa-dri"))?,
            piglit: line(version_of("piglit"))?,
            virglrenderer: line(version_of("libvirglrenderer1"))?,
            gles,
            seen: roads.iter().map(sees).collect::<Result<_>>()?,
        })
    }

    /// Runs piglit with this terminal, keeps its results, and reads them.
    pub(crate) fn run(&self, road: Road, gles: bool) -> Result<Results> {
        println!("\npiglit, {}:", road.name());
        let line = self.by(road, gles, self.piglit(road.folder()));
        let status = command::status(&mut self.command(line, Some(SCREEN)))?;
        if !status.success() {
            let name = road.name();
            return Err(Error::Rule(format!("piglit ({name}) ended with {status}")));
        }
        self.keep(&log(road))?;
        let results = Path::new(road.folder()).join("results.json");
        let made = self.shared.outside().join(results);
        let kept = self.kept.join(format!("{}.json", road.folder()));
        fs::copy(&made, &kept).map_err(Error::io("copy", &made))?;
        let text = fs::read_to_string(&kept).map_err(Error::io("read", &kept))?;
        results::of_json(&text).map_err(|error| Error::Rule(format!("{}: {error}", kept.display())))
    }

    fn keep(&self, name: &str) -> Result<()> {
        let (made, kept) = (self.shared.outside().join(name), self.kept.join(name));
        if made.exists() {
            fs::copy(&made, &kept).map_err(Error::io("copy", &made))?;
        }
        Ok(())
    }

    fn piglit(&self, name: &str) -> Vec<OsString> {
        let mut line = words(&["piglit", "run", "quick", "--overwrite", "--timeout", LIMIT]);
        if let Some(jobs) = self.jobs {
            line.extend(["--jobs".into(), jobs.to_string().into()]);
        }
        line.extend(["--test-list".into(), self.inside(LIST), self.inside(name)]);
        line
    }

    /// `words` by `road`, as the client of a server of its own if it leads to one.
    fn by(&self, road: Road, gles: bool, words: Vec<OsString>) -> Vec<OsString> {
        let server = Server {
            paravane: self.inside(PROGRAM),
            log: self.inside(&log(road)),
            gles,
        };
        server.line(road, words)
    }

    fn inside(&self, name: &str) -> OsString {
        self.shared.inside().join(name).into()
    }

    fn text(&self, words: Vec<OsString>) -> Result<String> {
        let mut command = self.command(words, None);
        let output = command::output(&mut command)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Rule(format!("{}: {said}", output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, words: Vec<OsString>, screen: Option<Screen>) -> Command {
        let mut call = Call::new(words);
        call.screen = screen;
        for (name, value) in ENVIRONMENT {
            call = call.env(name, value);
        }
        self.room.command(&call)
    }
}

fn words(line: &[&str]) -> Vec<OsString> {
    line.iter().map(Into::into).collect()
}

/// The file that a road's server writes to.
fn log(road: Road) -> String {
    format!("{}.log", road.folder())
}

fn version_of(package: &str) -> Vec<OsString> {
    words(&[
        "dpkg-query",
        "--show",
        "--showformat",
        "${Version}",
        package,
    ])
}

#[cfg(test)]
impl Facts {
    pub(super) fn for_tests() -> Self {
        let seen = OpenGl {
            renderer: "virgl".to_owned(),
            core: "4.6".to_owned(),
            es: "3.2".to_owned(),
        };
        Self {
            day: "2026-11-20".to_owned(),
            mesa: "26.2.6-1".to_owned(),
            piglit: "20260716".to_owned(),
            virglrenderer: "1.3.0".to_owned(),
            gles: false,
            seen: vec![(Road::Paravane, seen)],
        }
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "- on {}", self.day)?;
        writeln!(out, "- Mesa {}, the client's and the host's", self.mesa)?;
        write!(out, "- piglit {}", self.piglit)?;
        if self.gles {
            write!(out, "\n- the servers draw by the host's OpenGL ES")?;
        }
        for (road, opengl) in &self.seen {
            write!(out, "\n- {}: {opengl}", road.name())?;
            if *road == Road::Virglrenderer {
                write!(out, "; virglrenderer {}", self.virglrenderer)?;
            }
        }
        Ok(())
    }
}
