//! The one seam: what a door asks of a renderer, and what a renderer tells a door.
//!
//! Calls go down through [`Renderer`], [`DeviceRenderer`], [`Resources`] and [`Context`];
//! [`Event`]s come up through an [`EventSender`]. Neither side sees the other's bytes: what goes
//! through is values, ids, and memory behind an fd, so that either side can be another process.
#![forbid(unsafe_code)]

mod blob;
mod error;
mod event;
mod id;
mod log_budget;
mod renderer;
mod resource;
mod stats;

pub use blob::{Blob, BlobFlags, BlobMem, BlobRequest, BlobStorage, MapCaching};
pub use error::Error;
pub use event::{Event, EventReceiver, EventSender, events};
pub use id::{BlobId, CapsetId, ContextId, FenceId, ResourceId, RingIdx};
pub use log_budget::LogBudget;
pub use renderer::{CapsetInfo, Context, DeviceRenderer, Renderer, Resources};
pub use resource::{Box3d, Resource, ResourceRequest, Transfer, TransferSource, TransferTarget};
pub use stats::{Application, ContextStats};

pub use host_memory::{Backing, Piece};
