use std::io;

use context::{ContextId, ResourceId};

/// Why the device refused a verb.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The guest named a context that does not exist.
    #[error("no context {0}")]
    UnknownContext(ContextId),
    /// The guest named a new context like an old one.
    #[error("context {0} exists already")]
    ContextExists(ContextId),
    /// The guest named a resource that does not exist.
    #[error("no resource {0}")]
    UnknownResource(ResourceId),
    /// The guest named a new resource like an old one, or 0.
    #[error("resource {0} exists already or cannot exist")]
    ResourceExists(ResourceId),
    /// The guest did to one kind of resource what only another kind has.
    #[error("resource {resource} is not {wanted}")]
    WrongKind {
        /// The resource.
        resource: ResourceId,
        /// What it would have to be.
        wanted: &'static str,
    },
    /// The guest asked for a blob of no bytes.
    #[error("a blob of 0 bytes")]
    EmptyBlob,
    /// The guest gave a second backing to a resource.
    #[error("resource {0} has a backing already")]
    BackingExists(ResourceId),
    /// The guest asked for a transfer with a backing that the resource does not have.
    #[error("resource {0} has no backing")]
    NoBacking(ResourceId),
    /// The guest asked for a transfer with a resource that the context does not know.
    #[error("resource {0} is not attached to the context")]
    NotAttached(ResourceId),
    /// The guest asked for a transfer with bytes that are not there.
    #[error("a transfer from byte {offset} on of {len}")]
    OutsideMemory {
        /// Where the transfer would start.
        offset: u64,
        /// How many bytes there are.
        len: u64,
    },
    /// The guest asked for more than a named limit.
    #[error("{what} would be {got}, the limit is {limit}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The most that is granted.
        limit: u64,
        /// What was asked for.
        got: u64,
    },
    /// The host could not make shared memory.
    #[error("cannot make shared memory: {0}")]
    SharedMemory(#[source] io::Error),
    /// The renderer refused, for its own reasons.
    #[error(transparent)]
    Renderer(#[from] context::Error),
    /// Paravane itself is wrong.
    #[error("bug in Paravane: {0}")]
    Bug(&'static str),
}

impl Error {
    /// Whether this is a request turned down, after which everything else goes on as before. What
    /// else there is means that the guest's own tables are wrong, that the context has ended, or
    /// that Paravane is wrong.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Limit { .. } | Self::SharedMemory(_) | Self::EmptyBlob => true,
            Self::Renderer(error) => !matches!(
                error,
                context::Error::Ended | context::Error::Malformed(_) | context::Error::Bug(_)
            ),
            _ => false,
        }
    }

    /// Whether the guest is to blame, rather than the host or Paravane.
    pub fn is_guest_fault(&self) -> bool {
        match self {
            Self::Renderer(error) => error.is_guest_fault(),
            Self::SharedMemory(_) | Self::Bug(_) => false,
            _ => true,
        }
    }
}
