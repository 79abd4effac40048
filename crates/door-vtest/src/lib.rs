//! The vtest socket becomes device verbs.
//!
//! A [`Server`] gives every client its own thread, its own [`device::Device`] and its own
//! context, so that clients know nothing of each other. What a client may not do ends its
//! connection with one line in the log; the protocol has no error replies.
#![forbid(unsafe_code)]

mod error;
mod events;
mod fences;
mod ids;
pub mod limits;
mod listener;
mod log_budget;
mod server;
mod session;
mod stats;
mod stream;
mod syncs;

pub use listener::{BindError, Listener};
pub use server::Server;
pub use stats::{ClientReport, Counts, Stats};
