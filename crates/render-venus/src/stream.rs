//! A command stream is executed, one command after the other; replies go where the guest says.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::{OutOfRange, Pages};
use vulkan_types as t;
use vulkan_types::Request;
use wire_venus::{Decoder, Encoder, WireReply};

use crate::Fatal;
use crate::context_impl::Shared;
use crate::counters::Tally;
use crate::generated::dispatch;
use crate::limits::{ARENA_KEEP, ARENA_LOW, ARENA_START, COPY_KEEP};
use crate::objects::Cache;
use crate::recorder::takes;
use crate::ring::Ring;
use crate::scope::Scope;

/// One thread of execution of a context: that of submissions, or a ring's.
pub(crate) struct Stream {
    arena: Bump,
    cache: Cache,
    replies: RefCell<Replies>,
    tally: Tally,
    copies: Cell<StreamCopy>,
    polls: Polls,
    ring: Option<Arc<Ring>>,
    /// It is the ring's own thread, which hands recordings over.
    leads: bool,
}

impl Stream {
    /// That of submissions, or of a ring.
    pub(crate) fn new(shared: &Shared, ring: Option<Arc<Ring>>) -> Self {
        let leads = ring.is_some();
        Self::of(shared, ring, leads)
    }

    /// That of what a ring hands over.
    pub(crate) fn beside(shared: &Shared, ring: Arc<Ring>) -> Self {
        Self::of(shared, Some(ring), false)
    }

    fn of(shared: &Shared, ring: Option<Arc<Ring>>, leads: bool) -> Self {
        let (arena, cache) = (
            Bump::with_capacity(ARENA_START),
            Cache::new(&shared.objects),
        );
        Self {
            arena,
            cache,
            replies: RefCell::default(),
            tally: Tally::default(),
            copies: Cell::default(),
            polls: Polls::default(),
            ring,
            leads,
        }
    }

    /// Executes a stream. `done` is told after each command how many bytes are behind it.
    pub(crate) fn execute(
        &mut self,
        shared: &Arc<Shared>,
        bytes: &[u8],
        mut done: impl FnMut(usize),
    ) -> Result<(), Fatal> {
        shared.objects.enter(self.cache.reader());
        self.polls.before(bytes);
        let result = self.execute_commands(shared, bytes, &mut done);
        // Nothing is held while nothing is executed.
        shared.objects.between_commands(self.cache.reader());
        self.cache.reader().leave();
        result
    }

    fn execute_commands(
        &mut self,
        shared: &Arc<Shared>,
        bytes: &[u8],
        done: &mut impl FnMut(usize),
    ) -> Result<(), Fatal> {
        let mut at = 0;
        while at < bytes.len() {
            let scope = Scope {
                shared,
                arena: &self.arena,
                cache: &self.cache,
                replies: &self.replies,
                tally: &self.tally,
                copies: &self.copies,
                polls: &self.polls,
                ring: self.ring.as_ref(),
                leads: self.leads,
                depth: 0,
            };
            at = run(&scope, bytes, at, |at| {
                if at >= bytes.len() {
                    // Before the guest knows, and may leave and be summed up.
                    shared.counters.take(&self.tally);
                }
                done(at);
            })?;
            recycle(&mut self.arena);
        }
        Ok(())
    }
}

/// Executes the commands from `at` on, until there are no more or the arena has to be recycled;
/// returns how many bytes are behind it then. `done` is told so after each command.
pub(crate) fn run<'a>(
    scope: &Scope<'a>,
    bytes: &'a [u8],
    mut at: usize,
    mut done: impl FnMut(usize),
) -> Result<usize, Fatal> {
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += step(scope, rest)?;
        done(at);
        if is_full(scope.arena) {
            break;
        }
    }
    Ok(at)
}

/// Makes room for the next command: nothing of the last one is needed.
pub(crate) fn recycle(arena: &mut Bump) {
    if arena.allocated_bytes() > ARENA_KEEP {
        *arena = Bump::with_capacity(ARENA_START);
    } else {
        arena.reset();
    }
}

/// Most commands leave room for many more like them.
#[inline]
fn is_full(arena: &Bump) -> bool {
    arena.chunk_capacity() < ARENA_LOW || arena.allocated_bytes() > ARENA_KEEP
}

/// Executes one command; returns how many bytes it took. Inlined, as most commands take less
/// time than a call would add.
#[inline(always)]
fn step<'a>(scope: &Scope<'a>, bytes: &'a [u8]) -> Result<usize, Fatal> {
    scope.shared.check_alive()?;
    scope.shared.objects.between_commands(scope.cache.reader());
    let mut decoder = Decoder::new(bytes, scope.arena);
    let (command, flags) = head(&mut decoder)?;
    if let Some(recorder) = scope.recorder().filter(|recorder| recorder.is_busy())
        && let Some(taken) = takes(scope, recorder, (command, flags), bytes)?
    {
        return Ok(taken);
    }
    scope.tally.count(command);
    dispatch(scope, command, flags, &mut decoder)?;
    Ok(bytes.len() - decoder.remaining())
}

