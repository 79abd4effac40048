/// Why a renderer did not do what a door asked, by whose fault it is.
///
/// After [`Error::Malformed`] and [`Error::Misbehaved`] the context is finished: every later
/// call on it fails. The other contexts don't notice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The guest's command stream cannot be parsed.
    #[error("malformed command stream: {0}")]
    Malformed(String),
    /// The guest's commands parse and break a rule: an unknown id, a use after destroy.
    #[error("guest misbehaved: {0}")]
    Misbehaved(String),
    /// The context has ended before, for a reason that [`crate::Event::ContextLost`] told, or
    /// because its guest has gone.
    #[error("the context has ended")]
    Ended,
    /// The guest asked for what this host does not offer.
    #[error("not supported here: {0}")]
    Unsupported(String),
    /// The host's driver or kernel failed on a legal request.
    #[error("host failed: {0}")]
    Host(String),
    /// The host has no memory left for a legal request.
    #[error("host out of memory: {0}")]
    OutOfMemory(String),
    /// Paravane itself is wrong.
    #[error("bug in Paravane: {0}")]
    Bug(String),
}

impl Error {
    /// Whether the guest is to blame, rather than this host or Paravane.
    pub fn is_guest_fault(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Misbehaved(_))
    }
}
