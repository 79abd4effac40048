use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use context::{FenceId, RingIdx};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use wire_vtest::{SyncId, SyncPoint, SyncWait, SyncWaitFlags};

use crate::error::Error;
use crate::ids::Ids;
use crate::limits::{MAX_PENDING_POINTS, MAX_SYNCS, MAX_WAITERS, MAX_WAITS};

/// A client's timeline syncs, the waits for them, and the fences that will move them.
///
/// A sync holds a 64-bit value. `SYNC_WRITE` sets it at once; a submission sets it when the
/// fence of its ring signals. A wait latches: once a sync has reached the value, the wait
/// has it, even if the sync is set back.
#[derive(Debug, Default)]
pub(crate) struct Syncs {
    syncs: HashMap<u32, Sync>,
    ids: Ids,
    waits: HashMap<WaitKey, Wait>,
    last_wait: u64,
    /// The sum of `waiters` over the syncs.
    waiter_count: usize,
    timelines: HashMap<RingIdx, VecDeque<Pending>>,
    /// The sum of `points` over the timelines.
    pending_points: usize,
}

/// A wait's number, never used twice.
type WaitKey = u64;

#[derive(Debug)]
struct Sync {
    value: u64,
    /// Whether the client can still name it.
    is_named: bool,
    /// How many pending points are for it.
    pending: usize,
    waiters: Vec<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    value: u64,
    wait: WaitKey,
}

#[derive(Debug)]
struct Wait {
    alarm: Alarm,
    any: bool,
    /// How many syncs have not reached their values.
    missing: usize,
    /// When the client stops listening.
    deadline: Option<Instant>,
}

/// Points to be set when a fence signals.
#[derive(Debug)]
struct Pending {
    fence: FenceId,
    points: Vec<SyncPoint>,
}

/// What a wait is answered with.
#[derive(Debug)]
pub(crate) enum WaitFd {
    /// The wait was satisfied from the start: any fd that is readable will do.
    Ready,
    /// To be sent; it becomes readable if the wait is satisfied in time.
    Later(OwnedFd),
}

impl Syncs {
    pub(crate) fn create(&mut self, value: u64) -> Result<SyncId, Error> {
        check_limit("syncs", self.syncs.len().saturating_add(1), MAX_SYNCS)?;
        let id = self.ids.take().ok_or(Error::Bug("out of sync ids"))?;
        let sync = Sync {
            value,
            is_named: true,
            pending: 0,
            waiters: Vec::new(),
        };
        self.syncs.insert(id, sync);
        Ok(SyncId(id))
    }

    /// Ends a sync's name. Fences in flight still move it, and waits still see that.
    pub(crate) fn unref(&mut self, id: SyncId) -> Result<(), Error> {
        self.named(id)?.is_named = false;
        self.free_if_unused(id);
        Ok(())
    }

    pub(crate) fn value(&mut self, id: SyncId) -> Result<u64, Error> {
        Ok(self.named(id)?.value)
    }

    /// Sets a value now; it may go back.
    pub(crate) fn write(&mut self, point: SyncPoint) -> Result<(), Error> {
        self.named(point.sync)?;
        self.set(point);
        Ok(())
    }

    /// Sets values when `fence` of `ring` signals. Fences of a ring come in rising order.
    pub(crate) fn set_on_fence(
        &mut self,
        ring: RingIdx,
        fence: FenceId,
        points: Vec<SyncPoint>,
    ) -> Result<(), Error> {
        let pending_points = self.pending_points.saturating_add(points.len());
        check_limit("sync values in flight", pending_points, MAX_PENDING_POINTS)?;
        for point in &points {
            self.named(point.sync)?;
        }
        for point in &points {
            let sync = self.named(point.sync)?;
            sync.pending = sync.pending.saturating_add(1);
        }
        self.pending_points = pending_points;
        let timeline = self.timelines.entry(ring).or_default();
        timeline.push_back(Pending { fence, points });
        Ok(())
    }

    /// `fence` and all before it on `ring` have signalled.
    pub(crate) fn fence_signaled(&mut self, ring: RingIdx, fence: FenceId) {
        while let Some(pending) = self.next_signaled(ring, fence) {
            for point in pending.points {
                self.pending_points = self.pending_points.saturating_sub(1);
                self.set(point);
                if let Some(sync) = self.syncs.get_mut(&point.sync.0) {
                    sync.pending = sync.pending.saturating_sub(1);
                }
                self.free_if_unused(point.sync);
            }
        }
    }

    fn next_signaled(&mut self, ring: RingIdx, fence: FenceId) -> Option<Pending> {
        let timeline = self.timelines.get_mut(&ring)?;
        match timeline.front()?.fence <= fence {
            true => timeline.pop_front(),
            false => None,
        }
    }

    /// Starts a wait.
    pub(crate) fn wait(&mut self, wait: &SyncWait, now: Instant) -> Result<WaitFd, Error> {
        let missing = self.missing_points(wait)?;
        let any = wait.flags.contains(SyncWaitFlags::ANY);
        let is_ready = missing.is_empty() || (any && missing.len() < wait.points.len());
        if is_ready {
            return Ok(WaitFd::Ready);
        }
        let alarm = Alarm::new().map_err(Error::Host)?;
        let fd = alarm.fd().map_err(Error::Host)?;
        if wait.timeout_ms != 0 {
            let deadline = wait.timeout().and_then(|timeout| now.checked_add(timeout));
            self.drop_expired(now);
            self.add_wait(alarm, any, deadline, &missing)?;
        }
        Ok(WaitFd::Later(fd))
    }

