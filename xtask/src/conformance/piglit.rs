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

const SERVE: &str = include_str!("serve.sh");

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
];
/// Below the shared folder, beside piglit's folders of results.
const PROGRAM: &str = "bin-paravane";
const LIST: &str = "tests.txt";
const LOG: &str = "server.log";

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
    host: OpenGl,
    client: OpenGl,
    gles: bool,
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

    pub(crate) fn facts(&self, gles: bool) -> Result<Facts> {
        let missing = || Error::Missing("the lab has no eglinfo".to_owned());
        let eglinfo = self.room.program("eglinfo").ok_or_else(missing)?;
        let eglinfo = words(&[&[eglinfo.as_str()], &eglinfo::OPTIONS[..]].concat());
        let line = |words| self.text(words).map(|text| text.trim().to_owned());
        Ok(Facts {
            day: line(words(&["date", "--utc", "+%F"]))?,
            mesa: line(version_of("libgl1-mesa-dri"))?,
            piglit: line(version_of("piglit"))?,
            host: eglinfo::parse(&self.text(eglinfo.clone())?)?,
            client: eglinfo::parse(&self.text(self.served(gles, eglinfo))?)?,
            gles,
        })
    }

    pub(crate) fn run_natively(&self) -> Result<Results> {
        println!("piglit, natively:");
        self.run("native", self.piglit("native"))
    }

    pub(crate) fn run_through(&self, gles: bool) -> Result<Results> {
        println!("piglit, through Paravane:");
        let results = self.run("paravane", self.served(gles, self.piglit("paravane")));
        let (log, kept) = (self.shared.outside().join(LOG), self.kept.join(LOG));
        fs::copy(&log, &kept).map_err(Error::io("copy", &log))?;
        results
    }

    fn piglit(&self, name: &str) -> Vec<OsString> {
        let mut line = words(&["piglit", "run", "quick", "--overwrite", "--timeout", LIMIT]);
        if let Some(jobs) = self.jobs {
            line.extend(["--jobs".into(), jobs.to_string().into()]);
        }
        line.extend(["--test-list".into(), self.inside(LIST), self.inside(name)]);
        line
    }

    /// `words` as the client of a server of its own.
    fn served(&self, gles: bool, words: Vec<OsString>) -> Vec<OsString> {
        let options = if gles { "--use-gles" } else { "" };
        let mut line: Vec<OsString> = ["sh", "-c", SERVE, "serve"].map(Into::into).into();
        line.extend([self.inside(LOG), self.inside(PROGRAM), options.into()]);
        line.extend(words);
        line
    }

    fn inside(&self, name: &str) -> OsString {
        self.shared.inside().join(name).into()
    }

    /// Runs piglit with this terminal, keeps its results, and reads them.
    fn run(&self, name: &str, words: Vec<OsString>) -> Result<Results> {
        let status = command::status(&mut self.command(words, Some(SCREEN)))?;
        if !status.success() {
            return Err(Error::Rule(format!("piglit ({name}) ended with {status}")));
        }
        let made = self.shared.outside().join(name).join("results.json");
        let kept = self.kept.join(format!("{name}.json"));
        fs::copy(&made, &kept).map_err(Error::io("copy", &made))?;
        let text = fs::read_to_string(&kept).map_err(Error::io("read", &kept))?;
        results::of_json(&text).map_err(|error| Error::Rule(format!("{}: {error}", kept.display())))
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
        let opengl = |renderer: &str| OpenGl {
            renderer: renderer.to_owned(),
            core: "4.6".to_owned(),
            es: "3.2".to_owned(),
        };
        Self {
            day: "2026-11-20".to_owned(),
            mesa: "26.2.6-1".to_owned(),
            piglit: "20260716".to_owned(),
            host: opengl("llvmpipe"),
            client: opengl("virgl (llvmpipe)"),
            gles: false,
        }
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, client, .. } = self;
        let api = if self.gles { "OpenGL ES" } else { "OpenGL" };
        writeln!(out, "- day: {}", self.day)?;
        writeln!(out, "- Mesa (the client's and the host's): {}", self.mesa)?;
        writeln!(out, "- piglit: {}", self.piglit)?;
        writeln!(out, "- the host: {host}; Paravane draws by its {api}")?;
        write!(out, "- the client sees: {client}")
    }
}
