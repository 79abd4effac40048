//! Safe owning handles over the host's Vulkan driver.
//!
//! [`Library`] -> [`Instance`] -> [`PhysicalDevice`] -> [`Device`] -> [`Object`]: each holds
//! what it was made from, so that a parent outlives its children whatever order a guest
//! destroys them in. Commands of the protocol are called through [`Call`]; what only the host
//! side needs (importing pages, exporting descriptors, waiting) has methods here.

mod device;
mod extra;
mod host_copy;
#[rustfmt::skip]
mod generated;
mod instance;
mod library;
mod lower;
mod memory;
mod object;
mod physical_device;

pub use device::Device;
pub use generated::Functions;
pub use instance::Instance;
pub use library::{Library, OpenError};
pub use lower::{Call, CallError, Handles, Identity, LowerError, Lowering, Resolved};
pub use memory::{AllocateError, Allocation, Ladder, Rung, Shared};
pub use object::Object;
pub use physical_device::{PhysicalDevice, extension_name};

/// A driver's refusal, as the code that a guest is to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host's Vulkan driver says {}", .0.0)]
pub struct DriverError(pub vulkan_types::VkResult);
