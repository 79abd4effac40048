//! A renderer that does as its commands say, and a client that speaks vtest to a server.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod canvas;

use std::collections::HashMap;
use std::io::{IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use context::{
    Blob, BlobRequest, BlobStorage, CapsetId, CapsetInfo, Context, ContextId, ContextStats,
    DeviceRenderer, Error, Event, EventSender, FenceId, MapCaching, Renderer, Resource, ResourceId,
    Resources, RingIdx,
};
use door_vtest::{Server, Stats};
use host_memory::Shm;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use wire::{Guest, Writer};
use wire_vtest::{
    Batch, BlobFlags, BlobType, Extent, Reply, Request, ResourceCreateBlob, ResourceHandle,
    SubmitCmd2, SyncId, SyncPoint, SyncWait, SyncWaitFlags, Version,
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Commands that [`Fake`]'s contexts know: one word, then operands.
pub(crate) const NOP: u32 = 0;
pub(crate) const MALFORMED: u32 = 1;
pub(crate) const LOSE_CONTEXT: u32 = 2;
pub(crate) const BLOCK: u32 = 3;
pub(crate) const BUG: u32 = 5;
/// Adds one to the first word of a resource.
pub(crate) const INCREMENT: u32 = 4;

/// The blob id for which there is an opaque fd, and the one for which there is nothing.
pub(crate) const OPAQUE_BLOB: u64 = 7;
pub(crate) const NO_BLOB: u64 = 99;

#[derive(Default)]
pub(crate) struct Fake {
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
pub(crate) struct Held {
    hold: bool,
    fences: Vec<(EventSender, Event)>,
    waiting: usize,
}

impl Held {
    /// Signals a fence, or keeps it for later.
    pub(crate) fn fence(&mut self, events: &EventSender, event: Event) {
        match self.hold {
            true => self.fences.push((events.clone(), event)),
            false => events.send(event),
        }
    }

    /// Fences wait for [`Held::release`] from now on.
    pub(crate) fn hold(&mut self) {
        self.hold = true;
    }

    /// Signals all fences, and keeps none any more.
    pub(crate) fn release_all(&mut self) {
        self.hold = false;
        self.release(self.fences.len());
    }

    /// Waits until no fences are kept, or nobody waits for `events` any more.
    pub(crate) fn wait(held: &Mutex<Self>, events: &EventSender) {
        held.lock().unwrap().waiting += 1;
        while held.lock().unwrap().hold && !events.is_closed() {
            std::thread::sleep(Duration::from_millis(1));
        }
        held.lock().unwrap().waiting -= 1;
    }

    /// How many contexts are in [`Held::wait`].
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Signals the `count` oldest fences.
    pub(crate) fn release(&mut self, count: usize) {
        self.fences
            .drain(..count)
            .for_each(|(sender, event)| sender.send(event));
    }

    pub(crate) fn count(&self) -> usize {
        self.fences.len()
    }
}

impl Fake {
    /// Fences wait for [`Fake::release`] from now on.
    pub(crate) fn hold_fences(&self) {
        self.held.lock().unwrap().hold();
    }

    /// Signals the `count` oldest fences.
    pub(crate) fn release(&self, count: usize) {
        self.held.lock().unwrap().release(count);
    }

    pub(crate) fn held_count(&self) -> usize {
        self.held.lock().unwrap().count()
    }
}

impl Renderer for Fake {
    fn capsets(&self) -> Vec<CapsetInfo> {
        vec![CapsetInfo {
            id: CapsetId::VENUS,
            max_version: 0,
            max_size: 160,
        }]
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        (id == CapsetId::VENUS && version == 0).then(|| vec![0x5a; 160])
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(FakeDevice {
            held: Arc::clone(&self.held),
        }))
    }
}

struct FakeDevice {
    held: Arc<Mutex<Held>>,
}

impl DeviceRenderer for FakeDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        _name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        match capset {
            CapsetId::VENUS => Ok(Box::new(FakeContext {
                id,
                events,
                held: Arc::clone(&self.held),
                resources: HashMap::new(),
                commands: 0,
            })),
            _ => Err(Error::Unsupported(format!("capset {capset}"))),
        }
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
        Err(Error::Unsupported("classic resources".into()))
    }

    fn unref(&mut self, _: ResourceId) {}
}

struct FakeContext {
    id: ContextId,
    events: EventSender,
    held: Arc<Mutex<Held>>,
    resources: HashMap<ResourceId, Shm>,
    commands: u64,
}

