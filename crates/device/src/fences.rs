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
    global: VecDeque<Global>,
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

/// A fence behind several contexts.
#[derive(Debug)]
struct Global {
    fence: FenceId,
    /// Contexts that are not done.
    waits: usize,
}

impl Fences {
    /// Whether there is room for another.
    pub(crate) fn check_new(&self) -> Result<(), Error> {
        let rings = self.rings.values().map(VecDeque::len);
        let count = rings.fold(self.global.len(), usize::saturating_add);
        let count = (count as u64).saturating_add(1);
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
        let waits = contexts.len();
        self.global.push_back(Global { fence, waits });
    }

    fn wait(&mut self, ctx: ContextId, ring: RingIdx, fence: FenceId, timeline: Kind) {
        let queue = self.rings.entry((ctx, ring)).or_default();
        queue.push_back(Waiting { fence, timeline });
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
        let mut signalled = Vec::new();
        for Waiting { fence, timeline } in done {
            match timeline {
                Kind::Ring => signalled.push(fence),
                Kind::Global => {
                    let global = self.global.iter_mut().find(|it| it.fence == fence);
                    if let Some(global) = global {
                        global.waits = global.waits.saturating_sub(1);
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
        while self.global.front().is_some_and(|first| first.waits == 0) {
            passed.extend(self.global.pop_front().map(|it| it.fence));
        }
        passed
    }

    /// Whether each global fence waits for as many contexts as are going to signal it, and none
    /// that could have passed is left.
    pub(crate) fn is_consistent(&self) -> bool {
        let waits = |fence| {
            let all = self.rings.values().flatten();
            all.filter(|it| it.timeline == Kind::Global && it.fence == fence)
                .count()
        };
        self.global.iter().all(|it| it.waits == waits(it.fence))
            && self.global.front().is_none_or(|first| first.waits > 0)
            && self.rings.values().all(|queue| !queue.is_empty())
    }

    /// The contexts that are waited for.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = ContextId> {
        self.rings.keys().map(|(ctx, _)| *ctx)
    }
}

/// Where work without a ring is.
pub(crate) const FIRST_RING: RingIdx = RingIdx(0);
