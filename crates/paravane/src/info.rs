//! `paravane info`.

mod json;
mod text;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::Failure;
use crate::cli::InfoArgs;
use text::Style;

/// The width of the text where there is no terminal to ask, in columns.
const WIDTH: usize = 100;

/// Tells what the host offers.
pub(crate) fn run(args: &InfoArgs, verbose: u8) -> Result<ExitCode, Failure> {
    let report = worker::report(&args.gpu.config(args.gpu.choice()))?;
    let printed = match args.json {
        true => json::print(&report)?,
        false => text::print(&report, &style(verbose)),
    };
    match io::stdout().write_all(printed.as_bytes()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    // Without a device there is nothing to offer, which a script wants to know.
    Ok(match report.venus.devices.is_empty() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn style(verbose: u8) -> Style {
    let terminal = io::stdout().is_terminal();
    let columns = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let columns = columns
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns != 0);
    Style {
        width: columns.filter(|_| terminal).unwrap_or(WIDTH),
        bold: terminal && std::env::var_os("NO_COLOR").is_none(),
        all_names: verbose > 0,
    }
}

#[cfg(test)]
mod example;
