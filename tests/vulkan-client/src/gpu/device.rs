//! A logical device with its queues, and work handed to it.

use std::ffi::c_char;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard};

use ash::vk;

use crate::error::{Error, Named as _, Result};
use crate::gpu::{Commands, Instance, Needs, Owned};

/// How long a submission may take: generous, for software drivers on busy machines.
const PATIENCE_SECONDS: u64 = 120;

/// A shared handle to a device; the device is destroyed with the last one.
#[derive(Clone)]
pub(crate) struct Gpu(Arc<Device>);

/// A logical device.
pub(crate) struct Device {
    pub(crate) instance: Arc<Instance>,
    pub(crate) raw: ash::Device,
    /// The heaps and types of the device's memory.
    pub(crate) memory: vk::PhysicalDeviceMemoryProperties,
    /// The graphics queue first; one of each other family where the scene asked for them.
    queues: Vec<Queue>,
}

/// A queue and the family it is of.
pub(crate) struct Queue {
    pub(crate) family: u32,
    pub(crate) properties: vk::QueueFamilyProperties,
    // The specification wants submissions to one queue one at a time.
    raw: Mutex<vk::Queue>,
}

/// What a submission waits for and signals, besides its fence.
#[derive(Default, Clone, Copy)]
pub(crate) struct Semaphores<'a> {
    /// Semaphores to wait for, each with the value if it is a timeline.
    pub(crate) wait: &'a [(vk::Semaphore, u64)],
    /// Semaphores to signal, each with the value if it is a timeline.
    pub(crate) signal: &'a [(vk::Semaphore, u64)],
}

impl Deref for Gpu {
    type Target = Device;
    fn deref(&self) -> &Device {
        &self.0
    }
}

impl Gpu {
    /// Opens a device that meets the needs.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the physical device does not meet them.
    pub(crate) fn open(instance: &Arc<Instance>, needs: &mut Needs) -> Result<Self> {
        check(instance, needs)?;
        let families = choose_families(instance, needs.every_family)?;
        let raw = create(instance, needs, &families)?;
        let queue = |&(family, properties): &(u32, vk::QueueFamilyProperties)| Queue {
            family,
            properties,
            // SAFETY: the device was created with one queue of this family.
            raw: Mutex::new(unsafe { raw.get_device_queue(family, 0) }),
        };
        let queues = families.iter().map(queue).collect();
        // SAFETY: the physical device is the instance's own.
        let memory = unsafe {
            instance
                .raw
                .get_physical_device_memory_properties(instance.physical)
        };
        let instance = Arc::clone(instance);
        Ok(Self(Arc::new(Device {
            instance,
            raw,
            memory,
            queues,
        })))
    }

    /// Records commands once, submits them and waits until they are done.
    pub(crate) fn run(&self, record: impl FnOnce(&Commands)) -> Result<()> {
        self.run_on(0, record)
    }

    /// Like [`Self::run`], on the queue with this index.
    pub(crate) fn run_on(&self, queue: usize, record: impl FnOnce(&Commands)) -> Result<()> {
        let commands = Commands::once(self, queue)?;
        commands.begin()?;
        record(&commands);
        commands.end()?;
        let fence = self.fence(false)?;
        self.submit(queue, &[&commands], Semaphores::default(), Some(&fence))?;
        self.wait(&fence)
    }

    /// Makes a fence.
    pub(crate) fn fence(&self, signalled: bool) -> Result<Owned<vk::Fence>> {
        let flags = match signalled {
            true => vk::FenceCreateFlags::SIGNALED,
            false => vk::FenceCreateFlags::empty(),
        };
        self.create_fence(&vk::FenceCreateInfo::default().flags(flags))
    }
}

impl Device {
    /// The graphics queue.
    pub(crate) fn graphics(&self) -> &Queue {
        &self.queues[0]
    }

    /// All queues of this device.
    pub(crate) fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// The device's limits.
    pub(crate) fn limits(&self) -> &vk::PhysicalDeviceLimits {
        &self.instance.properties.limits
    }

    /// What a format can be used for with optimal tiling.
    pub(crate) fn format(&self, format: vk::Format) -> vk::FormatProperties {
        let instance = &self.instance;
        // SAFETY: the physical device is the instance's own.
        unsafe {
            instance
                .raw
                .get_physical_device_format_properties(instance.physical, format)
        }
    }

    /// Fills one extending structure of a format's properties.
    pub(crate) fn query_format<T: vk::ExtendsFormatProperties2>(
        &self,
        format: vk::Format,
        into: &mut T,
    ) {
        let mut properties = vk::FormatProperties2::default().push_next(into);
        let instance = &self.instance;
        // SAFETY: as above; the chain holds one structure.
        unsafe {
            instance.raw.get_physical_device_format_properties2(
                instance.physical,
                format,
                &mut properties,
            );
        }
    }

    /// The modifiers that images of a format can have.
    pub(crate) fn modifiers(&self, format: vk::Format) -> Vec<vk::DrmFormatModifierPropertiesEXT> {
        let mut list = vk::DrmFormatModifierPropertiesListEXT::default();
        self.query_format(format, &mut list);
        let mut modifiers = vec![Default::default(); list.drm_format_modifier_count as usize];
        let mut list = vk::DrmFormatModifierPropertiesListEXT::default()
            .drm_format_modifier_properties(&mut modifiers);
        self.query_format(format, &mut list);
        modifiers
    }

