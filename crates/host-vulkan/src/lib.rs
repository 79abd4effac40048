//! Safe owning handles over the host's Vulkan driver.

#[rustfmt::skip]
mod generated;
mod lower;

pub use generated::Functions;
pub use lower::{Call, CallError, Handles, LowerError, Lowering};
