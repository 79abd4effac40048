//! Classic 2D resources in plain memory: firmware and the boot console need no GPU.
//!
//! An [`Image`] is what `VIRTIO_GPU_CMD_RESOURCE_CREATE_2D` makes: zeros, into which pixels come
//! from the guest's pages and from nowhere else. Its memory is shared without locks: whoever shows
//! the image reads it from a thread of its own while the next transfer writes to it, and finds the
//! old pixels or the new ones.
#![forbid(unsafe_code)]

mod error;
mod image;
mod rows;

pub use error::Error;
pub use image::{Image, MAX_SIZE};
