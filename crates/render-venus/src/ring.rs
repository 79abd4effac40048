//! A ring: commands in shared memory, executed by a thread of its own.
//!
//! The guest writes commands and the tail; we write the head and the status. All of it may
//! change under our eyes, so each value is read once, and commands are copied out before they
//! are parsed.
//!
//! ```text
//! running --idle timeout, empty--> idle (status IDLE, asleep) --notify--> running
//! running --malformed command----> fatal (status FATAL, thread ends, context ends)
//! ```

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use host_memory::Pages;
use vulkan_types as t;

use crate::Fatal;
use crate::context_impl::Shared;
use crate::life::Life;
use crate::limits::{MAX_RING_BYTES, WAIT_SLICE};
use crate::patience::{self, breathe};
use crate::recorder::Recorder;
use crate::stream::{Stream, StreamCopy};

/// `VkRingStatusFlagBitsMESA`.
const STATUS_IDLE: u32 = 1;
const STATUS_FATAL: u32 = 2;
const STATUS_ALIVE: u32 = 4;

/// How long the looks after that are apart, until the ring counts as idle: a part of the time
/// that has passed, within bounds.
const NAPS: RangeInclusive<Duration> = Duration::from_micros(10)..=Duration::from_micros(50);
const NAPS_A_WAIT: u32 = 16;
/// How exactly the thread wakes from a nap, nanoseconds; the kernel's default is as long as one.
const TIMER_SLACK: std::num::NonZeroU64 = std::num::NonZeroU64::new(1_000).unwrap();

/// Where a ring's parts are in its resource, bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    head: u64,
    tail: u64,
    status: u64,
    buffer: u64,
    buffer_size: u32,
    extra: u64,
    extra_size: u64,
}

impl Layout {
    /// Checks that all parts are aligned, within the resource, and apart.
    pub(crate) fn new(info: &t::RingCreateInfoMESA<'_>, pages: &Pages) -> Result<Self, Fatal> {
        const BAD: Fatal = Fatal::Range { what: "ring" };
        let size = info.buffer_size as u64;
        if !size.is_power_of_two() || size > MAX_RING_BYTES {
            return Err(Fatal::misuse(
                "vkCreateRingMESA",
                "buffer size is no power of two, or too large",
            ));
        }
        let start = info.offset as u64;
        let end = start
            .checked_add(info.size as u64)
            .filter(|end| *end <= pages.len())
            .ok_or(BAD)?;
        let mut taken: Vec<(u64, u64)> = Vec::new();
        let mut part = |offset: usize, len: u64| {
            let from = start.checked_add(offset as u64).ok_or(BAD)?;
            let to = from.checked_add(len).filter(|to| *to <= end).ok_or(BAD)?;
            if !from.is_multiple_of(4)
                || !len.is_multiple_of(4)
                || taken.iter().any(|(a, b)| from < *b && *a < to)
            {
                return Err(BAD);
            }
            taken.push((from, to));
            Ok(from)
        };
        Ok(Self {
            head: part(info.head_offset, 4)?,
            tail: part(info.tail_offset, 4)?,
            status: part(info.status_offset, 4)?,
            buffer: part(info.buffer_offset, size)?,
            buffer_size: size as u32,
            extra: part(info.extra_offset, info.extra_size as u64)?,
            extra_size: info.extra_size as u64,
        })
    }
}

/// A ring and its thread.
pub(crate) struct Ring {
    id: u64,
    pages: Pages,
    layout: Layout,
    idle_timeout: Duration,
    monitored: bool,
    state: Mutex<State>,
    /// Wakes the ring's thread.
    wake: Condvar,
    /// Wakes who waits for the head.
    moved: Condvar,
    watched: AtomicBool,
    stopping: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
    recorder: Recorder,
    watch: Duration,
    /// Where the commands end that its thread has copied out.
    seen: AtomicU32,
    /// Where the command begins that it executes.
    position: AtomicU32,
}

#[derive(Default)]
struct State {
    notified: bool,
    virtqueue_seqno: u64,
    ended: bool,
}

