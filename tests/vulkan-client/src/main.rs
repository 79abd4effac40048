//! An ordinary off-screen Vulkan program that knows nothing of Paravane: it is run natively and
//! through Paravane, and its pictures must be the same byte for byte.

#![deny(unsafe_code)]

mod bench;
mod error;
#[allow(unsafe_code)]
mod gpu;
mod render;
mod scenes;
mod stress;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  vulkan-client list
  vulkan-client render --out native
  paravane run -- vulkan-client render --out remote
  vulkan-client compare native remote
  vulkan-client render --validate triangle blend
  vulkan-client bench --seconds 2 draws uploads
  vulkan-client stress 1000";

/// Draws scenes off-screen, compares their pictures, and measures a driver.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    /// The device to use, counted from 0 as the loader lists them
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    device: usize,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the scenes and what each is for
    List,
    /// Draw scenes; print `OK`, `SKIP` or `FAIL` and a checksum for each
    Render(Render),
    /// Compare the results of two runs of `render --out`, byte by byte
    Compare(Compare),
    /// Measure how many operations a second the driver does
    Bench(Bench),
    /// Open, draw a triangle and close, N times in one process; fails if files or threads leak
    Stress {
        /// How many times
        #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
}

#[derive(Args)]
struct Render {
    /// Where to write the pictures (PNG) and buffers (BIN); nothing is written without it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run under the Khronos validation layer; any message of it fails the scene
    #[arg(long)]
    validate: bool,
    /// The scenes to draw; all of them if none is named
    #[arg(value_name = "SCENE")]
    scenes: Vec<String>,
}

#[derive(Args)]
struct Compare {
    /// Results of the one run
    a: PathBuf,
    /// Results of the other run
    b: PathBuf,
    /// Ignore what only one of the runs drew, because its device has more features
    #[arg(long)]
    common: bool,
}

#[derive(Args)]
struct Bench {
    /// How long each part runs, after a tenth of that to get warm
    #[arg(long, value_name = "N", default_value_t = 5.0)]
    seconds: f64,
    /// Print JSON, with each window's result
    #[arg(long)]
    json: bool,
    /// The parts to run: draws, meshes, recording, uploads, downloads, compute, submits, pipelines, descriptors; all
    /// of them if none is named
    #[arg(value_name = "PART")]
    parts: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vulkan-client: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let good = match cli.command {
        Command::List => render::list(),
        Command::Render(args) => {
            render::render(cli.device, args.validate, args.out.as_deref(), &args.scenes)?
        }
        Command::Bench(args) => {
            bench::bench(cli.device, args.seconds, args.json, &args.parts)?;
            true
        }
        Command::Stress { rounds } => stress::stress(cli.device, rounds)?,
        Command::Compare(args) => results::compare(&args.a, &args.b, args.common, 0)?,
    };
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
