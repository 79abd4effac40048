//! The tests of the crates that call OpenGL and read guests' bytes, under AddressSanitizer.
//!
//! The driver is not instrumented. What it keeps until the process ends is suppressed by its
//! modules' names (`xtask/data/lsan.txt`); a leak of Paravane's own is an error.

use std::process::{Command, ExitCode};

use crate::command;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Tests these packages instead.
    #[arg(long, value_delimiter = ',', value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Goes to the test programs, after `--`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// What runs unsafe code, and what drives it with guests' bytes.
const PACKAGES: [&str; 4] = ["host-memory", "host-gl", "render-virgl", "door-vtest"];

/// The sanitizer keeps what was given back, to tell when it is used: what measures the process's
/// memory cannot be run.
const LEFT_OUT: [&str; 2] = [
    "a_thousand_contexts_leave_nothing_behind",
    "a_burst_of_devices_leaves_nothing_behind",
];

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let triple = host_triple()?;
    let chosen: Vec<&str> = options.packages.iter().map(String::as_str).collect();
    let packages = match chosen.is_empty() {
        true => PACKAGES.to_vec(),
        false => chosen,
    };
    command::run(&mut tests(
        &workspace,
        &triple,
        &packages,
        &options.arguments,
    ))?;
    println!("asan: nothing was found in {}", packages.join(", "));
    Ok(ExitCode::SUCCESS)
}

/// The nightly compiler's own target: with one named, build scripts and macros are not
/// instrumented.
fn host_triple() -> Result<String> {
    let printed = command::output(Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]));
    let printed = printed.ok().filter(|printed| printed.status.success());
    let printed = printed.map(|printed| String::from_utf8_lossy(&printed.stdout).into_owned());
    let printed = printed.unwrap_or_default();
    let triple = printed.lines().find_map(|line| line.strip_prefix("host: "));
    triple.map(str::to_owned).ok_or_else(|| {
        Error::Missing(
            "AddressSanitizer needs a nightly compiler: rustup toolchain install nightly".into(),
        )
    })
}

fn tests(workspace: &Workspace, triple: &str, packages: &[&str], arguments: &[String]) -> Command {
    let mut cargo = Command::new("rustup");
    cargo
        .args([
            "run",
            "nightly",
            "cargo",
            "test",
            "--locked",
            "--no-fail-fast",
        ])
        .args(["--lib", "--tests", "--target", triple]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    cargo.arg("--").args(arguments);
    for name in LEFT_OUT {
        cargo.args(["--skip", name]);
    }
    let suppressed = workspace.root().join("xtask/data/lsan.txt");
    let leaks = format!("suppressions={}:print_suppressions=0", suppressed.display());
    cargo
        .current_dir(workspace.root())
        // Cargo tells those it runs which compiler it is of.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        // Apart from the other builds, which would be made anew each time.
        .env("CARGO_TARGET_DIR", workspace.target().join("asan"))
        .env("RUSTFLAGS", "-Zsanitizer=address")
        .env(
            "ASAN_OPTIONS",
            "detect_leaks=1:detect_stack_use_after_return=1",
        )
        .env("LSAN_OPTIONS", leaks);
    cargo
}
