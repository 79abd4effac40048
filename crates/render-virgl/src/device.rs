//! A device's side: what its contexts share, and its classic resources.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use context::{
    Backing, Blob, CapsetId, Context, ContextId, DeviceRenderer, EventSender, ResourceId,
    ResourceRequest, Resources, Transfer, TransferSource, TransferTarget,
};
use host_gl::{Reset, ShareGroup};

use crate::context_impl::GuestContext;
use crate::error::{Error, Result};
use crate::guest::Guest;
use crate::renderer::Host;
use crate::resource::Resource;
use crate::transfer::{self, Source, Target};
use crate::twin;

/// The renderer's side of a device.
pub(crate) struct Device {
    shared: Arc<Mutex<Shared>>,
}

/// What a device and its contexts reach. Its lock is never contended: they are called one at a
/// time.
pub(crate) struct Shared {
    pub(crate) host: Arc<Host>,
    pub(crate) group: Arc<ShareGroup>,
    pub(crate) resources: HashMap<ResourceId, Arc<Resource>>,
    pub(crate) guests: HashMap<ContextId, Guest>,
    /// For work of no guest's; made when there is such.
    own: Option<host_gl::Context>,
    /// The guest whose GL context was used last.
    last: Option<ContextId>,
    /// Behind all that takes memory.
    _departure: Departure,
}

impl Device {
    pub(crate) fn open(host: &Arc<Host>) -> Result<Self> {
        let group = host.share_group()?;
        let shared = Shared {
            host: Arc::clone(host),
            own: None,
            group,
            resources: HashMap::new(),
            guests: HashMap::new(),
            last: None,
            _departure: Departure::new(host),
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(shared)),
        })
    }
}

fn made<'a>(
    own: &'a mut Option<host_gl::Context>,
    group: &Arc<ShareGroup>,
) -> Result<&'a host_gl::Context> {
    match own {
        Some(own) => Ok(own),
        own => Ok(own.insert(group.context()?)),
    }
}

/// A device's place among all. When it ends, so that the device has, what allocators hold back
/// goes to the system: a software driver frees tens of megabytes with each.
struct Departure(Arc<Host>);

impl Departure {
    fn new(host: &Arc<Host>) -> Self {
        host.devices.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(host))
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        let is_last = self.0.devices.fetch_sub(1, Ordering::Relaxed) <= 1;
        let mut trimmed = self
            .0
            .trimmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if is_last || trimmed.is_none_or(|last| last.elapsed() >= TRIM_PAUSE) {
            host_memory::trim();
            *trimmed = Some(Instant::now());
        }
    }
}

/// Between two times that memory is given back while devices come and go: it takes some
/// milliseconds, in which other threads cannot allocate.
const TRIM_PAUSE: Duration = Duration::from_secs(1);

pub(crate) fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DeviceRenderer for Device {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, context::Error> {
        if !matches!(capset, CapsetId::VIRGL | CapsetId::VIRGL2) {
            return Err(context::Error::Unsupported(format!("capset {capset}")));
        }
        let mut shared = lock(&self.shared);
        shared.renew_if_lost()?;
        let guest = Guest::new(&shared.host, &shared.group, id, name, events);
        shared.guests.insert(id, guest);
        Ok(Box::new(GuestContext::new(&self.shared, id)))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, context::Error> {
        Ok(self)
    }

    fn unref(&mut self, resource: ResourceId) {
        let mut shared = lock(&self.shared);
        shared.resources.remove(&resource);
        for guest in shared.guests.values_mut() {
            guest.detach(resource);
        }
    }
}

impl Resources for Device {
    fn create(&mut self, id: ResourceId, request: &ResourceRequest) -> Result<(), context::Error> {
        let mut shared = lock(&self.shared);
        let created = shared.with_gl(None, |gl, host| {
            let resource = Resource::create(gl, &host.formats, request)?;
            // What a program waits for is made anew for each of its frames, and is none of GL's.
            if resource.is_system() {
                return Ok(resource);
            }
            gl.reset()
                .map_or(Ok(resource), |reset| Err(Error::Reset(reset)))
        });
        let resource = created.inspect_err(|error| {
            tracing::debug!("resource {id} is not made: {error} ({request:?})");
        })?;
        shared.resources.insert(id, Arc::new(resource));
        Ok(())
    }

    fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), context::Error> {
        Ok(lock(&self.shared).resource(id)?.attach_backing(backing)?)
    }

    fn detach_backing(&mut self, id: ResourceId) -> Result<(), context::Error> {
        lock(&self.shared).resource(id)?.detach_backing();
        Ok(())
    }

    fn transfer_to_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), context::Error> {
        let mut shared = lock(&self.shared);
        let resource = shared.resource(id)?;
        let source = Source::of(&resource, source)?;
        let write = shared.transfer(ctx, |gl, host| {
            twin::around(gl, &resource, || {
                let how = host.buffer_writes.ordered();
                transfer::write(gl, &host.formats, &resource, transfer, &source, how)
            })
        });
        Ok(write?)
    }

    fn transfer_from_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), context::Error> {
        let mut shared = lock(&self.shared);
        let resource = shared.resource(id)?;
        let mut target = Target::of(&resource, target)?;
        let read = shared.transfer(ctx, |gl, host| {
            twin::around(gl, &resource, || {
                transfer::read(gl, &host.formats, &resource, transfer, &mut target)
            })
        });
        Ok(read?)
    }

    fn export(&mut self, _: ResourceId) -> Result<Blob, context::Error> {
        Err(context::Error::Unsupported(
            "exporting a virgl resource".into(),
        ))
    }
}

