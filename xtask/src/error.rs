//! What can go wrong in a task, and whose fault it is.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A command ran and said no: its own output tells why.
    #[error("`{command}` ended with {status}")]
    Failed { command: String, status: ExitStatus },

    /// A command could not be started at all.
    #[error("cannot run `{command}`: {source}")]
    Spawn { command: String, source: io::Error },

    /// The file system refused.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },

    /// `cargo metadata` failed: the workspace's manifests are broken.
    #[error("cargo metadata: {0}")]
    Metadata(#[from] cargo_metadata::Error),

    /// The generator cannot make sense of its inputs.
    #[error("codegen: {0}")]
    Codegen(#[from] codegen::Error),

    /// The machine lacks something; the text says what to do about it.
    #[error("{0}")]
    Missing(String),

    /// A rule of this repository is broken; the text says where.
    #[error("{0}")]
    Rule(String),
}

impl Error {
    /// Wraps an I/O error with what was being done to which path.
    pub(crate) fn io(verb: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("cannot {verb} {}", path.display());
        move |source| Self::Io { what, source }
    }
}
