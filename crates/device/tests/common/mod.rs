//! A renderer in a few lines of plain Rust: it notes what it is told, keeps the pixels of classic
//! resources, and signals fences when the test says so.
#![allow(
    dead_code,
    reason = "each test is a program of its own and uses a part of this"
)]

pub(crate) mod play;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use context::{
    Backing, Blob, BlobFlags, BlobId, BlobMem, BlobRequest, Box3d, CapsetId, CapsetInfo, Context,
    ContextId, ContextStats, DeviceRenderer, Event, EventSender, FenceId, Piece, Renderer,
    Resource, ResourceId, ResourceRequest, Resources, RingIdx, Transfer, TransferSource,
    TransferTarget,
};
use host_memory::{Pages, Shm};

/// The `target` that the renderer refuses.
pub(crate) const NO_TARGET: u32 = 99;
/// The blob that a context has as a dma-buf, which is a memfd here.
pub(crate) const DMA_BUF: BlobId = BlobId(1);
/// The blob that a context has as a descriptor of the driver's own.
pub(crate) const OPAQUE: BlobId = BlobId(2);

/// What the renderer has been told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) attached: BTreeSet<(u32, u32)>,
    pub(crate) classic: BTreeMap<u32, Classic>,
    pub(crate) contexts: BTreeMap<u32, EventSender>,
    /// Fences that were asked for and are not signalled.
    pub(crate) fences: Vec<(ContextId, RingIdx, FenceId)>,
    /// Transfers from the host, with their regions.
    pub(crate) reads: Vec<Box3d>,
    /// Contexts that take no resource.
    pub(crate) picky: BTreeSet<u32>,
    /// Devices that were opened and not dropped.
    pub(crate) devices: usize,
}

/// A classic resource: rows of 4-byte pixels.
pub(crate) struct Classic {
    pub(crate) width: u32,
    pub(crate) pixels: Vec<u8>,
    pub(crate) backing: Option<Backing>,
}

#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Told>>);

impl Notes {
    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }

    /// Signals the first of the fences that were asked for.
    pub(crate) fn signal_first(&self) -> Event {
        let (ctx, ring, fence) = self.told().fences.remove(0);
        Event::FenceSignaled { ctx, ring, fence }
    }
}

struct NotingDevice(Notes);

struct NotingContext {
    id: ContextId,
    notes: Notes,
}

impl Renderer for Notes {
    fn capsets(&self) -> Vec<CapsetInfo> {
        [CapsetId::VIRGL, CapsetId::VENUS]
            .map(|id| CapsetInfo {
                id,
                max_version: id.0,
                max_size: 8,
            })
            .into()
    }

    fn capset(&self, _: CapsetId, _: u32) -> Option<Vec<u8>> {
        None
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, context::Error> {
        self.told().devices += 1;
        Ok(Box::new(NotingDevice(self.clone())))
    }
}

impl Drop for NotingDevice {
    fn drop(&mut self) {
        let mut told = self.0.told();
        assert!(told.contexts.is_empty(), "contexts end before their device");
        told.classic.clear();
        told.devices -= 1;
    }
}

impl DeviceRenderer for NotingDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        _: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, context::Error> {
        if capset != CapsetId::VENUS {
            return Err(context::Error::Unsupported("only Venus".into()));
        }
        let before = self.0.told().contexts.insert(id.0, events);
        assert!(before.is_none());
        let notes = self.0.clone();
        Ok(Box::new(NotingContext { id, notes }))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, context::Error> {
        Ok(self)
    }

    fn unref(&mut self, resource: ResourceId) {
        let mut told = self.0.told();
        assert!(told.attached.iter().all(|(_, it)| *it != resource.0));
        told.classic.remove(&resource.0);
    }
}

impl Resources for NotingDevice {
    fn create(&mut self, id: ResourceId, request: &ResourceRequest) -> Result<(), context::Error> {
        if request.target == NO_TARGET {
            return Err(context::Error::Unsupported("no such target".into()));
        }
        let size = request.width as usize * request.height as usize * 4;
        let classic = Classic {
            width: request.width,
            pixels: vec![0; size],
            backing: None,
        };
        assert!(self.0.told().classic.insert(id.0, classic).is_none());
        Ok(())
    }

    fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), context::Error> {
        let mut told = self.0.told();
        let before = told
            .classic
            .get_mut(&id.0)
            .unwrap()
            .backing
            .replace(backing);
        assert!(before.is_none());
        Ok(())
    }

    fn detach_backing(&mut self, id: ResourceId) -> Result<(), context::Error> {
        let mut told = self.0.told();
        let before = told.classic.get_mut(&id.0).unwrap().backing.take();
        assert!(before.is_some());
        Ok(())
    }

    /// Of blobs, which have no pixels here, and of levels that there are not, nothing.
    fn transfer_to_host(
        &mut self,
        _: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), context::Error> {
        let mut told = self.0.told();
        let classic = told.classic.get_mut(&id.0);
        let Some(classic) = classic.filter(|_| transfer.level == 0) else {
            return Ok(());
        };
        let outside = || context::Error::Misbehaved("outside".into());
        let backing = classic.backing.clone();
        let rows = rows(classic, transfer).ok_or_else(outside)?;
        for (pixels, memory) in rows {
            let to = classic.pixels.get_mut(pixels).ok_or_else(outside)?;
            match source {
                TransferSource::Bytes(bytes) => to.copy_from_slice(&bytes[memory..][..to.len()]),
                TransferSource::Backing => {
                    let read = backing
                        .as_ref()
                        .ok_or_else(outside)?
                        .read(memory as u64, to);
                    read.map_err(|_| outside())?;
                }
            }
        }
        Ok(())
    }

