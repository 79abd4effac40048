//! What only virgl's clients ask: classic resources, transfers, command streams, waiting.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use context::{
    Box3d, CapsetId, FenceId, ResourceId, ResourceRequest, Transfer, TransferSource, TransferTarget,
};
use wire_vtest::{
    BusyWaitFlags, Command, Reply, Request, ResourceCreate, ResourceHandle,
    Transfer as WireTransfer, Transfer2, Version,
};

use super::Session;
use crate::error::Error;
use crate::events::VIRGL_RING;

/// How far the context's work is known to be done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// All of it is.
    Done,
    /// No fence is behind the newest submission, which was made then.
    Unfenced(Instant),
    /// All is done once this fence of [`VIRGL_RING`] has signalled.
    Until(FenceId),
}

/// How long work is taken to be under way without a look. A client asks right behind most of its
/// submissions, and a fence has a thread woken that can only say that the GPU has begun.
const BEGINNING: Duration = Duration::from_micros(50);

/// A new resource, and the memory for the client, if it wants any.
type Made = (ResourceId, Option<OwnedFd>);

impl Session {
    /// `RESOURCE_CREATE`, which has no memory for the client, and `RESOURCE_CREATE2`, which has
    /// some unless `memory_size` is 0, as for multi-sampled textures.
    pub(super) fn resource_create(
        &mut self,
        command: Command,
        create: &ResourceCreate,
        memory_size: u32,
    ) -> Result<(), Error> {
        self.need_virgl(command)?;
        match self.make_resource(create, memory_size) {
            Ok((id, memory)) => self.answer_creation(command, id, memory),
            Err(Error::Device(error)) if error.is_refusal() => {
                self.note_refusal(command, &error);
                self.refuse_creation(command, memory_size != 0)
            }
            Err(error) => Err(error),
        }
    }

    /// Mesa does not hear of the refusal below version 3 without memory; what it does with the
    /// resource fails.
    fn refuse_creation(&mut self, command: Command, wants_memory: bool) -> Result<(), Error> {
        match self.creation_reply(command, ResourceId(0), wants_memory) {
            Some(reply) => self.replies.send_refusal(&reply),
            None => Ok(()),
        }
    }

    fn answer_creation(
        &mut self,
        command: Command,
        id: ResourceId,
        memory: Option<OwnedFd>,
    ) -> Result<(), Error> {
        match (self.creation_reply(command, id, memory.is_some()), memory) {
            (Some(reply), Some(fd)) => self.replies.send_with_fd(&reply, fd.as_fd()),
            (Some(reply), None) => self.replies.send(&reply),
            (None, _) => Ok(()),
        }
    }

