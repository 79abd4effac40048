//! A virgl renderer that stores pixels, so that what clients transfer can be told from what
//! they don't.
//!
//! A format's number is its pixel's size in bytes. Levels halve, as Gallium's do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use context::{
    Backing, Blob, BlobRequest, BlobStorage, CapsetId, CapsetInfo, Context, ContextId,
    ContextStats, DeviceRenderer, Error, Event, EventSender, FenceId, Piece, Renderer, Resource,
    ResourceId, ResourceRequest, Resources, RingIdx, Transfer, TransferSource, TransferTarget,
};
use host_memory::Shm;

use super::Held;

/// Commands of a canvas's contexts: one word, then operands.
pub(crate) const NOTHING: u32 = 0;
/// Fills all levels of a resource with a byte.
pub(crate) const FILL: u32 = 1;
/// Copies a resource's levels to one that is as large.
pub(crate) const COPY: u32 = 2;
/// Makes what a blob of this id and size can be made of.
pub(crate) const MAKE: u32 = 3;
/// Loses the context.
pub(crate) const LOSE: u32 = 4;

/// Sides of a resource are no longer.
pub(crate) const MAX_SIDE: u32 = 1024;

pub(crate) const CAPS1_SIZE: usize = 308;
pub(crate) const CAPS2_SIZE: usize = 1408;

#[derive(Default)]
pub(crate) struct Canvas {
    pub(crate) held: Arc<Mutex<Held>>,
    live: Arc<Mutex<usize>>,
}

impl Canvas {
    /// How many resources there are, on all devices.
    pub(crate) fn live(&self) -> usize {
        *self.live.lock().unwrap()
    }
}

impl Renderer for Canvas {
    fn capsets(&self) -> Vec<CapsetInfo> {
        let info = |id, max_version, size: usize| CapsetInfo {
            id,
            max_version,
            max_size: size as u32,
        };
        vec![
            info(CapsetId::VIRGL, 1, CAPS1_SIZE),
            info(CapsetId::VIRGL2, 2, CAPS2_SIZE),
        ]
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        match (id, version) {
            (CapsetId::VIRGL, 0..=1) => Some(vec![1; CAPS1_SIZE]),
            (CapsetId::VIRGL2, 0..=2) => Some(vec![2; CAPS2_SIZE]),
            _ => None,
        }
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(CanvasDevice {
            held: Arc::clone(&self.held),
            shared: Shared {
                table: Arc::default(),
                live: Arc::clone(&self.live),
            },
        }))
    }
}

struct CanvasDevice {
    held: Arc<Mutex<Held>>,
    shared: Shared,
}

/// What the contexts of a device share.
#[derive(Clone)]
struct Shared {
    table: Arc<Mutex<HashMap<ResourceId, Stored>>>,
    live: Arc<Mutex<usize>>,
}

struct Stored {
    levels: Vec<Level>,
    backing: Option<Backing>,
    live: Arc<Mutex<usize>>,
}

struct Level {
    /// In pixels and layers.
    size: [u32; 3],
    pixel: u32,
    bytes: Vec<u8>,
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, HashMap<ResourceId, Stored>> {
        self.table.lock().unwrap()
    }

    fn store(&self, levels: Vec<Level>, backing: Option<Backing>) -> Stored {
        *self.live.lock().unwrap() += 1;
        let live = Arc::clone(&self.live);
        Stored {
            levels,
            backing,
            live,
        }
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        *self.live.lock().unwrap() -= 1;
    }
}

impl DeviceRenderer for CanvasDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        _name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        assert!(matches!(capset, CapsetId::VIRGL | CapsetId::VIRGL2));
        Ok(Box::new(CanvasContext {
            id,
            events,
            held: Arc::clone(&self.held),
            shared: self.shared.clone(),
            attached: Vec::new(),
            blobs: HashMap::new(),
            commands: 0,
        }))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
        Ok(self)
    }

    fn unref(&mut self, resource: ResourceId) {
        self.shared.table().remove(&resource);
    }
}

