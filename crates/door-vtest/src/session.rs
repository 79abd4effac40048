mod virgl;

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Instant;

use context::{
    BlobFlags, BlobId, BlobMem, BlobRequest, CapsetId, ContextId, FenceId, Renderer, ResourceId,
    RingIdx, events as event_queue,
};
use device::Device;
use rustix::event::{EventfdFlags, eventfd};
use wire_vtest::{
    Batch, BlobType, Command, MAX_TIMELINE_COUNT, Param, Reply, Request, ResourceCreateBlob,
    ResourceHandle, SubmitCmd2, SyncWait, Version,
};

use crate::error::{Error, is_hung_up};
use crate::events::Events;
use crate::fences::{FenceThread, Shared};
use crate::ids::Ids;
use crate::limits::MAX_SHOWN_NAME;
use crate::service::pid;
use crate::stream::{Replies, Requests};
use crate::syncs::WaitFd;
use crate::{ClientReport, Counts};
use virgl::{Work, is_for_the_client, is_virgl};

/// One client: its state, and what its requests do to it.
///
/// ```text
///            CREATE_RENDERER          CONTEXT_INIT, or the first
///                                     request that needs a context
///   nameless ---------------> named ------------------------------> in a context
/// ```
pub(crate) struct Session {
    id: u64,
    socket: Arc<UnixStream>,
    replies: Replies,
    version: Version,
    state: State,
    ctx: ContextId,
    // The device ends before the thread that hears of its fences.
    device: Device,
    fence_thread: Option<FenceThread>,
    shared: Arc<Shared>,
    events: Option<Arc<Events>>,
    resource_ids: Ids,
    last_fence: u64,
    work: Work,
    /// An fd that is always readable, made when first needed.
    ready: Option<Arc<OwnedFd>>,
    counts: Counts,
    /// The first request that was refused without ending the connection, and why.
    refusal: Option<String>,
}

enum State {
    Nameless,
    Named(String),
    InContext(String, CapsetId),
}

impl Session {
    /// Serves a client to its end, and tells what it did, and whether a bug ended it.
    pub(crate) fn run(
        id: u64,
        ctx: ContextId,
        socket: Arc<UnixStream>,
        renderer: Arc<dyn Renderer>,
    ) -> (ClientReport, bool) {
        let start = Instant::now();
        let mut session = Self {
            id,
            replies: Replies::new(Arc::clone(&socket)),
            version: Version::default(),
            state: State::Nameless,
            ctx,
            device: Device::new(renderer),
            fence_thread: None,
            shared: Arc::default(),
            events: None,
            resource_ids: Ids::default(),
            last_fence: 0,
            work: Work::Done,
            ready: None,
            counts: Counts::default(),
            refusal: None,
            socket,
        };
        let result = session.serve();
        // Whoever waits there is to see that it is over, before the context takes its time to
        // end; and first the socket, because what is released uses it next.
        let _ = session.socket.shutdown(Shutdown::Both);
        session.shared.syncs().release_waits();
        let is_bug = result.as_ref().is_err_and(Error::is_bug);
        let report = ClientReport {
            name: session.name().to_owned(),
            pid: pid(&session.socket),
            version: session.version.number(),
            capset: session.capset(),
            counts: session.counts,
            context: session.device.stats(session.ctx),
            connected: start.elapsed(),
            refusal: session.refusal.take(),
            dropped: result.err().map(|error| error.to_string()),
        };
        (report, is_bug)
    }

