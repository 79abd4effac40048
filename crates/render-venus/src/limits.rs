//! Named limits of a context, and why each is what it is.

use std::time::Duration;

/// Timelines of a context: the vtest protocol and virtio-gpu both number them in six bits.
pub(crate) const MAX_TIMELINES: usize = 64;

/// Rings of a context: Mesa makes one, and one more for each application thread.
pub(crate) const MAX_RINGS: usize = 1024;

/// Bytes of a ring's buffer: Mesa's is 128 KiB.
pub(crate) const MAX_RING_BYTES: u64 = 16 << 20;

/// Objects of a context: large games hold some hundred thousand.
pub(crate) const MAX_OBJECTS: usize = 1 << 22;

/// Bytes of one indirect command stream.
pub(crate) const MAX_STREAM_BYTES: usize = 64 << 20;

/// Bytes that a thread keeps to copy indirect streams to: a frame's recording.
pub(crate) const COPY_KEEP: usize = 8 << 20;

/// Bytes of a thread's arena: the values of many small commands.
pub(crate) const ARENA_START: usize = 16 << 10;

/// Bytes left in it at which it is emptied: more than a small command takes.
pub(crate) const ARENA_LOW: usize = 8 << 10;

/// Bytes from which on a recording is executed beside its ring: below, it takes less time than
/// handing it over saves.
pub(crate) const LONG_RECORDING: usize = 32 << 10;

/// Commands that queue up behind recordings: those of a few frames.
pub(crate) const MAX_QUEUED: usize = 256;

/// Bytes of them: a few frames' recordings.
pub(crate) const MAX_QUEUED_BYTES: usize = 32 << 20;

/// Retired fences that are looked through before those that have signalled are destroyed: as many
/// as a guest has frames under way, and a few more.
pub(crate) const SPARE_FENCES: usize = 16;

/// How long a fence's status may be answered late: less than Mesa's driver waits for an answer
/// before it sleeps (`src/virtio/vulkan/vn_common.c`, `VN_RELAX_REASON_RING_SEQNO`).
pub(crate) const LATE_STATUS: Duration = Duration::from_micros(20);

/// Decoded values that an arena keeps between commands; what is larger is given back.
pub(crate) const ARENA_KEEP: usize = 1 << 20;

/// How long the end of a context waits for the host: frames take some ms, and a queue may wait
/// for what only its guest could signal.
pub(crate) const END_PATIENCE: Duration = Duration::from_secs(1);

/// How long a blocking wait holds on before it looks whether its context is ending, ns.
pub(crate) const WAIT_SLICE: u64 = 100_000_000;
