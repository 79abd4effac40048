//! One command's surroundings, and the three ways of the regular ones.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bumpalo::Bump;
use host_vulkan::{Call, Lowering, Object};
use vulkan_types::{Id, ObjectType, Request};
use wire_venus::{Decoder, GENERATE_REPLY, WireReply, WireRequest};

use crate::Fatal;
use crate::context_impl::Shared;
use crate::counters::{Kind, Tally};
use crate::device::Device;
use crate::generated::decode;
use crate::objects::{Cache, Held, Resolver, Target};
use crate::pool::Pool;
use crate::recorder::Recorder;
use crate::ring::Ring;
use crate::stream::{Polls, Replies, StreamCopy};

/// What a command is carried out with.
pub(crate) struct Scope<'a> {
    /// The context.
    pub(crate) shared: &'a Arc<Shared>,
    /// Memory until the command is done.
    pub(crate) arena: &'a Bump,
    /// What its thread has looked up.
    pub(crate) cache: &'a Cache,
    /// Where its reply goes.
    pub(crate) replies: &'a RefCell<Replies>,
    /// What its thread has done.
    pub(crate) tally: &'a Tally,
    /// Where its thread copies indirect streams to.
    pub(crate) copies: &'a Cell<StreamCopy>,
    /// What its guest asked for last.
    pub(crate) polls: &'a Polls,
    /// The ring that it came by; none for a submission.
    pub(crate) ring: Option<&'a Arc<Ring>>,
    /// It may be handed over to that ring's recorder.
    pub(crate) leads: bool,
    /// How deep in indirect streams it is.
    pub(crate) depth: u32,
}

impl<'a> Scope<'a> {
    /// A command that is recorded into a command buffer. They come in thousands: this is one
    /// function a command, in which the arguments stay in registers.
    #[inline(never)]
    pub(crate) fn record<C>(&self, flags: u32, d: &mut Decoder<'a>) -> Result<(), Fatal>
    where
        C: Call<'a> + WireRequest<'a>,
        C::Reply<'a>: WireReply<'a>,
    {
        let command: C = decode(d)?;
        self.regular(flags, &command)
    }

    /// A command that is called as it is.
    #[inline]
    pub(crate) fn regular<C>(&self, flags: u32, command: &C) -> Result<(), Fatal>
    where
        C: Call<'a>,
        C::Reply<'a>: WireReply<'a>,
    {
        let reply = self.call(command)?;
        self.answer(flags, &reply)
    }

    /// A command that makes objects of a device.
    pub(crate) fn create<C, I>(
        &self,
        flags: u32,
        command: &C,
        kind: ObjectType,
        ids: &[I],
    ) -> Result<(), Fatal>
    where
        C: Call<'a>,
        C::Reply<'a>: WireReply<'a>,
        I: Id,
    {
        let reply = self.create_object(command, kind, ids)?;
        self.answer(flags, &reply)
    }

    /// A command that destroys an object.
    pub(crate) fn destroy<C>(
        &self,
        flags: u32,
        _command: &C,
        kind: ObjectType,
        id: u64,
    ) -> Result<(), Fatal>
    where
        C: Request,
        C::Reply<'a>: WireReply<'a> + Default,
    {
        if id != 0 {
            self.shared.objects.remove(kind, id)?;
        }
        self.answer(flags, &C::Reply::<'a>::default())
    }

    /// Calls the driver.
    #[inline]
    pub(crate) fn call<C: Call<'a>>(&self, command: &C) -> Result<C::Reply<'a>, Fatal> {
        let target = self.target(command)?;
        let queue = match &target.held {
            Held::Queue(queue) => Some(queue.lock()),
            _ => None,
        };
        let resolver = self.resolver();
        let cx = Lowering::on(self.arena, &resolver, target.resolved);
        let reply = command.call(target.functions(), &cx);
        drop(queue);
        self.cache.keep(target);
        reply.map_err(|error| Fatal::Call {
            command: C::NAME,
            error,
        })
    }

    /// Ids to handles, for a call.
    pub(crate) fn resolver(&self) -> Resolver<'a> {
        Resolver {
            objects: &self.shared.objects,
            cache: self.cache,
        }
    }

    /// Calls a driver's command that makes objects, and names them.
    pub(crate) fn create_object<C, I>(
        &self,
        command: &C,
        kind: ObjectType,
        ids: &[I],
    ) -> Result<C::Reply<'a>, Fatal>
    where
        C: Call<'a>,
        I: Id,
    {
        let device = self.device_of(command)?;
        let (reply, created) = self.call_creating(command, ids)?;
        if kind == ObjectType::PIPELINE {
            self.tally.add(Kind::Pipelines, ids.len());
        }
        for (id, raw) in ids.iter().zip(created) {
            if raw != 0 {
                let object = Object::new(kind, raw, device.host());
                let held = match kind {
                    ObjectType::DESCRIPTOR_POOL | ObjectType::COMMAND_POOL => {
                        Held::Pool(Arc::new(Pool::new(object)), Arc::clone(&device))
                    }
                    _ => Held::Object(object, Arc::clone(&device)),
                };
                self.shared.objects.insert(id.raw(), held)?;
            }
        }
        Ok(reply)
    }

    /// Calls a driver's command that makes objects; hands their handles over.
    pub(crate) fn call_creating<C, I>(
        &self,
        command: &C,
        ids: &[I],
    ) -> Result<(C::Reply<'a>, Vec<u64>), Fatal>
    where
        C: Call<'a>,
        I: Id,
    {
        for id in ids {
            self.shared.objects.check_fresh(id.raw())?;
        }
        let target = self.target(command)?;
        let resolver = self.resolver();
        let cx = Lowering::on(self.arena, &resolver, target.resolved);
        let reply = command.call(target.functions(), &cx);
        self.cache.keep(target);
        let reply = reply.map_err(|error| Fatal::Call {
            command: C::NAME,
            error,
        })?;
        Ok((reply, cx.into_created()))
    }

    /// Where it may be handed over to.
    #[inline]
    pub(crate) fn recorder(&self) -> Option<&'a Recorder> {
        self.ring.filter(|_| self.leads).map(|ring| ring.recorder())
    }

    /// Fails when a command that blocks had better give up.
    pub(crate) fn check_wanted(&self) -> Result<(), Fatal> {
        match self.ring {
            Some(ring) if ring.is_stopping() => Err(Fatal::Ended),
            _ => self.shared.check_wanted(),
        }
    }

    /// Sends a reply when it is wanted.
    #[inline]
    pub(crate) fn answer<R: WireReply<'a>>(&self, flags: u32, reply: &R) -> Result<(), Fatal> {
        if flags & GENERATE_REPLY == 0 {
            return Ok(());
        }
        let sent = self.replies.borrow_mut().send(reply)?;
        self.tally.add(Kind::ReplyBytes, sent);
        Ok(())
    }

    /// The device that a command is called on.
    pub(crate) fn device_of<C: Request>(&self, command: &C) -> Result<Arc<Device>, Fatal> {
        let target = self.target(command)?;
        let device = target.held.device().cloned();
        self.cache.keep(target);
        device.ok_or(Fatal::misuse(C::NAME, "not called on a device"))
    }

    #[inline]
    fn target<C: Request>(&self, command: &C) -> Result<Box<Target>, Fatal> {
        let (kind, id) = command
            .object()
            .ok_or(Fatal::misuse(C::NAME, "not called on an object"))?;
        self.cache.target(&self.shared.objects, kind, id)
    }
}
