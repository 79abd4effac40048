//! What the gate runs besides the tests: format, lints, docs, and the repository's rules.

mod licences;
mod rooms;

use std::process::ExitCode;

use clap::ValueEnum;

use crate::command;
use crate::error::{Error, Result};
use crate::generate::{self, Outcome};
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
    /// Crates outside the rooms for unsafe code forbid it.
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

/// How a step ended that did not fail.
enum Ended {
    Passed,
    Skipped(&'static str),
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut failed = Vec::new();
    for step in steps(options) {
        println!("check: {}", step.name());
        match step.run(&workspace) {
            Ok(Ended::Passed) => {}
            Ok(Ended::Skipped(reason)) => println!("check: {} skipped: {reason}", step.name()),
            Err(error) => {
                eprintln!("check: {} failed: {error}", step.name());
                failed.push(step.name());
            }
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

    fn run(self, workspace: &Workspace) -> Result<Ended> {
        match self {
            Self::Format => cargo(
                workspace,
                &["fmt", "--all", "--", "--check", "--files-with-diff"],
            ),
            Self::Licences => licences::check(workspace).map(|()| Ended::Passed),
            Self::Unsafe => rooms::check(workspace).map(|()| Ended::Passed),
            Self::Lints => cargo(
                workspace,
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--locked",
                    "--",
                    "-D",
                    "warnings",
                ],
            ),
            Self::Docs => docs(workspace),
            Self::Arrows => cargo(
                workspace,
                &["test", "--quiet", "--locked", "--package", "arrows"],
            ),
            Self::Generated => match generate::generate(workspace, true)? {
                Outcome::Done => Ok(Ended::Passed),
                Outcome::NoGenerator => Ok(Ended::Skipped("`codegen` has no program yet")),
            },
        }
    }
}

fn cargo(workspace: &Workspace, words: &[&str]) -> Result<Ended> {
    command::run(&mut workspace.cargo(words.iter().copied()))?;
    Ok(Ended::Passed)
}

fn docs(workspace: &Workspace) -> Result<Ended> {
    let mut cargo = workspace.cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    command::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Ended::Passed)
}