/// A command's number and its flags.
#[inline]
fn head(decoder: &mut Decoder<'_>) -> Result<(u32, u32), Fatal> {
    let words = decoder
        .u32()
        .and_then(|command| Ok((command, decoder.u32()?)));
    let (command, flags) = words.map_err(|error| Fatal::Malformed {
        command: None,
        error,
    })?;
    if tracing::enabled!(tracing::Level::TRACE) {
        log(command, flags);
    }
    Ok((command, flags))
}

#[cold]
fn log(command: u32, flags: u32) {
    tracing::trace!(command, flags, "command");
}

/// The fence that a guest asks for again and again, doing nothing else.
#[derive(Default)]
pub(crate) struct Polls {
    last: Cell<u64>,
}

impl Polls {
    /// Looks at the first of the commands that come next: anything but asking ends it.
    fn before(&self, commands: &[u8]) {
        let first = commands.first_chunk().map(|word| u32::from_le_bytes(*word));
        let asks = matches!(
            first,
            Some(
                t::SetReplyCommandStreamMESA::ID
                    | t::SeekReplyCommandStreamMESA::ID
                    | t::GetFenceStatus::ID
            )
        );
        if !asks {
            self.last.set(0);
        }
    }

    /// A fence was asked for, and has not signalled.
    pub(crate) fn note(&self, fence: u64) {
        self.last.set(fence);
    }

    /// Whether it was the last thing asked for.
    pub(crate) fn is_again(&self, fence: u64) -> bool {
        self.last.get() == fence
    }
}

/// Commands copied out of memory that the guest may write to while they are parsed.
///
/// It keeps its bytes from one copy to the next: clearing them would cost as much as copying.
#[derive(Default)]
pub(crate) struct StreamCopy {
    bytes: Vec<u8>,
}

impl StreamCopy {
    /// Copies `size` bytes from `offset` on.
    pub(crate) fn take(
        &mut self,
        pages: &Pages,
        offset: u64,
        size: usize,
    ) -> Result<&[u8], OutOfRange> {
        let room = self.room(size);
        pages.read(offset, room)?;
        Ok(room)
    }

    /// `size` bytes to copy to.
    pub(crate) fn room(&mut self, size: usize) -> &mut [u8] {
        if self.bytes.len() < size {
            self.bytes.resize(size, 0);
        }
        self.bytes.split_at_mut(size).0
    }

    /// Gives back what is more than most streams take.
    pub(crate) fn shrink(&mut self) {
        if self.bytes.len() > COPY_KEEP {
            self.bytes = Vec::new();
        }
    }
}

/// The guest's reply stream: a part of a shared resource, and a position in it.
#[derive(Default)]
pub(crate) struct Replies {
    encoder: Encoder,
    target: Option<Target>,
}

struct Target {
    pages: Pages,
    offset: u64,
    size: u64,
    position: u64,
}

impl Replies {
    /// Chooses where replies go from now on.
    pub(crate) fn set(&mut self, pages: Pages, offset: u64, size: u64) -> Result<(), Fatal> {
        let end = offset.checked_add(size).ok_or(Fatal::Range {
            what: "reply stream",
        })?;
        if end > pages.len() {
            return Err(Fatal::Range {
                what: "reply stream",
            });
        }
        self.target = Some(Target {
            pages,
            offset,
            size,
            position: 0,
        });
        Ok(())
    }

    /// Moves within it.
    pub(crate) fn seek(&mut self, position: u64) -> Result<(), Fatal> {
        match &mut self.target {
            Some(target) if position <= target.size => {
                target.position = position;
                Ok(())
            }
            _ => Err(Fatal::Range {
                what: "reply position",
            }),
        }
    }

    /// Puts a reply; returns how many bytes it is.
    pub(crate) fn send<'a, R: WireReply<'a>>(&mut self, reply: &R) -> Result<usize, Fatal> {
        self.encoder.clear();
        reply.encode_reply(&mut self.encoder);
        let bytes = self.encoder.bytes();
        let target = self.target.as_mut().ok_or(Fatal::Range {
            what: "reply without a stream",
        })?;
        let len = bytes.len() as u64;
        if len > target.size - target.position {
            return Err(Fatal::Range { what: "reply" });
        }
        target.pages.write(target.offset + target.position, bytes)?;
        target.position += len;
        Ok(bytes.len())
    }
}
