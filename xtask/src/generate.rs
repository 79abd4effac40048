//! Generated code: written anew, or compared with what is committed.

use std::process::ExitCode;

use crate::command;
use crate::error::Result;
use crate::workspace::Workspace;

/// The package whose program of the same name writes the generated code.
const GENERATOR: &str = "codegen";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Compare with the committed files and change nothing.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    match generate(&workspace, options.check)? {
        Outcome::Done => {}
        Outcome::NoGenerator => println!("skipped: `{GENERATOR}` has no program yet"),
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) enum Outcome {
    Done,
    /// The generator has nothing to run, so nothing generated is committed either.
    NoGenerator,
}

/// Runs the generator; with `check`, a file that differs from it is an error.
pub(crate) fn generate(workspace: &Workspace, check: bool) -> Result<Outcome> {
    if !workspace.has_program(GENERATOR, GENERATOR) {
        return Ok(Outcome::NoGenerator);
    }
    let mut cargo = workspace.cargo(["run", "--quiet", "--locked", "--package", GENERATOR, "--"]);
    if check {
        cargo.arg("--check");
    }
    command::run(&mut cargo)?;
    Ok(Outcome::Done)
}
