//! The owning end of a GL name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::garbage::{Dead, Garbage};
use crate::memory::Charge;

/// The group or the context that an object is of.
pub(crate) struct Owner {
    id: u64,
    garbage: Arc<Garbage>,
}

impl Owner {
    pub(crate) fn new(id: u64, garbage: &Arc<Garbage>) -> Self {
        Self {
            id,
            garbage: Arc::clone(garbage),
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn garbage(&self) -> &Garbage {
        &self.garbage
    }
}

/// A name that is deleted some time after this is dropped, on whatever thread.
pub(crate) struct Handle {
    name: u32,
    /// No other object has it, or ever had: names come again.
    id: u64,
    kind: fn(u32) -> Dead,
    owner: Owner,
    /// The memory of the object.
    charge: Option<Arc<Charge>>,
}

impl Handle {
    pub(crate) fn new(name: u32, kind: fn(u32) -> Dead, owner: Owner) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(1);
        Self {
            name,
            id: IDS.fetch_add(1, Ordering::Relaxed),
            kind,
            owner,
            charge: None,
        }
    }

    /// The same, with the memory that the object takes.
    pub(crate) fn charged(mut self, charge: Charge) -> Self {
        self.charge = Some(Arc::new(charge));
        self
    }

    pub(crate) fn charge(&self) -> Option<&Arc<Charge>> {
        self.charge.as_ref()
    }

    pub(crate) fn name(&self) -> u32 {
        self.name
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn owner(&self) -> u64 {
        self.owner.id
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.owner.garbage.add((self.kind)(self.name));
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.name.fmt(f)
    }
}
