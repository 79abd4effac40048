//! A context: submissions, fences, blobs, and what its threads share.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use context::{
    Blob, BlobMem, BlobRequest, BlobStorage, Context, ContextId, ContextStats, Error, Event,
    EventSender, FenceId, MapCaching, Resource, ResourceId, RingIdx,
};
use host_memory::{Pages, Shm};
use host_vulkan::{Library, Shared as SharedMemory};
use vulkan_types as t;

use crate::Fatal;
use crate::counters::Counters;
use crate::handover::Handover;
use crate::life::Life;
use crate::limits::{END_PATIENCE, MAX_TIMELINES};
use crate::objects::{Held, Objects};
use crate::queue::Queue;
use crate::release::{Awaited, Releasing};
use crate::renderer::Options;
use crate::ring::Ring;
use crate::submissions::{Job, Submissions};

/// A context of the Venus protocol.
pub(crate) struct VenusContext {
    shared: Arc<Shared>,
    submissions: Submissions,
}

/// What a context's threads share.
pub(crate) struct Shared {
    pub(crate) life: Life,
    pub(crate) objects: Objects,
    pub(crate) library: Arc<Library>,
    pub(crate) options: Arc<Options>,
    pub(crate) counters: Counters,
    pub(crate) awaited: Awaited,
    /// An image was refused, and that was said once.
    pub(crate) refused_image: AtomicBool,
    /// What is queued up of what came through the door.
    pub(crate) submissions: Handover<Job>,
    resources: Mutex<HashMap<u32, BlobStorage>>,
    rings: Mutex<HashMap<u64, Arc<Ring>>>,
    timelines: Mutex<Vec<Option<Arc<Queue>>>>,
    monitor: Mutex<Monitor>,
    monitor_wake: Condvar,
}

/// The thread that tells watching guests that we live.
#[derive(Default)]
struct Monitor {
    period: Option<Duration>,
    thread: Option<JoinHandle<()>>,
}

impl VenusContext {
    pub(crate) fn new(
        id: ContextId,
        library: Arc<Library>,
        options: Arc<Options>,
        events: EventSender,
    ) -> Self {
        let shared = Arc::new(Shared {
            life: Life::new(id, events),
            objects: Objects::default(),
            library,
            options,
            counters: Counters::default(),
            awaited: Awaited::default(),
            refused_image: AtomicBool::new(false),
            submissions: Handover::default(),
            resources: Mutex::default(),
            rings: Mutex::default(),
            timelines: Mutex::new(vec![None; MAX_TIMELINES]),
            monitor: Mutex::default(),
            monitor_wake: Condvar::new(),
        });
        let submissions = Submissions::new(&shared);
        Self {
            shared,
            submissions,
        }
    }

    /// Waits until what came before is executed.
    fn settle(&self) -> Result<(), Fatal> {
        let shared = &self.shared;
        shared.submissions.drain(|| shared.check_wanted())
    }

    fn blob_of_memory(&self, request: &BlobRequest) -> Result<Blob, Fatal> {
        let kind = t::ObjectType::DEVICE_MEMORY;
        let id = request.id.0;
        let Held::Memory(memory, device) = self.shared.objects.find(kind, id)? else {
            return Err(Fatal::Unknown { kind, id });
        };
        let page = host_memory::page_size() as u64;
        if request.size > memory.size().next_multiple_of(page) {
            return Err(Fatal::Range { what: "blob" });
        }
        let storage = match memory.share()? {
            SharedMemory::Pages(pages) => BlobStorage::Shm(pages),
            SharedMemory::DmaBuf(fd) => BlobStorage::DmaBuf(fd),
            SharedMemory::Opaque(fd) => BlobStorage::Opaque(fd),
        };
        let flags = device.physical().memory_flags(memory.memory_type());
        let cached = matches!(storage, BlobStorage::Shm(_))
            || flags.contains(t::MemoryPropertyFlags::HOST_CACHED);
        let caching = if cached {
            MapCaching::Cached
        } else {
            MapCaching::WriteCombined
        };
        Ok(Blob {
            storage,
            size: request.size,
            caching,
        })
    }
}

