use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// PARAVANE_LOG holds something that is no filter.
#[derive(Debug, thiserror::Error)]
#[error("PARAVANE_LOG={filter:?} is no log filter ({source}); try PARAVANE_LOG=debug")]
pub(crate) struct FilterError {
    filter: String,
    source: ParseError,
}

/// Logs to stderr: what PARAVANE_LOG says, or else as much as `-v` was given.
pub(crate) fn init(verbose: u8) -> Result<(), FilterError> {
    let filter = match std::env::var("PARAVANE_LOG") {
        Ok(filter) if !filter.is_empty() => {
            EnvFilter::try_new(&filter).map_err(|source| FilterError { filter, source })?
        }
        _ => EnvFilter::new(level(verbose)),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    Ok(())
}

fn level(verbose: u8) -> &'static str {
    match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    }
}