    /// Ends all waits as if they were satisfied: nothing will satisfy them any more, and a client
    /// that waits without a deadline would not notice that its connection has ended.
    pub(crate) fn release_waits(&mut self) {
        for (_, wait) in self.waits.drain() {
            wait.alarm.ring();
        }
    }

    /// The points not reached yet.
    fn missing_points(&mut self, wait: &SyncWait) -> Result<Vec<SyncPoint>, Error> {
        let mut missing = Vec::new();
        for point in &wait.points {
            if self.named(point.sync)?.value < point.value {
                missing.push(*point);
            }
        }
        Ok(missing)
    }

    fn add_wait(
        &mut self,
        alarm: Alarm,
        any: bool,
        deadline: Option<Instant>,
        points: &[SyncPoint],
    ) -> Result<(), Error> {
        check_limit("waits", self.waits.len().saturating_add(1), MAX_WAITS)?;
        let waiter_count = self.waiter_count.saturating_add(points.len());
        check_limit("syncs waited for", waiter_count, MAX_WAITERS)?;
        self.waiter_count = waiter_count;
        self.last_wait = self.last_wait.wrapping_add(1);
        let key = self.last_wait;
        for point in points {
            self.named(point.sync)?.waiters.push(Waiter {
                value: point.value,
                wait: key,
            });
        }
        let wait = Wait {
            alarm,
            any,
            missing: points.len(),
            deadline,
        };
        self.waits.insert(key, wait);
        Ok(())
    }

    fn set(&mut self, point: SyncPoint) {
        let Some(sync) = self.syncs.get_mut(&point.sync.0) else {
            return;
        };
        sync.value = point.value;
        let reached = sync
            .waiters
            .extract_if(.., |waiter| waiter.value <= point.value);
        for waiter in reached {
            self.waiter_count = self.waiter_count.saturating_sub(1);
            let Some(wait) = self.waits.get_mut(&waiter.wait) else {
                continue;
            };
            wait.missing = wait.missing.saturating_sub(1);
            if wait.any || wait.missing == 0 {
                wait.alarm.ring();
                self.waits.remove(&waiter.wait);
            }
        }
    }

    /// Forgets the waits that nobody listens to, and what satisfied ones left at syncs that
    /// they did not need.
    fn drop_expired(&mut self, now: Instant) {
        self.waits
            .retain(|_, wait| wait.deadline.is_none_or(|deadline| now < deadline));
        // Walking all syncs pays off only once the leftovers dominate.
        let wanted = self.waits.values().map(|wait| wait.missing).sum::<usize>();
        if self.waiter_count > wanted.saturating_mul(2).saturating_add(64) {
            for sync in self.syncs.values_mut() {
                sync.waiters
                    .retain(|waiter| self.waits.contains_key(&waiter.wait));
            }
            self.waiter_count = self.syncs.values().map(|sync| sync.waiters.len()).sum();
        }
    }

    fn named(&mut self, id: SyncId) -> Result<&mut Sync, Error> {
        self.syncs
            .get_mut(&id.0)
            .filter(|sync| sync.is_named)
            .ok_or(Error::UnknownSync(id))
    }

    fn free_if_unused(&mut self, id: SyncId) {
        let is_unused = |sync: &Sync| !sync.is_named && sync.pending == 0;
        if self.syncs.get(&id.0).is_some_and(is_unused)
            && let Some(sync) = self.syncs.remove(&id.0)
        {
            self.waiter_count = self.waiter_count.saturating_sub(sync.waiters.len());
            self.ids.give_back(id.0);
        }
    }
}

fn check_limit(what: &'static str, got: usize, limit: usize) -> Result<(), Error> {
    match got <= limit {
        true => Ok(()),
        false => Err(Error::Limit { what, limit }),
    }
}

/// An fd that this side makes readable, once.
///
/// It is a timer rather than an eventfd because the client holds the same open file: it
/// could fill an eventfd's counter, clear `O_NONBLOCK` and so block whoever writes to it.
/// Setting a timer never blocks. It is not a pipe because closing this end must not look
/// like anything on the client's.
#[derive(Debug)]
struct Alarm(OwnedFd);

impl Alarm {
    fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        Ok(Self(timerfd_create(TimerfdClockId::Monotonic, flags)?))
    }

    /// The client's end.
    fn fd(&self) -> io::Result<OwnedFd> {
        self.0.as_fd().try_clone_to_owned()
    }

    fn ring(&self) {
        let long_ago = Timespec {
            tv_sec: 0,
            tv_nsec: 1,
        };
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: long_ago,
        };
        if let Err(error) = timerfd_settime(&self.0, TimerfdTimerFlags::ABSTIME, &once) {
            tracing::error!("bug in Paravane: a timer cannot be set: {error}");
        }
    }
}

#[cfg(test)]
mod tests;
