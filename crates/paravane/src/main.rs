//! The program: runs others through a paravirtual GPU of their own, serves one, or describes it.
#![forbid(unsafe_code)]

mod apart;
mod cli;
mod client_env;
mod icd;
mod info;
mod layout;
mod logging;
mod machine;
mod program;
mod run;
mod serving;
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
    // Who looks for it by its name would find "exe" where it has started itself again.
    let _ = rustix::thread::set_name(c"paravane");
    worker::keep_freed_memory();
    let result = match (cli.command, cli.serve_client) {
        (Command::Run(args), Some(voice)) => {
            apart::serve_a_client(&args.config(), &args.confinement, &args.bounds(), voice)
        }
        (Command::Vtest(args), Some(voice)) => {
            apart::serve_a_client(&args.config(), &args.confinement, &args.bounds(), voice)
        }
        (Command::Run(args), None) => run::run(&args),
        (Command::Vtest(args), None) => vtest::run(&args),
        (Command::VhostUser(args), _) => vhost_user::run(&args),
        (Command::Vm(args), _) => vm::run(&args),
        (Command::Info(args), _) => info::run(&args, cli.verbose),
    };
    result.unwrap_or_else(|error| fail(error.as_ref()))
}

/// Why a subcommand failed, to be printed with all its causes.
type Failure = Box<dyn std::error::Error>;

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("paravane: {error}");
    ExitCode::FAILURE
}