impl Shared {
    fn resource(&self, id: ResourceId) -> Result<Arc<Resource>, context::Error> {
        let resource = self.resources.get(&id).map(Arc::clone);
        resource.ok_or_else(|| context::Error::Misbehaved(format!("no resource {id}")))
    }

    /// Starts anew after a reset of the GPU, so that new contexts have a GL. All contexts that
    /// share objects are lost together, and what they shared with them.
    fn renew_if_lost(&mut self) -> Result<()> {
        let Some(reset) = self.reset_of_all()? else {
            return Ok(());
        };
        tracing::warn!("the GPU was reset ({reset:?}): a device's resources are lost");
        self.group = self.host.share_group()?;
        self.own = None;
        self.resources.clear();
        self.last = None;
        Ok(())
    }

    /// The reset that took the context of no guest's. One that is made to find out is not made at
    /// all where those that it shares with are lost (`EGL_EXT_create_context_robustness`).
    fn reset_of_all(&mut self) -> Result<Option<Reset>> {
        if self.own.is_none() && !self.guests.values().any(Guest::is_lost) {
            return Ok(None);
        }
        match made(&mut self.own, &self.group) {
            Ok(own) => Ok(own.make_current()?.reset()),
            Err(_) => Ok(Some(Reset::Unknown)),
        }
    }

    /// A guest, to execute its commands.
    pub(crate) fn guest(&mut self, id: ContextId) -> Result<&mut Guest, context::Error> {
        self.last = Some(id);
        self.guests.get_mut(&id).ok_or(context::Error::Ended)
    }

    /// Forgets a guest.
    pub(crate) fn end(&mut self, id: ContextId) {
        self.guests.remove(&id);
        self.last = self.last.filter(|last| *last != id);
    }

    /// Does `work` behind what the guest `ctx` was given before; without one, behind what the
    /// last one was. The GL context of an earlier one was flushed when the next was bound.
    fn with_gl<R>(
        &mut self,
        ctx: Option<ContextId>,
        work: impl FnOnce(&host_gl::Current<'_>, &Host) -> Result<R>,
    ) -> Result<R> {
        let guest = ctx.or(self.last).and_then(|id| self.guests.get(&id));
        let guest = guest.filter(|guest| !guest.is_lost());
        let context = match guest.and_then(Guest::gl) {
            Some(gl) => gl,
            None => made(&mut self.own, &self.group)?,
        };
        work(&context.make_current()?, &self.host)
    }

    /// The same for a transfer, whose bytes are nothing to show where they were lost.
    fn transfer(
        &mut self,
        ctx: Option<ContextId>,
        work: impl FnOnce(&host_gl::Current<'_>, &Host) -> Result<()>,
    ) -> Result<()> {
        if let Some(guest) = ctx.or(self.last).and_then(|id| self.guests.get_mut(&id)) {
            guest.was_given();
        }
        self.with_gl(ctx, |gl, host| {
            work(gl, host)?;
            gl.reset().map_or(Ok(()), |reset| Err(Error::Reset(reset)))
        })
    }
}

#[cfg(test)]
mod tests;
