//! A command stream is executed, one command after the other; replies go where the guest says.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::{OutOfRange, Pages};
use wire_venus::{Decoder, Encoder, WireReply};

use crate::Fatal;
use crate::context_impl::Shared;
use crate::counters::Tally;
use crate::generated::dispatch;
use crate::limits::{ARENA_KEEP, ARENA_LOW, ARENA_START, COPY_KEEP};
use crate::objects::Cache;
use crate::ring::Ring;
use crate::scope::Scope;

/// One thread of execution of a context: that of submissions, or a ring's.
pub(crate) struct Stream {
    arena: Bump,
    cache: Cache,
    replies: RefCell<Replies>,
    tally: Tally,
    copies: Cell<StreamCopy>,
    ring: Option<Arc<Ring>>,
}

impl Stream {
    pub(crate) fn new(shared: &Shared, ring: Option<Arc<Ring>>) -> Self {
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
            ring,
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
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let scope = Scope {
                shared,
                arena: &self.arena,
                cache: &self.cache,
                replies: &self.replies,
                tally: &self.tally,
                copies: &self.copies,
                ring: self.ring.as_ref(),
                depth: 0,
            };
            at += step(&scope, rest)?;
            recycle(&mut self.arena);
            if at >= bytes.len() {
                // Before the guest knows, and may leave and be summed up.
                shared.counters.take(&self.tally);
            }
            done(at);
        }
        Ok(())
    }
}

/// Makes room for the next command: nothing of the last one is needed.
#[inline]
pub(crate) fn recycle(arena: &mut Bump) {
    if arena.allocated_bytes() > ARENA_KEEP {
        *arena = Bump::with_capacity(ARENA_START);
    } else if arena.chunk_capacity() < ARENA_LOW {
        arena.reset();
    }
}

/// Executes one command; returns how many bytes it took.
#[inline]
pub(crate) fn step<'a>(scope: &Scope<'a>, bytes: &'a [u8]) -> Result<usize, Fatal> {
    scope.shared.check_alive()?;
    scope.shared.objects.between_commands(scope.cache.reader());
    let mut decoder = Decoder::new(bytes, scope.arena);
    let head = |decoder: &mut Decoder<'a>| Ok((decoder.u32()?, decoder.u32()?));
    let (command, flags) = head(&mut decoder).map_err(|error| Fatal::Malformed {
        command: None,
        error,
    })?;
    tracing::trace!(command, flags, "command");
    scope.tally.count(command);
    dispatch(scope, command, flags, &mut decoder)?;
    Ok(bytes.len() - decoder.remaining())
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
