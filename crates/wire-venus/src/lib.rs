//! The Venus protocol: bytes to Vulkan commands and back, both directions.
//!
//! Wire format 1 (`VK_EXT_command_serialization`): little-endian words of four bytes; a
//! pointer is a 64-bit flag, an array a 64-bit count; a `pNext` chain is written outside in,
//! its bodies inside out. The server's half decodes commands and encodes replies, the client's
//! half (tests, fuzzers, benches) does the reverse.
//!
//! A decoded value is well formed: enumerations have a value that the registry names, counts
//! agree with their arrays, required pointers are there, chains hold what the registry allows.
//! Whether its ids name objects is not the wire's business.
#![forbid(unsafe_code)]

mod capset;
mod codec;
mod decode;
mod encode;
#[rustfmt::skip]
mod generated;
pub mod limits;

pub use capset::{CAPSET_SIZE, Capset};
pub use codec::{Body, Decode, Encode, Partial, Structure, WireReply, WireRequest};
pub use decode::Decoder;
pub use encode::Encoder;
pub use generated::{decode_command, encode_command};

/// `VK_COMMAND_GENERATE_REPLY_BIT_EXT`: the flag of a command whose reply is wanted.
pub const GENERATE_REPLY: u32 = 1;
