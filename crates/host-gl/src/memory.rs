//! How much memory the objects of a guest may take.
//!
//! Drivers overcommit: they promise memory until the system ends the process. So what objects
//! take is counted here, and what is over a limit is refused before the driver hears of it.
//! Numbers are those of the formats; a driver's padding is not seen.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;

/// A number of bytes that may be taken, and how many are.
#[derive(Debug)]
pub struct MemoryLimit {
    limit: u64,
    taken: AtomicU64,
    /// What these bytes are a part of.
    within: Option<Arc<MemoryLimit>>,
}

/// Bytes that are taken for as long as this lives.
#[derive(Debug)]
pub struct Charge {
    of: Arc<MemoryLimit>,
    bytes: u64,
    /// What it shares its content with.
    shared: Option<Arc<Charge>>,
}

/// The least that an object counts: driver's records of it, and a page of storage.
pub(crate) const OBJECT: u64 = 4096;

/// What a linked program counts: the code of its stages, which software drivers compile to the
/// processor's.
pub(crate) const PROGRAM: u64 = 64 * 1024;

/// What a context counts.
pub(crate) const CONTEXT: u64 = 4 << 20;

impl MemoryLimit {
    /// At most `limit` bytes, which are a part of those of `within`, if there is such.
    pub fn new(limit: u64, within: Option<&Arc<Self>>) -> Arc<Self> {
        Arc::new(Self {
            limit,
            taken: AtomicU64::new(0),
            within: within.map(Arc::clone),
        })
    }

    /// None.
    pub fn none() -> Arc<Self> {
        Self::new(u64::MAX, None)
    }

    /// In bytes.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// How many bytes are taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Takes bytes.
    ///
    /// # Errors
    /// [`Error::OverLimit`]
    pub fn charge(self: &Arc<Self>, bytes: u64) -> Result<Charge, Error> {
        self.take(bytes)?;
        Ok(Charge {
            of: Arc::clone(self),
            bytes,
            shared: None,
        })
    }

    fn take(&self, bytes: u64) -> Result<(), Error> {
        let add = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= self.limit);
        let relaxed = Ordering::Relaxed;
        let over = Error::OverLimit { limit: self.limit };
        self.taken
            .fetch_update(relaxed, relaxed, add)
            .map_err(|_| over)?;
        let within = self.within.as_ref().map(|within| within.take(bytes));
        within.transpose().map(drop).inspect_err(|_| {
            self.taken.fetch_sub(bytes, relaxed);
        })
    }

    fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(within) = &self.within {
            within.give_back(bytes);
        }
    }
}

impl Charge {
    /// The same; `shared` stays taken as long.
    pub(crate) fn with(mut self, shared: Option<&Arc<Charge>>) -> Self {
        self.shared = shared.map(Arc::clone);
        self
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.of.give_back(self.bytes);
    }
}

/// What GL keeps alive in a context although its names may be gone: what is bound, and what
/// framebuffers that are not bound show. It counts until something else takes its place.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// By unit.
    textures: RefCell<Vec<Unit>>,
    /// By unit.
    images: RefCell<Vec<Option<Arc<Charge>>>>,
    /// By framebuffer and place.
    attachments: RefCell<HashMap<(u32, u32), Arc<Charge>>>,
}

/// What each target of a texture unit has.
type Unit = Vec<(u32, Arc<Charge>)>;

/// More units than drivers have.
const MAX_UNITS: usize = 1024;

impl Held {
    pub(crate) fn texture(&self, unit: u32, target: u32, charge: Option<&Arc<Charge>>) {
        let mut units = self.textures.borrow_mut();
        let Some(bound) = place(&mut units, unit) else {
            return;
        };
        let at = bound.iter().position(|(of, _)| *of == target);
        match (at.and_then(|at| bound.get_mut(at)), charge) {
            (Some((_, held)), Some(charge)) if Arc::ptr_eq(held, charge) => {}
            (Some((_, held)), Some(charge)) => *held = Arc::clone(charge),
            (None, Some(charge)) => bound.push((target, Arc::clone(charge))),
            (_, None) => bound.retain(|(of, _)| *of != target),
        }
    }

    pub(crate) fn image(&self, unit: u32, charge: Option<&Arc<Charge>>) {
        if let Some(held) = place(&mut self.images.borrow_mut(), unit) {
            *held = charge.map(Arc::clone);
        }
    }

    pub(crate) fn attachment(&self, framebuffer: u32, place: u32, charge: Option<&Arc<Charge>>) {
        let mut attachments = self.attachments.borrow_mut();
        match charge {
            Some(charge) => drop(attachments.insert((framebuffer, place), Arc::clone(charge))),
            None => drop(attachments.remove(&(framebuffer, place))),
        }
    }

    /// All of it.
    pub(crate) fn take(&mut self) -> Vec<Arc<Charge>> {
        let textures = self.textures.take().into_iter().flatten();
        let textures = textures.map(|(_, charge)| charge);
        let images = self.images.take().into_iter().flatten();
        let attachments = self.attachments.take().into_values();
        textures.chain(images).chain(attachments).collect()
    }

    pub(crate) fn forget_framebuffer(&self, framebuffer: u32) {
        let mut attachments = self.attachments.borrow_mut();
        attachments.retain(|(of, _), _| *of != framebuffer);
    }
}

fn place<T: Default>(units: &mut Vec<T>, unit: u32) -> Option<&mut T> {
    let at = unit as usize;
    if at >= units.len() && at < MAX_UNITS {
        units.resize_with(at.saturating_add(1), T::default);
    }
    units.get_mut(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back() {
        let all = MemoryLimit::new(100, None);
        let one = MemoryLimit::new(70, Some(&all));
        let other = MemoryLimit::new(70, Some(&all));
        let charge = one.charge(60).unwrap();
        assert_eq!((one.taken(), all.taken()), (60, 60));
        assert_eq!(one.charge(11).unwrap_err(), Error::OverLimit { limit: 70 });
        // Within its own limit, and not within that of all.
        assert_eq!(
            other.charge(41).unwrap_err(),
            Error::OverLimit { limit: 100 }
        );
        assert_eq!((other.taken(), all.taken()), (0, 60));
        let view = other.charge(5).unwrap().with(Some(&Arc::new(charge)));
        assert_eq!(all.taken(), 65);
        drop(view);
        assert_eq!((one.taken(), other.taken(), all.taken()), (0, 0, 0));
        assert!(one.charge(u64::MAX).is_err());
    }

    #[test]
    fn what_is_bound_counts_until_something_else_is() {
        let limit = MemoryLimit::none();
        let mut held = Held::default();
        let charge = |bytes| Arc::new(limit.charge(bytes).unwrap());
        held.texture(3, 1, Some(&charge(1)));
        held.texture(3, 2, Some(&charge(2)));
        held.image(0, Some(&charge(4)));
        held.attachment(5, 6, Some(&charge(8)));
        held.attachment(5, 7, Some(&charge(16)));
        assert_eq!(limit.taken(), 31);
        held.texture(3, 1, Some(&charge(32)));
        held.texture(3, 2, None);
        held.image(0, None);
        held.attachment(5, 7, None);
        assert_eq!(limit.taken(), 40);
        held.forget_framebuffer(5);
        held.texture(u32::MAX, 1, Some(&charge(1)));
        assert_eq!(limit.taken(), 32);
        held.image(1, Some(&charge(2)));
        held.attachment(5, 6, Some(&charge(4)));
        let taken = held.take();
        assert_eq!((taken.len(), limit.taken()), (3, 38));
        drop(taken);
        assert_eq!(limit.taken(), 0);
    }
}