    /// Rows of the region, `stride` bytes apart; a level that there is not gives its number.
    fn transfer_from_host(
        &mut self,
        _: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        mut target: TransferTarget<'_>,
    ) -> Result<(), context::Error> {
        let mut told = self.0.told();
        told.reads.push(transfer.region);
        let classic = match (&target, told.classic.get(&id.0)) {
            (TransferTarget::Backing, _) | (_, None) => return Ok(()),
            (_, Some(classic)) => classic,
        };
        let mut write = |at: usize, from: &[u8]| match &mut target {
            TransferTarget::Backing => unreachable!("returned before"),
            TransferTarget::Bytes(bytes) => bytes[at..at + from.len()].copy_from_slice(from),
            TransferTarget::Memory(memory) => memory.write(at as u64, from).unwrap(),
        };
        if transfer.level != 0 {
            write(0, &[transfer.level as u8; 4]);
            return Ok(());
        }
        let outside = || context::Error::Misbehaved("outside".into());
        for (pixels, memory) in rows(classic, transfer).ok_or_else(outside)? {
            write(memory, classic.pixels.get(pixels).ok_or_else(outside)?);
        }
        Ok(())
    }

    fn export(&mut self, id: ResourceId) -> Result<Blob, context::Error> {
        assert!(self.0.told().classic.contains_key(&id.0));
        Err(context::Error::Unsupported("an export".into()))
    }
}

/// The bytes of each row of a transfer among a resource's pixels, and where it is in the memory.
fn rows(classic: &Classic, transfer: &Transfer) -> Option<Vec<(Range<usize>, usize)>> {
    let Box3d {
        x,
        y,
        width,
        height,
        ..
    } = transfer.region;
    let (x, y, width) = (x as usize, y as usize, width as usize);
    let columns = classic.width as usize;
    let is_inside = x + width <= columns && transfer.level == 0;
    let stride = match transfer.stride {
        0 => columns * 4,
        stride => stride as usize,
    };
    let row = |row: usize| {
        let start = (y + row).checked_mul(columns)?.checked_add(x)? * 4;
        let memory = usize::try_from(transfer.offset).ok()?;
        Some((start..start + width * 4, memory.checked_add(row * stride)?))
    };
    // No image here has more rows.
    let height = (height as usize).min(1 << 16);
    (0..height)
        .map(row)
        .collect::<Option<Vec<_>>>()
        .filter(|_| is_inside)
}

impl Context for NotingContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), context::Error> {
        match commands {
            [] => Err(context::Error::Malformed("no commands".into())),
            _ => Ok(()),
        }
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), context::Error> {
        if ring.0 > 1 {
            return Err(context::Error::Misbehaved("no such ring".into()));
        }
        self.notes.told().fences.push((self.id, ring, fence));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), context::Error> {
        Ok(())
    }

    fn create_blob(
        &mut self,
        _: ResourceId,
        request: &BlobRequest,
    ) -> Result<Blob, context::Error> {
        let shm =
            Shm::new("test", request.size).map_err(|e| context::Error::Host(e.to_string()))?;
        let mut blob = Blob::from_shm(shm.clone(), request.size);
        let fd = || Arc::new(shm.fd().try_clone_to_owned().unwrap());
        match request.id {
            DMA_BUF => blob.storage = context::BlobStorage::DmaBuf(fd()),
            OPAQUE => blob.storage = context::BlobStorage::Opaque(fd()),
            _ => {}
        }
        Ok(blob)
    }

    fn attach(&mut self, resource: ResourceId, _: &Resource) -> Result<(), context::Error> {
        if self.notes.told().picky.contains(&self.id.0) {
            return Err(context::Error::Unsupported("any resource".into()));
        }
        assert!(self.notes.told().attached.insert((self.id.0, resource.0)));
        Ok(())
    }

    fn detach(&mut self, resource: ResourceId) {
        assert!(self.notes.told().attached.remove(&(self.id.0, resource.0)));
    }

    fn stats(&self) -> ContextStats {
        ContextStats {
            commands: self.id.0.into(),
            ..Default::default()
        }
    }
}

impl Drop for NotingContext {
    fn drop(&mut self) {
        let mut told = self.notes.told();
        told.contexts.remove(&self.id.0);
        told.attached.retain(|(ctx, _)| *ctx != self.id.0);
        told.fences.retain(|(ctx, ..)| *ctx != self.id);
    }
}

pub(crate) fn shape(target: u32) -> ResourceRequest {
    ResourceRequest {
        target,
        format: 1,
        bind: 2,
        width: 4,
        height: 4,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: 0,
    }
}

pub(crate) fn transfer(offset: u64) -> Transfer {
    Transfer {
        level: 7,
        stride: 0,
        layer_stride: 0,
        region: Box3d {
            x: 0,
            y: 0,
            z: 0,
            width: 1,
            height: 1,
            depth: 1,
        },
        offset,
    }
}

/// The same bytes this many times.
pub(crate) fn backing(pieces: usize, len: u64) -> Backing {
    let pages = Pages::from(Shm::new("test", len.max(1)).unwrap());
    let piece = Piece::new(pages, 0, len).unwrap();
    Backing::new(std::iter::repeat_n(piece, pieces)).unwrap()
}

pub(crate) fn request(mem: BlobMem, size: u64) -> BlobRequest {
    BlobRequest {
        mem,
        flags: BlobFlags::MAPPABLE,
        id: BlobId(0),
        size,
    }
}
