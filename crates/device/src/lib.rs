//! The virtual GPU: what a guest may hold, and for how long.
//!
//! Tables of contexts and resources, one method a verb. A door turns its dialect into these
//! verbs; the contexts behind the [`Renderer`] do the work. Nothing here looks into bytes.
#![forbid(unsafe_code)]

mod error;
pub mod limits;
mod tables;

use std::os::fd::OwnedFd;
use std::sync::Arc;

use context::{
    Backing, Blob, BlobMem, BlobRequest, CapsetId, CapsetInfo, ContextId, ContextStats,
    DeviceRenderer, EventSender, FenceId, Piece, Renderer, Resource, ResourceId, ResourceRequest,
    RingIdx, Transfer, TransferSource, TransferTarget,
};
use host_memory::{Mapping, Shm};

pub use error::Error;
use limits::{MAX_BACKING_PIECES, MAX_BLOB_SIZE, MAX_CONTEXTS, MAX_RESOURCES, MAX_SHM_BYTES};
use tables::{Contexts, Resources};

/// One guest's view of the GPU. Dropping it ends the contexts, then frees the resources.
pub struct Device {
    renderer: Arc<dyn Renderer>,
    contexts: Contexts,
    /// The renderer's side, from when it is first needed on.
    opened: Option<Box<dyn DeviceRenderer>>,
    resources: Resources,
}

impl Device {
    /// A device with nothing in it, whose contexts `renderer` makes.
    pub fn new(renderer: Arc<dyn Renderer>) -> Self {
        Self {
            renderer,
            contexts: Contexts::default(),
            opened: None,
            resources: Resources::default(),
        }
    }

    /// The kinds of context offered.
    pub fn capsets(&self) -> Vec<CapsetInfo> {
        self.renderer.capsets()
    }

