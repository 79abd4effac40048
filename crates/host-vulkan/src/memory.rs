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

use std::os::fd::OwnedFd;

use vulkan_types as t;

use crate::DriverError;

/// Drivers take the word of whoever imports for what a descriptor is.
fn check_dma_buf(fd: &OwnedFd) -> Result<(), DriverError> {
    match host_memory::is_dma_buf(fd) {
        true => Ok(()),
        false => Err(DriverError(t::VkResult::ERROR_INVALID_EXTERNAL_HANDLE)),
    }
}

fn not_supported() -> DriverError {
    DriverError(t::VkResult::ERROR_FEATURE_NOT_PRESENT)
}
