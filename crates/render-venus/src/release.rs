//! Work that waits for its guest is released when the guest has gone.
//!
//! A queue may wait for a timeline semaphore that only the guest would have signalled
//! ("Semaphore Signaling" of the Vulkan specification allows to submit the wait first). Nothing
//! of the device can be destroyed before its queues are idle, so such semaphores are signalled
//! in the guest's place.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use bumpalo::Bump;
use host_vulkan::{Call, Device as HostDevice, Identity, Lowering, Object};
use vulkan_types as t;

use crate::Fatal;
use crate::context_impl::lock;

/// How long work may take to end by itself: most ends much sooner. What one signal releases
/// may wait for a second.
const PATIENCE: Duration = Duration::from_millis(200);

/// The timeline semaphores of a context.
#[derive(Default)]
pub(crate) struct Timelines {
    semaphores: Mutex<Vec<Weak<Object>>>,
}

/// Signals again and again until dropped.
pub(crate) struct Releasing {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Timelines {
    /// Makes one known. Fails when it cannot be signalled: the guest made a timeline semaphore
    /// without the Vulkan version or the extension that has them.
    pub(crate) fn add(&self, semaphore: &Arc<Object>) -> Result<(), Fatal> {
        if value(semaphore).is_none() {
            return Err(Fatal::misuse(
                "vkCreateSemaphore",
                "timeline semaphores are not enabled",
            ));
        }
        let mut semaphores = lock(&self.semaphores);
        // Those that are gone are forgotten before room is made for more.
        if semaphores.len() == semaphores.capacity() {
            semaphores.retain(|semaphore| semaphore.strong_count() != 0);
        }
        semaphores.push(Arc::downgrade(semaphore));
        Ok(())
    }

    /// From now on nothing has to wait for the guest.
    pub(crate) fn release(&self) -> Releasing {
        let semaphores: Vec<_> = std::mem::take(&mut *lock(&self.semaphores));
        if semaphores
            .iter()
            .all(|semaphore| semaphore.strong_count() == 0)
        {
            return Releasing {
                done: None,
                thread: None,
            };
        }
        let (done, wait) = channel();
        let thread = std::thread::Builder::new()
            .name("release".into())
            .spawn(move || run(&semaphores, &wait));
        let thread = thread.inspect_err(
            |error| tracing::warn!(%error, "work that waits for its guest is not released"),
        );
        Releasing {
            done: Some(done),
            thread: thread.ok(),
        }
    }
}

impl Drop for Releasing {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(semaphores: &[Weak<Object>], done: &Receiver<()>) {
    while done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        for semaphore in semaphores.iter().filter_map(Weak::upgrade) {
            signal(&semaphore);
        }
    }
}

/// Signals a timeline semaphore with a value past all that may wait for it.
fn signal(semaphore: &Object) {
    let device = semaphore.device();
    let Some(now) = value(semaphore) else { return };
    let value = now.saturating_add(max_difference(device));
    if value > now {
        tracing::debug!(value, "a semaphore is signalled in the place of its guest");
        let info = t::SemaphoreSignalInfo {
            semaphore: t::SemaphoreId(semaphore.raw()),
            value,
            ..Default::default()
        };
        let command = t::SignalSemaphore {
            device: t::DeviceId(device.raw()),
            signal_info: &info,
        };
        let arena = Bump::new();
        let _ = command.call(device.functions(), &Lowering::new(&arena, &Identity));
    }
}

/// The value of a timeline semaphore; none when the device has no command for that.
fn value(semaphore: &Object) -> Option<u64> {
    let device = semaphore.device();
    let arena = Bump::new();
    let (on, semaphore) = (t::DeviceId(device.raw()), t::SemaphoreId(semaphore.raw()));
    let command = t::GetSemaphoreCounterValue {
        device: on,
        semaphore,
    };
    command
        .call(device.functions(), &Lowering::new(&arena, &Identity))
        .ok()
        .map(|reply| reply.value)
}

/// `maxTimelineSemaphoreValueDifference`: no value that is waited for is further ahead.
fn max_difference(device: &HostDevice) -> u64 {
    let arena = Bump::new();
    let physical = device.physical_device();
    let room = t::PhysicalDeviceTimelineSemaphoreProperties::default();
    let properties = t::PhysicalDeviceProperties2 {
        next: t::Chain(
            arena.alloc([t::Extension::PhysicalDeviceTimelineSemaphoreProperties(
                arena.alloc(room),
            )]),
        ),
        ..Default::default()
    };
    let command = t::GetPhysicalDeviceProperties2 {
        physical_device: t::PhysicalDeviceId(physical.raw()),
        properties: arena.alloc(properties),
    };
    let reply = command
        .call(physical.functions(), &Lowering::new(&arena, &Identity))
        .ok();
    let found = reply.and_then(|reply| {
        reply
            .properties
            .next
            .find::<t::PhysicalDeviceTimelineSemaphoreProperties<'_>>()
    });
    // What every implementation has to support.
    const LEAST: u64 = (1 << 31) - 1;
    found.map_or(LEAST, |found| {
        found.max_timeline_semaphore_value_difference.max(LEAST)
    })
}
