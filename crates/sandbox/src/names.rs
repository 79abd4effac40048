//! The names of system calls, as numbers.

/// Builds the table; what is below `x86_64` is on that architecture alone.
macro_rules! table {
    ($($name:ident)*; x86_64: $($old:ident)*) => {
        const TABLE: &[(&str, Option<i64>)] = &[
            $((stringify!($name), Some(libc::$name)),)*
            $(
                #[cfg(target_arch = "x86_64")]
                (stringify!($old), Some(libc::$old)),
                #[cfg(not(target_arch = "x86_64"))]
                (stringify!($old), None),
            )*
        ];
    };
}

/// A call that a rule can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Its number here.
    Number(i64),
    /// Another architecture has it.
    Elsewhere,
}

/// The call with this name; none if no rule can name it.
pub(crate) fn call(name: &str) -> Option<Call> {
    let named = |(full, _): &&(&str, _)| full.strip_prefix("SYS_") == Some(name);
    let (_, number) = TABLE.iter().find(named)?;
    Some(number.map_or(Call::Elsewhere, Call::Number))
}

table! {
    SYS_accept SYS_accept4 SYS_brk SYS_clock_getres SYS_clock_gettime SYS_clock_nanosleep SYS_clone
    SYS_close SYS_dup SYS_dup3 SYS_epoll_create1 SYS_epoll_ctl SYS_epoll_pwait SYS_eventfd2
    SYS_exit SYS_exit_group SYS_faccessat SYS_faccessat2 SYS_fadvise64 SYS_fallocate SYS_fchmod
    SYS_fchmodat SYS_fcntl SYS_fdatasync SYS_flock SYS_fstat SYS_fstatfs SYS_fsync SYS_ftruncate
    SYS_futex SYS_futex_waitv SYS_get_mempolicy SYS_getcpu SYS_getcwd SYS_getdents64 SYS_getegid
    SYS_geteuid SYS_getgid SYS_getpeername SYS_getpid SYS_getppid SYS_getpriority SYS_getrandom
    SYS_getresgid SYS_getresuid SYS_getrusage SYS_getsockname SYS_getsockopt SYS_gettid
    SYS_gettimeofday SYS_getuid SYS_ioctl SYS_kcmp SYS_kill SYS_linkat SYS_lseek SYS_madvise
    SYS_mbind SYS_membarrier SYS_memfd_create SYS_mincore SYS_mkdirat SYS_mlock SYS_mmap
    SYS_mprotect SYS_mremap SYS_msync SYS_munlock SYS_munmap SYS_nanosleep SYS_newfstatat
    SYS_openat SYS_pipe2 SYS_ppoll SYS_prctl SYS_pread64 SYS_preadv SYS_prlimit64 SYS_pselect6
    SYS_pwrite64 SYS_pwritev SYS_read SYS_readlinkat SYS_readv SYS_recvfrom SYS_recvmsg
    SYS_renameat SYS_renameat2 SYS_restart_syscall SYS_rseq SYS_rt_sigaction SYS_rt_sigprocmask
    SYS_rt_sigreturn SYS_rt_sigtimedwait SYS_sched_get_priority_max SYS_sched_get_priority_min
    SYS_sched_getaffinity SYS_sched_getparam SYS_sched_getscheduler
    SYS_sched_yield SYS_sendmsg SYS_sendto SYS_set_mempolicy
    SYS_set_robust_list SYS_set_tid_address SYS_setsockopt SYS_shutdown
    SYS_sigaltstack SYS_signalfd4 SYS_socketpair SYS_statfs SYS_statx SYS_sysinfo SYS_tgkill
    SYS_timerfd_create SYS_timerfd_gettime SYS_timerfd_settime SYS_times SYS_umask SYS_uname
    SYS_unlinkat SYS_utimensat SYS_write SYS_writev;
    x86_64:
    SYS_access SYS_arch_prctl SYS_epoll_wait SYS_getrlimit SYS_lstat SYS_mkdir SYS_open SYS_poll
    SYS_readlink SYS_rename SYS_stat SYS_time SYS_unlink
}
