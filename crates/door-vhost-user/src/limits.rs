//! How much a guest may have in flight, and why no more.

use std::time::Duration;

/// Buffers of a queue, at most: what virtio's PCI devices offer for one
/// (`VIRTQUEUE_MAX_SIZE` in QEMU).
pub const MAX_QUEUE_SIZE: u16 = 1024;

/// Regions of a guest's memory: as many as the kernel's vhost takes (`max_mem_regions` of its
/// module). Each mapped blob is one.
pub const MAX_MEMORY_SLOTS: u64 = 509;

/// Requests of a queue that wait for a fence or for the display. A driver has no more buffers
/// than the queue has room for; one that puts the same buffer there again waits.
pub const MAX_WAITING: usize = MAX_QUEUE_SIZE as usize;

/// Requests of one queue that are served before the other has its turn.
pub const MAX_AT_A_TIME: usize = 64;

/// The time that a front end may take to say what its screens are. Its own main loop answers, and
/// a guest that boots or changes modes waits for it.
pub const MAX_DISPLAY_WAIT: Duration = Duration::from_secs(2);

/// The time that stopping a queue may take because a request is being executed. The front end
/// waits meanwhile, and what it waits with may be what the request needs: a mapping.
pub const MAX_STOP_WAIT: Duration = Duration::from_millis(500);

/// The time that a device may take to end. A driver that does not come back is left behind.
pub const MAX_END_WAIT: Duration = Duration::from_secs(5);
