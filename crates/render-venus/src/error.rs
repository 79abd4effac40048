use host_vulkan::{CallError, DriverError, LowerError};
use vulkan_types::ObjectType;
use wire::ParseError;

/// What ends a context: its guest's fault, but for the last two.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fatal {
    /// The stream is not of the protocol.
    #[error("malformed command {}: {error}", .command.map_or_else(|| "without a number".to_owned(), |id| id.to_string()))]
    Malformed {
        /// `VkCommandTypeEXT`, if it got that far.
        command: Option<u32>,
        /// What is wrong.
        error: ParseError,
    },
    /// A command cannot be called with these arguments.
    #[error("{command}: {error}")]
    Call {
        /// The command's name.
        command: &'static str,
        /// What is wrong with it.
        error: CallError,
    },
    /// An id names nothing of this kind.
    #[error("no object of type {} with id {id}", .kind.0)]
    Unknown {
        /// What it should have named.
        kind: ObjectType,
        /// The id.
        id: u64,
    },
    /// A fresh id is zero or taken.
    #[error("id {0} is zero or already names an object")]
    IdTaken(u64),
    /// No resource with this id is attached.
    #[error("no resource {0} of that kind")]
    Resource(u32),
    /// No ring with this id.
    #[error("no ring {0:#x}")]
    Ring(u64),
    /// A range reaches past what it is in.
    #[error("{what} reaches past its resource")]
    Range {
        /// The range.
        what: &'static str,
    },
    /// The command is not allowed here.
    #[error("{command}: {why}")]
    Misuse {
        /// The command's name.
        command: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// Too many of something.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Another part of the context has failed, or its guest has gone.
    #[error("the context has ended")]
    Ended,
    /// The host refuses what cannot be refused to the guest.
    #[error("host: {0}")]
    Host(String),
}

impl Fatal {
    pub(crate) fn misuse(command: &'static str, why: &'static str) -> Self {
        Self::Misuse { command, why }
    }
}

impl From<DriverError> for Fatal {
    fn from(error: DriverError) -> Self {
        Self::Host(error.to_string())
    }
}

impl From<LowerError> for Fatal {
    fn from(error: LowerError) -> Self {
        match error {
            LowerError::Unknown { object, id } => Self::Unknown { kind: object, id },
            LowerError::Short { .. } => Self::Range { what: "array" },
        }
    }
}

impl From<std::io::Error> for Fatal {
    fn from(error: std::io::Error) -> Self {
        Self::Host(error.to_string())
    }
}

impl From<host_memory::OutOfRange> for Fatal {
    fn from(_: host_memory::OutOfRange) -> Self {
        Self::Range { what: "access" }
    }
}

impl From<Fatal> for context::Error {
    fn from(fatal: Fatal) -> Self {
        match fatal {
            fatal @ Fatal::Malformed { .. } => Self::Malformed(fatal.to_string()),
            Fatal::Host(why) => Self::Host(why),
            Fatal::Ended => Self::Ended,
            other => Self::Misbehaved(other.to_string()),
        }
    }
}