impl Ring {
    /// A ring that has not started.
    pub(crate) fn new(
        id: u64,
        pages: Pages,
        layout: Layout,
        idle_timeout: u64,
        monitored: bool,
    ) -> Result<Arc<Self>, Fatal> {
        let words = [layout.head, layout.status];
        for word in words {
            if pages.load_u32(word, Ordering::Acquire)? != 0 {
                return Err(Fatal::misuse(
                    "vkCreateRingMESA",
                    "head or status is not zero",
                ));
            }
        }
        Ok(Arc::new(Self {
            id,
            pages,
            layout,
            idle_timeout: Duration::from_nanos(idle_timeout),
            monitored,
            state: Mutex::default(),
            wake: Condvar::new(),
            moved: Condvar::new(),
            watched: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            thread: Mutex::new(None),
            recorder: Recorder::default(),
            watch: patience::of_ring(),
            seen: AtomicU32::new(0),
            position: AtomicU32::new(0),
        }))
    }

    /// Starts its thread, at this niceness if one is asked for and allowed.
    pub(crate) fn start(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        priority: Option<i32>,
    ) -> Result<(), Fatal> {
        let ring = Arc::clone(self);
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new()
            .name(format!("ring-{:x}", self.id))
            .spawn(move || {
                if let Some(priority) = priority {
                    // The thread itself; not being allowed to is no error.
                    let _ = rustix::process::setpriority_process(None, priority);
                }
                let _ = rustix::thread::set_current_timer_slack(Some(TIMER_SLACK));
                ring.run(&shared);
            })?;
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(())
    }

