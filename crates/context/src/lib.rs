//! The one seam: what a door asks of a renderer, and what a renderer tells a door.
//!
//! Calls go down through [`Renderer`] and [`Context`]; [`Event`]s come up through an
//! [`EventSender`]. Neither side sees the other's bytes.
#![forbid(unsafe_code)]

mod blob;
mod error;
mod event;
mod id;
mod renderer;
mod stats;

pub use blob::{Blob, BlobFlags, BlobMem, BlobRequest, BlobStorage, MapCaching};
pub use error::Error;
pub use event::{Event, EventReceiver, EventSender, events};
pub use id::{BlobId, CapsetId, ContextId, FenceId, ResourceId, RingIdx};
pub use renderer::{CapsetInfo, Context, Renderer};
pub use stats::{Application, ContextStats};
