use std::collections::{BTreeSet, HashMap};

use context::{Blob, BlobStorage, Context, ContextId, ContextStats, Resource, ResourceId};

use crate::{Error, check_shm};

/// The contexts, each with the resources attached to it.
#[derive(Default)]
pub(crate) struct Contexts {
    slots: HashMap<ContextId, ContextSlot>,
}

struct ContextSlot {
    context: Box<dyn Context>,
    attached: BTreeSet<ResourceId>,
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
        let attached = BTreeSet::new();
        self.slots.insert(id, ContextSlot { context, attached });
    }

    pub(crate) fn find(&mut self, id: ContextId) -> Result<&mut dyn Context, Error> {
        Ok(self.slot(id)?.context.as_mut())
    }

    pub(crate) fn stats(&self, id: ContextId) -> Option<ContextStats> {
        self.slots.get(&id).map(|slot| slot.context.stats())
    }

    pub(crate) fn remove(&mut self, id: ContextId) -> Result<BTreeSet<ResourceId>, Error> {
        let slot = self.slots.remove(&id).ok_or(Error::UnknownContext(id))?;
        Ok(slot.attached)
    }

    pub(crate) fn remember_resource(&mut self, id: ContextId, resource: ResourceId) {
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.attached.insert(resource);
        }
    }

    pub(crate) fn detach(&mut self, id: ContextId, resource: ResourceId) -> Result<(), Error> {
        let slot = self.slot(id)?;
        if slot.attached.remove(&resource) {
            slot.context.detach(resource);
        }
        Ok(())
    }

    pub(crate) fn attachments(&self) -> BTreeSet<(ContextId, ResourceId)> {
        self.slots
            .iter()
            .flat_map(|(ctx, slot)| slot.attached.iter().map(|resource| (*ctx, *resource)))
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
    /// The sum of `shm_bytes` over the slots.
    shm_bytes: u64,
}

struct ResourceSlot {
    resource: Resource,
    /// Bytes of the backing, if a classic resource has one.
    backing: Option<u64>,
    /// Bytes of memfds made for the resource.
    shm_bytes: u64,
    attached: BTreeSet<ContextId>,
}

impl Resources {
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn shm_bytes(&self) -> u64 {
        self.shm_bytes
    }

    pub(crate) fn check_new(&self, id: ResourceId, limit: usize) -> Result<(), Error> {
        if id == ResourceId(0) || self.slots.contains_key(&id) {
            return Err(Error::ResourceExists(id));
        }
        check_count("resources", self.slots.len(), limit)
    }

    pub(crate) fn insert_blob(
        &mut self,
        id: ResourceId,
        blob: Blob,
        shm_limit: u64,
    ) -> Result<(), Error> {
        let shm_bytes = shm_bytes(&blob);
        self.shm_bytes = check_shm(self.shm_bytes, shm_bytes, shm_limit)?;
        self.insert(id, Resource::Blob(blob), shm_bytes);
        Ok(())
    }

    pub(crate) fn insert_classic(&mut self, id: ResourceId) {
        self.insert(id, Resource::Classic, 0);
    }

    fn insert(&mut self, id: ResourceId, resource: Resource, shm_bytes: u64) {
        let slot = ResourceSlot {
            resource,
            backing: None,
            shm_bytes,
            attached: BTreeSet::new(),
        };
        self.slots.insert(id, slot);
    }

    pub(crate) fn find(&self, id: ResourceId) -> Result<&Resource, Error> {
        Ok(&self.slot(id)?.resource)
    }

    /// Checks that a classic resource has a backing, or has none.
    pub(crate) fn check_backing(&self, id: ResourceId, wanted: bool) -> Result<(), Error> {
        let slot = self.slot(id)?;
        match (&slot.resource, slot.backing.is_some()) {
            (Resource::Blob(_), _) => Err(Error::WrongKind {
                resource: id,
                wanted: "a classic resource",
            }),
            (Resource::Classic, backed) if backed == wanted => Ok(()),
            (Resource::Classic, true) => Err(Error::BackingExists(id)),
            (Resource::Classic, false) => Err(Error::NoBacking(id)),
        }
    }

    /// Bytes that a transfer may use without bytes of its own: the backing's or the blob's.
    pub(crate) fn memory_len(&self, id: ResourceId) -> Result<Option<u64>, Error> {
        let slot = self.slot(id)?;
        Ok(match &slot.resource {
            Resource::Blob(blob) => Some(blob.size),
            Resource::Classic => slot.backing,
        })
    }

    pub(crate) fn remember_backing(&mut self, id: ResourceId, len: u64, shm_bytes: u64) {
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.backing = Some(len);
            slot.shm_bytes = shm_bytes;
            self.shm_bytes = self.shm_bytes.saturating_add(shm_bytes);
        }
    }

    pub(crate) fn forget_backing(&mut self, id: ResourceId) {
        if let Some(slot) = self.slots.get_mut(&id) {
            slot.backing = None;
            self.shm_bytes = self.shm_bytes.saturating_sub(slot.shm_bytes);
            slot.shm_bytes = 0;
        }
    }

    pub(crate) fn remove(&mut self, id: ResourceId) -> Result<BTreeSet<ContextId>, Error> {
        let slot = self.slots.remove(&id).ok_or(Error::UnknownResource(id))?;
        self.shm_bytes = self.shm_bytes.saturating_sub(slot.shm_bytes);
        Ok(slot.attached)
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

    pub(crate) fn is_counted(&self) -> bool {
        let counts = self.slots.values().map(|slot| slot.shm_bytes);
        counts.sum::<u64>() == self.shm_bytes
    }

    fn slot(&self, id: ResourceId) -> Result<&ResourceSlot, Error> {
        self.slots.get(&id).ok_or(Error::UnknownResource(id))
    }
}

fn shm_bytes(blob: &Blob) -> u64 {
    match &blob.storage {
        BlobStorage::Shm(shm) => shm.len(),
        BlobStorage::DmaBuf(_) | BlobStorage::Opaque(_) => 0,
    }
}

fn check_count(what: &'static str, count: usize, limit: usize) -> Result<(), Error> {
    match count < limit {
        true => Ok(()),
        false => Err(Error::Limit {
            what,
            limit: limit as u64,
            got: (count as u64).saturating_add(1),
        }),
    }
}
