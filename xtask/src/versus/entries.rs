//! What is measured: programs, and how their figures are read.

use std::ffi::OsString;
use std::time::Duration;

use clap::ValueEnum;
use serde::Deserialize;

use super::contest::Contest;
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::road::Road;

/// What a program takes beyond its measurements: start-up, shaders, models; on a busy machine.
const SLACK: Duration = Duration::from_secs(60);
/// For programs that need a display, though they draw off-screen.
const SCREEN: Screen = Screen {
    width: 1024,
    height: 768,
};
/// How many tests drawoverhead has at most; each takes the same time.
const DRAWOVERHEAD_TESTS: f64 = 50.0;
/// How many sizes a transfer of `gl-client` is measured with.
const SIZES: f64 = 8.0;
/// How many clients there are at once.
const CLIENTS: [u32; 4] = [1, 2, 4, 8];

/// A table: figures of one kind, with one geometric mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Group {
    /// glmark2's scenes, off-screen.
    Glmark2,
    /// piglit's loops of draws with changes of state.
    Drawoverhead,
    /// gl-client's loops of draws.
    Draws,
    /// Textures written, 4 KiB to 64 MiB.
    TextureUploads,
    /// Framebuffers read, the same sizes.
    TextureDownloads,
    /// Buffers written.
    BufferUploads,
    /// Buffers read.
    BufferDownloads,
    /// Programs compiled, each unlike all others.
    Programs,
    /// 1, 2, 4 and 8 clients at once.
    Clients,
}

impl Group {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Glmark2 => "glmark2, off-screen, frames a second",
            Self::Drawoverhead => "piglit's drawoverhead, thousands of draws a second",
            Self::Draws => "Draw loops of `gl-client`, draws a second",
            Self::TextureUploads => "Texture uploads, MiB a second",
            Self::TextureDownloads => "Texture read-back, MiB a second",
            Self::BufferUploads => "Buffer uploads, MiB a second",
            Self::BufferDownloads => "Buffer read-back, MiB a second",
            Self::Programs => "Programs compiled, linked and drawn with once, a second",
            Self::Clients => "Clients at once, frames a second of all together",
        }
    }

    /// `gl-client`'s parts that make the group up.
    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Glmark2 | Self::Drawoverhead => &[],
            Self::Draws => &[
                "draws",
                "draws-uniforms",
                "draws-states",
                "draws-textures",
                "draws-programs",
                "draws-vertices",
            ],
            Self::TextureUploads => &["texture-uploads"],
            Self::TextureDownloads => &["texture-downloads"],
            Self::BufferUploads => &["buffer-uploads"],
            Self::BufferDownloads => &["buffer-downloads"],
            Self::Programs => &["programs"],
            Self::Clients => &["frames"],
        }
    }
}

/// A figure and what it is of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) row: String,
    /// More is better.
    pub(crate) rate: f64,
}

/// One run of a program, which gives one figure or more.
pub(crate) struct Entry {
    group: Group,
    title: String,
    words: Vec<OsString>,
    screen: Option<Screen>,
    limit: Duration,
    read: Read,
}

/// How a program's figures are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Glmark2,
    Drawoverhead,
    /// JSON; the number of clients becomes part of the row's name.
    Own(u32),
}

impl Entry {
    pub(crate) fn group(&self) -> Group {
        self.group
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn run(&self, contest: &Contest, road: Road) -> Result<Vec<Score>> {
        let text = contest.run(road, &self.words, self.screen, self.limit)?;
        let scores = match self.read {
            Read::Glmark2 => glmark2(&text),
            Read::Drawoverhead => drawoverhead(&text),
            Read::Own(clients) => own(&text, clients)?,
        };
        if scores.is_empty() {
            return Err(Error::Rule("it printed no figures".to_owned()));
        }
        Ok(scores)
    }
}

/// All that is to be measured of these groups; none stands for all.
pub(crate) fn all(
    contest: &Contest,
    only: &[Group],
    seconds: f64,
    size: Screen,
) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for group in Group::value_variants() {
        if !only.is_empty() && !only.contains(group) {
            continue;
        }
        match group {
            Group::Glmark2 => entries.extend(glmark2_entries(contest, seconds, size)?),
            Group::Drawoverhead => entries.push(drawoverhead_entry(contest, seconds)?),
            Group::Clients => {
                let of = |clients| own_entry(contest, *group, "frames", clients, seconds);
                entries.extend(CLIENTS.map(of));
            }
            _ => {
                let of = |part: &&str| own_entry(contest, *group, part, 1, seconds);
                entries.extend(group.parts().iter().map(of));
            }
        }
    }
    Ok(entries)
}

