//! Virtio queues and vhost-user messages become device verbs; scanouts become vhost-user-gpu
//! messages.
#![forbid(unsafe_code)]

mod chain;
mod channel;
mod config;
mod control;
mod execute;
mod fault;
mod front_end;
pub mod limits;
mod mailbox;
mod memory;
mod offer;
mod requests;
mod ring;
mod session;
mod shared;
mod turn;
mod worker;

pub use device::{Mode, Screen, Text};
pub use offer::Blobs;
pub use session::{HangUp, Session, SessionError, Setup};
