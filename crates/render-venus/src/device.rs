//! `VkDevice` and the queues that come with it.

use std::ffi::CStr;
use std::sync::{Arc, Mutex, Weak};

use host_vulkan::{Device as HostDevice, Object, Rung};
use vulkan_types as t;

use crate::Fatal;
use crate::context_impl::lock;
use crate::limits::SPARE_FENCES;
use crate::objects::Held;
use crate::physical_device::{self, PhysicalDevice};
use crate::queue::Queue;
use crate::scope::Scope;

/// A guest's device.
pub(crate) struct Device {
    host: Arc<HostDevice>,
    physical: Arc<PhysicalDevice>,
    /// What it was made with: flags, family, count.
    families: Vec<(t::DeviceQueueCreateFlags, u32, u32)>,
    queues: Mutex<Vec<Weak<Queue>>>,
    /// Fences that a guest let go of while they were pending.
    retired: Mutex<Vec<Arc<Object>>>,
}

impl Device {
    pub(crate) fn host(&self) -> &Arc<HostDevice> {
        &self.host
    }

    pub(crate) fn physical(&self) -> &Arc<PhysicalDevice> {
        &self.physical
    }

    /// An unsignalled fence: a retired one that has signalled and that nobody knows any more, if
    /// there is one.
    pub(crate) fn fresh_fence(&self) -> Result<Arc<Object>, Fatal> {
        let mut retired = lock(&self.retired);
        let spare = (retired.iter())
            .position(|fence| Arc::strong_count(fence) == 1 && self.has_signaled(fence))
            .map(|at| retired.swap_remove(at));
        drop(retired);
        let unsignal = |fence: &Arc<Object>| self.host.reset_fence(fence.raw()).is_ok();
        if let Some(fence) = spare.filter(unsignal) {
            return Ok(fence);
        }
        let fence = self.host.create_fence()?;
        Ok(Object::new(t::ObjectType::FENCE, fence, &self.host))
    }

    /// Keeps a fence until it has signalled.
    pub(crate) fn retire_fence(&self, fence: Arc<Object>) {
        let mut retired = lock(&self.retired);
        if retired.len() >= SPARE_FENCES {
            retired.retain(|fence| !self.has_signaled(fence));
        }
        retired.push(fence);
    }

    /// So has every fence of a device that is lost.
    fn has_signaled(&self, fence: &Object) -> bool {
        self.host.wait_fence(fence.raw(), 0) != Ok(false)
    }

    /// Waits until all queues that the guest has named are idle; the others never had work.
    fn wait_idle(&self, s: &Scope<'_>) -> Result<t::VkResult, Fatal> {
        let queues: Vec<_> = lock(&self.queues)
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for queue in queues {
            let ret = queue.wait_idle(|| s.check_wanted())?;
            if ret != t::VkResult::SUCCESS {
                return Ok(ret);
            }
        }
        Ok(t::VkResult::SUCCESS)
    }

    /// A queue for work that belongs to none.
    pub(crate) fn any_queue(&self) -> Option<Arc<Queue>> {
        lock(&self.queues).iter().find_map(Weak::upgrade)
    }
}

pub(crate) fn create_device(
    s: &Scope<'_>,
    c: &t::CreateDevice<'_>,
) -> Result<t::CreateDeviceReply, Fatal> {
    s.shared.objects.check_fresh(c.device.0)?;
    let physical = physical_device::find(s, c.physical_device)?;
    let reply = |ret| {
        Ok(t::CreateDeviceReply {
            ret,
            device: c.device,
        })
    };
    let info = c.create_info;
    if !queues_exist(&physical, info.queue_create_infos) {
        return Err(Fatal::misuse(
            "vkCreateDevice",
            "queues that the device does not have",
        ));
    }
    let Some(extensions) = host_extensions(&physical, info.enabled_extension_names) else {
        return reply(t::VkResult::ERROR_EXTENSION_NOT_PRESENT);
    };
    let host_info = t::DeviceCreateInfo {
        next: host_chain(s, &physical, info.next)?,
        // Deprecated, and never the guest's to choose.
        enabled_layer_count: 0,
        enabled_layer_names: &[],
        enabled_extension_count: extensions.len() as u32,
        enabled_extension_names: &extensions,
        ..*info
    };
    let host = match physical.host().create_device(&host_info) {
        Ok(host) => host,
        Err(error) => return reply(error.0),
    };
    s.shared.counters.gpu(physical.host().name());
    let families = info
        .queue_create_infos
        .iter()
        .map(|q| (q.flags, q.queue_family_index, q.queue_count))
        .collect();
    let device = Device {
        host,
        physical,
        families,
        queues: Mutex::default(),
        retired: Mutex::default(),
    };
    s.shared
        .objects
        .insert(c.device.0, Held::Device(Arc::new(device)))?;
    reply(t::VkResult::SUCCESS)
}

pub(crate) fn destroy_device(
    s: &Scope<'_>,
    c: &t::DestroyDevice,
) -> Result<t::DestroyDeviceReply, Fatal> {
    if c.device.0 != 0 {
        let device = find(s, c.device)?;
        device.wait_idle(s)?;
        s.shared
            .release_timelines(|queue| Arc::ptr_eq(queue.device(), &device));
        // Children that the guest forgot go with it.
        s.shared.objects.remove_where(|held| {
            let is_child = held.device().is_some_and(|d| Arc::ptr_eq(d, &device));
            if let Held::Memory(memory, _) = held
                && is_child
            {
                s.shared.counters.freed(memory.size());
            }
            is_child
        });
    }
    Ok(t::DestroyDeviceReply {})
}

