//! What the bytes of the vtest protocol mean, versions 0 to 4, both directions.
//!
//! The protocol is virglrenderer's (`vtest/vtest_protocol.h`); what the header leaves open
//! is as `vtest/vtest_renderer.c` reads and writes it. Everything is little-endian 32-bit
//! words. A message starts with two words, length and command number; [`Extent`] tells
//! where it ends, because the length word alone does not.
//!
//! A file descriptor travels as one byte of the stream with `SCM_RIGHTS`, apart from any
//! other byte, so that a peer's plain `read` cannot lose it. In a request that byte counts
//! as part of the message; a reply that carries one says so ([`Reply::carries_fd`]).
#![forbid(unsafe_code)]

mod command;
mod drm_sync;
mod extent;
pub mod limits;
mod reply;
mod request;
mod resource;
mod submit;
mod sync;
mod transfer;
mod version;

pub use command::Command;
pub use drm_sync::{
    DrmSyncTransfer, DrmSyncWait, SyncobjHandle, SyncobjPoint, SyncobjUse, SyncobjUseFlags,
};
pub use extent::{Extent, HEADER_SIZE, Header};
pub use reply::Reply;
pub use request::{Param, Request};
pub use resource::{
    BlobFlags, BlobType, BusyWaitFlags, ResourceCreate, ResourceCreateBlob, ResourceHandle,
};
pub use submit::{Batch, SubmitCmd2};
pub use sync::{SyncId, SyncPoint, SyncWait, SyncWaitFlags};
pub use transfer::{Box3d, Transfer, Transfer2};
pub use version::Version;

/// Where a server listens unless told otherwise (`VTEST_DEFAULT_SOCKET_NAME`).
pub const DEFAULT_SOCKET_NAME: &str = "/tmp/.virgl_test";

/// How many timelines a context has (`VTEST_MAX_TIMELINE_COUNT` in
/// `vtest/vtest_renderer.c`); ring indices are below it.
pub const MAX_TIMELINE_COUNT: u32 = 64;
