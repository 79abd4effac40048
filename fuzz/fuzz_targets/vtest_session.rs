//! A client's stream against a whole server.
#![no_main]

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use context::{
    Backing, Blob, BlobRequest, CapsetId, CapsetInfo, Context, ContextId, ContextStats,
    DeviceRenderer, Error, Event, EventSender, FenceId, Renderer, Resource, ResourceId,
    ResourceRequest, Resources, RingIdx, Transfer, TransferSource, TransferTarget,
};
use door_vtest::Server;
use host_memory::Shm;
use libfuzzer_sys::fuzz_target;
use wire::{Guest, Writer};
use wire_vtest::{Request, ResourceCreate, ResourceHandle, Version};

const PATIENCE: Duration = Duration::from_secs(10);

fuzz_target!(|data: &[u8]| {
    let Some((greeting, stream)) = data.split_first() else {
        return;
    };
    let server = Server::new(Arc::new(Willing)).expect("a server");
    let (mut ours, theirs) = UnixStream::pair().expect("a socket pair");
    server.connect(theirs).expect("a thread");
    // The server may hang up at any byte; that is not an error here.
    let _ = ours.write_all(greet(*greeting).as_bytes());
    let _ = ours.write_all(stream);
    let _ = ours.shutdown(Shutdown::Write);
    let _ = io::copy(&mut ours, &mut io::sink());
    drop(ours);
    assert!(server.wait_until_idle(Some(PATIENCE)), "hangs");
    let stats = server.stats();
    assert_eq!(stats.clients, 1, "a thread panicked");
    if let Some(reason) = &stats.reports[0].dropped {
        assert!(!reason.contains("bug in Paravane"), "{reason}");
    }
});

/// Greets as far as the fuzzer wants, so that it need not find out how: as a Venus client, or as
/// a virgl client that has a resource.
fn greet(how: u8) -> Writer {
    let version = u32::from(how >> 2 & 0x1f);
    let requests = match how & 0x80 {
        0 => vec![
            Request::CreateRenderer(Guest::new(b"fuzz\0")),
            Request::ProtocolVersion(version),
            Request::ContextInit(CapsetId::VENUS.0),
            Request::SyncCreate(0),
        ],
        _ => vec![
            Request::CreateRenderer(Guest::new(b"fuzz\0")),
            Request::ProtocolVersion(version),
            Request::ResourceCreate2(shape(version), 64),
        ],
    };
    let mut writer = Writer::new();
    for request in requests.iter().take(usize::from(how & 7)) {
        request.encode(&mut writer, Version::V4);
    }
    writer
}

/// From version 3 on the server chooses the number.
fn shape(version: u32) -> ResourceCreate {
    ResourceCreate {
        handle: ResourceHandle(u32::from(version < 3)),
        target: 2,
        format: 1,
        bind: 2,
        width: 4,
        height: 4,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
    }
}

/// A renderer that accepts everything, and whose fences signal at once.
struct Willing;

/// A device whose resources are as large as their memory.
#[derive(Default)]
struct WillingDevice {
    resources: HashMap<ResourceId, Option<Backing>>,
}

struct WillingContext {
    id: ContextId,
    events: EventSender,
}

impl Renderer for Willing {
    fn capsets(&self) -> Vec<CapsetInfo> {
        let info = |id| CapsetInfo {
            id,
            max_version: 1,
            max_size: 8,
        };
        vec![
            info(CapsetId::VENUS),
            info(CapsetId::VIRGL),
            info(CapsetId::VIRGL2),
        ]
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        let offered = self.capsets().iter().any(|capset| capset.id == id);
        (offered && version <= 1).then(|| vec![1; 8])
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::<WillingDevice>::default())
    }
}

impl DeviceRenderer for WillingDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        _: CapsetId,
        _: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        Ok(Box::new(WillingContext { id, events }))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
        Ok(self)
    }

    fn unref(&mut self, resource: ResourceId) {
        self.resources.remove(&resource);
    }
}

impl Resources for WillingDevice {
    fn create(&mut self, id: ResourceId, _: &ResourceRequest) -> Result<(), Error> {
        assert!(self.resources.insert(id, None).is_none());
        Ok(())
    }

    fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), Error> {
        let before = self.resources.insert(id, Some(backing));
        assert!(matches!(before, Some(None)));
        Ok(())
    }

    fn detach_backing(&mut self, id: ResourceId) -> Result<(), Error> {
        let before = self.resources.insert(id, None);
        assert!(matches!(before, Some(Some(_))));
        Ok(())
    }

    fn transfer_to_host(
        &mut self,
        _: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error> {
        match source {
            TransferSource::Bytes(bytes) => assert!(transfer.offset < bytes.len() as u64),
            TransferSource::Backing => self.byte(id, transfer.offset, None),
        }
        Ok(())
    }

    fn transfer_from_host(
        &mut self,
        _: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), Error> {
        match target {
            TransferTarget::Bytes(bytes) => bytes.fill(1),
            TransferTarget::Backing => self.byte(id, transfer.offset, Some(1)),
            TransferTarget::Memory(_) => {}
        }
        Ok(())
    }

    fn export(&mut self, _: ResourceId) -> Result<Blob, Error> {
        let shm = Shm::new("fuzz", 8).map_err(|e| Error::Host(e.to_string()))?;
        Ok(Blob::from_shm(shm, 8))
    }
}

impl WillingDevice {
    /// The device has checked that a resource's backing has the byte; blobs are not kept here.
    fn byte(&self, id: ResourceId, offset: u64, write: Option<u8>) {
        let Some(backing) = self.resources.get(&id) else {
            return;
        };
        let backing = backing.as_ref().expect("a backing");
        match write {
            Some(byte) => backing.write(offset, &[byte]),
            None => backing.read(offset, &mut [0]),
        }
        .expect("a byte inside");
    }
}

impl Context for WillingContext {
    fn submit(&mut self, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        let ctx = self.id;
        self.events.send(Event::FenceSignaled { ctx, ring, fence });
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn create_blob(&mut self, _: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        let shm = Shm::new("fuzz", request.size).map_err(|e| Error::Host(e.to_string()))?;
        Ok(Blob::from_shm(shm, request.size))
    }

    fn attach(&mut self, _: ResourceId, _: &Resource) -> Result<(), Error> {
        Ok(())
    }

    fn detach(&mut self, _: ResourceId) {}

    fn stats(&self) -> ContextStats {
        ContextStats::default()
    }
}
