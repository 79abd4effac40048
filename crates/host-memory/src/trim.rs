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
