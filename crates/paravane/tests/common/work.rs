//! What guests of several tests do.

use bumpalo::Bump;
use vulkan_types as t;

use super::venus::Guest;

/// Makes an instance and finds its first physical device.
pub(crate) fn open(guest: &mut Guest, arena: &Bump) -> Option<t::PhysicalDeviceId> {
    let instance = t::InstanceId(1);
    let application = t::ApplicationInfo {
        // VK_API_VERSION_1_2, for timeline semaphores.
        api_version: 1 << 22 | 2 << 12,
        ..Default::default()
    };
    let created = guest.call(
        &t::CreateInstance {
            create_info: &t::InstanceCreateInfo {
                application_info: Some(&application),
                ..Default::default()
            },
            instance,
        },
        arena,
    );
    if created.ret != t::VkResult::SUCCESS {
        return None;
    }
    let command = t::EnumeratePhysicalDevices {
        instance,
        physical_device_count: 1,
        physical_devices: &[t::PhysicalDeviceId(2)],
    };
    guest
        .call(&command, arena)
        .physical_devices
        .first()
        .copied()
}

/// Makes a device with one queue, on timeline 1.
pub(crate) fn create_device(
    guest: &mut Guest,
    physical_device: t::PhysicalDeviceId,
    next: t::Chain<'_>,
    device: t::DeviceId,
    queue: t::QueueId,
) {
    let queues = [t::DeviceQueueCreateInfo {
        queue_count: 1,
        queue_priorities: &[1.0],
        ..Default::default()
    }];
    guest.post(&t::CreateDevice {
        physical_device,
        create_info: &t::DeviceCreateInfo {
            next,
            queue_create_info_count: 1,
            queue_create_infos: &queues,
            ..Default::default()
        },
        device,
    });
    let timeline = t::DeviceQueueTimelineInfoMESA {
        ring_idx: 1,
        ..Default::default()
    };
    guest.post(&t::GetDeviceQueue2 {
        device,
        queue_info: &t::DeviceQueueInfo2 {
            next: t::Chain(&[t::Extension::DeviceQueueTimelineInfoMESA(&timeline)]),
            ..Default::default()
        },
        queue,
    });
}

pub(crate) fn submit(guest: &mut Guest, queue: t::QueueId, work: t::SubmitInfo<'_>) {
    let submit = t::QueueSubmit {
        queue,
        submit_count: 1,
        submits: &[work],
        fence: t::FenceId(0),
    };
    let submitted = guest.call(&submit, &Bump::new()).ret;
    assert_eq!(submitted, t::VkResult::SUCCESS);
}

/// Submits a command buffer with what `record` puts into it.
pub(crate) fn submit_recorded(
    guest: &mut Guest,
    device: t::DeviceId,
    queue: t::QueueId,
    record: impl FnOnce(&mut Guest, t::CommandBufferId),
) {
    let (command_pool, command_buffer) = (t::CommandPoolId(100), t::CommandBufferId(101));
    guest.post(&t::CreateCommandPool {
        device,
        create_info: &t::CommandPoolCreateInfo::default(),
        command_pool,
    });
    guest.post(&t::AllocateCommandBuffers {
        device,
        allocate_info: &t::CommandBufferAllocateInfo {
            command_pool,
            command_buffer_count: 1,
            ..Default::default()
        },
        command_buffers: &[command_buffer],
    });
    guest.post(&t::BeginCommandBuffer {
        command_buffer,
        begin_info: &t::CommandBufferBeginInfo::default(),
    });
    record(guest, command_buffer);
    guest.post(&t::EndCommandBuffer { command_buffer });
    let recorded = t::SubmitInfo {
        command_buffer_count: 1,
        command_buffers: &[command_buffer],
        ..Default::default()
    };
    submit(guest, queue, recorded);
}
