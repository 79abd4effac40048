//! Measures OpenGL clients natively, through virglrenderer and through Paravane in turn.

mod contest;
mod entries;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::{Error, Result};
use crate::lab::{self, Extra, Plan, Room, Screen, Suite};
use crate::road::Road;
use crate::workspace::{Profile, Workspace};

use contest::Contest;
use entries::{Entry, Group};
use table::Table;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask versus --output docs/versus.md\n  \
    cargo xtask versus --rounds 5 --seconds 2 --only glmark2\n  \
    cargo xtask versus --only texture-uploads,texture-downloads --rounds 1\n\n\
    The lab gets piglit and virglrenderer's server (3.5 GB, some minutes, once). Every\n\
    measurement is made by each road in turn, and a ratio is of one round; the medians count.\n\
    All of it with three rounds takes about an hour.")]
pub(crate) struct Options {
    /// The Debian suite whose Mesa is the client's and the host's.
    #[arg(long, value_enum, default_value_t = Suite::Sid)]
    suite: Suite,
    /// A root directory that has the programs (glmark2, piglit, `virgl_test_server`), instead
    /// of the lab.
    #[arg(long, value_name = "DIR", conflicts_with = "suite")]
    root: Option<PathBuf>,
    /// A `paravane` to measure, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// What is measured; without it, all.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "GROUP")]
    only: Vec<Group>,
    /// How often each is measured by each road.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long each measurement runs, in seconds; drawoverhead's take whole ones.
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS", value_parser = seconds)]
    seconds: f64,
    /// The size of glmark2's pictures.
    #[arg(long, default_value = "800x600", value_name = "WIDTHxHEIGHT")]
    size: Screen,
    /// Writes the tables there as Markdown.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok();
    let sound = seconds.filter(|seconds| (0.1..=60.0).contains(seconds));
    sound.ok_or_else(|| "0.1 to 60 make sense".to_owned())
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    println!("[1/3] the lab and the programs");
    let contest = prepare(&workspace, options)?;
    println!("[2/3] what there is to measure");
    let facts = contest.facts()?;
    println!("{facts}");
    let entries = entries::all(&contest, &options.only, options.seconds, options.size)?;
    println!("[3/3] {} measurements", entries.len());
    let table = measure(&contest, &entries, options.rounds);
    println!("\n{table}");
    if let Some(path) = &options.output {
        let text = table.markdown(&facts, options.rounds, options.seconds);
        fs::write(path, text).map_err(Error::io("write", path))?;
        println!("written: {}", path.display());
    }
    match table.failures() {
        0 => Ok(ExitCode::SUCCESS),
        count => Err(Error::Rule(format!(
            "{count} measurements through Paravane failed"
        ))),
    }
}

fn prepare(workspace: &Workspace, options: &Options) -> Result<Contest> {
    let root = match &options.root {
        Some(root) => root.clone(),
        None => lab::make(
            workspace,
            &Plan {
                extras: vec![Extra::Piglit],
                ..Plan::of(options.suite)
            },
        )?,
    };
    let paravane = match &options.program {
        Some(program) => program.clone(),
        None => workspace.build("paravane", "paravane", Profile::Release)?,
    };
    let client = workspace.build("gl-client", "gl-client", Profile::Release)?;
    Contest::set(Room::of_root(workspace, root)?, &paravane, &client)
}

/// Every entry by every road, round by round; who begins changes, so that nobody always comes
/// after the same other.
fn measure(contest: &Contest, entries: &[Entry], rounds: u32) -> Table {
    let mut table = Table::default();
    for round in 0..rounds {
        for (number, entry) in entries.iter().enumerate() {
            let place = format!(
                "round {} of {rounds}, {}/{}",
                round + 1,
                number + 1,
                entries.len()
            );
            println!("{place}: {}", entry.title());
            for road in in_turn(round) {
                match entry.run(contest, road) {
                    Ok(scores) => {
                        println!("  {:22} {}", road.name(), entries::brief(&scores));
                        table.note(entry.group(), round, road, scores);
                    }
                    Err(error) => {
                        println!("  {:22} FAILED: {error}", road.name());
                        table.note_failure(road, entry.title(), &error);
                    }
                }
            }
        }
    }
    table
}

fn in_turn(round: u32) -> [Road; 3] {
    let mut roads = Road::ALL;
    let first = round as usize % roads.len();
    roads.rotate_left(first);
    roads
}
