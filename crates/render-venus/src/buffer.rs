//! `VkBuffer`: those that imported pages may back have to say so.

use vulkan_types as t;

use crate::Fatal;
use crate::device::{self, Device};
use crate::physical_device::filter_chain;
use crate::scope::Scope;

pub(crate) fn create_buffer(
    s: &Scope<'_>,
    c: &t::CreateBuffer<'_>,
) -> Result<t::CreateBufferReply, Fatal> {
    let device = device::find(s, c.device)?;
    let info = host_info(s, &device, c.create_info);
    s.create_object(
        &t::CreateBuffer {
            create_info: &info,
            ..*c
        },
        t::ObjectType::BUFFER,
        &[c.buffer],
    )
}

pub(crate) fn get_device_buffer_memory_requirements<'a>(
    s: &Scope<'a>,
    c: &t::GetDeviceBufferMemoryRequirements<'a>,
) -> Result<t::GetDeviceBufferMemoryRequirementsReply<'a>, Fatal> {
    let device = device::find(s, c.device)?;
    let create_info = c
        .info
        .create_info
        .map(|info| &*s.arena.alloc(host_info(s, &device, info)));
    let info = s.arena.alloc(t::DeviceBufferMemoryRequirements {
        create_info,
        ..*c.info
    });
    s.call(&t::GetDeviceBufferMemoryRequirements { info, ..*c })
}

/// What the host's buffer is made with ("VkExternalMemoryBufferCreateInfo").
fn host_info<'a>(
    s: &Scope<'a>,
    device: &Device,
    info: &t::BufferCreateInfo<'a>,
) -> t::BufferCreateInfo<'a> {
    use t::ExternalMemoryHandleTypeFlags as Handle;
    let physical = device.physical();
    let asked = info
        .next
        .find::<t::ExternalMemoryBufferCreateInfo<'_>>()
        .map(|external| external.handle_types);
    let emulated = physical.emulates_dma_buf()
        && asked.is_some_and(|handles| handles.contains(Handle::DMA_BUF_EXT));
    let flagged =
        physical.host().ladder().flag_buffers() && asked.is_none_or(|handles| handles.0 == 0);
    if !emulated && !flagged {
        return *info;
    }
    let external = s.arena.alloc(t::ExternalMemoryBufferCreateInfo {
        handle_types: Handle::HOST_ALLOCATION_EXT,
        ..Default::default()
    });
    let rest = filter_chain(s, info.next, |link| {
        !matches!(link, t::Extension::ExternalMemoryBufferCreateInfo(_))
    });
    let mut links = vec![t::Extension::ExternalMemoryBufferCreateInfo(external)];
    links.extend_from_slice(rest.0);
    t::BufferCreateInfo {
        next: t::Chain(s.arena.alloc_slice_copy(&links)),
        ..*info
    }
}
