//! What kinds of context there are, and what each can do.

use crate::CapsetId;
use crate::codec::payload;

payload! {
    /// Asks for the capset with this number, counted from 0.
    pub struct GetCapsetInfo + 1 {
        /// Below the configuration's `num_capsets`.
        pub index: u32,
    }

    /// Asks for a capset's bytes.
    pub struct GetCapset + 0 {
        /// Which.
        pub capset: CapsetId,
        /// At most its `max_version`.
        pub version: u32,
    }

    /// A capset (`struct virtio_gpu_resp_capset_info`).
    pub struct CapsetInfo + 1 {
        /// Which.
        pub capset: CapsetId,
        /// The newest version of it.
        pub max_version: u32,
        /// Bytes that it takes at most.
        pub max_size: u32,
    }
}