    /// Submits command buffers.
    pub(crate) fn submit(
        &self,
        queue: usize,
        commands: &[&Commands],
        semaphores: Semaphores<'_>,
        fence: Option<&vk::Fence>,
    ) -> Result<()> {
        let buffers: Vec<_> = commands.iter().map(|c| c.raw()).collect();
        let split = |pairs: &[(vk::Semaphore, u64)]| pairs.iter().copied().unzip();
        let (wait, wait_values): (Vec<_>, Vec<_>) = split(semaphores.wait);
        let (signal, signal_values): (Vec<_>, Vec<_>) = split(semaphores.signal);
        let stages = vec![vk::PipelineStageFlags::ALL_COMMANDS; wait.len()];
        let timeline = wait_values
            .iter()
            .chain(&signal_values)
            .any(|value| *value > 0);
        let mut values = vk::TimelineSemaphoreSubmitInfo::default()
            .wait_semaphore_values(&wait_values)
            .signal_semaphore_values(&signal_values);
        let mut info = vk::SubmitInfo::default()
            .command_buffers(&buffers)
            .wait_semaphores(&wait)
            .wait_dst_stage_mask(&stages)
            .signal_semaphores(&signal);
        if timeline {
            info = info.push_next(&mut values);
        }
        let fence = fence.copied().unwrap_or_default();
        let queue = self.queues[queue].lock();
        // SAFETY: all handles are this device's own, and the queue is locked.
        unsafe { self.raw.queue_submit(*queue, &[info], fence) }.named("vkQueueSubmit")
    }

    /// Waits for a fence.
    pub(crate) fn wait(&self, fence: &vk::Fence) -> Result<()> {
        self.wait_any(&[*fence], true)
    }

    /// Waits for all fences, or for one of them.
    pub(crate) fn wait_any(&self, fences: &[vk::Fence], all: bool) -> Result<()> {
        // SAFETY: the fences are this device's own.
        let waited = unsafe {
            self.raw
                .wait_for_fences(fences, all, PATIENCE_SECONDS * 1_000_000_000)
        };
        in_time("a fence", waited).named("vkWaitForFences")?
    }

    /// Waits until a timeline semaphore reaches a value.
    pub(crate) fn wait_value(&self, semaphore: vk::Semaphore, value: u64) -> Result<()> {
        let (semaphores, values) = ([semaphore], [value]);
        let info = vk::SemaphoreWaitInfo::default()
            .semaphores(&semaphores)
            .values(&values);
        // SAFETY: the semaphore is this device's own.
        let waited = unsafe {
            self.raw
                .wait_semaphores(&info, PATIENCE_SECONDS * 1_000_000_000)
        };
        in_time("a timeline semaphore", waited).named("vkWaitSemaphores")?
    }

    /// Waits until the device has nothing to do.
    pub(crate) fn idle(&self) -> Result<()> {
        // SAFETY: the device is alive, and no other thread submits meanwhile.
        unsafe { self.raw.device_wait_idle() }.named("vkDeviceWaitIdle")
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: every object of the device holds it, so none is left.
        unsafe {
            // A lost device is destroyed like any other.
            let _ = self.raw.device_wait_idle();
            self.raw.destroy_device(None);
        }
    }
}

impl Queue {
    /// The raw queue, for as long as nobody else may submit to it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, vk::Queue> {
        self.raw.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether the queue's family has these abilities.
    pub(crate) fn can(&self, flags: vk::QueueFlags) -> bool {
        self.properties.queue_flags.contains(flags)
    }
}

fn in_time(what: &'static str, waited: Result<(), vk::Result>) -> Result<Result<()>, vk::Result> {
    match waited {
        Err(vk::Result::TIMEOUT) => Ok(Err(Error::TimedOut {
            what,
            seconds: PATIENCE_SECONDS,
        })),
        other => other.map(Ok),
    }
}

fn check(instance: &Instance, needs: &mut Needs) -> Result<()> {
    // SAFETY: the physical device is the instance's own.
    let extensions = unsafe {
        instance
            .raw
            .enumerate_device_extension_properties(instance.physical)
    }
    .named("vkEnumerateDeviceExtensionProperties")?;
    needs.met_by(instance.version(), &extensions, |features| {
        // SAFETY: as above; the chain holds only structures that the device knows.
        unsafe {
            instance
                .raw
                .get_physical_device_features2(instance.physical, features)
        };
    })
}

fn choose_families(
    instance: &Instance,
    every: bool,
) -> Result<Vec<(u32, vk::QueueFamilyProperties)>> {
    // SAFETY: the physical device is the instance's own.
    let families = unsafe {
        instance
            .raw
            .get_physical_device_queue_family_properties(instance.physical)
    };
    let mut families: Vec<_> = (0..).zip(families).collect();
    let all_round = vk::QueueFlags::GRAPHICS | vk::QueueFlags::COMPUTE;
    let graphics = families
        .iter()
        .position(|(_, family)| family.queue_flags.contains(all_round))
        .ok_or_else(|| Error::Unsupported("a queue for graphics and compute".into()))?;
    families.swap(0, graphics);
    families.truncate(if every { families.len() } else { 1 });
    Ok(families)
}

fn create(
    instance: &Instance,
    needs: &mut Needs,
    families: &[(u32, vk::QueueFamilyProperties)],
) -> Result<ash::Device> {
    let queue = |(family, _): &(u32, _)| {
        vk::DeviceQueueCreateInfo::default()
            .queue_family_index(*family)
            .queue_priorities(&[1.0])
    };
    let queues: Vec<_> = families.iter().map(queue).collect();
    let extensions: Vec<*const c_char> = needs.extensions().iter().map(|e| e.as_ptr()).collect();
    let mut features = needs.features.chain();
    let info = vk::DeviceCreateInfo::default()
        .queue_create_infos(&queues)
        .enabled_extension_names(&extensions)
        .push_next(&mut features);
    // SAFETY: everything that the structure points to lives until the call returns.
    unsafe { instance.raw.create_device(instance.physical, &info, None) }.named("vkCreateDevice")
}
