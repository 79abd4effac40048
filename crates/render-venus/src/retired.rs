//! Removed objects wait until no call can be using them.
//!
//! A ring may remove what another ring's call is using just now. Counting references for each
//! use would cost more than many a call, so threads say between two commands that they hold
//! nothing from before (epochs): what was removed in an epoch is destroyed when every thread
//! has seen a later one.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::context_impl::lock;
use crate::objects::Held;

/// A thread's epoch while it executes nothing: it holds nothing.
const IDLE: u64 = u64::MAX;

/// One thread of execution.
pub(crate) struct Reader {
    epoch: AtomicU64,
}

impl Reader {
    /// From now on the thread holds nothing.
    pub(crate) fn leave(&self) {
        self.epoch.store(IDLE, Ordering::SeqCst);
    }
}

/// Objects that were removed, and the threads that may still use them.
#[derive(Default)]
pub(crate) struct Retired {
    epoch: AtomicU64,
    count: AtomicUsize,
    waiting: Mutex<Vec<(u64, Held)>>,
    readers: Mutex<Vec<Weak<Reader>>>,
}

impl Retired {
    /// Makes a thread known. It holds nothing yet.
    pub(crate) fn reader(&self) -> Arc<Reader> {
        let reader = Arc::new(Reader {
            epoch: AtomicU64::new(IDLE),
        });
        let mut readers = lock(&self.readers);
        readers.retain(|reader| reader.strong_count() != 0);
        readers.push(Arc::downgrade(&reader));
        reader
    }

    /// The thread may hold anything from now on.
    pub(crate) fn enter(&self, reader: &Reader) {
        reader
            .epoch
            .store(self.epoch.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    pub(crate) fn add(&self, held: impl IntoIterator<Item = Held>) {
        let mut waiting = lock(&self.waiting);
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst);
        waiting.extend(held.into_iter().map(|held| (epoch, held)));
        self.count.store(waiting.len(), Ordering::SeqCst);
    }

    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.count.load(Ordering::Relaxed) != 0
    }

    /// Says that a thread is between two commands, and destroys what nobody holds.
    #[cold]
    #[inline(never)]
    pub(crate) fn settle(&self, reader: &Reader) {
        self.enter(reader);
        let oldest = {
            let readers = lock(&self.readers);
            let epochs = readers
                .iter()
                .filter_map(Weak::upgrade)
                .map(|reader| reader.epoch.load(Ordering::SeqCst));
            epochs.min().unwrap_or(IDLE)
        };
        let mut waiting = lock(&self.waiting);
        let gone: Vec<_> = waiting
            .extract_if(.., |(epoch, _)| *epoch < oldest)
            .collect();
        self.count.store(waiting.len(), Ordering::SeqCst);
        drop(waiting);
        // In the order of their removal: children before what they were made from.
        gone.into_iter().for_each(drop);
    }

    pub(crate) fn take_all(&self) -> Vec<Held> {
        lock(&self.waiting)
            .drain(..)
            .map(|(_, held)| held)
            .collect()
    }
}
