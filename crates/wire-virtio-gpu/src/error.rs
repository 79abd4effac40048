use wire::ParseError;

use crate::{CommandType, ErrorCode, Header, Queue};

/// What is wrong with a message's fields. Every variant is the sender's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Too short or too long, or a field whose value has no meaning or is over its limit.
    #[error(transparent)]
    Bytes(#[from] ParseError),
    /// A resource is wanted and the id is 0, which is none.
    #[error("resource id 0 names no resource")]
    NoResource,
    /// A context is wanted and the header's id is 0, which is none.
    #[error("context id 0 names no context")]
    NoContext,
    /// No device has a scanout with this number.
    #[error("scanout {0} is past the last one that the protocol has")]
    NoScanout(u32),
}

impl Fault {
    /// What the device answers.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Bytes(_) => ErrorCode::InvalidParameter,
            Self::NoResource => ErrorCode::InvalidResourceId,
            Self::NoContext => ErrorCode::InvalidContextId,
            Self::NoScanout(_) => ErrorCode::InvalidScanoutId,
        }
    }
}

/// Why a request cannot be executed. Every variant is the driver's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The request ends within its header.
    #[error("no header: {0}")]
    NoHeader(ParseError),
    /// No command has this number.
    #[error("unknown command {number:#x}")]
    UnknownCommand {
        /// The request's header.
        header: Header,
        /// The number received.
        number: u32,
    },
    /// The command belongs on the other queue.
    #[error("{command} on the {queue} queue")]
    WrongQueue {
        /// The request's header.
        header: Header,
        /// The command.
        command: CommandType,
        /// Where it came.
        queue: Queue,
    },
    /// The command comes with a feature that the driver did not accept.
    #[error("{command} without its feature")]
    NotNegotiated {
        /// The request's header.
        header: Header,
        /// The command.
        command: CommandType,
    },
    /// The command is known and what it says is wrong.
    #[error("{command}: {fault}")]
    Malformed {
        /// The request's header.
        header: Header,
        /// The command.
        command: CommandType,
        /// What is wrong.
        fault: Fault,
    },
}

impl RequestError {
    /// The request's header, for the response; what an unreadable one is answered with otherwise.
    pub fn header(&self) -> Header {
        match self {
            Self::NoHeader(_) => Header::default(),
            Self::UnknownCommand { header, .. }
            | Self::WrongQueue { header, .. }
            | Self::NotNegotiated { header, .. }
            | Self::Malformed { header, .. } => *header,
        }
    }

    /// What the device answers. What it does not know is `VIRTIO_GPU_RESP_ERR_UNSPEC`, as it is
    /// with QEMU (`virtio_gpu_simple_process_cmd` in `hw/display/virtio-gpu.c`).
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NoHeader(_)
            | Self::UnknownCommand { .. }
            | Self::WrongQueue { .. }
            | Self::NotNegotiated { .. } => ErrorCode::Unspec,
            Self::Malformed { fault, .. } => fault.code(),
        }
    }
}
