use crate::{
    Backing, Blob, BlobRequest, CapsetId, ContextId, ContextStats, Error, EventSender, FenceId,
    Resource, ResourceId, ResourceRequest, RingIdx, Transfer, TransferSource, TransferTarget,
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

/// Serves devices: lists the kinds of context that they may have, and makes them.
pub trait Renderer: Send + Sync {
    /// The kinds of context offered; constant over the renderer's life.
    fn capsets(&self) -> Vec<CapsetInfo>;

    /// The capset's bytes as the guest reads them, or `None` if `id` and `version` are not
    /// among [`Renderer::capsets`].
    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>>;

    /// Begins the host's side of a device: of one virtual machine, or one vtest client. Devices
    /// share nothing that a guest can name. Dropping the device's side ends it; its contexts are
    /// dropped before.
    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error>;
}

/// The host's side of one device: what its contexts share.
///
/// Resources belong to the device and are named by id, so that contexts of one device see each
/// other's. A device and its contexts are called, and dropped, on one thread, that of the first
/// call: a driver's context stays on it.
pub trait DeviceRenderer: Send {
    /// Makes a context. `name` is the guest's, for logs. Fences and the context's loss are
    /// told through `events`. Dropping the context ends it and waits for its host work.
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error>;

    /// The device's classic resources.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if none of this renderer's contexts knows such resources.
    fn resources(&mut self) -> Result<&mut dyn Resources, Error>;

    /// The resource's name ends, whoever made the resource and whether or not this renderer has
    /// heard of it. It is attached to no context any more, and the name may come again. Work
    /// that uses the resource keeps it alive.
    fn unref(&mut self, resource: ResourceId);
}

/// The classic resources of a device, by the ids that the device gave them. They need no
/// context. An error is the request's alone: it ends no context.
pub trait Resources {
    /// Makes a resource without a backing (`VIRTIO_GPU_CMD_RESOURCE_CREATE_3D`). `id` is free.
    /// Its content is zero until something is written.
    fn create(&mut self, id: ResourceId, request: &ResourceRequest) -> Result<(), Error>;

    /// Gives a resource of [`Resources::create`] its backing
    /// (`VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING`), which it does not have yet. No pixels move.
    fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), Error>;

    /// Takes a resource's backing away (`VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING`): its memory is
    /// not touched after the call. No error if it has none.
    fn detach_backing(&mut self, id: ResourceId) -> Result<(), Error>;

    /// Moves pixels into a resource (`VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D`), behind what the
    /// context `ctx` was given before, or, without a context, behind what all were given. Returns
    /// when the memory has been read.
    ///
    /// # Errors
    /// [`Error::Misbehaved`] if the resource is not known, has no backing to read from, or if
    /// `transfer` does not lie inside the resource and the memory.
    fn transfer_to_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error>;

    /// Moves pixels out of a resource (`VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D`), behind what the
    /// context `ctx` was given before, or, without a context, behind what all were given. Returns
    /// when the memory has been written.
    ///
    /// # Errors
    /// Those of [`Resources::transfer_to_host`].
    fn transfer_from_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), Error>;

    /// The memory of a resource of [`Resources::create`], to hand to whoever shows it or to
    /// another device.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the host cannot export this resource.
    fn export(&mut self, id: ResourceId) -> Result<Blob, Error>;
}

/// One guest program's state on the host.
pub trait Context: Send {
    /// Executes a command stream. Returns when it is decoded or, if it waits for something of the
    /// context, queued up with what comes after it; not when the GPU is done.
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error>;

    /// Asks for [`crate::Event::FenceSignaled`] when all work submitted to `ring` so far is
    /// done, and what it writes to the guest's memory is there. A virgl context has only ring 0.
    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error>;

    /// Waits until all work submitted so far is done, and what it writes to the guest's memory is
    /// there (`VCMD_BUSY_WAIT_FLAG_WAIT` in `vtest/vtest_protocol.h`). Waiting here rather than
    /// for a fence saves waking two threads, which takes as long as a small frame. Returns early
    /// once [`EventSender::is_closed`], which is to be looked at ten times a second.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the context's work has several timelines.
    fn finish(&mut self) -> Result<(), Error>;

    /// Makes a blob of the context's memory (`struct virtio_gpu_resource_create_blob`). Called
    /// for [`crate::BlobMem::Host3d`] and [`crate::BlobMem::Host3dGuest`]; the device makes the
    /// others itself. The blob is going to be the device's resource `id`, which is attached to no
    /// context yet and may be attached to any.
    fn create_blob(&mut self, id: ResourceId, request: &BlobRequest) -> Result<Blob, Error>;

    /// Lets commands name the device's resource `id` (`VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE`). A
    /// blob may be one that [`Context::create_blob`] of any context returned.
    fn attach(&mut self, id: ResourceId, resource: &Resource) -> Result<(), Error>;

    /// Ends what [`Context::attach`] began. Work that uses the memory keeps it alive.
    fn detach(&mut self, resource: ResourceId);

    /// What it has done so far.
    fn stats(&self) -> ContextStats;
}
