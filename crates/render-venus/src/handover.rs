//! Work that one thread hands over to another, which does it in its order.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Fatal;
use crate::context_impl::lock;
use crate::limits::{MAX_QUEUED, MAX_QUEUED_BYTES};
use crate::ring::wait;

/// A queue of jobs, and the thread that does them. Jobs come from one thread at a time.
pub(crate) struct Handover<J> {
    /// Jobs that were ever handed over, and those that are done: equal when none is under way.
    handed: AtomicU64,
    done: AtomicU64,
    queue: Mutex<Queue<J>>,
    /// Wakes the thread.
    work: Condvar,
    /// Wakes who waits for it.
    moved: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Queue<J> {
    /// The first is the one being done; it leaves when it is. With each, how many bytes it is.
    jobs: VecDeque<(J, usize)>,
    bytes: usize,
    /// Nothing will be handed over any more.
    closed: bool,
    /// The thread has ended.
    ended: bool,
}

impl<J> Default for Handover<J> {
    fn default() -> Self {
        Self {
            handed: AtomicU64::new(0),
            done: AtomicU64::new(0),
            queue: Mutex::new(Queue {
                jobs: VecDeque::new(),
                bytes: 0,
                closed: false,
                ended: false,
            }),
            work: Condvar::new(),
            moved: Condvar::new(),
            thread: Mutex::new(None),
        }
    }
}

impl<J> Handover<J> {
    /// Whether anything is under way.
    #[inline]
    pub(crate) fn is_busy(&self) -> bool {
        self.done.load(Ordering::Acquire) != self.handed.load(Ordering::Relaxed)
    }

    /// Whether a job that is under way is such a one.
    pub(crate) fn any(&self, such: impl Fn(&J) -> bool) -> bool {
        self.is_busy() && lock(&self.queue).jobs.iter().any(|(job, _)| such(job))
    }

    /// Waits for this long, or until one more job is done.
    pub(crate) fn wait(&self, time: Duration) {
        let queue = lock(&self.queue);
        if self.is_busy() {
            drop(self.moved.wait_timeout(queue, time));
        }
    }

    /// Waits until everything is done that has been handed over by now.
    pub(crate) fn drain(&self, wanted: impl Fn() -> Result<(), Fatal>) -> Result<(), Fatal> {
        if !self.is_busy() {
            return Ok(());
        }
        let target = self.handed.load(Ordering::Acquire);
        self.wait_until(wanted, |_| self.done.load(Ordering::Acquire) >= target)
            .map(drop)
    }

    /// Waits until no such job is under way.
    pub(crate) fn drain_such(
        &self,
        wanted: impl Fn() -> Result<(), Fatal>,
        such: impl Fn(&J) -> bool,
    ) -> Result<(), Fatal> {
        let none = |queue: &Queue<J>| !queue.jobs.iter().any(|(job, _)| such(job));
        self.wait_until(wanted, none).map(drop)
    }

    /// Hands a job of `size` bytes over, once there is room for it.
    pub(crate) fn push(
        &self,
        job: J,
        size: usize,
        wanted: impl Fn() -> Result<(), Fatal>,
    ) -> Result<(), Fatal> {
        let has_room = |queue: &Queue<J>| {
            queue.jobs.len() < MAX_QUEUED
                && (queue.jobs.is_empty() || queue.bytes.saturating_add(size) <= MAX_QUEUED_BYTES)
        };
        let mut queue = self.wait_until(wanted, has_room)?;
        queue.bytes = queue.bytes.saturating_add(size);
        queue.jobs.push_back((job, size));
        self.handed.fetch_add(1, Ordering::AcqRel);
        drop(queue);
        self.work.notify_one();
        Ok(())
    }

    fn wait_until(
        &self,
        wanted: impl Fn() -> Result<(), Fatal>,
        holds: impl Fn(&Queue<J>) -> bool,
    ) -> Result<MutexGuard<'_, Queue<J>>, Fatal> {
        let mut queue = lock(&self.queue);
        while !holds(&queue) {
            if queue.ended {
                return Err(Fatal::Ended);
            }
            wanted()?;
            queue = wait(&self.moved, queue);
        }
        Ok(queue)
    }

    /// Starts the thread that does the jobs, by [`Handover::serve`], unless it has been started.
    pub(crate) fn start<T: FnOnce() + Send + 'static>(
        &self,
        name: impl FnOnce() -> String,
        thread: impl FnOnce() -> T,
    ) -> Result<(), Fatal> {
        let mut started = lock(&self.thread);
        if started.is_none() {
            let builder = std::thread::Builder::new().name(name());
            *started = Some(builder.spawn(thread())?);
        }
        Ok(())
    }

    /// Does jobs until one fails, or none is left and none will come. `take` takes out of a job
    /// what it needs; the rest can be seen until it is done.
    pub(crate) fn serve<T>(
        &self,
        take: impl Fn(&mut J) -> T,
        mut execute: impl FnMut(T) -> Result<(), Fatal>,
    ) -> Result<(), Fatal> {
        let mut result = Ok(());
        while let (Ok(()), Some(work)) = (&result, self.next(&take)) {
            result = execute(work);
            if result.is_ok() {
                self.finish();
            }
        }
        lock(&self.queue).ended = true;
        self.moved.notify_all();
        result
    }

    /// What the first job needs; nothing when no more will come.
    fn next<T>(&self, take: impl Fn(&mut J) -> T) -> Option<T> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some((job, _)) = queue.jobs.front_mut() {
                return Some(take(job));
            }
            if queue.closed {
                return None;
            }
            queue = wait(&self.work, queue);
        }
    }

    /// The first job is done.
    fn finish(&self) {
        let mut queue = lock(&self.queue);
        if let Some((_, size)) = queue.jobs.pop_front() {
            queue.bytes = queue.bytes.saturating_sub(size);
        }
        self.done.fetch_add(1, Ordering::AcqRel);
        drop(queue);
        self.moved.notify_all();
    }

    /// Ends the thread after what has been handed over.
    pub(crate) fn close(&self) {
        lock(&self.queue).closed = true;
        self.work.notify_all();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}
