//! How long a thread looks again and again for what is about to happen, before it sleeps.
//!
//! Waking up takes some tens of microseconds, and several threads hand a submission on. Where
//! processors are to spare, looking costs nobody anything.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long after its last command an empty ring is watched without sleeping: a guest that
/// waits for a small submission comes back within this time, and a sleep takes as long.
const RING: Duration = Duration::from_micros(100);
/// The same where a processor is to spare: a guest that fills a buffer comes back within this
/// time, and the GPU waits for what it submits then.
const RING_ALONE: Duration = Duration::from_micros(500);
/// How long anything else is watched there: a small submission takes the driver and the GPU less.
const MOMENT: Duration = Duration::from_micros(100);
/// Processors of a host that can spare one.
const MANY_PROCESSORS: usize = 8;

static SPARES: LazyLock<bool> = LazyLock::new(|| {
    std::thread::available_parallelism().is_ok_and(|number| number.get() >= MANY_PROCESSORS)
});

/// For an empty ring.
pub(crate) fn of_ring() -> Duration {
    if *SPARES { RING_ALONE } else { RING }
}

/// Looks for a moment, at least once, until there is something.
pub(crate) fn look<T>(mut find: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let found = find();
        if found.is_some() || !*SPARES || start.elapsed() >= MOMENT {
            return found;
        }
        breathe();
    }
}

/// Between two looks: leaves the processor to whoever else wants it, be it another thread or
/// the other half of a core.
pub(crate) fn breathe() {
    (0..8).for_each(|_| std::hint::spin_loop());
    std::thread::yield_now();
}
