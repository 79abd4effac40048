use std::ffi::c_void;
use std::time::Duration;

use crate::garbage::Dead;
use crate::object::Owner;
use crate::{Current, Error, enums as gl};

/// A point in a context's work. Waiting for it is possible in every context of the group.
pub struct Sync {
    name: *const c_void,
    owner: Owner,
}

// SAFETY: the name of a sync object means the same on every thread.
unsafe impl Send for Sync {}

impl Current<'_> {
    /// Marks the point that the context's work has come to, and flushes so that it will be
    /// reached.
    ///
    /// # Errors
    /// The driver has none left.
    pub fn fence(&self) -> Result<Sync, Error> {
        let name = self.gl_fence_sync(gl::SYNC_GPU_COMMANDS_COMPLETE, 0);
        if name.is_null() {
            self.check()?;
            return Err(Error::OutOfMemory);
        }
        self.flush();
        Ok(Sync {
            name,
            owner: self.shared_owner(),
        })
    }

    /// Waits until the point is reached, at most as long as `timeout`; whether it is.
    ///
    /// # Errors
    /// The context is lost.
    pub fn wait(&self, sync: &Sync, timeout: Duration) -> Result<bool, Error> {
        if sync.owner.id() != self.group().id() {
            return Err(Error::InUse);
        }
        let timeout = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        // SAFETY: the sync object is the group's and lives.
        match unsafe { self.gl_client_wait_sync(sync.name, 0, timeout) } {
            gl::ALREADY_SIGNALED | gl::CONDITION_SATISFIED => Ok(true),
            gl::TIMEOUT_EXPIRED => Ok(false),
            _ => {
                self.check()?;
                Err(Error::Missing("an answer to glClientWaitSync"))
            }
        }
    }

    /// Has later work of this context wait until the point is reached; returns at once.
    pub fn wait_in_order(&self, sync: &Sync) {
        if sync.owner.id() == self.group().id() {
            // SAFETY: the sync object is the group's and lives.
            unsafe { self.gl_wait_sync(sync.name, 0, u64::MAX) };
        }
    }
}

impl Drop for Sync {
    fn drop(&mut self) {
        self.owner.garbage().add(Dead::Sync(self.name));
    }
}

impl std::fmt::Debug for Sync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sync({:p})", self.name)
    }
}
