use std::collections::{HashMap, VecDeque};

use context::{ContextId, FenceId, RingIdx};

use crate::limits::MAX_FENCES;
use crate::{Error, check_limit};

/// What a fence is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeline {
    /// All that the device was given before. Fences here signal in order.
    Global,
    /// All that a ring of a context was given before.
    Ring(ContextId, RingIdx),
}

/// The fences that are waited for.
#[derive(Debug, Default)]
pub(crate) struct Fences {
    /// By ring, in order.
    rings: HashMap<(ContextId, RingIdx), VecDeque<Waiting>>,
    /// In order.
    global: VecDeque<FenceId>,
    /// How many contexts a global fence waits for.
    waits: HashMap<FenceId, usize>,
    /// Those in `rings` and `global`.
    count: usize,
}

/// A fence that a context is going to signal.
#[derive(Debug)]
struct Waiting {
    fence: FenceId,
    timeline: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ring,
    Global,
}

impl Fences {
    /// Whether there is room for another.
    pub(crate) fn check_new(&self) -> Result<(), Error> {
        let count = (self.count as u64).saturating_add(1);
        check_limit("fences", count, MAX_FENCES as u64)
    }

    pub(crate) fn len(&self) -> usize {
        let on_rings = self.rings.values().flatten();
        let on_rings = on_rings.filter(|it| it.timeline == Kind::Ring).count();
        on_rings.saturating_add(self.global.len())
    }

    /// A ring of a context is going to signal a fence.
    pub(crate) fn add(&mut self, ctx: ContextId, ring: RingIdx, fence: FenceId) {
        self.wait(ctx, ring, fence, Kind::Ring);
    }

    /// These contexts are going to signal a fence, each on its first ring.
    pub(crate) fn add_global(&mut self, fence: FenceId, contexts: &[ContextId]) {
        for ctx in contexts {
            self.wait(*ctx, FIRST_RING, fence, Kind::Global);
        }
        self.waits.insert(fence, contexts.len());
        self.global.push_back(fence);
        self.count = self.count.saturating_add(1);
    }

    fn wait(&mut self, ctx: ContextId, ring: RingIdx, fence: FenceId, timeline: Kind) {
        let queue = self.rings.entry((ctx, ring)).or_default();
        queue.push_back(Waiting { fence, timeline });
        self.count = self.count.saturating_add(1);
    }

    /// A ring has signalled a fence, and with it the earlier ones. One that nobody waits for is
    /// not an error: it may be of a context that has ended. Returns what is signalled by that.
    pub(crate) fn signal(&mut self, ctx: ContextId, ring: RingIdx, fence: FenceId) -> Vec<FenceId> {
        let Some(queue) = self.rings.get_mut(&(ctx, ring)) else {
            return Vec::new();
        };
        let Some(at) = queue.iter().position(|waiting| waiting.fence == fence) else {
            return Vec::new();
        };
        let done = queue.drain(..=at).collect();
        if queue.is_empty() {
            self.rings.remove(&(ctx, ring));
        }
        self.finish(done)
    }

    /// A context has ended: nothing of it is under way.
    pub(crate) fn end(&mut self, ctx: ContextId) -> Vec<FenceId> {
        let mut done = Vec::new();
        self.rings.retain(|(of, _), queue| {
            let is_over = *of == ctx;
            if is_over {
                done.extend(std::mem::take(queue));
            }
            !is_over
        });
        self.finish(done)
    }

    fn finish(&mut self, done: Vec<Waiting>) -> Vec<FenceId> {
        self.count = self.count.saturating_sub(done.len());
        let mut signalled = Vec::new();
        for Waiting { fence, timeline } in done {
            match timeline {
                Kind::Ring => signalled.push(fence),
                Kind::Global => {
                    if let Some(waits) = self.waits.get_mut(&fence) {
                        *waits = waits.saturating_sub(1);
                    }
                }
            }
        }
        signalled.extend(self.pass());
        signalled
    }

    /// Takes the global fences that wait for nothing any more, and behind nothing.
    pub(crate) fn pass(&mut self) -> Vec<FenceId> {
        let mut passed = Vec::new();
        while let Some(first) = self.global.front().filter(|first| self.is_done(**first)) {
            passed.push(*first);
            self.waits.remove(first);
            self.global.pop_front();
        }
        self.count = self.count.saturating_sub(passed.len());
        passed
    }

    fn is_done(&self, global: FenceId) -> bool {
        self.waits.get(&global).is_none_or(|waits| *waits == 0)
    }

    /// Whether each global fence waits for as many contexts as are going to signal it, none that
    /// could have passed is left, and all are counted.
    pub(crate) fn is_consistent(&self) -> bool {
        let mut waits: HashMap<FenceId, usize> = self.global.iter().map(|it| (*it, 0)).collect();
        let on_rings = self.rings.values().flatten();
        for waiting in on_rings.filter(|it| it.timeline == Kind::Global) {
            *waits.entry(waiting.fence).or_default() += 1;
        }
        let on_rings = self.rings.values().map(VecDeque::len).sum::<usize>();
        waits == self.waits
            && !self
                .global
                .front()
                .is_some_and(|first| self.is_done(*first))
            && !self.rings.values().any(VecDeque::is_empty)
            && self.count == on_rings + self.global.len()
    }

    /// The contexts that are waited for.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = ContextId> {
        self.rings.keys().map(|(ctx, _)| *ctx)
    }
}

/// Where work without a ring is.
pub(crate) const FIRST_RING: RingIdx = RingIdx(0);