impl Context for VenusContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        self.submissions
            .submit(&self.shared, commands)
            .map_err(|fatal| {
                self.shared.fail(&fatal);
                fatal.into()
            })
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        Ok(self.submissions.fence(&self.shared, ring, fence)?)
    }

    fn finish(&mut self) -> Result<(), Error> {
        Err(Error::Unsupported(
            "waiting for all timelines of a Venus context".into(),
        ))
    }

    fn create_blob(&mut self, _: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        self.settle()?;
        match (request.mem, request.id.0) {
            (BlobMem::Host3d, 0) => {
                let shm = Shm::new("paravane-venus", request.size)
                    .map_err(|error| Error::Host(error.to_string()))?;
                Ok(Blob::from_shm(shm, request.size))
            }
            (BlobMem::Host3d, _) => Ok(self.blob_of_memory(request)?),
            (BlobMem::Guest | BlobMem::Host3dGuest, _) => Err(Error::Unsupported(
                "guest memory behind a Venus blob".into(),
            )),
        }
    }

    fn attach(&mut self, id: ResourceId, resource: &Resource) -> Result<(), Error> {
        self.settle()?;
        match resource {
            Resource::Blob(blob) => {
                lock(&self.shared.resources).insert(id.0, blob.storage.clone());
                Ok(())
            }
            Resource::Classic => Err(Error::Unsupported(
                "a classic resource in a Venus context".into(),
            )),
        }
    }

    fn detach(&mut self, resource: ResourceId) {
        // Of a context that has ended, nothing is executed any more.
        let _ = self.settle();
        let storage = lock(&self.shared.resources).remove(&resource.0);
        // A ring in memory that goes away cannot go on.
        if let Some(BlobStorage::Shm(shm)) = storage {
            let pages = Pages::from(shm);
            let orphaned: Vec<_> = lock(&self.shared.rings)
                .extract_if(|_, ring| ring.uses(&pages))
                .collect();
            for (_, ring) in orphaned {
                ring.stop();
            }
        }
    }

    fn stats(&self) -> ContextStats {
        self.shared.counters.stats()
    }
}

impl Drop for VenusContext {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl Shared {
    /// Fails when the context has ended.
    #[inline]
    pub(crate) fn check_alive(&self) -> Result<(), Fatal> {
        self.life.check_going()
    }

    /// Fails when nobody waits for what a blocked command does: the context has ended, or its
    /// guest has gone.
    pub(crate) fn check_wanted(&self) -> Result<(), Fatal> {
        self.life.check()
    }

    /// Ends the context by someone's fault.
    pub(crate) fn fail(&self, fatal: &Fatal) {
        self.life.fail(fatal);
    }

    /// Asks for a fence behind what a timeline was given so far.
    pub(crate) fn fence(self: &Arc<Self>, ring: RingIdx, fence: FenceId) -> Result<(), Fatal> {
        if ring.0 == 0 {
            // The CPU's timeline: commands of submissions are done when they return.
            self.signal(ring, fence);
            return Ok(());
        }
        self.timeline(ring.0)?.fence(self, ring, fence)
    }

    /// Tells the door that a fence has signalled.
    pub(crate) fn signal(&self, ring: RingIdx, fence: FenceId) {
        let ctx = self.life.id();
        self.life
            .events()
            .send(Event::FenceSignaled { ctx, ring, fence });
    }

    /// Shared memory of a resource.
    pub(crate) fn pages(&self, resource: u32) -> Result<Pages, Fatal> {
        match lock(&self.resources).get(&resource) {
            Some(BlobStorage::Shm(shm)) => Ok(shm.clone().into()),
            _ => Err(Fatal::Resource(resource)),
        }
    }

    /// What is behind a resource.
    pub(crate) fn resource(&self, resource: u32) -> Result<BlobStorage, Fatal> {
        lock(&self.resources)
            .get(&resource)
            .cloned()
            .ok_or(Fatal::Resource(resource))
    }

    pub(crate) fn rings(&self) -> MutexGuard<'_, HashMap<u64, Arc<Ring>>> {
        lock(&self.rings)
    }

    pub(crate) fn ring(&self, id: u64) -> Result<Arc<Ring>, Fatal> {
        self.rings().get(&id).cloned().ok_or(Fatal::Ring(id))
    }