impl Resources for CanvasDevice {
    fn create(&mut self, id: ResourceId, request: &ResourceRequest) -> Result<(), Error> {
        let sides = [request.width, request.height, request.depth];
        if sides.iter().any(|side| *side > MAX_SIDE) {
            return Err(Error::OutOfMemory("too large a canvas".into()));
        }
        if request.format == 0 || sides.contains(&0) {
            return Err(Error::Misbehaved("no canvas at all".into()));
        }
        let level = |level: u32| {
            let size = [
                (request.width >> level).max(1),
                (request.height >> level).max(1),
                (request.depth >> level).max(1) * request.array_size.max(1),
            ];
            let count = size.iter().product::<u32>() * request.format;
            Level {
                size,
                pixel: request.format,
                bytes: vec![0; count as usize],
            }
        };
        let levels = (0..=request.last_level).map(level).collect();
        let stored = self.shared.store(levels, None);
        assert!(self.shared.table().insert(id, stored).is_none());
        Ok(())
    }

    fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), Error> {
        let mut table = self.shared.table();
        let stored = table.get_mut(&id).expect("the device knows its resources");
        assert!(stored.backing.replace(backing).is_none());
        Ok(())
    }

    fn detach_backing(&mut self, id: ResourceId) -> Result<(), Error> {
        let mut table = self.shared.table();
        table
            .get_mut(&id)
            .expect("the device knows its resources")
            .backing = None;
        Ok(())
    }

    fn transfer_to_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error> {
        assert!(ctx.is_some());
        let mut table = self.shared.table();
        let stored = find(&mut table, id)?;
        let (level, backing) = stored.parts(transfer)?;
        level.rows(transfer, |memory_at, pixels| match source {
            TransferSource::Bytes(bytes) => {
                let bytes = bytes.get(memory_at..memory_at + pixels.len());
                pixels.copy_from_slice(bytes.ok_or(())?);
                Ok(())
            }
            TransferSource::Backing => backing
                .as_ref()
                .ok_or(())?
                .read(memory_at as u64, pixels)
                .map_err(drop),
        })
    }

    fn transfer_from_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        mut target: TransferTarget<'_>,
    ) -> Result<(), Error> {
        assert!(ctx.is_some());
        let mut table = self.shared.table();
        let stored = find(&mut table, id)?;
        let (level, backing) = stored.parts(transfer)?;
        level.rows(transfer, |memory_at, pixels| match &mut target {
            TransferTarget::Bytes(bytes) => {
                let bytes = bytes.get_mut(memory_at..memory_at + pixels.len());
                bytes.ok_or(())?.copy_from_slice(pixels);
                Ok(())
            }
            TransferTarget::Backing => backing
                .as_ref()
                .ok_or(())?
                .write(memory_at as u64, pixels)
                .map_err(drop),
            TransferTarget::Memory(memory) => memory.write(memory_at as u64, pixels).map_err(drop),
        })
    }

    fn export(&mut self, id: ResourceId) -> Result<Blob, Error> {
        let mut table = self.shared.table();
        let bytes = &find(&mut table, id)?.levels[0].bytes;
        let shm = Shm::new("canvas", bytes.len() as u64).unwrap();
        shm.write(0, bytes).unwrap();
        Ok(Blob::from_shm(shm, bytes.len() as u64))
    }
}

fn find(table: &mut HashMap<ResourceId, Stored>, id: ResourceId) -> Result<&mut Stored, Error> {
    table
        .get_mut(&id)
        .ok_or_else(|| Error::Misbehaved(format!("no canvas {id}")))
}

impl Stored {
    fn parts(&mut self, transfer: &Transfer) -> Result<(&mut Level, &Option<Backing>), Error> {
        let level = self.levels.get_mut(transfer.level as usize);
        let level = level.ok_or_else(|| Error::Misbehaved("no such level".into()))?;
        Ok((level, &self.backing))
    }
}