    /// A capset's bytes, or `None` if `id` or `version` is not offered.
    pub fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        self.renderer.capset(id, version)
    }

    /// Makes a context. Its events go to `events`.
    pub fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<(), Error> {
        self.contexts.check_new(id, MAX_CONTEXTS)?;
        let context = self.opened()?.create_context(id, capset, name, events)?;
        self.contexts.insert(id, context);
        Ok(())
    }

    /// Ends a context. Resources that were attached to it stay.
    pub fn destroy_context(&mut self, id: ContextId) -> Result<(), Error> {
        let attached = self.contexts.remove(id)?;
        for resource in attached {
            self.resources.forget_context(resource, id);
        }
        Ok(())
    }

    /// Hands a command stream to a context.
    pub fn submit(&mut self, ctx: ContextId, commands: &[u8]) -> Result<(), Error> {
        Ok(self.contexts.find(ctx)?.submit(commands)?)
    }

    /// Asks for a fence behind everything submitted to the context's ring so far.
    pub fn fence(&mut self, ctx: ContextId, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        Ok(self.contexts.find(ctx)?.fence(ring, fence)?)
    }

    /// Waits until everything submitted to the context so far is done, or nobody waits for its
    /// events any more.
    pub fn finish(&mut self, ctx: ContextId) -> Result<(), Error> {
        Ok(self.contexts.find(ctx)?.finish()?)
    }

    /// Makes a blob resource named `id`: of the context's memory, or of fresh shared memory
    /// for [`BlobMem::Guest`]. It is attached to no context yet.
    pub fn create_blob(
        &mut self,
        ctx: ContextId,
        id: ResourceId,
        request: &BlobRequest,
    ) -> Result<&Blob, Error> {
        check_size(request.size)?;
        self.resources.check_new(id, MAX_RESOURCES)?;
        let context = self.contexts.find(ctx)?;
        let blob = match request.mem {
            BlobMem::Guest => guest_blob(request.size, self.resources.shm_bytes())?,
            BlobMem::Host3d | BlobMem::Host3dGuest => context.create_blob(id, request)?,
        };
        match self.resources.insert_blob(id, blob, MAX_SHM_BYTES) {
            Ok(()) => self.blob(id),
            Err(error) => {
                self.opened()?.unref(id);
                Err(error)
            }
        }
    }

    /// Makes a classic resource named `id`, without a backing. It is attached to no context yet.
    pub fn create_resource(
        &mut self,
        id: ResourceId,
        request: &ResourceRequest,
    ) -> Result<(), Error> {
        self.resources.check_new(id, MAX_RESOURCES)?;
        self.opened()?.resources()?.create(id, request)?;
        self.resources.insert_classic(id);
        Ok(())
    }

    /// Gives a classic resource its backing.
    pub fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), Error> {
        check_pieces(backing.pieces().len())?;
        self.attach_checked(id, backing, 0)
    }

    /// Gives a classic resource a backing of `size` bytes in fresh shared memory, and returns the
    /// memfd for the guest.
    pub fn attach_memfd(&mut self, id: ResourceId, size: u64) -> Result<OwnedFd, Error> {
        check_size(size)?;
        self.resources.check_backing(id, false)?;
        check_shm(self.resources.shm_bytes(), size, MAX_SHM_BYTES)?;
        let (mapping, fd) =
            Mapping::with_memfd("paravane-backing", size).map_err(Error::SharedMemory)?;
        let shm_bytes = mapping.len();
        let backing = Piece::new(mapping.into(), 0, size)
            .ok()
            .and_then(|piece| Backing::new([piece]))
            .ok_or(Error::Bug("fresh memory is too short"))?;
        self.attach_checked(id, backing, shm_bytes)?;
        Ok(fd)
    }

    /// Takes a classic resource's backing away.
    pub fn detach_backing(&mut self, id: ResourceId) -> Result<(), Error> {
        self.resources.check_backing(id, true)?;
        self.opened()?.resources()?.detach_backing(id)?;
        self.resources.forget_backing(id);
        Ok(())
    }

    /// Moves pixels into a resource that is attached to `ctx`, or into any without a context.
    /// Returns when the memory has been read.
    pub fn transfer_to_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error> {
        let memory = match source {
            TransferSource::Backing => None,
            TransferSource::Bytes(bytes) => Some(bytes.len()),
        };
        self.check_transfer(ctx, id, transfer, memory)?;
        let resources = self.opened()?.resources()?;
        Ok(resources.transfer_to_host(ctx, id, transfer, source)?)
    }

    /// Moves pixels out of a resource that is attached to `ctx`, or out of any without a context.
    /// Returns when the memory has been written.
    pub fn transfer_from_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), Error> {
        let memory = match &target {
            TransferTarget::Backing => None,
            TransferTarget::Bytes(bytes) => Some(bytes.len()),
        };
        self.check_transfer(ctx, id, transfer, memory)?;
        let resources = self.opened()?.resources()?;
        Ok(resources.transfer_from_host(ctx, id, transfer, target)?)
    }

    /// The memory of a blob resource.
    pub fn blob(&self, id: ResourceId) -> Result<&Blob, Error> {
        match self.resources.find(id)? {
            Resource::Blob(blob) => Ok(blob),
            Resource::Classic => Err(Error::WrongKind {
                resource: id,
                wanted: "a blob",
            }),
        }
    }

    /// The memory of a resource, to hand to others.
    pub fn export(&mut self, id: ResourceId) -> Result<Blob, Error> {
        match self.resources.find(id)? {
            Resource::Blob(blob) => Ok(blob.clone()),
            Resource::Classic => Ok(self.opened()?.resources()?.export(id)?),
        }
    }

    /// Lets a context's commands name a resource. Once is enough; twice is no error.
    pub fn attach(&mut self, ctx: ContextId, resource: ResourceId) -> Result<(), Error> {
        let context = self.contexts.find(ctx)?;
        let what = self.resources.find(resource)?;
        if self.resources.is_attached(resource, ctx) {
            return Ok(());
        }
        context.attach(resource, what)?;
        self.resources.remember_context(resource, ctx);
        self.contexts.remember_resource(ctx, resource);
        Ok(())
    }

    /// Ends what [`Device::attach`] began; no error if it never did.
    pub fn detach(&mut self, ctx: ContextId, resource: ResourceId) -> Result<(), Error> {
        self.resources.find(resource)?;
        self.contexts.detach(ctx, resource)?;
        self.resources.forget_context(resource, ctx);
        Ok(())
    }

    /// Frees a resource and its name, and detaches it from every context.
    pub fn unref(&mut self, resource: ResourceId) -> Result<(), Error> {
        for ctx in self.resources.remove(resource)? {
            self.contexts.detach(ctx, resource)?;
        }
        self.opened()?.unref(resource);
        Ok(())
    }

    /// What a context has done so far; none if there is no such context.
    pub fn stats(&self, ctx: ContextId) -> Option<ContextStats> {
        self.contexts.stats(ctx)
    }

    /// How many contexts live.
    pub fn context_count(&self) -> usize {
        self.contexts.len()
    }

    /// How many resources live.
    pub fn resource_count(&self) -> usize {
        self.resources.len()
    }

    /// Checks that both tables tell the same story; a difference is a bug.
    pub fn verify_invariants(&self) -> Result<(), Error> {
        let by_context = self.contexts.attachments();
        let by_resource = self.resources.attachments();
        match by_context == by_resource && self.resources.is_counted() {
            true => Ok(()),
            false => Err(Error::Bug("the tables of contexts and resources disagree")),
        }
    }

    fn opened(&mut self) -> Result<&mut dyn DeviceRenderer, Error> {
        match &mut self.opened {
            Some(device) => Ok(device.as_mut()),
            none => Ok(none.insert(self.renderer.open_device()?).as_mut()),
        }
    }

    fn attach_checked(
        &mut self,
        id: ResourceId,
        backing: Backing,
        shm_bytes: u64,
    ) -> Result<(), Error> {
        self.resources.check_backing(id, false)?;
        let len = backing.len();
        self.opened()?.resources()?.attach_backing(id, backing)?;
        self.resources.remember_backing(id, len, shm_bytes);
        Ok(())
    }

    /// Checks what can be told without knowing the resource's layout. `memory` is how many bytes
    /// take part, if not the backing's.
    fn check_transfer(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        memory: Option<usize>,
    ) -> Result<(), Error> {
        if let Some(ctx) = ctx {
            self.contexts.find(ctx)?;
        }
        let memory = memory.map(|size| size as u64);
        let len = match self.resources.memory_len(id)? {
            backing if memory.is_none() => backing.ok_or(Error::NoBacking(id))?,
            _ => memory.unwrap_or(0),
        };
        if ctx.is_some_and(|ctx| !self.resources.is_attached(id, ctx)) {
            return Err(Error::NotAttached(id));
        }
        match transfer.offset < len {
            true => Ok(()),
            false => Err(Error::OutsideMemory {
                offset: transfer.offset,
                len,
            }),
        }
    }
}

fn check_pieces(count: usize) -> Result<(), Error> {
    match count <= MAX_BACKING_PIECES {
        true => Ok(()),
        false => Err(Error::Limit {
            what: "pieces of a backing",
            limit: MAX_BACKING_PIECES as u64,
            got: count as u64,
        }),
    }
}

fn check_size(size: u64) -> Result<(), Error> {
    match size {
        0 => Err(Error::EmptyBlob),
        1..=MAX_BLOB_SIZE => Ok(()),
        got => Err(Error::Limit {
            what: "blob size",
            limit: MAX_BLOB_SIZE,
            got,
        }),
    }
}

fn guest_blob(size: u64, in_use: u64) -> Result<Blob, Error> {
    check_shm(in_use, size, MAX_SHM_BYTES)?;
    let shm = Shm::new("paravane-guest-blob", size).map_err(Error::SharedMemory)?;
    Ok(Blob::from_shm(shm, size))
}

fn check_shm(in_use: u64, more: u64, limit: u64) -> Result<u64, Error> {
    match in_use.saturating_add(more) {
        got if got <= limit => Ok(got),
        got => Err(Error::Limit {
            what: "total of shared memory",
            limit,
            got,
        }),
    }
}
