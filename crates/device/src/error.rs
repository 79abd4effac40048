use std::io;

use context::{ContextId, ResourceId};
use display::Rect;

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
    /// The guest asked for what takes a backing that the resource does not have.
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
    /// The guest gave a blob fewer pages than it is long.
    #[error("{len} bytes of pages for a blob of {size}")]
    TooFewPages {
        /// The blob's.
        size: u64,
        /// How many bytes the pages have.
        len: u64,
    },
    /// The guest named a scanout that the device does not have.
    #[error("no scanout {0}")]
    NoScanout(u32),
    /// The guest meant pixels that the resource does not have, or none at all.
    #[error("{width} x {height} pixels at {x}, {y}", x = .0.x, y = .0.y, width = .0.width, height = .0.height)]
    BadRect(Rect),
    /// The guest described an image that does not lie in the blob, or that no screen shows.
    #[error("no such image is in blob {0}")]
    BadImage(ResourceId),
    /// The guest gave a pointer a picture that is not 64 x 64 pixels.
    #[error("resource {0} is no picture of a pointer")]
    BadCursor(ResourceId),
    /// The guest mapped a blob where it cannot be: not at a page, outside the region, or on another.
    #[error("{size} bytes at {offset:#x} of a region of {region:#x}")]
    BadPlace {
        /// From the region's start.
        offset: u64,
        /// The blob's.
        size: u64,
        /// The region's; 0 if there is none.
        region: u64,
    },
    /// The guest mapped a blob a second time.
    #[error("blob {0} is mapped already")]
    AlreadyMapped(ResourceId),
    /// The guest unmapped what is not mapped.
    #[error("blob {0} is not mapped")]
    NotMapped(ResourceId),
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
    /// A 2D resource is not made, or its pixels do not move.
    #[error(transparent)]
    Image(#[from] render_2d::Error),
    /// The host could not make or map shared memory.
    #[error("cannot make shared memory: {0}")]
    SharedMemory(#[source] io::Error),
    /// The renderer refused, for its own reasons.
    #[error(transparent)]
    Renderer(#[from] context::Error),
    /// Paravane itself is wrong.
    #[error("bug in Paravane: {0}")]
    Bug(&'static str),
}

/// What a guest is told of an error: the errors of virtio's GPU (virtio 1.4, 5.7.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// `VIRTIO_GPU_RESP_ERR_UNSPEC`
    Unspecified,
    /// `VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY`
    OutOfMemory,
    /// `VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID`
    Scanout,
    /// `VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID`
    Resource,
    /// `VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID`
    Context,
    /// `VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER`
    Parameter,
}

impl Error {
    /// What the guest is told. Where the specification leaves it open, what QEMU says
    /// (`hw/display/virtio-gpu.c`).
    pub fn blame(&self) -> Blame {
        match self {
            Self::UnknownContext(_) | Self::ContextExists(_) => Blame::Context,
            Self::UnknownResource(_)
            | Self::ResourceExists(_)
            | Self::WrongKind { .. }
            | Self::NotAttached(_) => Blame::Resource,
            Self::NoScanout(_) => Blame::Scanout,
            Self::EmptyBlob
            | Self::OutsideMemory { .. }
            | Self::TooFewPages { .. }
            | Self::BadRect(_)
            | Self::BadImage(_)
            | Self::BadCursor(_)
            | Self::BadPlace { .. }
            | Self::AlreadyMapped(_)
            | Self::NotMapped(_) => Blame::Parameter,
            Self::Limit { .. } | Self::SharedMemory(_) => Blame::OutOfMemory,
            Self::Image(render_2d::Error::OutOfMemory(_)) => Blame::OutOfMemory,
            Self::Image(_) => Blame::Parameter,
            Self::Renderer(error) => blame_of(error),
            Self::BackingExists(_) | Self::NoBacking(_) | Self::Bug(_) => Blame::Unspecified,
        }
    }

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
            Self::Image(error) => !matches!(error, render_2d::Error::OutOfMemory(_)),
            Self::SharedMemory(_) | Self::Bug(_) => false,
            _ => true,
        }
    }
}

fn blame_of(error: &context::Error) -> Blame {
    match error {
        context::Error::Malformed(_) | context::Error::Misbehaved(_) => Blame::Parameter,
        context::Error::OutOfMemory(_) => Blame::OutOfMemory,
        context::Error::Ended => Blame::Context,
        _ => Blame::Unspecified,
    }
}
