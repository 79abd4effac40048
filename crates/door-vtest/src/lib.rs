//! The vtest socket becomes device verbs.
//!
//! A [`Server`] accepts clients, and a [`Service`] gives each a [`device::Device`] and a context of
//! its own, so that clients know nothing of each other: [`Here`] on a thread of this process. What
//! a client may not do ends its connection with one line in the log; the protocol has no error
//! replies.
#![forbid(unsafe_code)]

mod error;
mod events;
mod fences;
mod ids;
pub mod limits;
mod listener;
mod server;
mod service;
mod session;
mod stats;
mod stream;
mod syncs;

pub use listener::{BindError, Listener};
pub use server::Server;
pub use service::{Here, Outcome, Service};
pub use stats::{ClientReport, Counts, Stats};