    fn serve(&mut self) -> Result<(), Error> {
        let mut requests = Requests::new(Arc::clone(&self.socket));
        let served = loop {
            match requests.next(self.version) {
                Ok(Some(request)) if is_for_the_client(&request) && is_hung_up(&self.socket) => {
                    tracing::debug!("client {} left work behind", self.id);
                    break Ok(());
                }
                Ok(Some(request)) => {
                    self.counts.requests = self.counts.requests.saturating_add(1);
                    tracing::trace!("client {} sends {}", self.id, request.command());
                    if let Err(error) = self.execute(request) {
                        break Err(error);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if let Some(events) = &self.events {
            events.take(&self.shared, &self.socket);
        }
        // A loss closes the socket, which then looks as if the client had hung up.
        match self.shared.take_loss() {
            Some(reason) => Err(Error::ContextLost(reason)),
            None => served.or_else(|error| error.unless_hung_up(&self.socket)),
        }
    }

    fn execute(&mut self, request: Request<'_>) -> Result<(), Error> {
        let command = request.command();
        if matches!(self.state, State::Nameless) != (command == Command::CreateRenderer) {
            return Err(Error::OutOfOrder(command));
        }
        match request {
            Request::CreateRenderer(name) => {
                self.create_renderer(name.as_inner());
                Ok(())
            }
            Request::PingProtocolVersion => self.replies.send(&Reply::Ping),
            Request::ProtocolVersion(requested) => self.protocol_version(requested),
            Request::GetParam(param) => self.get_param(param),
            Request::GetCaps => self.get_caps(),
            Request::GetCaps2 => self.get_caps2(),
            Request::GetCapset { id, version } => self.get_capset(CapsetId(id), version),
            Request::ContextInit(capset) => self.context_init(CapsetId(capset)),
            Request::ResourceCreateBlob(create) => self.resource_create_blob(&create),
            Request::ResourceUnref(resource) => self.resource_unref(resource),
            Request::ResourceExportFd(resource) => self.resource_export_fd(resource),
            Request::ResourceBusyWait(resource, flags) => self.resource_busy_wait(resource, flags),
            Request::SyncCreate(value) => {
                self.need_context()?;
                let sync = self.shared.syncs().create(value)?;
                self.replies.send(&Reply::SyncCreated(sync))
            }
            Request::SyncUnref(sync) => {
                self.need_context()?;
                self.shared.syncs().unref(sync)
            }
            Request::SyncRead(sync) => {
                self.need_context()?;
                let value = self.shared.syncs().value(sync)?;
                self.replies.send(&Reply::SyncValue(value))
            }
            Request::SyncWrite(point) => {
                self.need_context()?;
                self.shared.syncs().write(point)
            }
            Request::SyncWait(wait) => self.sync_wait(&wait),
            Request::SubmitCmd2(submit) => self.submit_cmd2(submit),
            Request::ResourceCreate(create) => self.resource_create(command, &create, 0),
            Request::ResourceCreate2(create, size) => self.resource_create(command, &create, size),
            Request::TransferGet(transfer) => self.transfer_get(&transfer),
            Request::TransferPut(transfer, pixels) => self.transfer_put(&transfer, pixels),
            Request::TransferGet2(transfer) => self.transfer_get2(&transfer),
            Request::TransferPut2(transfer) => self.transfer_put2(&transfer),
            Request::SubmitCmd(commands) => self.submit_cmd(commands),
            Request::DrmSyncCreate(_)
            | Request::DrmSyncDestroy(_)
            | Request::DrmSyncHandleToFd(_)
            | Request::DrmSyncFdToHandle
            | Request::DrmSyncImportSyncFile(_)
            | Request::DrmSyncExportSyncFile(_)
            | Request::DrmSyncWait(_)
            | Request::DrmSyncReset(_)
            | Request::DrmSyncSignal(_)
            | Request::DrmSyncTimelineSignal(_)
            | Request::DrmSyncTimelineWait(_)
            | Request::DrmSyncQuery(..)
            | Request::DrmSyncTransfer(_) => Err(Error::NoDrmSync(command)),
        }
    }

    fn create_renderer(&mut self, name: &[u8]) {
        let name = printable(name);
        tracing::info!("client {} is {name}", self.id);
        self.state = State::Named(name);
    }

    fn protocol_version(&mut self, requested: u32) -> Result<(), Error> {
        self.version = Version::negotiate(requested);
        tracing::debug!(
            "client {} asks for version {requested}, gets {}",
            self.id,
            self.version.number()
        );
        self.replies.send(&Reply::ProtocolVersion(self.version))
    }

    fn get_param(&mut self, param: Param) -> Result<(), Error> {
        let value = match param {
            Param::MaxTimelineCount => Some(MAX_TIMELINE_COUNT),
            Param::HasTimelineSyncobj | Param::Unknown(_) => None,
        };
        self.replies.send(&Reply::Param(value))
    }

    /// Without virgl the reference server answers with an empty capset.
    fn get_caps(&mut self) -> Result<(), Error> {
        let capset = self.device.capset(CapsetId::VIRGL, 1).unwrap_or_default();
        self.replies.send(&Reply::Caps(&capset))
    }

    /// Without virgl the reference server drops the client.
    fn get_caps2(&mut self) -> Result<(), Error> {
        let capset = self.device.capset(CapsetId::VIRGL2, 1);
        let capset = capset.ok_or(Error::NoVirgl(Command::GetCaps2))?;
        self.replies.send(&Reply::Caps2(&capset))
    }

    fn get_capset(&mut self, id: CapsetId, version: u32) -> Result<(), Error> {
        let capset = self.device.capset(id, version);
        tracing::debug!(
            "client {} asks for capset {id} version {version}: {}",
            self.id,
            if capset.is_some() {
                "offered"
            } else {
                "not offered"
            }
        );
        self.replies.send(&Reply::Capset(capset.as_deref()))
    }

    fn context_init(&mut self, wanted: CapsetId) -> Result<(), Error> {
        match self.capset() {
            _ if wanted == CapsetId(0) => Err(Error::NoCapset),
            Some(current) if current == wanted => Ok(()),
            Some(current) => Err(Error::OtherContext { current, wanted }),
            None => self.create_context(wanted),
        }
    }

    /// A client that names no kind of context wants virgl.
    fn need_context(&mut self) -> Result<(), Error> {
        match self.state {
            State::InContext(..) => Ok(()),
            _ => self.create_context(CapsetId::VIRGL),
        }
    }

    fn create_context(&mut self, capset: CapsetId) -> Result<(), Error> {
        let name = self.name().to_owned();
        let (sender, receiver) = event_queue().map_err(Error::Host)?;
        let events = Arc::new(Events::new(receiver));
        self.device
            .create_context(self.ctx, capset, &name, sender)?;
        self.events = Some(Arc::clone(&events));
        let thread = FenceThread::spawn(
            &format!("vtest-{}", self.id),
            events,
            Arc::clone(&self.shared),
            Arc::clone(&self.socket),
        );
        let thread = thread.map_err(Error::Host)?;
        if !is_virgl(capset) {
            thread.listen();
        }
        self.fence_thread = Some(thread);
        self.counts.contexts = self.counts.contexts.saturating_add(1);
        tracing::info!(
            "client {} ({name}) has a context of capset {capset}",
            self.id
        );
        self.state = State::InContext(name, capset);
        Ok(())
    }

    fn resource_create_blob(&mut self, create: &ResourceCreateBlob) -> Result<(), Error> {
        self.need_context()?;
        let made = self.make_blob(create);
        let reply = Reply::Resource {
            command: Command::ResourceCreateBlob,
            resource: ResourceHandle(made.as_ref().map_or(0, |id| id.0)),
            has_fd: true,
        };
        match made {
            Ok(id) => {
                let blob = self.device.blob(id)?;
                self.replies.send_with_fd(&reply, blob.fd())
            }
            Err(Error::Device(error)) if self.is_in_virgl() && error.is_refusal() => {
                self.note_refusal(Command::ResourceCreateBlob, &error);
                self.replies.send_refusal(&reply)
            }
            Err(error) => Err(self.refuse(&reply, error)),
        }
    }

    fn make_blob(&mut self, create: &ResourceCreateBlob) -> Result<ResourceId, Error> {
        let id = self.resource_ids.take();
        let id = ResourceId(id.ok_or(Error::Bug("out of resource ids"))?);
        let request = BlobRequest {
            mem: match create.blob_type {
                BlobType::Guest => BlobMem::Guest,
                BlobType::Host3d => BlobMem::Host3d,
                BlobType::Host3dGuest => BlobMem::Host3dGuest,
            },
            flags: BlobFlags::from_bits_truncate(create.flags.bits()),
            id: BlobId(create.blob_id),
            size: create.size,
        };
        self.make_blob_named(id, &request)
            .inspect_err(|_| self.resource_ids.give_back(id.0))?;
        self.counts.blobs = self.counts.blobs.saturating_add(1);
        self.counts.blob_bytes = self.counts.blob_bytes.saturating_add(create.size);
        Ok(id)
    }

    fn make_blob_named(&mut self, id: ResourceId, request: &BlobRequest) -> Result<(), Error> {
        self.device.create_blob(self.ctx, id, request)?;
        match self.device.attach(self.ctx, id) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.device.unref(id)?;
                Err(error.into())
            }
        }
    }

    /// Answers without the fd that belongs to the reply, because the client is dropped for
    /// `error`. Mesa's takes that for the end of its connection, and ends; without any answer it
    /// would read from the closed socket for ever (`vtest_receive_fd` and `vtest_read` of
    /// `src/virtio/vulkan/vn_renderer_vtest.c`).
    fn refuse(&mut self, reply: &Reply<'_>, error: Error) -> Error {
        // If that fails, the client is gone already.
        let _ = self.replies.send(reply);
        error
    }

    fn resource_unref(&mut self, resource: ResourceHandle) -> Result<(), Error> {
        self.need_context()?;
        self.device.unref(ResourceId(resource.0))?;
        self.resource_ids.give_back(resource.0);
        Ok(())
    }

    fn resource_export_fd(&mut self, resource: ResourceHandle) -> Result<(), Error> {
        self.need_context()?;
        let blob = self.device.export(ResourceId(resource.0))?;
        self.replies.send_with_fd(&Reply::ResourceFd, blob.fd())
    }

    fn sync_wait(&mut self, wait: &SyncWait) -> Result<(), Error> {
        self.need_context()?;
        self.counts.waits = self.counts.waits.saturating_add(1);
        match self.wait_fd(wait) {
            Ok(fd) => self.replies.send_with_fd(&Reply::SyncWait, fd.as_fd()),
            Err(error) => Err(self.refuse(&Reply::SyncWait, error)),
        }
    }

    fn wait_fd(&mut self, wait: &SyncWait) -> Result<Arc<OwnedFd>, Error> {
        let waiting = self.shared.syncs().wait(wait, Instant::now())?;
        match (waiting, &self.ready) {
            (WaitFd::Later(fd), _) => Ok(Arc::new(fd)),
            (WaitFd::Ready, Some(fd)) => Ok(Arc::clone(fd)),
            (WaitFd::Ready, None) => {
                let fd = Arc::new(ready_fd().map_err(Error::Host)?);
                self.ready = Some(Arc::clone(&fd));
                Ok(fd)
            }
        }
    }

    fn submit_cmd2(&mut self, submit: SubmitCmd2<'_>) -> Result<(), Error> {
        self.need_context()?;
        submit
            .batches
            .into_iter()
            .try_for_each(|batch| self.submit_batch(batch))
    }

    fn submit_batch(&mut self, batch: Batch<'_>) -> Result<(), Error> {
        let needs_drm = batch.in_fence
            || batch.out_fence
            || !batch.in_syncobjs.is_empty()
            || !batch.out_syncobjs.is_empty();
        if needs_drm {
            return Err(Error::NoDrmSync(Command::SubmitCmd2));
        }
        if !batch.commands.is_empty() {
            self.submit(batch.commands)?;
        }
        match batch.ring_idx {
            _ if batch.syncs.is_empty() => Ok(()),
            None => {
                let mut syncs = self.shared.syncs();
                batch.syncs.iter().try_for_each(|point| syncs.write(*point))
            }
            Some(ring) => {
                if let Some(thread) = &self.fence_thread {
                    thread.listen();
                }
                let (ring, fence) = (RingIdx(ring), self.next_fence());
                // First the syncs: the fence may signal before `fence` returns.
                self.shared.syncs().set_on_fence(ring, fence, batch.syncs)?;
                Ok(self.device.fence(self.ctx, ring, fence)?)
            }
        }
    }

    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        self.counts.submits = self.counts.submits.saturating_add(1);
        let bytes = commands.len() as u64;
        self.counts.command_bytes = self.counts.command_bytes.saturating_add(bytes);
        let submitted = self.device.submit(self.ctx, commands);
        self.work = Work::Unfenced(Instant::now());
        submitted?;
        self.look_for_events();
        Ok(())
    }

    /// Learns of the context's loss where the fences' thread does not listen.
    fn look_for_events(&self) {
        if self.is_in_virgl()
            && let Some(events) = &self.events
        {
            events.take(&self.shared, &self.socket);
        }
    }

    fn next_fence(&mut self) -> FenceId {
        self.last_fence = self.last_fence.saturating_add(1);
        self.counts.fences = self.counts.fences.saturating_add(1);
        FenceId(self.last_fence)
    }

    fn name(&self) -> &str {
        match &self.state {
            State::Nameless => "nameless",
            State::Named(name) | State::InContext(name, _) => name,
        }
    }

    fn capset(&self) -> Option<CapsetId> {
        match self.state {
            State::InContext(_, capset) => Some(capset),
            _ => None,
        }
    }
}

/// An fd that stays readable however often a client reads it: a semaphore of as many ones
/// as there can be. Nothing here ever touches it again.
fn ready_fd() -> io::Result<OwnedFd> {
    let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK | EventfdFlags::SEMAPHORE;
    Ok(eventfd(u32::MAX, flags)?)
}

/// A client's name up to its zero byte, with nothing in it that a terminal acts upon.
fn printable(name: &[u8]) -> String {
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    let shown = name.chars().take(MAX_SHOWN_NAME);
    let shown: String = shown
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    match shown.is_empty() {
        true => "unnamed".to_owned(),
        false => shown,
    }
}