impl Context for FakeContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        let (words, _) = commands.as_chunks::<4>();
        self.commands += 1;
        let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        match words[..] {
            [NOP, ..] => Ok(()),
            [LOSE_CONTEXT] => {
                self.events.send(Event::ContextLost {
                    ctx: self.id,
                    reason: "as commanded".into(),
                });
                Ok(())
            }
            [BLOCK] => {
                while !self.events.is_closed() {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(Error::Ended)
            }
            [INCREMENT, resource] => {
                let shm = self.resources.get(&ResourceId(resource)).unwrap();
                let value = shm.load_u32(0, Ordering::Acquire).unwrap();
                shm.store_u32(0, value + 1, Ordering::Release).unwrap();
                Ok(())
            }
            [BUG] => Err(Error::Bug("as commanded".into())),
            _ => Err(Error::Malformed("no such command".into())),
        }
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        let event = Event::FenceSignaled {
            ctx: self.id,
            ring,
            fence,
        };
        self.held.lock().unwrap().fence(&self.events, event);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Err(Error::Unsupported("waiting for everything".into()))
    }

    fn create_blob(&mut self, _: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        let shm = || Shm::new("fake", request.size).map_err(|e| Error::Host(e.to_string()));
        match request.id.0 {
            NO_BLOB => Err(Error::Unsupported("no such memory".into())),
            OPAQUE_BLOB => Ok(Blob {
                storage: BlobStorage::Opaque(Arc::new(shm()?.fd().try_clone_to_owned().unwrap())),
                size: request.size,
                caching: MapCaching::Uncached,
            }),
            _ => Ok(Blob::from_shm(shm()?, request.size)),
        }
    }

    fn attach(&mut self, id: ResourceId, resource: &Resource) -> Result<(), Error> {
        if let Resource::Blob(blob) = resource
            && let BlobStorage::Shm(shm) = &blob.storage
        {
            self.resources.insert(id, shm.clone());
        }
        Ok(())
    }

    fn detach(&mut self, resource: ResourceId) {
        self.resources.remove(&resource);
    }

    fn stats(&self) -> ContextStats {
        ContextStats {
            commands: self.commands,
            ..Default::default()
        }
    }
}

/// A server with a [`Fake`] renderer.
pub(crate) fn server() -> (Server, Arc<Fake>) {
    let fake = Arc::new(Fake::default());
    let renderer: Arc<dyn Renderer> = Arc::clone(&fake) as _;
    (Server::new(renderer).unwrap(), fake)
}

/// What the clients did, once all have left.
pub(crate) fn final_stats(server: &Server) -> Stats {
    assert!(
        server.wait_until_idle(Some(PATIENCE)),
        "a client's thread hangs"
    );
    server.stats()
}

/// A server whose one client does `act`; why it was dropped, if it was.
pub(crate) fn run_one(act: impl FnOnce(&mut Client)) -> Option<String> {
    let (server, _) = server();
    let mut client = Client::connect(&server);
    act(&mut client);
    drop(client);
    final_stats(&server).reports.remove(0).dropped
}

pub(crate) struct Client {
    pub(crate) stream: UnixStream,
    pub(crate) version: Version,
}

