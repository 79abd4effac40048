//! Buffers in memory that others map, too (`GL_AMD_pinned_memory`).
//!
//! GL uses such memory for as long as anything refers to the buffer, if its name is deleted or
//! not: a vertex array of another context, a texture that shows it, a draw under way. Nobody can
//! tell when that ends. So the pages stay mapped as long as the share group; they give their
//! memory back to the system, and are lent again to whoever wants as many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host_memory::{Shm, page_align};

use crate::garbage::{Dead, Garbage};
use crate::{Buffer, Current, Error, enums as gl};

/// Mappings of a group, at most: the system has 65,530 for a process (`vm.max_map_count`).
const MAX_LENDINGS: usize = 4096;

/// The memory that a group lends to buffers.
#[derive(Default)]
pub(crate) struct Lendings(Mutex<Ledger>);

#[derive(Default)]
struct Ledger {
    /// What nobody has, by its length.
    free: HashMap<u64, Vec<Shm>>,
    /// What there is.
    count: usize,
}

/// Memory that a buffer has.
pub(crate) struct Lent {
    pages: Option<Shm>,
    garbage: Arc<Garbage>,
}

impl std::fmt::Debug for Lent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pages.fmt(f)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(pages) = self.pages.take() {
            self.garbage.add(Dead::Lent(pages));
        }
    }
}

impl Lendings {
    /// At least this many zero bytes.
    fn take(&self, size: u64) -> Result<Shm, Error> {
        // Few lengths, so that there is often something to lend again.
        let length = page_align(size).and_then(u64::checked_next_power_of_two);
        let length = length.ok_or(Error::OutOfMemory)?;
        let mut ledger = self.lock();
        if let Some(pages) = ledger.free.get_mut(&length).and_then(Vec::pop) {
            return Ok(pages);
        }
        if ledger.count >= MAX_LENDINGS {
            return Err(Error::OutOfMemory);
        }
        let pages = Shm::new("paravane-gl", length).map_err(|_| Error::OutOfMemory)?;
        ledger.count += 1;
        Ok(pages)
    }

    fn give_back(&self, pages: Shm) {
        self.lock().free.entry(pages.len()).or_default().push(pages);
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Current<'_> {
    /// Makes a buffer of `size` zero bytes in memory that others can map: it is at the start of
    /// the pages. What they write there, GL's later commands see; what GL writes, they see when
    /// that is done.
    ///
    /// # Errors
    /// [`Error::Missing`] without [`crate::Features::pinned_memory`]; [`Error::OutOfMemory`]
    pub fn create_shared_buffer(&self, size: u64) -> Result<(Buffer, Shm), Error> {
        if !self.caps().features.pinned_memory {
            return Err(Error::Missing("buffers in shared memory"));
        }
        let bytes = page_align(size).and_then(|bytes| isize::try_from(bytes).ok());
        let bytes = bytes.filter(|bytes| *bytes > 0).ok_or(Error::OutOfMemory)?;
        let charge = self.charge(size)?;
        let pages = self.group().lendings.take(size)?;
        let lent = Lent {
            pages: Some(pages.clone()),
            garbage: self.shared_garbage(),
        };
        let buffer = Buffer::of_lent(
            self.buffer_name(Dead::LentBuffer).charged(charge),
            size,
            lent,
        );
        let target = gl::EXTERNAL_VIRTUAL_MEMORY_BUFFER_AMD;
        self.clear_errors();
        self.gl_bind_buffer(target, buffer.handle().name());
        // SAFETY: there are as many bytes, and they stay mapped as long as the group: the
        // buffer has them, and when it is gone, the group.
        unsafe {
            let data = pages.base().as_ptr().cast();
            self.gl_buffer_data(target, bytes, data, gl::DYNAMIC_DRAW);
        }
        self.gl_bind_buffer(target, 0);
        self.check()?;
        Ok((buffer, pages))
    }

    /// Takes the memory of a buffer that was deleted, once this context does not use it.
    pub(crate) fn take_back(&self, pages: Shm) {
        self.gl_finish();
        if let Err(error) = pages.discard() {
            tracing::warn!(%error, "a buffer's memory is not given back");
        }
        self.group().lendings.give_back(pages);
    }
}
