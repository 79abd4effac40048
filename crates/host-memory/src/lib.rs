//! Memory that a guest sees too: memfds, mappings, and access that a racing guest cannot break.
//!
//! A guest may write to these pages at any moment, so no Rust reference to them ever
//! exists: all access goes through relaxed atomics, which makes a race yield a stale or a
//! torn value and never undefined behaviour. Copy out once, then check the copy.

mod backing;
mod dma_buf;
mod mapping;
mod pages;
mod region;
mod shm;
mod trim;
mod udmabuf;

pub use backing::{Backing, Piece};
pub use dma_buf::is_dma_buf;
pub use mapping::Mapping;
pub use pages::Pages;
pub use region::{OutOfRange, Region};
pub use shm::Shm;
pub use trim::{keep_freed, trim};
pub use udmabuf::udmabuf;

/// The host's page size in bytes, a power of two.
pub fn page_size() -> usize {
    rustix::param::page_size()
}

/// The host's memory in bytes, swap not included.
#[allow(
    clippy::useless_conversion,
    reason = "an `unsigned long`, which has 4 bytes on some hosts"
)]
pub fn total_memory() -> u64 {
    let info = rustix::system::sysinfo();
    u64::from(info.totalram).saturating_mul(info.mem_unit.into())
}

/// `len` rounded up to whole host pages; `None` if that is more than an address space holds.
pub fn page_align(len: u64) -> Option<u64> {
    let aligned = len.checked_next_multiple_of(page_size() as u64)?;
    isize::try_from(aligned).ok().map(|_| aligned)
}