    /// Ends its thread, after the command that it executes.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        drop(self.state());
        self.wake.notify_all();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }

    /// What is executed beside its thread.
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The guest's name for it.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Whether the guest has written more than its thread is about to execute.
    pub(crate) fn has_more(&self) -> bool {
        self.load(self.layout.tail) != self.seen.load(Ordering::Relaxed)
    }

    /// Where the command begins that its thread executes.
    pub(crate) fn position(&self) -> u32 {
        self.position.load(Ordering::Relaxed)
    }

    /// True when its thread is to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// True when it uses this memory.
    pub(crate) fn uses(&self, pages: &Pages) -> bool {
        self.pages.base() == pages.base()
    }

    /// Wakes it from idleness.
    pub(crate) fn notify(&self) {
        self.state().notified = true;
        self.wake.notify_all();
    }

    /// Writes a word of its extra region.
    pub(crate) fn write_extra(&self, offset: u64, value: u32) -> Result<(), Fatal> {
        let end = offset
            .checked_add(4)
            .filter(|end| *end <= self.layout.extra_size);
        if end.is_none() {
            return Err(Fatal::Range { what: "ring extra" });
        }
        Ok(self
            .pages
            .store_u32(self.layout.extra + offset, value, Ordering::Release)?)
    }

    /// The virtqueue got this far.
    pub(crate) fn submit_virtqueue_seqno(&self, seqno: u64) {
        self.state().virtqueue_seqno = seqno;
        self.wake.notify_all();
    }

    /// Waits, on the ring's thread, until the virtqueue got this far.
    pub(crate) fn wait_virtqueue_seqno(&self, life: &Life, seqno: u64) -> Result<(), Fatal> {
        let mut state = self.state();
        while state.virtqueue_seqno < seqno {
            if self.stopping.load(Ordering::Acquire) {
                return Err(Fatal::Ended);
            }
            life.check()?;
            state = wait(&self.wake, state);
        }
        Ok(())
    }

    /// Waits until all is executed that is before a position that its tail has passed.
    pub(crate) fn wait_executed(&self, life: &Life, seqno: u32) -> Result<(), Fatal> {
        self.wait_head(life, seqno)?;
        self.recorder.drain_before(seqno, || life.check())
    }

    /// Whether a wait for a position takes longer than a moment. It does not if it fails.
    pub(crate) fn keeps_waiting(&self, seqno: u32) -> bool {
        let settled = patience::look(|| {
            if !reached(self.load(self.layout.tail), seqno) {
                return Some(true);
            }
            let executed = reached(self.load(self.layout.head), seqno);
            // The ring may have handed its last command over before it moved on.
            match self.recorder.is_behind(seqno) {
                true => Some(false),
                false => executed.then_some(true),
            }
        });
        settled != Some(true)
    }

    fn wait_head(&self, life: &Life, seqno: u32) -> Result<(), Fatal> {
        let mut state = self.state();
        self.watched.store(true, Ordering::SeqCst);
        let result = loop {
            if reached(self.load(self.layout.head), seqno) {
                break Ok(());
            }
            if !reached(self.load(self.layout.tail), seqno) {
                break Err(Fatal::misuse(
                    "vkWaitRingSeqnoMESA",
                    "waits for what was not written",
                ));
            }
            if state.ended {
                break Err(Fatal::Ended);
            }
            if let Err(error) = life.check() {
                break Err(error);
            }
            state = wait(&self.moved, state);
        };
        self.watched.store(false, Ordering::SeqCst);
        result
    }

    /// Says that we live, if the guest watches.
    pub(crate) fn report_alive(&self) {
        if self.monitored {
            self.set_status(STATUS_ALIVE);
        }
    }

    fn run(self: &Arc<Self>, shared: &Arc<Shared>) {
        let mut stream = Stream::new(shared, Some(Arc::clone(self)));
        if let Err(fatal) = self.consume(shared, &mut stream) {
            self.fail(shared, &fatal);
        }
        self.recorder.close();
        self.state().ended = true;
        self.moved.notify_all();
    }

    /// Ends it, and its context with it.
    pub(crate) fn fail(&self, shared: &Shared, fatal: &Fatal) {
        self.set_status(STATUS_FATAL);
        // Stopped in the middle of a wait: the ring ends, and not its context.
        if !(matches!(fatal, Fatal::Ended) && self.is_stopping()) {
            shared.fail(fatal);
        }
    }

    fn consume(&self, shared: &Arc<Shared>, stream: &mut Stream) -> Result<(), Fatal> {
        let mut head = 0u32;
        let mut copy = StreamCopy::default();
        let mut last = Instant::now();
        while !self.stopping.load(Ordering::Acquire) {
            let size = self.load(self.layout.tail).wrapping_sub(head);
            if size != 0 {
                let commands = self.copy_out(head, size, &mut copy)?;
                self.seen.store(head.wrapping_add(size), Ordering::Relaxed);
                stream.execute(shared, commands, |done| {
                    self.advance(head.wrapping_add(done as u32))
                })?;
                head = head.wrapping_add(size);
                last = Instant::now();
            } else {
                let quiet = last.elapsed();
                if quiet >= self.idle_timeout {
                    self.sleep(head);
                    last = Instant::now();
                } else if quiet >= self.watch || self.recorder.is_busy() {
                    let nap = (quiet / NAPS_A_WAIT).clamp(*NAPS.start(), *NAPS.end());
                    std::thread::sleep(nap);
                } else {
                    breathe();
                }
            }
        }
        Ok(())
    }

    /// Copies commands out: the buffer may change from now on.
    fn copy_out<'a>(
        &self,
        head: u32,
        size: u32,
        copy: &'a mut StreamCopy,
    ) -> Result<&'a [u8], Fatal> {
        if size > self.layout.buffer_size {
            return Err(Fatal::Range { what: "ring tail" });
        }
        let commands = copy.room(size as usize);
        let at = head & (self.layout.buffer_size - 1);
        let first = size.min(self.layout.buffer_size - at) as usize;
        let (front, back) = commands.split_at_mut(first);
        self.pages.read(self.layout.buffer + u64::from(at), front)?;
        self.pages.read(self.layout.buffer, back)?;
        Ok(commands)
    }

    fn advance(&self, head: u32) {
        self.position.store(head, Ordering::Relaxed);
        self.store(self.layout.head, head);
        if self.watched.load(Ordering::SeqCst) {
            drop(self.state());
            self.moved.notify_all();
        }
    }

    /// Sleeps until notified, unless the guest wrote in the meantime.
    fn sleep(&self, head: u32) {
        self.state().notified = false;
        self.set_status(STATUS_IDLE);
        if self.load(self.layout.tail) == head {
            let mut state = self.state();
            while !state.notified && !self.stopping.load(Ordering::Acquire) {
                state = wait(&self.wake, state);
            }
        }
        // The layout was checked: the word is there.
        let _ = self
            .pages
            .fetch_and_u32(self.layout.status, !STATUS_IDLE, Ordering::SeqCst);
    }

    fn set_status(&self, bits: u32) {
        let _ = self
            .pages
            .fetch_or_u32(self.layout.status, bits, Ordering::SeqCst);
    }

    fn load(&self, word: u64) -> u32 {
        self.pages
            .load_u32(word, Ordering::Acquire)
            .unwrap_or_default()
    }

    fn store(&self, word: u64, value: u32) {
        let _ = self.pages.store_u32(word, value, Ordering::Release);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits at most so long that the end of a context is noticed.
pub(crate) fn wait<'a, T>(on: &Condvar, state: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    on.wait_timeout(state, Duration::from_nanos(WAIT_SLICE))
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

/// Positions wrap: one is at or past another when the difference is not negative.
fn reached(position: u32, target: u32) -> bool {
    position.wrapping_sub(target).cast_signed() >= 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use context::{ContextId, events};
    use host_memory::Shm;

    fn info() -> t::RingCreateInfoMESA<'static> {
        t::RingCreateInfoMESA {
            size: 4096,
            head_offset: 0,
            tail_offset: 64,
            status_offset: 128,
            buffer_offset: 1024,
            buffer_size: 1024,
            extra_offset: 2048,
            extra_size: 4,
            ..Default::default()
        }
    }

    fn pages() -> Pages {
        Shm::new("test", 4096).unwrap().into()
    }

    #[test]
    fn a_layout_like_mesas_is_fine() {
        assert!(Layout::new(&info(), &pages()).is_ok());
    }

    #[test]
    fn bad_layouts_are_refused() {
        type Change = fn(&mut t::RingCreateInfoMESA<'static>);
        let changes: [Change; 7] = [
            |i| i.size = 4097,
            |i| i.buffer_size = 1000,
            |i| i.buffer_offset = 4096,
            |i| i.tail_offset = 2,
            |i| i.tail_offset = 0,
            |i| i.extra_offset = usize::MAX,
            |i| i.offset = usize::MAX,
        ];
        for change in changes {
            let mut info = info();
            change(&mut info);
            assert!(Layout::new(&info, &pages()).is_err(), "{info:?}");
        }
    }

    /// What `wait` says once the guest has gone, while it waits for what only the guest does.
    fn given_up(wait: impl FnOnce(&Ring, &Life) -> Result<(), Fatal> + Send) -> Result<(), Fatal> {
        let pages = pages();
        let layout = Layout::new(&info(), &pages).unwrap();
        let ring = Ring::new(1, pages, layout, 0, false).unwrap();
        // The tail says that there are commands, and no thread executes them.
        ring.store(layout.tail, 100);
        let (sender, receiver) = events().unwrap();
        let life = Life::new(ContextId(1), sender);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(&ring, &life));
            std::thread::sleep(Duration::from_millis(20));
            assert!(!waiting.is_finished());
            drop(receiver);
            waiting.join().unwrap()
        })
    }

    #[test]
    fn waits_end_when_the_guest_has_gone() {
        let virtqueue = given_up(|ring, life| ring.wait_virtqueue_seqno(life, 1));
        assert!(matches!(virtqueue, Err(Fatal::Ended)));
        let head = given_up(|ring, life| ring.wait_head(life, 100));
        assert!(matches!(head, Err(Fatal::Ended)));
    }

    #[test]
    fn positions_wrap() {
        assert!(reached(5, 5) && reached(3, u32::MAX) && !reached(u32::MAX, 3));
    }
}
