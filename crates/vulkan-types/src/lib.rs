//! Vulkan's structures and commands as safe borrowed values; handles are the guest's ids.
//!
//! The wire decodes into these values and the host lowers from them, so that neither knows
//! the other. Slices stand for pointers with a count: empty is null. A count stays beside its
//! slice, since Vulkan lets some arrays be null while their count is not zero.
//!
//! Names and layouts: the Vulkan registry (`crates/codegen/registry/vk.xml`).
#![forbid(unsafe_code)]

#[macro_use]
mod macros;
mod chain;
mod format;
#[rustfmt::skip]
mod generated;

pub use chain::{Chain, Link};
pub use format::TexelBlock;
pub use generated::*;

/// The guest's name for an object: never a pointer, never a host handle.
pub trait Id: Copy {
    /// The kind of object that it names.
    const TYPE: ObjectType;

    /// The number on the wire; 0 is `VK_NULL_HANDLE`.
    fn raw(self) -> u64;
}

/// A command, as a value.
pub trait Request {
    /// `VkCommandTypeEXT` on the wire.
    const ID: u32;
    /// Its name in the registry.
    const NAME: &'static str;
    /// What it answers.
    type Reply<'r>;

    /// The object that it is called on: its first parameter, when that is a handle.
    fn object(&self) -> Option<(ObjectType, u64)>;
}
