//! Memory that was freed and that the process still has.

/// Gives the system what the C library's allocator holds back, of all threads.
///
/// The allocator keeps an arena for each few threads, and of each what is free below the last
/// block that is not: where short-lived threads take turns, that is what all of them together
/// had at most. Does nothing with another allocator than glibc's.
pub fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: needs nothing; it takes the allocator's own locks.
        unsafe { libc::malloc_trim(0) };
    }
}

/// What [`keep_freed`] has the allocator hold back at the end of each arena, in bytes: as much as
/// a frame of a software GL frees and wants again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: i32 = 64 << 20;

/// The most that glibc's allocator takes without a mapping of its own, in bytes
/// (`HEAP_MAX_SIZE / 2`, `malloc/malloc.c`).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const UNMAPPED: i32 = 32 << 20;

/// Has the C library's allocator keep what is freed for those who ask next, until [`trim`]: else
/// a driver that frees a buffer and makes another with each frame has the system clear its pages
/// each time. For a program at its start, not for a library: it is for the whole process.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: the allocator takes its own locks, and refuses what it does not know.
        unsafe {
            libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
            libc::mallopt(libc::M_MMAP_THRESHOLD, UNMAPPED);
        }
    }
}