/// A short line of figures for the terminal.
pub(crate) fn brief(scores: &[Score]) -> String {
    let rates: Vec<String> = scores.iter().map(|score| figure(score.rate)).collect();
    rates.join(" ")
}

/// Three digits at least.
pub(crate) fn figure(rate: f64) -> String {
    match rate {
        0.0..10.0 => format!("{rate:.2}"),
        10.0..100.0 => format!("{rate:.1}"),
        _ => format!("{rate:.0}"),
    }
}

/// glmark2's own list of scenes with their options, as a short run of all of them tells.
fn glmark2_entries(contest: &Contest, seconds: f64, size: Screen) -> Result<Vec<Entry>> {
    let picture = format!("{}x{}", size.width, size.height);
    let start = ["glmark2", "--off-screen", "--size", &picture, "--benchmark"];
    let words = |benchmark: &str| -> Vec<OsString> {
        start
            .iter()
            .copied()
            .chain([benchmark])
            .map(Into::into)
            .collect()
    };
    let all = words(":duration=0.01");
    let text = contest.run(Road::Native, &all, Some(SCREEN), SLACK * 3)?;
    let entry = |score: Score| {
        let benchmark = score.row.replacen(' ', ":", 1);
        Entry {
            group: Group::Glmark2,
            title: format!("glmark2 {}", score.row),
            words: words(&format!("{benchmark}:duration={seconds}")),
            screen: Some(SCREEN),
            limit: SLACK + Duration::from_secs_f64(seconds),
            read: Read::Glmark2,
        }
    };
    Ok(glmark2(&text).into_iter().map(entry).collect())
}

fn drawoverhead_entry(contest: &Contest, seconds: f64) -> Result<Entry> {
    let whole = seconds.ceil();
    let duration = whole.to_string();
    let mut words = vec![contest.piglit("drawoverhead")?];
    words.extend(["-auto", "-fbo", "-nocolor", "-duration", &duration].map(Into::into));
    Ok(Entry {
        group: Group::Drawoverhead,
        title: "drawoverhead".to_owned(),
        words,
        screen: Some(SCREEN),
        limit: SLACK + Duration::from_secs_f64(whole * DRAWOVERHEAD_TESTS * 2.0),
        read: Read::Drawoverhead,
    })
}

fn own_entry(contest: &Contest, group: Group, part: &str, clients: u32, seconds: f64) -> Entry {
    let options = [
        "bench".to_owned(),
        "--json".to_owned(),
        format!("--seconds={seconds}"),
        format!("--clients={clients}"),
        part.to_owned(),
    ];
    let mut words = vec![contest.client()];
    words.extend(options.map(Into::into));
    let title = match clients {
        1 => format!("gl-client {part}"),
        _ => format!("gl-client {part}, {clients} at once"),
    };
    Entry {
        group,
        title,
        words,
        screen: None,
        limit: SLACK + Duration::from_secs_f64(seconds * SIZES * 3.0),
        read: Read::Own(clients),
    }
}

/// Lines such as `[build] use-vbo=true: FPS: 612 FrameTime: 1.634 ms`; the time of a frame has
/// more digits than their number.
fn glmark2(text: &str) -> Vec<Score> {
    let score = |line: &str| {
        let (scene, figures) = line.strip_prefix('[')?.split_once(": FPS:")?;
        let (scene, options) = scene.split_once("] ")?;
        let time = figures.split_once("FrameTime:")?.1;
        let milliseconds: f64 = time.split_whitespace().next()?.parse().ok()?;
        // The time that it was asked to run is no part of what it draws.
        let is_own = |option: &&str| *option != "<default>" && !option.starts_with("duration=");
        let options: Vec<&str> = options.split(':').filter(is_own).collect();
        let row = match options.is_empty() {
            true => scene.to_owned(),
            false => format!("{scene} {}", options.join(":")),
        };
        let rate = 1000.0 / milliseconds;
        (milliseconds > 0.0).then_some(Score { row, rate })
    };
    text.lines().filter_map(score).collect()
}

