//! An ordinary off-screen OpenGL program that knows nothing of Paravane: it is run natively and
//! through a virgl server, and its pictures and speeds are compared.

#![deny(unsafe_code)]

mod bench;
mod error;
#[allow(unsafe_code)]
mod gl;
mod render;
mod scenes;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  gl-client list
  gl-client render --out native
  paravane run --virgl -- gl-client render --out remote
  gl-client compare --rounding native remote
  gl-client bench --seconds 1 draws texture-uploads
  gl-client bench --clients 4 frames";

/// Draws scenes off-screen, compares their pictures, and measures a driver.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the scenes and what each is for
    List,
    /// Draw scenes; print `OK`, `SKIP` or `FAIL` and a checksum for each
    #[command(visible_alias = "pictures")]
    Render(Render),
    /// Compare the results of two runs of `render --out`
    Compare(Compare),
    /// Measure how many operations a second the driver does
    Bench(Bench),
}

#[derive(Args)]
struct Render {
    /// Where to write the pictures (PNG) and buffers (BIN); nothing is written without it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
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
    /// Ignore what only one of the runs drew, because its driver has more features
    #[arg(long)]
    common: bool,
    /// Let a picture's channels differ by one step of 255
    #[arg(long)]
    rounding: bool,
}

#[derive(Args)]
struct Bench {
    /// How long each measurement runs, after a tenth of that to get warm
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    seconds: f64,
    /// Run so many processes at once, and count what all of them do
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    clients: u32,
    /// Print JSON, with each window's result
    #[arg(long)]
    json: bool,
    /// When warm, print a line, and measure only after a line on the standard input
    #[arg(long, hide = true)]
    wait: bool,
    /// The parts to run; all of them if none is named
    #[arg(value_name = "PART")]
    parts: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("gl-client: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let good = match cli.command {
        Command::List => render::list(),
        Command::Render(args) => render::render(args.out.as_deref(), &args.scenes)?,
        Command::Compare(args) => {
            results::compare(&args.a, &args.b, args.common, u8::from(args.rounding))?
        }
        Command::Bench(args) => {
            bench::bench(&bench::Plan {
                seconds: args.seconds,
                clients: args.clients,
                json: args.json,
                wait: args.wait,
                parts: args.parts,
            })?;
            true
        }
    };
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
