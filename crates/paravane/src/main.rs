//! The program: runs others through a paravirtual GPU of their own, serves one, or describes it.
#![forbid(unsafe_code)]

mod cli;
mod client_env;
mod icd;
mod info;
mod layout;
mod logging;
mod machine;
mod program;
mod run;
mod signals;
mod summary;
mod vhost_user;
mod vm;
mod vtest;
mod words;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse_from(cli::line());
    if let Err(error) = logging::init(cli.verbose) {
        return fail(&error);
    }
    layout::grow_upwards();
    worker::keep_freed_memory();
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Vtest(args) => vtest::run(&args),
        Command::VhostUser(args) => vhost_user::run(&args),
        Command::Vm(args) => vm::run(&args),
        Command::Info(args) => info::run(&args, cli.verbose),
    };
    result.unwrap_or_else(|error| fail(error.as_ref()))
}

/// Why a subcommand failed, to be printed with all its causes.
type Failure = Box<dyn std::error::Error>;

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("paravane: {error}");
    ExitCode::FAILURE
}
