//! How much one client, and all together, may have in flight, and why no more.

/// Clients at a time, unless a server has fewer. Each is a thread or two here; a desktop full of
/// programs is a few dozen.
pub const MAX_CLIENTS: usize = 1024;

/// Living syncs of a client. A sync is a few words; a Vulkan program has one for each
/// fence or semaphore that it shares or waits for.
pub const MAX_SYNCS: usize = 1 << 20;

/// Waits of a client that are neither satisfied nor out of time. Each is a thread of the
/// client that sleeps, and a file descriptor here.
pub const MAX_WAITS: usize = 1024;

/// Syncs that those waits are for, all together.
pub const MAX_WAITERS: usize = 1 << 20;

/// Sync values that fences in flight will set, all together: some thousand submissions with
/// some hundred syncs each.
pub const MAX_PENDING_POINTS: usize = 1 << 20;

/// Clients that a report describes one by one; the rest are in the totals.
pub const MAX_REPORTS: usize = 64;

/// Characters of a client's name that a log line or a report shows.
pub const MAX_SHOWN_NAME: usize = 64;