    /// The reply, if this version has one: the client's own choice of the number needs none.
    fn creation_reply(
        &self,
        command: Command,
        id: ResourceId,
        has_fd: bool,
    ) -> Option<Reply<'static>> {
        match self.version {
            Version::V3 | Version::V4 => Some(Reply::Resource {
                command,
                resource: ResourceHandle(id.0),
                has_fd,
            }),
            Version::V0 | Version::V2 => has_fd.then_some(Reply::ResourceMemory),
        }
    }

    fn make_resource(&mut self, create: &ResourceCreate, memory_size: u32) -> Result<Made, Error> {
        let id = self.new_resource_id(create.handle)?;
        let made = self.make_resource_named(id, create, memory_size);
        if made.is_err() && self.version >= Version::V3 {
            self.resource_ids.give_back(id.0);
        }
        Ok((id, made?))
    }

    /// From version 3 on the server chooses.
    fn new_resource_id(&mut self, handle: ResourceHandle) -> Result<ResourceId, Error> {
        match (self.version, handle) {
            (Version::V0 | Version::V2, handle) => Ok(ResourceId(handle.0)),
            (_, ResourceHandle(0)) => {
                let id = self.resource_ids.take();
                Ok(ResourceId(id.ok_or(Error::Bug("out of resource ids"))?))
            }
            (_, handle) => Err(Error::ChosenHandle(handle)),
        }
    }

    fn make_resource_named(
        &mut self,
        id: ResourceId,
        create: &ResourceCreate,
        memory_size: u32,
    ) -> Result<Option<OwnedFd>, Error> {
        self.device.create_resource(id, &request(create))?;
        match self.equip_resource(id, memory_size) {
            Ok(memory) => {
                self.counts.resources = self.counts.resources.saturating_add(1);
                Ok(memory)
            }
            Err(error) => {
                self.device.unref(id)?;
                Err(error)
            }
        }
    }

    fn equip_resource(&mut self, id: ResourceId, size: u32) -> Result<Option<OwnedFd>, Error> {
        self.device.attach(self.ctx, id)?;
        match size {
            0 => Ok(None),
            _ => Ok(Some(self.device.attach_memfd(id, size.into())?)),
        }
    }

    /// The reply is as long as the client says, whatever becomes of the transfer.
    pub(super) fn transfer_get(&mut self, request: &WireTransfer) -> Result<(), Error> {
        self.need_virgl(Command::TransferGet)?;
        let mut pixels = vec![0; request.data_size as usize];
        let target = match pixels.is_empty() {
            true => TransferTarget::Backing,
            false => TransferTarget::Bytes(&mut pixels),
        };
        self.transfer_from_host(
            Command::TransferGet,
            request.resource,
            &inline(request),
            target,
        )?;
        self.replies.send(&Reply::TransferData(&pixels))
    }

    pub(super) fn transfer_get2(&mut self, request: &Transfer2) -> Result<(), Error> {
        let command = Command::TransferGet2;
        self.need_virgl(command)?;
        let transfer = within_memory(request);
        self.transfer_from_host(
            command,
            request.resource,
            &transfer,
            TransferTarget::Backing,
        )
    }

    fn transfer_from_host(
        &mut self,
        command: Command,
        resource: ResourceHandle,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), Error> {
        let (ctx, id) = (Some(self.ctx), ResourceId(resource.0));
        let result = self.device.transfer_from_host(ctx, id, transfer, target);
        self.transferred(command, result)
    }

    pub(super) fn transfer_put(
        &mut self,
        request: &WireTransfer,
        pixels: &[u8],
    ) -> Result<(), Error> {
        self.need_virgl(Command::TransferPut)?;
        let source = match pixels.is_empty() {
            true => TransferSource::Backing,
            false => TransferSource::Bytes(pixels),
        };
        self.transfer_to_host(
            Command::TransferPut,
            request.resource,
            &inline(request),
            source,
        )
    }

    pub(super) fn transfer_put2(&mut self, request: &Transfer2) -> Result<(), Error> {
        let command = Command::TransferPut2;
        self.need_virgl(command)?;
        let transfer = within_memory(request);
        self.transfer_to_host(
            command,
            request.resource,
            &transfer,
            TransferSource::Backing,
        )
    }

    fn transfer_to_host(
        &mut self,
        command: Command,
        resource: ResourceHandle,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error> {
        let (ctx, id) = (Some(self.ctx), ResourceId(resource.0));
        let result = self.device.transfer_to_host(ctx, id, transfer, source);
        self.transferred(command, result)
    }

    /// A transfer that the renderer refuses moves nothing and is no reason to end: the client
    /// finds zeros or its own old bytes.
    fn transferred(
        &mut self,
        command: Command,
        result: Result<(), device::Error>,
    ) -> Result<(), Error> {
        self.counts.transfers = self.counts.transfers.saturating_add(1);
        match result {
            Err(error) if error.is_refusal() => {
                self.note_refusal(command, &error);
                Ok(())
            }
            result => Ok(result?),
        }
    }

    pub(super) fn submit_cmd(&mut self, commands: &[u8]) -> Result<(), Error> {
        self.need_virgl(Command::SubmitCmd)?;
        self.submit(commands)
    }

    /// Whether the GPU still works for the client. The protocol asks for one resource; which
    /// ones a command stream uses is not known here, nor to the reference server.
    ///
    /// Clients ask about resource 0 to learn whether `PING_PROTOCOL_VERSION` was understood;
    /// the reference server answers that even before there is a context. Only virgl's streams
    /// and transfers make a resource busy in this protocol.
    pub(super) fn resource_busy_wait(
        &mut self,
        resource: ResourceHandle,
        flags: BusyWaitFlags,
    ) -> Result<(), Error> {
        if resource != ResourceHandle(0) {
            self.need_context()?;
        }
        let is_busy = match self.is_in_virgl() {
            true if flags.contains(BusyWaitFlags::WAIT) => self.finish()?,
            true => self.is_busy()?,
            false => false,
        };
        self.replies.send(&Reply::Busy(is_busy))
    }

    /// Waits until the GPU is done. False, for "not busy", unless the client has gone: then
    /// nobody reads the answer.
    fn finish(&mut self) -> Result<bool, Error> {
        if !matches!(self.work, Work::Done) {
            self.device.finish(self.ctx)?;
            self.work = Work::Done;
        }
        Ok(false)
    }

    fn is_busy(&mut self) -> Result<bool, Error> {
        let fence = match self.work {
            Work::Done => return Ok(false),
            Work::Until(fence) => fence,
            Work::Unfenced(since) if since.elapsed() < BEGINNING => return Ok(true),
            Work::Unfenced(_) => self.fence_work()?,
        };
        let Some(events) = &self.events else {
            return Err(Error::Bug("a context without events"));
        };
        events.take(&self.shared, &self.socket);
        let is_done = events.has_virgl_signaled(fence);
        if is_done {
            self.work = Work::Done;
        }
        Ok(!is_done)
    }

    /// Puts a fence behind everything submitted so far. It waits until somebody asks, because
    /// most submissions are never asked about.
    fn fence_work(&mut self) -> Result<FenceId, Error> {
        let fence = self.next_fence();
        self.device.fence(self.ctx, VIRGL_RING, fence)?;
        self.work = Work::Until(fence);
        Ok(fence)
    }

    /// A client that names no kind of context wants virgl.
    fn need_virgl(&mut self, command: Command) -> Result<(), Error> {
        self.need_context()?;
        match self.is_in_virgl() {
            true => Ok(()),
            false => Err(Error::NoVirgl(command)),
        }
    }

    pub(super) fn is_in_virgl(&self) -> bool {
        self.capset().is_some_and(is_virgl)
    }

    /// Keeps the first refusal for the client's last line in the log.
    pub(super) fn note_refusal(&mut self, command: Command, error: &device::Error) {
        tracing::debug!("client {}: {command} refused: {error}", self.id);
        self.counts.refusals = self.counts.refusals.saturating_add(1);
        self.refusal
            .get_or_insert_with(|| format!("{command}: {error}"));
    }
}

