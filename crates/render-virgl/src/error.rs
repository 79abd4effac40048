use wire_virgl::{CommandId, ObjectId, ObjectType, ResourceId, StreamError, SubContextId};

/// Why a command was not executed, by whose fault it is.
///
/// Only a stream that cannot be parsed ends its context. Another command that fails is passed
/// over, with a line in the log: those after it may well be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// The stream cannot be parsed.
    #[error(transparent)]
    Malformed(#[from] StreamError),
    /// No resource of this id is attached to the context.
    #[error("no resource {}", .0.number())]
    UnknownResource(ResourceId),
    /// The sub-context has no object of this id and type.
    #[error("no {kind:?} object {}", id.number())]
    UnknownObject {
        /// The id.
        id: ObjectId,
        /// The type.
        kind: ObjectType,
    },
    /// The context has no such sub-context.
    #[error("no sub-context {}", .0.0)]
    UnknownSubContext(SubContextId),
    /// The guest breaks a rule of the protocol.
    #[error("{0}")]
    Misbehaved(&'static str),
    /// The guest asks for more than a limit of ours.
    #[error("more than {limit} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A part of a resource or of its memory does not lie inside it.
    #[error("{0} is not inside the resource")]
    Outside(&'static str),
    /// This host does not offer it.
    #[error("{0} is not offered here")]
    Unsupported(&'static str),
    /// This renderer does not have the command; no capability that it shows needs it.
    #[error("the command is not offered here")]
    UnsupportedCommand(CommandId),
    /// The guest's shader cannot be translated.
    #[error("a shader: {0}")]
    Shader(String),
    /// The host's GL refused.
    #[error(transparent)]
    Host(#[from] host_gl::Error),
    /// The GPU was reset, and the context with it.
    #[error("the GPU was reset ({0:?})")]
    Reset(host_gl::Reset),
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl From<Error> for context::Error {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Malformed(_) => Self::Malformed(text),
            Error::UnknownResource(_)
            | Error::UnknownObject { .. }
            | Error::UnknownSubContext(_)
            | Error::Misbehaved(_)
            | Error::Limit { .. }
            | Error::Outside(_)
            | Error::Shader(_) => Self::Misbehaved(text),
            Error::Unsupported(_) | Error::UnsupportedCommand(_) => Self::Unsupported(text),
            Error::Host(host_gl::Error::OutOfMemory | host_gl::Error::OverLimit { .. }) => {
                Self::OutOfMemory(text)
            }
            Error::Host(_) | Error::Reset(_) => Self::Host(text),
        }
    }
}
