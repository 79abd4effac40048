//! The configuration space, which answers at once whatever the queues are doing.

use std::sync::atomic::{AtomicU32, Ordering};

use wire_virtio_gpu::{Config, Events};

/// The part of the configuration that changes.
#[derive(Debug, Default)]
pub(crate) struct PendingEvents(AtomicU32);

impl PendingEvents {
    /// Something has happened; the driver is to look.
    pub(crate) fn raise(&self, events: Events) {
        self.0.fetch_or(events.bits(), Ordering::AcqRel);
    }

    /// The driver has written `bytes` to the space.
    pub(crate) fn clear(&self, offset: u32, bytes: &[u8]) {
        let cleared = Events::cleared_by(offset, bytes);
        self.0.fetch_and(!cleared.bits(), Ordering::AcqRel);
    }

    pub(crate) fn reset(&self) {
        self.0.store(0, Ordering::Release);
    }

    fn get(&self) -> Events {
        Events::from_bits_truncate(self.0.load(Ordering::Acquire))
    }
}

/// `size` bytes of the space, from `offset` on. A front end may ask for more than there is
/// (QEMU's generic device is told a size by its user); there is nothing but zeros.
pub(crate) fn read(
    pending: &PendingEvents,
    num_scanouts: u32,
    num_capsets: u32,
    offset: u32,
    size: u32,
) -> Vec<u8> {
    let config = Config {
        events: pending.get(),
        num_scanouts,
        num_capsets,
        blob_alignment: None,
    };
    let bytes = config.to_bytes().into_iter().chain(std::iter::repeat(0));
    let (offset, size) = (offset as usize, size as usize);
    bytes.skip(offset.min(MAX_SPACE)).take(size).collect()
}

/// Bytes that a vhost-user message carries of the space, at most (`VHOST_USER_MAX_CONFIG_SIZE`).
const MAX_SPACE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_space_is_as_long_as_it_is_asked_for() {
        let pending = PendingEvents::default();
        let read = |offset, size| read(&pending, 2, 3, offset, size);
        assert_eq!(read(8, 8), [2, 0, 0, 0, 3, 0, 0, 0]);
        assert_eq!(read(0, 20).len(), 20);
        assert_eq!(read(0, 20)[16..], [0; 4]);
        assert_eq!(read(u32::MAX, 4), [0; 4]);
    }

    #[test]
    fn events_stay_until_they_are_cleared() {
        let pending = PendingEvents::default();
        pending.raise(Events::DISPLAY);
        assert_eq!(read(&pending, 1, 0, 0, 4), [1, 0, 0, 0]);
        let (offset, bytes) = Events::DISPLAY.to_clear();
        pending.clear(offset, &bytes);
        assert_eq!(read(&pending, 1, 0, 0, 4), [0; 4]);
    }
}
