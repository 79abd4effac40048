//! What can go wrong in this program, and whose doing it is.

use khronos_egl as egl;

/// One enum for the whole program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No EGL library on this machine, or one that is too old.
    #[error("no usable EGL: {0}")]
    Loader(String),
    /// An EGL call of the driver returned an error.
    #[error("{call}: {source}")]
    Egl {
        /// The call's name in the specification.
        call: &'static str,
        /// What it returned.
        source: egl::Error,
    },
    /// An OpenGL call returned an error, or made no object.
    #[error("OpenGL: {0}")]
    Gl(String),
    /// The driver does not compile or link a shader of this program.
    #[error("shader: {0}")]
    Shader(String),
    /// The driver lacks something that the scene is about: the scene is skipped.
    #[error("{0}")]
    Unsupported(String),
    /// The driver's answer is not the one that the specification prescribes.
    #[error("{0}")]
    Wrong(String),
    /// The command line names something that does not exist.
    #[error("{0}")]
    Usage(String),
    /// A process that was to measure at the same time did not.
    #[error("a client: {0}")]
    Client(String),
    /// A file cannot be written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Results cannot be compared.
    #[error(transparent)]
    Results(#[from] results::Error),
    /// A picture cannot be encoded.
    #[error("{path}: {reason}")]
    Picture {
        /// The file.
        path: std::path::PathBuf,
        /// The PNG library's reason.
        reason: String,
    },
}

/// A result of this program.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Fails with [`Error::Wrong`] unless `holds`.
pub(crate) fn expect(holds: bool, why: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::Wrong(why()))
    }
}