/// Both capsets are of the same kind of context.
pub(super) fn is_virgl(capset: CapsetId) -> bool {
    matches!(capset, CapsetId::VIRGL | CapsetId::VIRGL2)
}

/// Whether the request makes the GPU work for what only the client will see, which is over when
/// it has hung up: programs that end do not wait for what they asked for, and a driver would
/// compile shaders for a minute for a hundred of them.
pub(super) const fn is_for_the_client(request: &Request<'_>) -> bool {
    matches!(
        request,
        Request::ResourceCreate(_)
            | Request::ResourceCreate2(..)
            | Request::TransferPut(..)
            | Request::TransferPut2(_)
            | Request::SubmitCmd(_)
    )
}

fn request(create: &ResourceCreate) -> ResourceRequest {
    ResourceRequest {
        target: create.target,
        format: create.format,
        bind: create.bind,
        width: create.width,
        height: create.height,
        depth: create.depth,
        array_size: create.array_size,
        last_level: create.last_level,
        nr_samples: create.nr_samples,
        flags: 0,
    }
}

/// A transfer whose pixels start where its bytes do.
fn inline(transfer: &WireTransfer) -> Transfer {
    Transfer {
        level: transfer.level,
        stride: transfer.stride,
        layer_stride: transfer.layer_stride,
        region: region(&transfer.region),
        offset: 0,
    }
}

/// A transfer whose rows and layers are tightly packed.
fn within_memory(transfer: &Transfer2) -> Transfer {
    Transfer {
        level: transfer.level,
        stride: 0,
        layer_stride: 0,
        region: region(&transfer.region),
        offset: transfer.offset.into(),
    }
}

fn region(region: &wire_vtest::Box3d) -> Box3d {
    let wire_vtest::Box3d {
        x,
        y,
        z,
        width,
        height,
        depth,
    } = *region;
    Box3d {
        x,
        y,
        z,
        width,
        height,
        depth,
    }
}
