//! What can go wrong in this program, and whose doing it is.

use ash::vk;

/// One enum for the whole program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No Vulkan loader on this machine, or one that is too old.
    #[error("no usable Vulkan loader: {0}")]
    Loader(String),
    /// A Vulkan call of the driver returned an error.
    #[error("{call}: {result}")]
    Vulkan {
        /// The call's name in the specification.
        call: &'static str,
        /// What it returned.
        result: vk::Result,
    },
    /// The device lacks something that the scene is about: the scene is skipped.
    #[error("{0}")]
    Unsupported(String),
    /// The driver's answer is not the one that the specification prescribes.
    #[error("{0}")]
    Wrong(String),
    /// The device did not finish in time.
    #[error("{what} took longer than {seconds} s")]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        seconds: u64,
    },
    /// The validation layer spoke up: this program misuses Vulkan.
    #[error("validation: {0}")]
    Validation(String),
    /// A shader of this program does not translate: a bug in this program.
    #[error("shader: {0}")]
    Shader(String),
    /// The command line names something that does not exist.
    #[error("{0}")]
    Usage(String),
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

/// Names the call that a bare Vulkan result came from.
pub(crate) trait Named<T> {
    /// Turns an error code into one that says which call returned it.
    fn named(self, call: &'static str) -> Result<T>;
}

impl<T> Named<T> for Result<T, vk::Result> {
    fn named(self, call: &'static str) -> Result<T> {
        self.map_err(|result| Error::Vulkan { call, result })
    }
}

/// Fails with [`Error::Wrong`] unless `holds`.
pub(crate) fn expect(holds: bool, why: impl FnOnce() -> String) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::Wrong(why()))
    }
}

/// Skips the scene with [`Error::Unsupported`] unless `supported`.
pub(crate) fn require(supported: bool, what: impl Into<String>) -> Result<()> {
    if supported {
        Ok(())
    } else {
        Err(Error::Unsupported(what.into()))
    }
}
