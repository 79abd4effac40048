//! Work that waits for its guest is released when the guest has gone.
//!
//! A queue may wait for a timeline semaphore that only the guest would have signalled, or for
//! an event that only the guest would have set ("Semaphore Signaling" and "Events" of the Vulkan
//! specification allow to submit the wait first). Nothing of the device can be destroyed before
//! its queues are idle, so both is done in the guest's place.

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

/// The timeline semaphores and events of a context.
#[derive(Default)]
pub(crate) struct Awaited {
    objects: Mutex<Vec<Weak<Object>>>,
}

/// Signals again and again until dropped.
pub(crate) struct Releasing {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Awaited {
    /// Makes one known.
    pub(crate) fn add(&self, object: &Arc<Object>) {
        let mut objects = lock(&self.objects);
        // Those that are gone are forgotten before room is made for more.
        if objects.len() == objects.capacity() {
            objects.retain(|object| object.strong_count() != 0);
        }
        objects.push(Arc::downgrade(object));
    }

    /// From now on nothing has to wait for the guest.
    pub(crate) fn release(&self) -> Releasing {
        let objects: Vec<_> = std::mem::take(&mut *lock(&self.objects));
        if objects.iter().all(|object| object.strong_count() == 0) {
            return Releasing {
                done: None,
                thread: None,
            };
        }
        let (done, wait) = channel();
        let thread = std::thread::Builder::new()
            .name("release".into())
            .spawn(move || run(&objects, &wait));
        let thread = thread.inspect_err(
            |error| tracing::warn!(%error, "work that waits for its guest is not released"),
        );
        Releasing {
            done: Some(done),
            thread: thread.ok(),
        }
    }
}

/// Fails when a timeline semaphore cannot be signalled: the guest made it without the Vulkan
/// version or the extension that has them.
pub(crate) fn check_timeline(semaphore: &Object) -> Result<(), Fatal> {
    match value(semaphore) {
        Some(_) => Ok(()),
        None => Err(Fatal::misuse(
            "vkCreateSemaphore",
            "timeline semaphores are not enabled",
        )),
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

fn run(objects: &[Weak<Object>], done: &Receiver<()>) {
    while done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        for object in objects.iter().filter_map(Weak::upgrade) {
            match object.kind() {
                t::ObjectType::EVENT => set(&object),
                _ => signal(&object),
            }
        }
    }
}

fn set(event: &Object) {
    let device = event.device();
    let command = t::SetEvent {
        device: t::DeviceId(device.raw()),
        event: t::EventId(event.raw()),
    };
    let arena = Bump::new();
    let _ = command.call(device.functions(), &Lowering::new(&arena, &Identity));
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
