use crate::{
    Blob, BlobRequest, CapsetId, ContextId, ContextStats, Error, EventSender, FenceId, ResourceId,
    RingIdx,
};

/// What a renderer offers under one capset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapsetInfo {
    /// The kind of context.
    pub id: CapsetId,
    /// The newest version of the capset's layout.
    pub max_version: u32,
    /// The capset's length in bytes, at most.
    pub max_size: u32,
}

/// Makes contexts of the kinds it lists.
pub trait Renderer: Send + Sync {
    /// The kinds of context offered; constant over the renderer's life.
    fn capsets(&self) -> Vec<CapsetInfo>;

    /// The capset's bytes as the guest reads them, or `None` if `id` and `version` are not
    /// among [`Renderer::capsets`].
    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>>;

    /// Makes a context. `name` is the guest's, for logs. Fences and the context's loss are
    /// told through `events`. Dropping the context ends it and waits for its host work.
    fn create_context(
        &self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error>;
}

/// One guest program's state on the host.
pub trait Context: Send {
    /// Executes a command stream; returns when it is decoded, not when the GPU is done.
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error>;

    /// Asks for [`crate::Event::FenceSignaled`] when all work submitted to `ring` so far is
    /// done.
    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error>;

    /// Makes a blob of the context's memory. Called for [`crate::BlobMem::Host3d`] and
    /// [`crate::BlobMem::Host3dGuest`]; the device makes the others itself.
    fn create_blob(&mut self, request: &BlobRequest) -> Result<Blob, Error>;

    /// Lets commands name `resource`, which is `blob`. The blob may be one that
    /// [`Context::create_blob`] of this context returned.
    fn attach(&mut self, resource: ResourceId, blob: &Blob) -> Result<(), Error>;

    /// Ends what [`Context::attach`] began. Work that uses the memory keeps it alive.
    fn detach(&mut self, resource: ResourceId);

    /// What it has done so far.
    fn stats(&self) -> ContextStats;
}
