use std::io;
use std::os::unix::net::UnixStream;

use context::CapsetId;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wire::ParseError;
use wire_vtest::{Command, ResourceHandle, SyncId};

/// Why a client's connection ends, other than by its own wish.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The client sent bytes that the protocol gives no meaning to.
    #[error("malformed request: {0}")]
    Parse(#[from] ParseError),
    /// The client hung up in the middle of a request.
    #[error("hung up {missing} bytes before the end of a request")]
    Truncated { missing: usize },
    /// The client did not start with its name, or named itself again.
    #[error("{0} out of order: CREATE_RENDERER comes first, and once")]
    OutOfOrder(Command),
    /// The client wants what only virgl contexts do, and has no such context.
    #[error("{0} needs virgl, which is not offered here")]
    NoVirgl(Command),
    /// The client wants what only a server with DRM syncobjs does.
    #[error("{0} needs DRM syncobjs, which are not offered here")]
    NoDrmSync(Command),
    /// The client wants a second kind of context.
    #[error("CONTEXT_INIT for capset {wanted} after capset {current}")]
    OtherContext { current: CapsetId, wanted: CapsetId },
    /// The client named a context of no kind.
    #[error("CONTEXT_INIT for capset 0")]
    NoCapset,
    /// The client chose a resource's number, which is the server's part from version 3 on.
    #[error("resource {} is not the client's to choose", .0.0)]
    ChosenHandle(ResourceHandle),
    /// The client named a sync that does not exist.
    #[error("no sync {}", .0.0)]
    UnknownSync(SyncId),
    /// The client has more in flight than a named limit.
    #[error("more than {limit} {what}")]
    Limit { what: &'static str, limit: usize },
    /// The device refused.
    #[error(transparent)]
    Device(#[from] device::Error),
    /// The context died between two requests.
    #[error("context lost: {0}")]
    ContextLost(String),
    /// The host could not make a file descriptor or a thread.
    #[error("host failed: {0}")]
    Host(#[source] io::Error),
    /// The socket broke.
    #[error("socket: {0}")]
    Socket(#[source] io::Error),
    /// Paravane itself is wrong.
    #[error("bug in Paravane: {0}")]
    Bug(&'static str),
}

impl Error {
    /// A client that is gone before its reply, or before its context is done, has only left
    /// early.
    pub(crate) fn unless_hung_up(self, socket: &UnixStream) -> Result<(), Self> {
        match self {
            Self::Socket(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Self::Device(device::Error::Renderer(context::Error::Ended)) if is_hung_up(socket) => {
                Ok(())
            }
            other => Err(other),
        }
    }

    /// Whether this is Paravane's own fault, the only thing logged as an error.
    pub(crate) fn is_bug(&self) -> bool {
        match self {
            Self::Bug(_) | Self::Device(device::Error::Bug(_)) => true,
            Self::Device(device::Error::Renderer(error)) => {
                matches!(error, context::Error::Bug(_))
            }
            _ => false,
        }
    }
}

/// Whether the other end has closed, although requests of it may still be there to read.
pub(crate) fn is_hung_up(socket: &UnixStream) -> bool {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut fds = [PollFd::new(socket, PollFlags::empty())];
    poll(&mut fds, Some(&now)).is_ok_and(|ready| ready != 0)
}
