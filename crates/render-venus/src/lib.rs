//! Vulkan commands of a guest become calls of the host's driver.
//!
//! A [`Renderer`] makes contexts; a context executes command streams, on the caller's thread
//! and on one thread for each ring. Ids resolve through one typed table (`objects`); most
//! commands are then called as they are (`scope`), the rest have one module an object. What
//! a guest gets wrong ends its context, with one line in the log, and nothing else.
#![forbid(unsafe_code)]

mod barrier;
mod buffer;
mod context_impl;
mod counters;
mod descriptor;
mod device;
mod error;
mod exchange;
mod extensions;
mod formats;
#[rustfmt::skip]
mod generated;
mod handover;
mod host_copy;
mod image;
mod instance;
mod life;
mod limits;
mod memory;
mod objects;
mod patience;
mod physical_device;
mod pool;
mod query;
mod queue;
mod recorder;
mod release;
mod renderer;
mod report;
mod retired;
mod ring;
mod scope;
mod staged;
mod stream;
mod submissions;
mod sync;
mod transport;

pub use extensions::{Support, support};
pub use host_vulkan::Rung;
pub use physical_device::Emulation;
pub use renderer::{DeviceChoice, ExchangedImages, Options, Renderer, StartError};
pub use report::{
    DeviceReport, ExtensionReport, ExtensionState, MemoryTypeReport, ProtocolReport, Report, report,
};
pub use vulkan_types::{MemoryPropertyFlags, PhysicalDeviceType};

pub(crate) use error::Fatal;
