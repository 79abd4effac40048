//! Debian packages that a task needs on this machine.

use std::process::Command;

use crate::command;
use crate::error::{Error, Result};

/// A program that a task runs, and the package that holds it.
pub(crate) struct Need {
    pub(crate) program: &'static str,
    pub(crate) package: &'static str,
}

pub(crate) const fn need(program: &'static str, package: &'static str) -> Need {
    Need { program, package }
}

/// Installs what is missing as root; otherwise an error with the one line to run.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|need| !command::installed(need.program))
        .map(|need| need.package)
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
