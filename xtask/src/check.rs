//! What the gate runs besides the tests: format, lints, docs, and the repository's rules.

mod duplicates;
mod licences;
mod rooms;
mod unsafe_code;

use std::process::ExitCode;

use clap::ValueEnum;

use crate::command;
use crate::error::{Error, Result};
use crate::generate;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs these steps alone.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// `cargo fmt --check`.
    Format,
    /// Every dependency's licence is on the list.
    Licences,
    /// No dependency is there in several versions without a reason.
    Duplicates,
    /// Crates outside the rooms for unsafe code forbid it; how much there is in the rooms.
    Unsafe,
    /// Clippy over all targets, warnings are errors.
    Lints,
    /// rustdoc, warnings are errors.
    Docs,
    /// Who depends on whom, as ARCHITECTURE.md has it.
    Arrows,
    /// The committed generated code is what the generator writes.
    Generated,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut failed = Vec::new();
    for step in steps(options) {
        println!("check: {}", step.name());
        if let Err(error) = step.run(&workspace) {
            eprintln!("check: {} failed: {error}", step.name());
            failed.push(step.name());
        }
    }
    if failed.is_empty() {
        println!("check: all is well");
        return Ok(ExitCode::SUCCESS);
    }
    Err(Error::Rule(format!(
        "check: these steps failed: {}",
        failed.join(", ")
    )))
}

/// The steps asked for, or all of them: quick ones first.
fn steps(options: &Options) -> Vec<Step> {
    let all = Step::value_variants().iter().copied();
    all.filter(|step| options.only.is_empty() || options.only.contains(step))
        .collect()
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Format => cargo(workspace, "fmt --all -- --check --files-with-diff"),
            Self::Licences => licences::check(workspace),
            Self::Duplicates => duplicates::check(workspace),
            Self::Unsafe => rooms::check(workspace),
            Self::Lints => cargo(
                workspace,
                "clippy --workspace --all-targets --locked --keep-going -- -D warnings",
            ),
            Self::Docs => docs(workspace),
            Self::Arrows => cargo(workspace, "test --quiet --locked --package arrows"),
            Self::Generated => generate::check(workspace),
        }
    }
}

fn cargo(workspace: &Workspace, line: &str) -> Result<()> {
    command::run(&mut workspace.cargo(line.split(' ')))
}

fn docs(workspace: &Workspace) -> Result<()> {
    let line = "doc --workspace --no-deps --locked --keep-going";
    command::run(
        workspace
            .cargo(line.split(' '))
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}