/// Not the driver's wait, which nothing can end.
pub(crate) fn device_wait_idle(
    s: &Scope<'_>,
    c: &t::DeviceWaitIdle,
) -> Result<t::DeviceWaitIdleReply, Fatal> {
    Ok(t::DeviceWaitIdleReply {
        ret: find(s, c.device)?.wait_idle(s)?,
    })
}

/// Without a timeline a queue's fences could not be told apart.
pub(crate) fn get_device_queue(
    _: &Scope<'_>,
    _: &t::GetDeviceQueue,
) -> Result<t::GetDeviceQueueReply, Fatal> {
    Err(Fatal::misuse(
        "vkGetDeviceQueue",
        "names no timeline; vkGetDeviceQueue2 does",
    ))
}

pub(crate) fn get_device_queue2(
    s: &Scope<'_>,
    c: &t::GetDeviceQueue2<'_>,
) -> Result<t::GetDeviceQueue2Reply, Fatal> {
    const NAME: &str = "vkGetDeviceQueue2";
    s.shared.objects.check_fresh(c.queue.0)?;
    let device = find(s, c.device)?;
    let info = c.queue_info;
    let made = device.families.iter().any(|(flags, family, count)| {
        *flags == info.flags && *family == info.queue_family_index && info.queue_index < *count
    });
    if !made {
        return Err(Fatal::misuse(
            NAME,
            "the device was not made with this queue",
        ));
    }
    let timeline = info.next.find::<t::DeviceQueueTimelineInfoMESA<'_>>();
    let timeline = timeline.ok_or(Fatal::misuse(NAME, "names no timeline"))?;
    let raw = device
        .host
        .queue(info.flags, info.queue_family_index, info.queue_index);
    let raw = raw.ok_or(Fatal::Host("the driver has no such queue".into()))?;
    // One lock a queue: a guest names each of them once.
    let known = lock(&device.queues)
        .iter()
        .filter_map(Weak::upgrade)
        .any(|queue| queue.raw() == raw);
    if known {
        return Err(Fatal::misuse(NAME, "the queue has a name already"));
    }
    let queue = Arc::new(Queue::new(raw, &device));
    s.shared.bind_timeline(timeline.ring_idx, &queue)?;
    lock(&device.queues).push(Arc::downgrade(&queue));
    s.shared.objects.insert(c.queue.0, Held::Queue(queue))?;
    Ok(t::GetDeviceQueue2Reply { queue: c.queue })
}

pub(crate) fn find(s: &Scope<'_>, id: t::DeviceId) -> Result<Arc<Device>, Fatal> {
    match s.shared.objects.find(t::ObjectType::DEVICE, id.0)? {
        Held::Device(device) => Ok(device),
        _ => Err(Fatal::Unknown {
            kind: t::ObjectType::DEVICE,
            id: id.0,
        }),
    }
}

/// Drivers do not check how many queues they are asked for, nor that they are asked for one.
fn queues_exist(physical: &PhysicalDevice, infos: &[t::DeviceQueueCreateInfo<'_>]) -> bool {
    let mut left: Vec<u32> = physical
        .host()
        .queue_families()
        .iter()
        .map(|family| family.queue_count)
        .collect();
    !infos.is_empty()
        && infos.iter().all(|info| {
            let family = left.get_mut(info.queue_family_index as usize);
            family.is_some_and(|left| {
                let enough = info.queue_count <= *left;
                *left = left.saturating_sub(info.queue_count);
                enough && info.queue_count != 0
            })
        })
}

/// What the host's device is made with: the guest's extensions less those that are provided
/// here, and those that sharing memory needs. None when the guest wants what is not offered.
fn host_extensions<'n>(physical: &PhysicalDevice, wanted: &[&'n CStr]) -> Option<Vec<&'n CStr>> {
    let mut names: Vec<&CStr> = Vec::new();
    for name in wanted {
        let text = name.to_str().ok()?;
        if !physical.offers(text) {
            return None;
        }
        if !physical.provides(text) {
            names.push(name);
        }
    }
    let ladder = physical.host().ladder();
    let needs: [(&CStr, &[Rung]); 3] = [
        (c"VK_EXT_external_memory_host", &[Rung::HostPointer]),
        (
            c"VK_KHR_external_memory_fd",
            &[Rung::DmaBuf, Rung::Udmabuf, Rung::OpaqueFd],
        ),
        (
            c"VK_EXT_external_memory_dma_buf",
            &[Rung::DmaBuf, Rung::Udmabuf],
        ),
    ];
    for (name, on) in needs {
        if on.iter().any(|rung| ladder.uses(*rung)) && !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}

/// Device groups name physical devices of one group, and every device is its own.
fn host_chain<'a>(
    s: &Scope<'a>,
    physical: &PhysicalDevice,
    chain: t::Chain<'a>,
) -> Result<t::Chain<'a>, Fatal> {
    if let Some(group) = chain.find::<t::DeviceGroupDeviceCreateInfo<'_>>() {
        for id in group.physical_devices {
            if !std::ptr::eq(Arc::as_ptr(&physical_device::find(s, *id)?), physical) {
                return Err(Fatal::misuse(
                    "vkCreateDevice",
                    "a group of several devices",
                ));
            }
        }
    }
    Ok(physical_device::filter_chain(s, chain, |link| {
        !matches!(link, t::Extension::DeviceGroupDeviceCreateInfo(_))
    }))
}
