//! The client lab: a root directory with a current Debian's Vulkan and GL programs.
//!
//! Debian 12's own Mesa has no Venus driver and no `vkmark`, so the programs that
//! Paravane is shown and tested with come from a newer suite, unpacked under
//! `target/lab/<suite>` and run there in namespaces that end with the command.

mod build;
mod mirror;
mod room;
mod root;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::command;
use crate::error::Result;
use crate::workspace::Workspace;

pub(crate) use build::make;
pub(crate) use room::{Call, Room, Screen, Shared};
pub(crate) use root::{Recipe, made as made_root};

/// A Debian suite that a lab can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// Debian 13: Mesa 25.0.
    Trixie,
    /// Debian's development suite: the newest Mesa.
    Sid,
}

impl Suite {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trixie => "trixie",
            Self::Sid => "sid",
        }
    }
}

/// A set of packages beyond those that every lab has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Extra {
    /// The piglit test suite (1.5 GB).
    Piglit,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask lab\n  \
    cargo xtask lab --suite sid --with piglit\n  \
    cargo xtask lab -- vulkaninfo --summary\n  \
    cargo xtask lab --xvfb 1024x768 -- vkcube --c 100\n\n\
    In the lab the workspace is at its own path, HOME and XDG_RUNTIME_DIR are empty\n\
    folders, and every other variable of your environment is passed on.")]
pub(crate) struct Options {
    /// The Debian suite.
    #[arg(long, value_enum, default_value_t = Suite::Trixie)]
    suite: Suite,
    /// Further packages.
    #[arg(long, value_enum)]
    with: Vec<Extra>,
    /// Where Debian packages come from, instead of this machine's own apt sources.
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Runs the command under an X server of this size that ends with it.
    #[arg(long, value_name = "WIDTHxHEIGHT", num_args = 0..=1, default_missing_value = "1024x768")]
    xvfb: Option<Screen>,
    /// Makes the lab anew even if it is up to date.
    #[arg(long)]
    rebuild: bool,
    /// A command to run in the lab, after `--`.
    #[arg(last = true, value_name = "CMD")]
    words: Vec<OsString>,
}

/// What a lab is made from.
pub(crate) struct Plan {
    pub(crate) suite: Suite,
    pub(crate) extras: Vec<Extra>,
    pub(crate) mirror: Option<String>,
    pub(crate) rebuild: bool,
}

impl Plan {
    pub(crate) fn of(suite: Suite) -> Self {
        Self {
            suite,
            extras: Vec::new(),
            mirror: None,
            rebuild: false,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let plan = Plan {
        suite: options.suite,
        extras: options.with.clone(),
        mirror: options.mirror.clone(),
        rebuild: options.rebuild,
    };
    let root = make(&workspace, &plan)?;
    let room = Room::of_root(&workspace, root)?;
    if options.words.is_empty() {
        println!(
            "the lab is ready: cargo xtask lab --suite {} -- CMD…",
            options.suite.name()
        );
        return Ok(ExitCode::SUCCESS);
    }
    enter(&room, options)
}

fn enter(room: &Room, options: &Options) -> Result<ExitCode> {
    let mut call = Call::new(options.words.iter().cloned());
    call.screen = options.xvfb;
    let mut command = room.command(&call);
    let status = command::status(&mut command)?;
    Ok(ExitCode::from(
        u8::try_from(status.code().unwrap_or(255)).unwrap_or(255),
    ))
}

/// The folder that holds the labs.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("lab")
}

/// The lab of `suite` if it has been made, whatever its packages.
pub(crate) fn made(workspace: &Workspace, suite: Suite) -> Option<PathBuf> {
    build::made(workspace, suite)
}
