//! `VkQueue`: one lock, and one timeline whose fences a thread retires.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use context::{FenceId, RingIdx};
use host_vulkan::{Device as HostDevice, Object};
use vulkan_types as t;

use crate::Fatal;
use crate::context_impl::{Shared, lock};
use crate::device::Device;
use crate::limits::WAIT_SLICE;
use crate::objects::Held;
use crate::patience;
use crate::scope::Scope;

/// A guest's queue.
pub(crate) struct Queue {
    raw: u64,
    device: Arc<Device>,
    /// Vulkan wants a queue used by one thread at a time ("Threading Behavior").
    in_use: Mutex<()>,
    retire: Mutex<Option<Retire>>,
}

/// The thread that waits for fences, and the way to it.
struct Retire {
    pending: Sender<Pending>,
    free: Arc<Mutex<Vec<Arc<Object>>>>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// A guest's fence, and the driver's that stands for it.
struct Pending {
    fence: Arc<Object>,
    ring: RingIdx,
    id: FenceId,
}

impl Queue {
    pub(crate) fn new(raw: u64, device: &Arc<Device>) -> Self {
        Self {
            raw,
            device: Arc::clone(device),
            in_use: Mutex::default(),
            retire: Mutex::default(),
        }
    }

    pub(crate) fn raw(&self) -> u64 {
        self.raw
    }

    pub(crate) fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// Has the queue to itself.
    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        lock(&self.in_use)
    }

    /// Signals a guest's fence when all that was submitted before is done.
    pub(crate) fn fence(
        &self,
        shared: &Arc<Shared>,
        ring: RingIdx,
        id: FenceId,
    ) -> Result<(), Fatal> {
        let host = self.device.host();
        let mut retire = lock(&self.retire);
        if retire.is_none() {
            *retire = Some(Retire::start(shared, host)?);
        }
        let Some(retire) = retire.as_ref() else {
            return Err(Fatal::Ended);
        };
        let fence = retire.fence(host)?;
        let submitted = {
            let _queue = self.lock();
            host.queue_submit(self.raw, &[], fence.raw())
        };
        match submitted {
            Ok(()) => retire
                .pending
                .send(Pending { fence, ring, id })
                .map_err(|_| Fatal::Ended),
            // Nothing will ever be done again: what waits may go on.
            Err(error) if error.0 == t::VkResult::ERROR_DEVICE_LOST => {
                shared.signal(ring, id);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until it is idle, or until nobody wants to know.
    pub(crate) fn wait_idle(
        &self,
        wanted: impl Fn() -> Result<(), Fatal>,
    ) -> Result<t::VkResult, Fatal> {
        let host = self.device.host();
        let fence = Object::new(t::ObjectType::FENCE, host.create_fence()?, host);
        let submitted = {
            let _queue = self.lock();
            host.queue_submit(self.raw, &[], fence.raw())
        };
        if let Err(error) = submitted {
            return Ok(error.0);
        }
        loop {
            match host.wait_fence(fence.raw(), WAIT_SLICE) {
                Ok(true) => return Ok(t::VkResult::SUCCESS),
                Ok(false) => {}
                Err(error) => return Ok(error.0),
            }
            if let Err(fatal) = wanted() {
                self.device.retire_fence(fence);
                return Err(fatal);
            }
        }
    }

    /// Submits what the guest did not: waits for or signals a semaphore of the host's.
    pub(crate) fn submit(&self, submit: t::SubmitInfo<'_>) -> Result<(), Fatal> {
        let _queue = self.lock();
        Ok(self.device.host().queue_submit(self.raw, &[submit], 0)?)
    }
}

/// Not the driver's wait, which nothing can end.
pub(crate) fn queue_wait_idle(
    s: &Scope<'_>,
    c: &t::QueueWaitIdle,
) -> Result<t::QueueWaitIdleReply, Fatal> {
    let Held::Queue(queue) = s.shared.objects.find(t::ObjectType::QUEUE, c.queue.0)? else {
        return Err(Fatal::Unknown {
            kind: t::ObjectType::QUEUE,
            id: c.queue.0,
        });
    };
    Ok(t::QueueWaitIdleReply {
        ret: queue.wait_idle(|| s.check_wanted())?,
    })
}

impl Drop for Queue {
    fn drop(&mut self) {
        if let Some(retire) = lock(&self.retire).take() {
            retire.stopping.store(true, Ordering::Release);
            drop(retire.pending);
            let _ = retire.thread.join();
        }
    }
}

impl Retire {
    fn start(shared: &Arc<Shared>, device: &Arc<HostDevice>) -> Result<Self, Fatal> {
        let (pending, fences) = channel();
        let free = Arc::new(Mutex::default());
        let stopping = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            shared: Arc::clone(shared),
            device: Arc::clone(device),
            free: Arc::clone(&free),
            stopping: Arc::clone(&stopping),
        };
        let thread = std::thread::Builder::new()
            .name("fences".into())
            .spawn(move || worker.run(&fences))?;
        Ok(Self {
            pending,
            free,
            stopping,
            thread,
        })
    }

    /// An unsignalled fence, one used before if there is one.
    fn fence(&self, device: &Arc<HostDevice>) -> Result<Arc<Object>, Fatal> {
        if let Some(fence) = lock(&self.free).pop() {
            device.reset_fence(fence.raw())?;
            return Ok(fence);
        }
        Ok(Object::new(
            t::ObjectType::FENCE,
            device.create_fence()?,
            device,
        ))
    }
}

struct Worker {
    shared: Arc<Shared>,
    device: Arc<HostDevice>,
    free: Arc<Mutex<Vec<Arc<Object>>>>,
    stopping: Arc<AtomicBool>,
}

impl Worker {
    /// Fences of one queue signal in the order of their submission.
    fn run(&self, fences: &Receiver<Pending>) {
        // While one is waited for, the next may come.
        let next = || patience::look(|| fences.try_recv().ok());
        while let Some(pending) = next().or_else(|| fences.recv().ok()) {
            let done = self.wait(pending.fence.raw());
            self.shared.signal(pending.ring, pending.id);
            if done {
                lock(&self.free).push(pending.fence);
            }
        }
    }

    /// False when the device is lost, or nobody waits any more.
    fn wait(&self, fence: u64) -> bool {
        let status = |patience| self.device.wait_fence(fence, patience);
        if patience::look(|| status(0).unwrap_or(true).then_some(())).is_some() {
            return status(0).is_ok();
        }
        loop {
            match status(WAIT_SLICE) {
                Ok(true) => return true,
                Ok(false)
                    if self.stopping.load(Ordering::Acquire)
                        && self.shared.check_alive().is_err() =>
                {
                    return false;
                }
                Ok(false) => {}
                Err(_) => return false,
            }
        }
    }
}
