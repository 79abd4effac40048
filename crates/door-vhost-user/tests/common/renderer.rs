//! A renderer whose fences signal when the test says so.

use std::sync::{Arc, Mutex, MutexGuard};

use context::{
    Backing, Blob, BlobRequest, BlobStorage, CapsetId, CapsetInfo, Context, ContextId,
    ContextStats, DeviceRenderer, Error, Event, EventSender, FenceId, Renderer, Resource,
    ResourceId, ResourceRequest, Resources, RingIdx, Transfer, TransferSource, TransferTarget,
};
use host_memory::Shm;

/// The blob that a context has as a dma-buf.
pub(crate) const DMA_BUF: wire_virtio_gpu::BlobId = wire_virtio_gpu::BlobId(7);

/// What contexts were told, by all devices.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) submitted: Vec<Vec<u8>>,
    pub(crate) fences: Vec<(ContextId, RingIdx, FenceId, EventSender)>,
    pub(crate) contexts: usize,
    pub(crate) blobs: Vec<Shm>,
}

#[derive(Clone, Default)]
pub(crate) struct Slow(Arc<Mutex<Told>>);

impl Slow {
    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }

    /// Signals the oldest fence that was asked for.
    pub(crate) fn signal_one(&self) {
        let (ctx, ring, fence, events) = self.told().fences.remove(0);
        events.send(Event::FenceSignaled { ctx, ring, fence });
    }
}

pub(crate) const CAPSET: [u8; 8] = *b"a capset";

impl Renderer for Slow {
    fn capsets(&self) -> Vec<CapsetInfo> {
        [CapsetId::VIRGL, CapsetId::VENUS]
            .map(|id| CapsetInfo {
                id,
                max_version: 1,
                max_size: 8,
            })
            .to_vec()
    }

    fn capset(&self, _: CapsetId, version: u32) -> Option<Vec<u8>> {
        (version <= 1).then(|| CAPSET.to_vec())
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(SlowDevice(self.clone())))
    }
}

struct SlowDevice(Slow);

struct SlowContext {
    id: ContextId,
    events: EventSender,
    slow: Slow,
}

impl DeviceRenderer for SlowDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        _: CapsetId,
        _: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        self.0.told().contexts += 1;
        let slow = self.0.clone();
        Ok(Box::new(SlowContext { id, events, slow }))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
        Ok(self)
    }

    fn unref(&mut self, _: ResourceId) {}
}

/// Resources that are there and hold nothing.
impl Resources for SlowDevice {
    fn create(&mut self, _: ResourceId, request: &ResourceRequest) -> Result<(), Error> {
        match request.target {
            0..=8 => Ok(()),
            _ => Err(Error::Misbehaved("no such target".into())),
        }
    }

    fn attach_backing(&mut self, _: ResourceId, _: Backing) -> Result<(), Error> {
        Ok(())
    }

    fn detach_backing(&mut self, _: ResourceId) -> Result<(), Error> {
        Ok(())
    }

    fn transfer_to_host(
        &mut self,
        _: Option<ContextId>,
        _: ResourceId,
        _: &Transfer,
        _: TransferSource<'_>,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn transfer_from_host(
        &mut self,
        _: Option<ContextId>,
        _: ResourceId,
        _: &Transfer,
        _: TransferTarget<'_>,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn export(&mut self, _: ResourceId) -> Result<Blob, Error> {
        Err(Error::Unsupported("exports".into()))
    }
}

impl Context for SlowContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        if commands == b"wrong" {
            return Err(Error::Malformed("wrong".into()));
        }
        self.slow.told().submitted.push(commands.to_vec());
        Ok(())
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        let asked = (self.id, ring, fence, self.events.clone());
        self.slow.told().fences.push(asked);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn create_blob(&mut self, _: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        let host = |error: std::io::Error| Error::Host(error.to_string());
        let shm = Shm::new("test-blob", request.size).map_err(host)?;
        self.slow.told().blobs.push(shm.clone());
        let mut blob = Blob::from_shm(shm.clone(), request.size);
        if request.id.0 == DMA_BUF.0 {
            let dma_buf = host_memory::udmabuf(&shm).map_err(host)?;
            blob.storage = BlobStorage::DmaBuf(Arc::new(dma_buf));
        }
        Ok(blob)
    }

    fn attach(&mut self, _: ResourceId, _: &Resource) -> Result<(), Error> {
        Ok(())
    }

    fn detach(&mut self, _: ResourceId) {}

    fn stats(&self) -> ContextStats {
        ContextStats::default()
    }
}

impl Drop for SlowContext {
    fn drop(&mut self) {
        self.slow.told().contexts -= 1;
    }
}
