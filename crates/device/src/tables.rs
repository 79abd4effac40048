use std::collections::{BTreeMap, BTreeSet, HashMap};

use context::{
    Backing, Blob, BlobFlags, BlobMem, BlobStorage, Context, ContextId, ContextStats, Resource,
    ResourceId, ResourceRequest,
};
use host_memory::Pages;
use render_2d::Image;

use crate::limits::{MAX_2D_BYTES, MAX_PIECES};
use crate::{Error, check_limit, check_shm};

/// The contexts, each with the resources attached to it.
#[derive(Default)]
pub(crate) struct Contexts {
    slots: HashMap<ContextId, ContextSlot>,
}

struct ContextSlot {
    context: Box<dyn Context>,
    /// Those that the context knows, and those that are only noted.
    attached: BTreeMap<ResourceId, Known>,
    /// Whether one of those was noted since [`Contexts::take_strangers`].
    has_strangers: bool,
    /// Whether it was given work that no global fence is behind.
    has_work: bool,
}

/// Whether a context was told of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its commands can name it.
    Yes,
    /// The resource is in plain memory, which no renderer knows.
    No,
}

impl Contexts {
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn check_new(&self, id: ContextId, limit: usize) -> Result<(), Error> {
        if self.slots.contains_key(&id) {
            return Err(Error::ContextExists(id));
        }
        check_count("contexts", self.slots.len(), limit)
    }

    pub(crate) fn insert(&mut self, id: ContextId, context: Box<dyn Context>) {
        let slot = ContextSlot {
            context,
            attached: BTreeMap::new(),
            has_strangers: false,
            has_work: false,
        };
        self.slots.insert(id, slot);
    }

    pub(crate) fn check(&self, id: ContextId) -> Result<(), Error> {
        match self.slots.contains_key(&id) {
            true => Ok(()),
            false => Err(Error::UnknownContext(id)),
        }
    }

    pub(crate) fn find(&mut self, id: ContextId) -> Result<&mut dyn Context, Error> {
        Ok(self.slot(id)?.context.as_mut())
    }

    /// The context, to be given work.
    pub(crate) fn find_for_work(&mut self, id: ContextId) -> Result<&mut dyn Context, Error> {
        let slot = self.slot(id)?;
        slot.has_work = true;
        Ok(slot.context.as_mut())
    }

    /// The contexts that were given work since this was called last.
    pub(crate) fn take_working(&mut self) -> impl Iterator<Item = (ContextId, &mut dyn Context)> {
        self.slots.iter_mut().filter_map(|(id, slot)| {
            std::mem::take(&mut slot.has_work).then_some((*id, slot.context.as_mut() as _))
        })
    }

    pub(crate) fn stats(&self, id: ContextId) -> Option<ContextStats> {
        self.slots.get(&id).map(|slot| slot.context.stats())
    }

    /// Ends a context; returns what was attached to it.
    pub(crate) fn remove(&mut self, id: ContextId) -> Result<Vec<ResourceId>, Error> {
        let slot = self.slots.remove(&id).ok_or(Error::UnknownContext(id))?;
        Ok(slot.attached.into_keys().collect())
    }

    pub(crate) fn clear(&mut self) {
        self.slots.clear();
    }

    pub(crate) fn remember_resource(&mut self, id: ContextId, resource: ResourceId, known: Known) {
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.attached.insert(resource, known);
            slot.has_strangers |= known == Known::No;
        }
    }

    /// What is attached to a context that it was not told of; none if nothing was noted since this
    /// was asked last.
    pub(crate) fn take_strangers(&mut self, id: ContextId) -> Vec<ResourceId> {
        let slot = self.slots.get_mut(&id);
        let Some(slot) = slot.filter(|slot| slot.has_strangers) else {
            return Vec::new();
        };
        slot.has_strangers = false;
        let strangers = slot
            .attached
            .iter()
            .filter(|(_, known)| **known == Known::No);
        strangers.map(|(id, _)| *id).collect()
    }

    pub(crate) fn detach(&mut self, id: ContextId, resource: ResourceId) -> Result<(), Error> {
        let slot = self.slot(id)?;
        if slot.attached.remove(&resource) == Some(Known::Yes) {
            slot.context.detach(resource);
        }
        Ok(())
    }

    pub(crate) fn attachments(&self) -> BTreeSet<(ContextId, ResourceId)> {
        self.slots
            .iter()
            .flat_map(|(ctx, slot)| slot.attached.keys().map(|resource| (*ctx, *resource)))
            .collect()
    }

    fn slot(&mut self, id: ContextId) -> Result<&mut ContextSlot, Error> {
        self.slots.get_mut(&id).ok_or(Error::UnknownContext(id))
    }
}

/// The resources, each with the contexts that it is attached to.
#[derive(Default)]
pub(crate) struct Resources {
    slots: HashMap<ResourceId, ResourceSlot>,
    held: Held,
    /// Another with each change.
    version: u64,
}

