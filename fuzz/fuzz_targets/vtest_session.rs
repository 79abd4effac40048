//! A client's stream against a whole server.
#![no_main]

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use context::{
    Blob, BlobRequest, CapsetId, CapsetInfo, Context, ContextId, ContextStats, DeviceRenderer,
    Error, Event, EventSender, FenceId, Renderer, Resource, ResourceId, Resources, RingIdx,
};
use door_vtest::Server;
use host_memory::Shm;
use libfuzzer_sys::fuzz_target;
use wire::{Guest, Writer};
use wire_vtest::{Request, Version};

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
    let _ = ours.read_to_end(&mut Vec::new());
    drop(ours);
    assert!(server.wait_until_idle(Some(PATIENCE)), "hangs");
    let stats = server.stats();
    assert_eq!(stats.clients, 1, "a thread panicked");
    if let Some(reason) = &stats.reports[0].dropped {
        assert!(!reason.contains("bug in Paravane"), "{reason}");
    }
});

/// Greets as far as the fuzzer wants, so that it need not find out how.
fn greet(depth: u8) -> Writer {
    let requests = [
        Request::CreateRenderer(Guest::new(b"fuzz\0")),
        Request::ProtocolVersion(u32::from(depth >> 2)),
        Request::ContextInit(CapsetId::VENUS.0),
        Request::SyncCreate(0),
    ];
    let mut writer = Writer::new();
    for request in requests.iter().take(usize::from(depth & 7)) {
        request.encode(&mut writer, Version::V4);
    }
    writer
}

/// A renderer that accepts everything, and whose fences signal at once.
struct Willing;

struct WillingContext {
    id: ContextId,
    events: EventSender,
}

impl Renderer for Willing {
    fn capsets(&self) -> Vec<CapsetInfo> {
        vec![CapsetInfo {
            id: CapsetId::VENUS,
            max_version: 0,
            max_size: 8,
        }]
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        (id == CapsetId::VENUS && version == 0).then(|| vec![1; 8])
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(Self))
    }
}

impl DeviceRenderer for Willing {
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
        Err(Error::Unsupported("classic resources".into()))
    }

    fn unref(&mut self, _: ResourceId) {}
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
