//! Named limits of the decoder, and why each is what it is.

/// Structures in one `pNext` chain. The longest list that the registry allows is that of
/// `VkPhysicalDeviceFeatures2` with fewer than 150.
pub const MAX_CHAIN: usize = 256;

/// Elements that a reply may be asked to hold when the request spends no bytes on them
/// (queue families, sparse requirements, time domains). Drivers answer with tens.
pub const MAX_ROOM: u64 = 1 << 16;

/// Bytes that a reply may be asked to hold: query results, pipeline caches, image contents.
/// A reply stream is a guest blob, and Mesa's are far smaller.
pub const MAX_REPLY_BYTES: u64 = 256 << 20;

/// Nesting of command streams within command streams: Mesa uses one level.
pub const MAX_STREAM_DEPTH: u32 = 4;

/// Bytes of decoded values that one command may take. Decoded arrays are at most some ten
/// times their bytes on the wire, and the largest real ones (descriptor writes, SPIR-V) are
/// a few megabytes.
pub const MAX_DECODED_BYTES: usize = 512 << 20;