/// How much the resources have together of what is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    /// Bytes of memfds made for blobs and backings.
    shm_bytes: u64,
    /// Bytes of 2D resources and shadows.
    image_bytes: u64,
    /// Pieces of backings.
    pieces: usize,
}

/// A resource, and what the device knows of it.
pub(crate) struct ResourceSlot {
    pub(crate) kind: Kind,
    /// The guest's memory behind it.
    pub(crate) backing: Option<Backing>,
    /// Its name among the devices of a machine, once it was asked for.
    pub(crate) uuid: Option<[u8; 16]>,
    /// Where it is in the host-visible region.
    pub(crate) mapped_at: Option<u64>,
    /// What is shown of a classic resource: the GPU's pixels can only be had on the device's thread.
    pub(crate) shadow: Option<Image>,
    /// Bytes of memfds made for the resource.
    shm_bytes: u64,
    attached: BTreeSet<ContextId>,
}

/// What a resource is.
pub(crate) enum Kind {
    /// A 2D resource in plain memory.
    Plain(Image),
    /// The renderer's.
    Classic(ResourceRequest),
    /// Memory of the host's.
    Blob(HostBlob),
    /// The guest's pages, which are the backing; this many bytes.
    GuestBlob(u64),
}

/// A blob, and what the guest said of it.
pub(crate) struct HostBlob {
    pub(crate) blob: Blob,
    pub(crate) mem: BlobMem,
    pub(crate) flags: BlobFlags,
    /// Its memory, once it was to be shown.
    pub(crate) pages: Option<Pages>,
}

impl Kind {
    /// What the resource is to a renderer, if it knows it at all.
    pub(crate) fn for_context(&self) -> Option<Resource> {
        match self {
            Self::Classic(_) => Some(Resource::Classic),
            Self::Blob(it) => Some(Resource::Blob(it.blob.clone())),
            Self::Plain(_) | Self::GuestBlob(_) => None,
        }
    }
}

impl ResourceSlot {
    fn new(kind: Kind) -> Self {
        let shm_bytes = match &kind {
            Kind::Blob(it) => shm_bytes(&it.blob),
            Kind::Plain(_) | Kind::Classic(_) | Kind::GuestBlob(_) => 0,
        };
        Self {
            kind,
            backing: None,
            uuid: None,
            mapped_at: None,
            shadow: None,
            shm_bytes,
            attached: BTreeSet::new(),
        }
    }

    fn held(&self) -> Held {
        let image = match &self.kind {
            Kind::Plain(image) => image.size(),
            _ => 0,
        };
        let shadow = self.shadow.as_ref().map_or(0, Image::size);
        Held {
            shm_bytes: self.shm_bytes,
            image_bytes: image.saturating_add(shadow),
            pieces: self.backing.as_ref().map_or(0, |it| it.pieces().len()),
        }
    }

    /// Bytes that a transfer may use without bytes of its own: the backing's or the blob's.
    pub(crate) fn memory_len(&self) -> Option<u64> {
        match &self.kind {
            Kind::Blob(it) => Some(it.blob.size),
            _ => self.backing.as_ref().map(Backing::len),
        }
    }
}

impl Held {
    fn plus(self, other: Self) -> Self {
        Self {
            shm_bytes: self.shm_bytes.saturating_add(other.shm_bytes),
            image_bytes: self.image_bytes.saturating_add(other.image_bytes),
            pieces: self.pieces.saturating_add(other.pieces),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            shm_bytes: self.shm_bytes.saturating_sub(other.shm_bytes),
            image_bytes: self.image_bytes.saturating_sub(other.image_bytes),
            pieces: self.pieces.saturating_sub(other.pieces),
        }
    }
}

impl Resources {
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn shm_bytes(&self) -> u64 {
        self.held.shm_bytes
    }

    pub(crate) fn check_new(&self, id: ResourceId, limit: usize) -> Result<(), Error> {
        if id == ResourceId(0) || self.slots.contains_key(&id) {
            return Err(Error::ResourceExists(id));
        }
        check_count("resources", self.slots.len(), limit)
    }

    /// Whether there is room for an image or a shadow of `more` bytes.
    pub(crate) fn check_image_bytes(&self, more: u64) -> Result<(), Error> {
        let total = self.held.image_bytes.saturating_add(more);
        check_limit("total of 2D resources", total, MAX_2D_BYTES)
    }

    pub(crate) fn insert_blob(
        &mut self,
        id: ResourceId,
        blob: HostBlob,
        shm_limit: u64,
    ) -> Result<(), Error> {
        check_shm(self.held.shm_bytes, shm_bytes(&blob.blob), shm_limit)?;
        self.insert(id, Kind::Blob(blob));
        Ok(())
    }

    pub(crate) fn insert(&mut self, id: ResourceId, kind: Kind) {
        self.version = self.version.wrapping_add(1);
        let slot = ResourceSlot::new(kind);
        self.held = self.held.plus(slot.held());
        self.slots.insert(id, slot);
    }

    pub(crate) fn find(&self, id: ResourceId) -> Result<&ResourceSlot, Error> {
        self.slots.get(&id).ok_or(Error::UnknownResource(id))
    }

