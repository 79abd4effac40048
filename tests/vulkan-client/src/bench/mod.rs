//! `bench`: how many operations a second a driver does, part by part.

mod compute;
mod descriptors;
mod draws;
mod flight;
mod pipelines;
mod submits;
mod transfers;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::gpu::{Gpu, Instance, Needs};

/// One step of a part: does some work and says how many operations that was.
type Step = Box<dyn FnMut() -> Result<f64>>;

/// A timed part.
struct Part {
    name: &'static str,
    unit: &'static str,
    start: fn(&Gpu) -> Result<Step>,
}

/// All parts, in the order in which they run.
const PARTS: &[Part] = &[
    Part {
        name: "draws",
        unit: "draws/s",
        start: draws::small,
    },
    Part {
        name: "meshes",
        unit: "draws/s",
        start: draws::meshes,
    },
    Part {
        name: "recording",
        unit: "draws/s",
        start: draws::recording,
    },
    Part {
        name: "drawing",
        unit: "draws/s",
        start: draws::drawing,
    },
    Part {
        name: "uploads",
        unit: "MiB/s",
        start: transfers::uploads,
    },
    Part {
        name: "writes",
        unit: "MiB/s",
        start: transfers::writes,
    },
    Part {
        name: "copies",
        unit: "MiB/s",
        start: transfers::copies,
    },
    Part {
        name: "downloads",
        unit: "MiB/s",
        start: transfers::downloads,
    },
    Part {
        name: "compute",
        unit: "dispatches/s",
        start: compute::start,
    },
    Part {
        name: "submits",
        unit: "submits/s",
        start: submits::start,
    },
    Part {
        name: "pipelines",
        unit: "pipelines/s",
        start: pipelines::start,
    },
    Part {
        name: "descriptors",
        unit: "updates/s",
        start: descriptors::start,
    },
];

/// Windows a part is cut into; the median of them is the result.
const WINDOWS: u32 = 10;

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    device: String,
    parts: Vec<Measured>,
}

/// The result of one part.
#[derive(Serialize)]
struct Measured {
    name: &'static str,
    unit: &'static str,
    /// Operations a second: the median of the windows.
    median: f64,
    /// Operations a second in each window, in order of time.
    windows: Vec<f64>,
}

/// Measures parts, each for so many seconds.
pub(crate) fn bench(device: usize, seconds: f64, json: bool, names: &[String]) -> Result<()> {
    if !(0.1..=3600.0).contains(&seconds) {
        return Err(Error::Usage(format!(
            "{seconds} seconds a part: 0.1 to 3600 make sense"
        )));
    }
    let unknown = names
        .iter()
        .find(|name| PARTS.iter().all(|part| part.name != **name));
    if let Some(name) = unknown {
        let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        return Err(Error::Usage(format!(
            "no part {name}; there are: {}",
            known.join(" ")
        )));
    }
    let instance = Arc::new(Instance::open(device, false)?);
    let device = instance.describe();
    eprintln!("{device}");
    let mut report = Report {
        device,
        parts: Vec::new(),
    };
    for part in PARTS {
        if !names.is_empty() && !names.iter().any(|name| name == part.name) {
            continue;
        }
        let gpu = Gpu::open(&instance, &mut Needs::default())?;
        let measured = measure(part, &gpu, seconds)?;
        if !json {
            println!(
                "{:12} {:>14.1} {}",
                measured.name, measured.median, measured.unit
            );
        }
        report.parts.push(measured);
    }
    if json {
        let text = serde_json::to_string_pretty(&report);
        println!("{}", text.map_err(|e| Error::Wrong(e.to_string()))?);
    }
    Ok(())
}

fn measure(part: &Part, gpu: &Gpu, seconds: f64) -> Result<Measured> {
    let mut step = (part.start)(gpu)?;
    let window = Duration::from_secs_f64(seconds / f64::from(WINDOWS));
    // Not counted: the driver compiles and allocates at first.
    rate(&mut step, window)?;
    let windows = (0..WINDOWS)
        .map(|_| rate(&mut step, window))
        .collect::<Result<Vec<f64>>>()?;
    Ok(Measured {
        name: part.name,
        unit: part.unit,
        median: median(&windows),
        windows,
    })
}

/// Operations a second over at least this time, and at least one step.
fn rate(step: &mut Step, window: Duration) -> Result<f64> {
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
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 if middle > 0 => (sorted[middle - 1] + sorted[middle]) / 2.0,
        _ => sorted.get(middle).copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), 3.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn a_rate_counts_each_step() {
        let mut left = 5;
        let mut step: Step = Box::new(move || {
            left -= 1;
            std::thread::sleep(Duration::from_millis(2));
            if left < 0 {
                Err(Error::Wrong("one step too many".into()))
            } else {
                Ok(10.0)
            }
        });
        let rate = rate(&mut step, Duration::from_millis(1)).expect("one step is enough");
        assert!(rate > 0.0 && rate <= 5000.0, "{rate}");
    }
}
