//! `bench`: how many operations a second a driver does, part by part.

mod clients;
mod draws;
mod frames;
mod programs;
mod transfers;

use std::io::BufRead;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::gl::Gl;

/// One step of a part: does some work and says how many operations that was.
type Step<'a> = Box<dyn FnMut() -> Result<f64> + 'a>;

/// What is measured of a part.
#[derive(Clone, Copy)]
enum Start {
    /// One thing.
    One(fn(&Gl) -> Result<Step<'_>>),
    /// The same for each of [`transfers::SIDES`].
    Sizes(fn(&Gl, i32) -> Result<Step<'_>>),
}

/// A timed part.
struct Part {
    name: &'static str,
    unit: &'static str,
    start: Start,
}

impl Part {
    const fn one(
        name: &'static str,
        unit: &'static str,
        start: fn(&Gl) -> Result<Step<'_>>,
    ) -> Self {
        let start = Start::One(start);
        Self { name, unit, start }
    }

    const fn sizes(name: &'static str, start: fn(&Gl, i32) -> Result<Step<'_>>) -> Self {
        Self {
            name,
            unit: "MiB/s",
            start: Start::Sizes(start),
        }
    }
}

/// All parts, in the order in which they run.
const PARTS: &[Part] = &[
    Part::one("draws", "draws/s", draws::plain),
    Part::one("draws-uniforms", "draws/s", draws::uniforms),
    Part::one("draws-states", "draws/s", draws::states),
    Part::one("draws-textures", "draws/s", draws::textures),
    Part::one("draws-programs", "draws/s", draws::programs),
    Part::one("draws-vertices", "draws/s", draws::vertices),
    Part::sizes("texture-uploads", transfers::texture_uploads),
    Part::sizes("texture-downloads", transfers::texture_downloads),
    Part::sizes("buffer-uploads", transfers::buffer_uploads),
    Part::sizes("buffer-downloads", transfers::buffer_downloads),
    Part::one("programs", "programs/s", programs::start),
    Part::one("frames", "frames/s", frames::start),
];

/// Windows a part is cut into; the median of them is the result.
const WINDOWS: u32 = 5;

/// What is to be measured, and how.
pub(crate) struct Plan {
    /// Of one measurement.
    pub(crate) seconds: f64,
    /// Processes at once.
    pub(crate) clients: u32,
    pub(crate) json: bool,
    /// Whether to measure at a word from the parent only.
    pub(crate) wait: bool,
    /// The names of parts; none stands for all.
    pub(crate) parts: Vec<String>,
}

/// What `--json` prints.
#[derive(Serialize, Deserialize)]
struct Report {
    device: String,
    parts: Vec<Measured>,
}

/// The result of one measurement.
#[derive(Serialize, Deserialize)]
struct Measured {
    /// The part's name, and the size if it has sizes.
    name: String,
    unit: String,
    /// Operations a second: the median of the windows.
    median: f64,
    /// Operations a second in each window, in order of time.
    windows: Vec<f64>,
}

/// Measures parts, each for so many seconds.
pub(crate) fn bench(plan: &Plan) -> Result<()> {
    check(plan)?;
    let report = if plan.clients > 1 {
        clients::measure(plan)?
    } else {
        measure_all(plan)?
    };
    if plan.json {
        let text = serde_json::to_string_pretty(&report);
        println!("{}", text.map_err(|e| Error::Wrong(e.to_string()))?);
    }
    Ok(())
}

fn check(plan: &Plan) -> Result<()> {
    let seconds = plan.seconds;
    if !(0.1..=3600.0).contains(&seconds) {
        return Err(Error::Usage(format!(
            "{seconds} seconds a part: 0.1 to 3600 make sense"
        )));
    }
    let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
    match plan
        .parts
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        None => Ok(()),
        Some(name) => Err(Error::Usage(format!(
            "no part {name}; there are: {}",
            known.join(" ")
        ))),
    }
}

fn chosen(plan: &Plan) -> impl Iterator<Item = &'static Part> {
    let asked =
        |part: &&Part| plan.parts.is_empty() || plan.parts.iter().any(|name| name == part.name);
    PARTS.iter().filter(asked)
}

fn measure_all(plan: &Plan) -> Result<Report> {
    let device = Gl::open()?.describe();
    eprintln!("{device}");
    let mut parts = Vec::new();
    for part in chosen(plan) {
        match part.start {
            Start::One(start) => parts.push(measure(part, part.name, plan, start)?),
            Start::Sizes(start) => {
                for side in transfers::SIDES {
                    let name = format!("{} {}", part.name, transfers::size(side));
                    parts.push(measure(part, &name, plan, |gl| start(gl, side))?);
                }
            }
        }
    }
    Ok(Report { device, parts })
}

/// Measures in a context of its own.
fn measure(
    part: &Part,
    name: &str,
    plan: &Plan,
    start: impl for<'a> FnOnce(&'a Gl) -> Result<Step<'a>>,
) -> Result<Measured> {
    let gl = Gl::open()?;
    let mut step = start(&gl)?;
    let window = Duration::from_secs_f64(plan.seconds / f64::from(WINDOWS));
    // Not counted: the driver compiles and allocates at first.
    rate(&mut step, window / 2)?;
    if plan.wait {
        wait()?;
    }
    let windows = (0..WINDOWS)
        .map(|_| rate(&mut step, window))
        .collect::<Result<Vec<f64>>>()?;
    drop(step);
    gl.check()?;
    let measured = Measured {
        name: name.to_owned(),
        unit: part.unit.to_owned(),
        median: median(&windows),
        windows,
    };
    if !plan.json {
        print(&measured);
    }
    Ok(measured)
}

fn print(measured: &Measured) {
    println!(
        "{:28} {:>14.1} {}",
        measured.name, measured.median, measured.unit
    );
}

/// Says that this process is warm, and reads the parent's word.
fn wait() -> Result<()> {
    println!("{}", clients::READY);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Error::Client(format!("no word from the parent: {error}")))?;
    Ok(())
}

/// Operations a second over at least this time, and at least one step.
fn rate(step: &mut Step<'_>, window: Duration) -> Result<f64> {
    let start = Instant::now();
    let mut operations = 0.0;
    loop {
        operations += step()?;
        let elapsed = start.elapsed();
        if elapsed >= window {
            return Ok(operations / elapsed.as_secs_f64());
        }
    }
}

fn median(windows: &[f64]) -> f64 {
    let mut sorted = windows.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn a_rate_counts_each_step() {
        let mut step: Step<'_> = Box::new(|| {
            std::thread::sleep(Duration::from_millis(2));
            Ok(10.0)
        });
        let rate = rate(&mut step, Duration::from_millis(1)).expect("no step fails");
        assert!(rate > 0.0 && rate <= 5000.0, "{rate}");
    }
}