    /// Changes a resource, and counts what it holds then.
    pub(crate) fn change<R>(
        &mut self,
        id: ResourceId,
        change: impl FnOnce(&mut ResourceSlot) -> R,
    ) -> Result<R, Error> {
        let slot = self.slots.get_mut(&id).ok_or(Error::UnknownResource(id))?;
        self.version = self.version.wrapping_add(1);
        let before = slot.held();
        let changed = change(slot);
        self.held = self.held.minus(before).plus(slot.held());
        Ok(changed)
    }

    /// Checks that a resource has a backing, or has none.
    pub(crate) fn check_backing(&self, id: ResourceId, wanted: bool) -> Result<(), Error> {
        let slot = self.find(id)?;
        match (&slot.kind, slot.backing.is_some()) {
            (Kind::Blob(blob), _) if blob.mem != BlobMem::Host3dGuest => Err(Error::WrongKind {
                resource: id,
                wanted: "one with a backing",
            }),
            (_, backed) if backed == wanted => Ok(()),
            (_, true) => Err(Error::BackingExists(id)),
            (_, false) => Err(Error::NoBacking(id)),
        }
    }

    /// Whether there is room for `more` pieces.
    pub(crate) fn check_pieces(&self, more: usize) -> Result<(), Error> {
        let total = self.held.pieces.saturating_add(more) as u64;
        check_limit("pieces of all backings", total, MAX_PIECES as u64)
    }

    pub(crate) fn remember_backing(
        &mut self,
        id: ResourceId,
        backing: Backing,
        shm_bytes: u64,
    ) -> Result<(), Error> {
        self.change(id, |slot| {
            slot.backing = Some(backing);
            slot.shm_bytes = shm_bytes;
        })
    }

    pub(crate) fn forget_backing(&mut self, id: ResourceId) -> Result<(), Error> {
        self.change(id, |slot| {
            slot.backing = None;
            slot.shm_bytes = 0;
        })
    }

    pub(crate) fn remove(&mut self, id: ResourceId) -> Result<ResourceSlot, Error> {
        let slot = self.slots.remove(&id).ok_or(Error::UnknownResource(id))?;
        self.held = self.held.minus(slot.held());
        self.version = self.version.wrapping_add(1);
        Ok(slot)
    }

    /// Frees the shadows of all but these.
    pub(crate) fn forget_shadows(&mut self, keep: impl Fn(ResourceId) -> bool) {
        for (_, slot) in self.slots.iter_mut().filter(|(id, _)| !keep(**id)) {
            let before = slot.held();
            slot.shadow = None;
            self.held = self.held.minus(before).plus(slot.held());
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self {
            version: self.version.wrapping_add(1),
            ..Self::default()
        };
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ResourceId, &ResourceSlot)> {
        self.slots.iter().map(|(id, slot)| (*id, slot))
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn is_attached(&self, id: ResourceId, ctx: ContextId) -> bool {
        self.slots
            .get(&id)
            .is_some_and(|resource| resource.attached.contains(&ctx))
    }

    pub(crate) fn remember_context(&mut self, id: ResourceId, ctx: ContextId) {
        if let Some(resource) = self.slots.get_mut(&id) {
            resource.attached.insert(ctx);
        }
    }

    pub(crate) fn forget_context(&mut self, id: ResourceId, ctx: ContextId) {
        if let Some(resource) = self.slots.get_mut(&id) {
            resource.attached.remove(&ctx);
        }
    }

    pub(crate) fn attachments(&self) -> BTreeSet<(ContextId, ResourceId)> {
        self.slots
            .iter()
            .flat_map(|(id, resource)| resource.attached.iter().map(|ctx| (*ctx, *id)))
            .collect()
    }

    /// Where resources are in the host-visible region.
    pub(crate) fn mapped(&self) -> BTreeMap<u64, ResourceId> {
        self.slots
            .iter()
            .filter_map(|(id, slot)| Some((slot.mapped_at?, *id)))
            .collect()
    }

    pub(crate) fn is_counted(&self) -> bool {
        let held = self.slots.values().map(ResourceSlot::held);
        held.fold(Held::default(), Held::plus) == self.held
    }
}

impl ResourceSlot {
    /// A blob's memory was mapped, and stays so.
    pub(crate) fn keep_pages(&mut self, pages: Pages) {
        if let Kind::Blob(blob) = &mut self.kind {
            blob.pages = Some(pages);
        }
    }

    /// The contexts that it is attached to.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = ContextId> {
        self.attached.iter().copied()
    }

    pub(crate) fn into_attached(self) -> BTreeSet<ContextId> {
        self.attached
    }
}

fn shm_bytes(blob: &Blob) -> u64 {
    match &blob.storage {
        BlobStorage::Shm(shm) => shm.len(),
        BlobStorage::DmaBuf(_) | BlobStorage::Opaque(_) => 0,
    }
}

fn check_count(what: &'static str, count: usize, limit: usize) -> Result<(), Error> {
    check_limit(what, (count as u64).saturating_add(1), limit as u64)
}
