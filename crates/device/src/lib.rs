//! The virtual GPU: what a guest may hold, and for how long.
//!
//! Tables of contexts and resources, one method a verb. A door turns its dialect into these
//! verbs; the contexts behind the [`Renderer`] do the work. Nothing here looks into bytes.
#![forbid(unsafe_code)]

mod error;
pub mod limits;
mod tables;

use std::sync::Arc;

use context::{
    Blob, BlobMem, BlobRequest, CapsetId, CapsetInfo, ContextId, ContextStats, EventSender,
    FenceId, Renderer, ResourceId, RingIdx,
};
use host_memory::Shm;

pub use error::Error;
use limits::{MAX_BLOB_SIZE, MAX_CONTEXTS, MAX_RESOURCES, MAX_SHM_BYTES};
use tables::{Contexts, Resources};

/// One guest's view of the GPU. Dropping it ends the contexts, then frees the resources.
pub struct Device {
    renderer: Arc<dyn Renderer>,
    contexts: Contexts,
    resources: Resources,
}

impl Device {
    /// A device with nothing in it, whose contexts `renderer` makes.
    pub fn new(renderer: Arc<dyn Renderer>) -> Self {
        Self {
            renderer,
            contexts: Contexts::default(),
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
        let context = self.renderer.create_context(id, capset, name, events)?;
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
            BlobMem::Host3d | BlobMem::Host3dGuest => context.create_blob(request)?,
        };
        self.resources.insert(id, blob, MAX_SHM_BYTES)
    }

    /// The memory of a resource.
    pub fn blob(&self, resource: ResourceId) -> Result<&Blob, Error> {
        self.resources.find(resource)
    }

    /// Lets a context's commands name a resource. Once is enough; twice is no error.
    pub fn attach(&mut self, ctx: ContextId, resource: ResourceId) -> Result<(), Error> {
        let context = self.contexts.find(ctx)?;
        let blob = self.resources.find(resource)?;
        if self.resources.is_attached(resource, ctx) {
            return Ok(());
        }
        context.attach(resource, blob)?;
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