impl Level {
    /// Calls `step` with each row's place in the memory and its pixels.
    fn rows(
        &mut self,
        transfer: &Transfer,
        mut step: impl FnMut(usize, &mut [u8]) -> Result<(), ()>,
    ) -> Result<(), Error> {
        let outside = || Error::Misbehaved("a transfer outside".into());
        let region = transfer.region;
        let ends = [
            (region.x, region.width),
            (region.y, region.height),
            (region.z, region.depth),
        ];
        for ((start, count), size) in ends.into_iter().zip(self.size) {
            if start.checked_add(count).is_none_or(|end| end > size) {
                return Err(outside());
            }
        }
        let wide = |number: u32| number as usize;
        let row = wide(region.width) * wide(self.pixel);
        let or = |given: u32, packed: usize| if given == 0 { packed } else { wide(given) };
        let stride = or(transfer.stride, row);
        let layer_stride = or(transfer.layer_stride, stride * wide(region.height));
        for z in 0..wide(region.depth) {
            for y in 0..wide(region.height) {
                let line = (wide(region.z) + z) * wide(self.size[1]) + wide(region.y) + y;
                let at = (line * wide(self.size[0]) + wide(region.x)) * wide(self.pixel);
                let memory_at = transfer.offset as usize + z * layer_stride + y * stride;
                step(memory_at, &mut self.bytes[at..at + row]).map_err(|()| outside())?;
            }
        }
        Ok(())
    }
}

struct CanvasContext {
    id: ContextId,
    events: EventSender,
    held: Arc<Mutex<Held>>,
    shared: Shared,
    attached: Vec<ResourceId>,
    blobs: HashMap<u64, u64>,
    commands: u64,
}

impl Context for CanvasContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        let (words, _) = commands.as_chunks::<4>();
        let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        self.commands += 1;
        match words[..] {
            [NOTHING, ..] => Ok(()),
            [FILL, id, byte] => self.change(id, |bytes| bytes.fill(byte as u8)),
            [COPY, dst, src] => {
                let mut copied = Vec::new();
                self.change(src, |bytes| copied.push(bytes.to_vec()))?;
                let mut copied = copied.iter();
                self.change(dst, |bytes| bytes.copy_from_slice(copied.next().unwrap()))
            }
            [MAKE, id, size] => {
                self.blobs.insert(id.into(), size.into());
                Ok(())
            }
            [LOSE] => {
                self.events.send(Event::ContextLost {
                    ctx: self.id,
                    reason: "as commanded".into(),
                });
                Ok(())
            }
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
        Held::wait(&self.held, &self.events);
        Ok(())
    }

    fn create_blob(&mut self, id: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        match self.blobs.remove(&request.id.0) {
            Some(size) if size == request.size => {}
            _ => return Err(Error::Unsupported(format!("blob {}", request.id))),
        }
        let shm = Shm::new("canvas", request.size).map_err(|e| Error::Host(e.to_string()))?;
        let piece = Piece::new(shm.clone().into(), 0, request.size).unwrap();
        let level = Level {
            size: [request.size as u32, 1, 1],
            pixel: 1,
            bytes: vec![0; request.size as usize],
        };
        let stored = self.shared.store(vec![level], Backing::new([piece]));
        assert!(self.shared.table().insert(id, stored).is_none());
        Ok(Blob::from_shm(shm, request.size))
    }

    fn attach(&mut self, id: ResourceId, resource: &Resource) -> Result<(), Error> {
        let is_known = self.shared.table().contains_key(&id);
        match resource {
            Resource::Classic => assert!(is_known),
            Resource::Blob(blob) => assert!(matches!(blob.storage, BlobStorage::Shm(_))),
        }
        self.attached.push(id);
        Ok(())
    }

    fn detach(&mut self, id: ResourceId) {
        self.attached.retain(|attached| *attached != id);
    }

    fn stats(&self) -> ContextStats {
        ContextStats {
            commands: self.commands,
            ..Default::default()
        }
    }
}

impl CanvasContext {
    fn change(&self, id: u32, mut change: impl FnMut(&mut Vec<u8>)) -> Result<(), Error> {
        let id = ResourceId(id);
        if !self.attached.contains(&id) {
            return Err(Error::Misbehaved(format!("{id} is not attached")));
        }
        let mut table = self.shared.table();
        let stored = find(&mut table, id)?;
        stored
            .levels
            .iter_mut()
            .for_each(|level| change(&mut level.bytes));
        Ok(())
    }
}