/// Lines such as `  1, DrawArrays ( 1 VBO| 0 UBO|  0    ) w/ no state change,   912, 100.0%`.
fn drawoverhead(text: &str) -> Vec<Score> {
    let score = |line: &str| {
        let mut cells = line.split(',').map(str::trim);
        let _number: u32 = cells.next()?.parse().ok()?;
        let row = cells
            .next()?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let rate: f64 = cells.next()?.parse().ok()?;
        // Below a thousand draws a second it says 0, which is no figure to compare.
        (rate > 0.0).then_some(Score { row, rate })
    };
    text.lines().filter_map(score).collect()
}

/// What `gl-client bench --json` prints.
#[derive(Deserialize)]
struct Report {
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    name: String,
    median: f64,
}

fn own(text: &str, clients: u32) -> Result<Vec<Score>> {
    let report: Report =
        serde_json::from_str(text).map_err(|error| Error::Rule(format!("gl-client: {error}")))?;
    let score = |part: Part| {
        let row = match part.name.as_str() {
            "frames" if clients == 1 => "1 client".to_owned(),
            "frames" => format!("{clients} clients"),
            // The group says what it is; the row has the size.
            name => name
                .split_once(' ')
                .map_or(name, |(_, size)| size)
                .to_owned(),
        };
        Score {
            row,
            rate: part.median,
        }
    };
    Ok(report.parts.into_iter().map(score).collect())
}

#[cfg(test)]
mod tests {
    use super::{Score, drawoverhead, figure, glmark2, own};

    fn score(row: &str, rate: f64) -> Score {
        let row = row.to_owned();
        Score { row, rate }
    }

    #[test]
    fn figures_are_read() {
        let text = "** a remark\n[build] use-vbo=true: FPS: 612 FrameTime: 2.000 ms\n\
                    [terrain] <default>: FPS: 2 FrameTime: 400.0 ms\n\
                    [shadow] duration=0.5: FPS: 10 FrameTime: 100.0 ms\n\
                    [loop] duration=1:vertex-steps=5: FPS: 10 FrameTime: 100.0 ms\nglmark2 Score: 49\n";
        let expected = [
            score("build use-vbo=true", 500.0),
            score("terrain", 2.5),
            score("shadow", 10.0),
            score("loop vertex-steps=5", 10.0),
        ];
        assert_eq!(glmark2(text), expected);
        let text = "   #, Test name ,  Thousands draws/s, Difference vs the 1st\n\
                    1, DrawArrays   ( 1 VBO| 0 UBO|  0    ) w/ no state change,    912, 100.0%\n\
                    2, DrawElements ( 1 VBO) w/ TBO change,   0, 0.1%\n";
        let row = "DrawArrays ( 1 VBO| 0 UBO| 0 ) w/ no state change";
        assert_eq!(drawoverhead(text), [score(row, 912.0)]);
    }

    #[test]
    fn rows_of_the_own_client_are_named_by_what_differs() {
        let text = r#"{"device":"x","parts":[{"name":"texture-uploads 4 KiB","unit":"MiB/s","median":7.5,"windows":[7.5]}]}"#;
        assert_eq!(own(text, 1).expect("sound"), [score("4 KiB", 7.5)]);
        let frames = text.replace("texture-uploads 4 KiB", "frames");
        assert_eq!(own(&frames, 4).expect("sound"), [score("4 clients", 7.5)]);
        assert!(own("no", 1).is_err());
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(figure(1.234), "1.23");
        assert_eq!(figure(99.94), "99.9");
        assert_eq!(figure(1234.5), "1234");
    }
}
