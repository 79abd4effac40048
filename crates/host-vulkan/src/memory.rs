//! Memory that a guest can map: the ladder, probed on real allocations.
//!
//! A guest maps host-visible memory by a file descriptor. No Vulkan extension promises one for
//! any allocation, so each memory type is tried on each rung, best first, once for each physical
//! device of the host; the driver's lists are not trusted. A type that no rung can share is
//! shown to the guest without `HOST_VISIBLE`.

mod allocate;
mod ladder;
mod ladders;
mod probe;
mod share;

pub use allocate::AllocateError;
pub use ladder::{Ladder, Rung};
pub(crate) use ladders::{DeviceIdentity, Ladders};
pub use share::{Allocation, Shared};

use vulkan_types as t;

use crate::DriverError;

fn not_supported() -> DriverError {
    DriverError(t::VkResult::ERROR_FEATURE_NOT_PRESENT)
}