    /// Binds a queue to a timeline.
    pub(crate) fn bind_timeline(&self, index: u32, queue: &Arc<Queue>) -> Result<(), Fatal> {
        const NAME: &str = "vkGetDeviceQueue2";
        match lock(&self.timelines).get_mut(index as usize) {
            _ if index == 0 => Err(Fatal::misuse(NAME, "timeline 0 is the CPU's")),
            Some(slot @ None) => {
                *slot = Some(Arc::clone(queue));
                Ok(())
            }
            Some(Some(_)) => Err(Fatal::misuse(
                NAME,
                "the timeline is bound to another queue",
            )),
            None => Err(Fatal::misuse(NAME, "no such timeline")),
        }
    }

    /// Lets go of the timelines of a device's queues.
    pub(crate) fn release_timelines(&self, of: impl Fn(&Queue) -> bool) {
        for slot in lock(&self.timelines).iter_mut() {
            if slot.as_deref().is_some_and(&of) {
                *slot = None;
            }
        }
    }

    fn timeline(&self, index: u32) -> Result<Arc<Queue>, Fatal> {
        let timelines = lock(&self.timelines);
        let queue = timelines.get(index as usize).and_then(Clone::clone);
        queue.ok_or(Fatal::misuse("fence", "no queue is bound to the timeline"))
    }

    /// Reports to watched rings at least this often, microseconds.
    pub(crate) fn monitor(self: &Arc<Self>, period: u32) -> Result<(), Fatal> {
        let period = Duration::from_micros(period.into());
        let mut monitor = lock(&self.monitor);
        monitor.period = Some(monitor.period.map_or(period, |known| known.min(period)));
        if monitor.thread.is_none() {
            let shared = Arc::clone(self);
            let thread = std::thread::Builder::new()
                .name("ring-monitor".into())
                .spawn(move || shared.report())?;
            monitor.thread = Some(thread);
        }
        self.monitor_wake.notify_all();
        Ok(())
    }

    fn report(&self) {
        while self.check_alive().is_ok() {
            self.rings().values().for_each(|ring| ring.report_alive());
            let monitor = lock(&self.monitor);
            let Some(period) = monitor.period else { return };
            drop(self.monitor_wake.wait_timeout(monitor, period));
        }
    }

    /// Stops every thread, then destroys every object.
    fn end(&self) {
        self.life.end();
        let releasing = self.awaited.release();
        let rings: Vec<_> = self.rings().drain().collect();
        rings.iter().for_each(|(_, ring)| ring.stop());
        self.submissions.close();
        self.monitor_wake.notify_all();
        let monitor = lock(&self.monitor).thread.take();
        if let Some(thread) = monitor {
            self.monitor_wake.notify_all();
            let _ = thread.join();
        }
        self.release_timelines(|_| true);
        self.destroy(self.objects.take_all(), releasing);
        lock(&self.resources).clear();
    }

    /// Destroys objects once the host does not use them any more. A guest can keep a queue
    /// busy for longer than is waited here, and then only the thread that waits for it stays.
    fn destroy(&self, objects: Vec<Held>, releasing: Releasing) {
        let left = Arc::new(Mutex::new(Some((objects, releasing))));
        let (done, wait) = channel::<()>();
        let thread = std::thread::Builder::new().name("end".into()).spawn({
            let left = Arc::clone(&left);
            move || {
                let left = lock(&left).take();
                destroy_when_idle(left);
                drop(done);
            }
        });
        match thread {
            Ok(_) if wait.recv_timeout(END_PATIENCE) == Err(RecvTimeoutError::Timeout) => {
                tracing::warn!(
                    context = self.life.id().0,
                    "a queue is still busy after the end of its context"
                );
            }
            Ok(_) => {}
            Err(_) => destroy_when_idle(lock(&left).take()),
        }
    }
}

/// Nothing may be destroyed while the device still uses it.
fn destroy_when_idle(left: Option<(Vec<Held>, Releasing)>) {
    let Some((objects, releasing)) = left else {
        return;
    };
    for held in &objects {
        if let Held::Device(device) = held {
            device.host().wait_idle();
        }
    }
    drop(objects);
    drop(releasing);
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