impl Client {
    /// A client that has said nothing yet.
    pub(crate) fn connect(server: &Server) -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(PATIENCE)).unwrap();
        server.connect(theirs).unwrap();
        Self {
            stream: ours,
            version: Version::V0,
        }
    }

    /// A client with a name, a version and a Venus context.
    pub(crate) fn in_context(server: &Server) -> Self {
        let mut client = Self::connect(server);
        client.create_renderer("test");
        client.negotiate(4);
        client.send(&Request::ContextInit(CapsetId::VENUS.0));
        client
    }

    pub(crate) fn create_renderer(&mut self, name: &str) {
        let name = format!("{name}\0");
        self.send(&Request::CreateRenderer(Guest::new(name.as_bytes())));
    }

    pub(crate) fn negotiate(&mut self, version: u32) {
        match self.call(&Request::ProtocolVersion(version)) {
            OwnedReply::Version(version) => self.version = version,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn send(&mut self, request: &Request<'_>) {
        let mut writer = Writer::new();
        request.encode(&mut writer, self.version);
        self.stream.write_all(writer.as_bytes()).unwrap();
    }

    /// Sends a request, as far as the server still listens.
    pub(crate) fn try_send(&mut self, request: &Request<'_>) {
        let mut writer = Writer::new();
        request.encode(&mut writer, self.version);
        let _ = self.stream.write_all(writer.as_bytes());
    }

    /// Sends a request and receives its reply.
    pub(crate) fn call(&mut self, request: &Request<'_>) -> OwnedReply {
        self.send(request);
        self.receive(request)
    }

    pub(crate) fn receive(&mut self, request: &Request<'_>) -> OwnedReply {
        let mut bytes = Vec::new();
        while let Extent::Needs(size) = Reply::extent(request, self.version, &bytes)
            .unwrap()
            .expect("the request has a reply")
        {
            let start = bytes.len();
            bytes.resize(size, 0);
            self.stream.read_exact(&mut bytes[start..]).unwrap();
        }
        let reply = Reply::parse(request, self.version, &bytes).unwrap();
        let fd = reply.carries_fd().then(|| self.receive_fd());
        OwnedReply::new(&reply, fd)
    }

    fn receive_fd(&mut self) -> OwnedFd {
        self.receive_byte().expect("an fd comes with the byte")
    }

    /// Receives a byte of its own, and the fd that comes with it, if one does.
    pub(crate) fn receive_byte(&mut self) -> Option<OwnedFd> {
        let mut byte = [0];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(
            &self.stream,
            &mut [IoSliceMut::new(&mut byte)],
            &mut ancillary,
            RecvFlags::CMSG_CLOEXEC,
        )
        .unwrap();
        assert_eq!(received.bytes, 1);
        let mut fds = ancillary.drain().flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(fds) => fds.collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        fds.next()
    }

    /// Waits until the server has hung up.
    pub(crate) fn expect_hang_up(&mut self) {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(0) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("the server goes on: {other:?}"),
        }
    }

    /// Proves that the server still serves this client.
    pub(crate) fn expect_alive(&mut self) {
        assert!(matches!(
            self.call(&Request::PingProtocolVersion),
            OwnedReply::Ping
        ));
    }

    pub(crate) fn create_blob(
        &mut self,
        blob_type: BlobType,
        id: u64,
        size: u64,
    ) -> (u32, OwnedFd) {
        let request = Request::ResourceCreateBlob(ResourceCreateBlob {
            blob_type,
            flags: BlobFlags::MAPPABLE,
            size,
            blob_id: id,
        });
        match self.call(&request) {
            OwnedReply::Resource(ResourceHandle(id), Some(fd)) => (id, fd),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn create_sync(&mut self, value: u64) -> SyncId {
        match self.call(&Request::SyncCreate(value)) {
            OwnedReply::Sync(sync) => sync,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn read_sync(&mut self, sync: SyncId) -> u64 {
        match self.call(&Request::SyncRead(sync)) {
            OwnedReply::Value(value) => value,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn wait(&mut self, any: bool, timeout_ms: u32, points: &[(SyncId, u64)]) -> OwnedFd {
        let request = Request::SyncWait(SyncWait {
            flags: match any {
                true => SyncWaitFlags::ANY,
                false => SyncWaitFlags::empty(),
            },
            timeout_ms,
            points: to_points(points),
        });
        match self.call(&request) {
            OwnedReply::Fd(fd) => fd,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn submit(&mut self, commands: &[u32], ring: Option<u32>, points: &[(SyncId, u64)]) {
        let commands: Vec<u8> = commands
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        self.send(&Request::SubmitCmd2(SubmitCmd2 {
            batches: vec![Batch {
                commands: &commands,
                syncs: to_points(points),
                ring_idx: ring,
                ..Batch::default()
            }],
        }));
    }
}

pub(crate) fn to_points(points: &[(SyncId, u64)]) -> Vec<SyncPoint> {
    let point = |&(sync, value): &(SyncId, u64)| SyncPoint { sync, value };
    points.iter().map(point).collect()
}

/// A [`Reply`] with its fd, and without the buffer.
#[derive(Debug)]
pub(crate) enum OwnedReply {
    Ping,
    Version(Version),
    Resource(ResourceHandle, Option<OwnedFd>),
    Sync(SyncId),
    Value(u64),
    Fd(OwnedFd),
    Busy(bool),
    Param(Option<u32>),
    Bytes(Option<Vec<u8>>),
}

impl OwnedReply {
    fn new(reply: &Reply<'_>, fd: Option<OwnedFd>) -> Self {
        match reply {
            Reply::Ping => Self::Ping,
            Reply::ProtocolVersion(version) => Self::Version(*version),
            Reply::Resource { resource, .. } => Self::Resource(*resource, fd),
            Reply::SyncCreated(sync) => Self::Sync(*sync),
            Reply::SyncValue(value) => Self::Value(*value),
            Reply::SyncWait | Reply::ResourceFd | Reply::ResourceMemory => Self::Fd(fd.unwrap()),
            Reply::Busy(busy) => Self::Busy(*busy),
            Reply::Param(value) => Self::Param(*value),
            Reply::Caps(bytes) | Reply::Caps2(bytes) | Reply::TransferData(bytes) => {
                Self::Bytes(Some(bytes.to_vec()))
            }
            Reply::Capset(bytes) => Self::Bytes(bytes.map(<[u8]>::to_vec)),
            other => panic!("no client wants {other:?}"),
        }
    }
}

/// Whether `fd` becomes readable within `timeout`; it must not hang up.
pub(crate) fn is_readable(fd: &OwnedFd, timeout: Duration) -> bool {
    let timeout = Timespec::try_from(timeout).unwrap();
    let mut fds = [PollFd::from_borrowed_fd(borrowed(fd), PollFlags::IN)];
    poll(&mut fds, Some(&timeout)).unwrap();
    let events = fds[0].revents();
    assert!(events.difference(PollFlags::IN).is_empty(), "{events:?}");
    events.contains(PollFlags::IN)
}

fn borrowed(fd: &OwnedFd) -> BorrowedFd<'_> {
    fd.as_fd()
}
