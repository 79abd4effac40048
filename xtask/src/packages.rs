//! Debian packages that a task needs on this machine.

use std::process::Command;

use crate::command;
use crate::error::{Error, Result};

/// What a task needs on this machine.
pub(crate) enum Need {
    /// A program, wherever it comes from, and the package that holds it.
    Program(&'static str, &'static str),
    /// A package: what is in it has no one place to look for.
    Package(&'static str),
}

impl Need {
    fn package(&self) -> &'static str {
        match self {
            Self::Program(_, package) | Self::Package(package) => package,
        }
    }

    fn is_met(&self) -> bool {
        match self {
            Self::Program(program, _) => command::installed(program),
            Self::Package(package) => has_package(package),
        }
    }
}

fn has_package(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    command::output(&mut query).is_ok_and(|output| output.stdout == b"installed")
}

/// Installs what is missing as root; otherwise an error with the one line to run.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|need| !need.is_met())
        .map(Need::package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Error::Missing(advice(&missing)));
    }
    install(&missing)
}

fn advice(missing: &[&str]) -> String {
    format!(
        "missing on this machine; run this line and start again:\n    \
         sudo apt-get install --no-install-recommends --yes {}",
        missing.join(" ")
    )
}

fn install(missing: &[&str]) -> Result<()> {
    println!("installing {}", missing.join(" "));
    command::run(&mut apt(&["update"]))?;
    let mut words = vec!["install", "--no-install-recommends", "--yes"];
    words.extend(missing);
    command::run(&mut apt(&words))
}

fn apt(words: &[&str]) -> Command {
    let mut apt = Command::new("apt-get");
    apt.arg("--quiet=2")
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
