use std::sync::{Arc, Mutex};

use context::{
    Blob, BlobMem, BlobRequest, Context, ContextId, ContextStats, Error, FenceId, Resource,
    ResourceId, RingIdx,
};

use crate::device::{Shared, lock};

/// A context, as the device holds it: its state is with the device's.
pub(crate) struct GuestContext {
    shared: Arc<Mutex<Shared>>,
    id: ContextId,
}

impl GuestContext {
    pub(crate) fn new(shared: &Arc<Mutex<Shared>>, id: ContextId) -> Self {
        Self {
            shared: Arc::clone(shared),
            id,
        }
    }
}

impl Context for GuestContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        lock(&self.shared).guest(self.id)?.submit(commands)
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        Ok(lock(&self.shared).guest(self.id)?.fence(ring, fence)?)
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(lock(&self.shared).guest(self.id)?.finish()?)
    }

    fn create_blob(&mut self, id: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        if request.mem != BlobMem::Host3d {
            return Err(Error::Unsupported(
                "guest memory behind a virgl blob".into(),
            ));
        }
        let mut shared = lock(&self.shared);
        let guest = shared.guest(self.id)?;
        let (resource, pages) = guest.create_blob(request.id.0, request.size)?;
        shared.resources.insert(id, Arc::new(resource));
        Ok(Blob::from_shm(pages, request.size))
    }

    fn attach(&mut self, id: ResourceId, resource: &Resource) -> Result<(), Error> {
        let mut shared = lock(&self.shared);
        let known = shared.resources.get(&id).map(Arc::clone);
        let known = known.ok_or_else(|| match resource {
            Resource::Classic => Error::Misbehaved(format!("no resource {id}")),
            Resource::Blob(_) => Error::Unsupported("another's blob in a virgl context".into()),
        })?;
        shared.guest(self.id)?.attach(id, known);
        Ok(())
    }

    fn detach(&mut self, resource: ResourceId) {
        if let Ok(guest) = lock(&self.shared).guest(self.id) {
            guest.detach(resource);
        }
    }

    fn stats(&self) -> ContextStats {
        let mut shared = lock(&self.shared);
        shared
            .guest(self.id)
            .map(|guest| guest.stats())
            .unwrap_or_default()
    }
}

impl Drop for GuestContext {
    fn drop(&mut self) {
        lock(&self.shared).end(self.id);
    }
}
