//! A command stream is executed, one command after the other; replies go where the guest says.

use std::cell::RefCell;
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::Pages;
use wire_venus::{Decoder, Encoder, WireReply, decode_command};

use crate::Fatal;
use crate::context_impl::Shared;
use crate::generated::dispatch;
use crate::limits::ARENA_KEEP;
use crate::ring::Ring;
use crate::scope::Scope;

/// One thread of execution of a context: that of submissions, or a ring's.
pub(crate) struct Stream {
    arena: Bump,
    replies: RefCell<Replies>,
    ring: Option<Arc<Ring>>,
}

impl Stream {
    pub(crate) fn new(ring: Option<Arc<Ring>>) -> Self {
        Self { arena: Bump::new(), replies: RefCell::default(), ring }
    }

    /// Executes a stream. `done` is told after each command how many bytes are behind it.
    pub(crate) fn execute(
        &mut self,
        shared: &Arc<Shared>,
        bytes: &[u8],
        mut done: impl FnMut(usize),
    ) -> Result<(), Fatal> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += {
                let scope = Scope {
                    shared,
                    arena: &self.arena,
                    replies: &self.replies,
                    ring: self.ring.as_ref(),
                    depth: 0,
                };
                step(&scope, rest)?
            };
            self.recycle();
            done(at);
        }
        Ok(())
    }

    /// Gives memory back that only a large command needed.
    fn recycle(&mut self) {
        if self.arena.allocated_bytes() > ARENA_KEEP {
            self.arena = Bump::new();
        } else {
            self.arena.reset();
        }
    }
}

/// Executes one command; returns how many bytes it took.
pub(crate) fn step<'a>(scope: &Scope<'a>, bytes: &'a [u8]) -> Result<usize, Fatal> {
    scope.shared.check_alive()?;
    let mut decoder = Decoder::new(bytes, scope.arena);
    let (command, flags) = decode_command(&mut decoder).map_err(|error| Fatal::malformed(bytes, error))?;
    let taken = bytes.len() - decoder.remaining();
    tracing::trace!(command = command.name(), flags, "command");
    dispatch(scope, command, flags)?;
    Ok(taken)
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
        let end = offset.checked_add(size).ok_or(Fatal::Range { what: "reply stream" })?;
        if end > pages.len() {
            return Err(Fatal::Range { what: "reply stream" });
        }
        self.target = Some(Target { pages, offset, size, position: 0 });
        Ok(())
    }

    /// Moves within it.
    pub(crate) fn seek(&mut self, position: u64) -> Result<(), Fatal> {
        match &mut self.target {
            Some(target) if position <= target.size => {
                target.position = position;
                Ok(())
            }
            _ => Err(Fatal::Range { what: "reply position" }),
        }
    }

    /// Puts a reply.
    pub(crate) fn send<'a, R: WireReply<'a>>(&mut self, reply: &R) -> Result<(), Fatal> {
        self.encoder.clear();
        reply.encode_reply(&mut self.encoder);
        let bytes = self.encoder.bytes();
        let target = self.target.as_mut().ok_or(Fatal::Range { what: "reply without a stream" })?;
        let len = bytes.len() as u64;
        if len > target.size - target.position {
            return Err(Fatal::Range { what: "reply" });
        }
        target.pages.write(target.offset + target.position, bytes)?;
        target.position += len;
        Ok(())
    }
}
