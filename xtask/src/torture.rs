//! Clients' processes are killed at random points, while other clients' pictures are compared.
//!
//! The task runs itself again in a lab, beside the server and all clients:
//!
//! ```text
//!   Server        paravane vtest, and what it says of who is served where
//!   Steady        three clients that draw again and again, each picture compared
//!   Victims       clients that are begun for their processes to be killed
//! ```

mod dice;
mod process;
mod server;
mod steady;
mod victims;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::clients::stage::{Road, Stage};
use crate::error::{Error, Result};
use crate::lab::{self, Plan, Room, Suite};
use crate::workspace::{Profile, Workspace};

use server::Server;
use steady::Steady;
use victims::Victims;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask torture --seconds 300\n  \
    cargo xtask torture --suite sid --seconds 60 --seed 7")]
pub(crate) struct Options {
    /// How long.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// The Debian suite whose clients are used.
    #[arg(long, value_enum, default_value_t = Suite::Trixie)]
    suite: Suite,
    /// What chances go by; the same number gives the same choices, but not the same moments.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// A `paravane` to torture, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Do it here, with the programs in this folder.
    #[arg(long, value_name = "FOLDER", hide = true)]
    inside: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if let Some(folder) = &options.inside {
        return inside(options, folder.clone());
    }
    let workspace = Workspace::load()?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => workspace.build("paravane", "paravane", Profile::Dev)?,
    };
    let root = lab::make(&workspace, &Plan::of(options.suite))?;
    let stage = Stage::set(&workspace, Room::of_root(&workspace, root)?, &program)?;
    print!(
        "{}",
        in_room(&stage, &workspace, options.seconds, options.seed)?
    );
    Ok(ExitCode::SUCCESS)
}

/// Tortures for some seconds in a room; returns the summary.
pub(crate) fn in_room(
    stage: &Stage,
    workspace: &Workspace,
    seconds: u64,
    seed: u64,
) -> Result<String> {
    let this = std::env::current_exe().map_err(|source| Error::Io {
        what: "cannot find this program".into(),
        source,
    })?;
    let this = stage.bring(&this, "xtask")?;
    for client in CLIENTS {
        stage.bring(&workspace.build(client, client, Profile::Dev)?, client)?;
    }
    let folder = PathBuf::from(&this);
    let folder = folder.parent().unwrap_or(&folder).to_string_lossy();
    let (seconds_text, seed) = (seconds.to_string(), seed.to_string());
    let words = [
        &this,
        "torture",
        "--inside",
        &folder,
        "--seconds",
        &seconds_text,
        "--seed",
        &seed,
    ];
    let limit = Duration::from_secs(seconds) + SETTING_UP;
    stage.run(Road::Native, &words, limit)
}

/// The programs that draw.
const CLIENTS: [&str; 2] = ["vulkan-client", "gl-client"];

/// What comes before and after the killing, on a busy machine.
const SETTING_UP: Duration = Duration::from_secs(240);

/// How much the server may have grown by, in bytes: its allocator keeps what it once had.
const GROWTH: u64 = 8 << 20;

fn inside(options: &Options, folder: PathBuf) -> Result<ExitCode> {
    let server = Server::start(&folder)?;
    let steady = Steady::prepare(&server)?;
    let before = server.measure()?;
    let stop = AtomicBool::new(false);
    let victims = Victims::new(&server, options.seed);
    let (frames, kills) = std::thread::scope(|scope| -> Result<_> {
        let drawing = steady.draw(scope, &stop);
        let deadline = Instant::now() + Duration::from_secs(options.seconds);
        let killed = victims.kill_until(deadline, &stop);
        stop.store(true, Ordering::Relaxed);
        let drawn = drawing.finish();
        Ok((drawn?, killed?))
    })?;
    let after = server.measure()?;
    println!("before: {before}\nafter:  {after}");
    let summary = format!("torture: {kills}; {frames}; the server lives");
    if after.files != before.files || after.memory > before.memory + GROWTH {
        return Err(Error::Rule(format!("{summary}, and leaks")));
    }
    println!("{summary}");
    Ok(ExitCode::SUCCESS)
}
