//! `VkDeviceMemory`.

use std::sync::Arc;

use context::BlobStorage;
use host_vulkan::{AllocateError, Rung};
use vulkan_types as t;

use crate::Fatal;
use crate::device;
use crate::objects::Held;
use crate::physical_device::filter_chain;
use crate::scope::Scope;

pub(crate) fn allocate_memory(
    s: &Scope<'_>,
    c: &t::AllocateMemory<'_>,
) -> Result<t::AllocateMemoryReply, Fatal> {
    s.shared.objects.check_fresh(c.memory.0)?;
    let device = device::find(s, c.device)?;
    let reply = |ret| {
        Ok(t::AllocateMemoryReply {
            ret,
            memory: c.memory,
        })
    };
    let import = c
        .allocate_info
        .next
        .find::<t::ImportMemoryResourceInfoMESA<'_>>();
    let physical = device.physical();
    let memory_type_index = physical
        .host_memory_type(c.allocate_info.memory_type_index)
        .ok_or(Fatal::misuse("vkAllocateMemory", "no such memory type"))?;
    let info = t::MemoryAllocateInfo {
        memory_type_index,
        next: filter_chain(s, c.allocate_info.next, |link| {
            !matches!(link, t::Extension::ImportMemoryResourceInfoMESA(_))
        }),
        ..*c.allocate_info
    };
    let on_pages = physical.host().ladder().rung(info.memory_type_index) == Rung::HostPointer;
    let export = info
        .next
        .find::<t::ExportMemoryAllocateInfo<'_>>()
        .is_some_and(|export| export.handle_types.0 != 0);
    if export && physical.emulates_dma_buf() && !on_pages {
        // Only pages of ours can be exchanged, and this type is not made of them.
        return reply(t::VkResult::ERROR_OUT_OF_DEVICE_MEMORY);
    }
    let resolver = s.resolver();
    let host = device.host();
    let allocated = match import {
        None => host.allocate(&info, &resolver),
        Some(import) => match s.shared.resource(import.resource_id)? {
            BlobStorage::Shm(pages) if on_pages => host.allocate_on(&info, &resolver, &pages),
            BlobStorage::DmaBuf(fd) => host.import_dma_buf(&info, &resolver, fd),
            BlobStorage::Shm(_) | BlobStorage::Opaque(_) => {
                return reply(t::VkResult::ERROR_INVALID_EXTERNAL_HANDLE);
            }
        },
    };
    match allocated {
        Ok(memory) => {
            s.shared.counters.allocated(memory.size());
            s.shared
                .objects
                .insert(c.memory.0, Held::Memory(Arc::new(memory), device))?;
            reply(t::VkResult::SUCCESS)
        }
        Err(AllocateError::Driver(error)) => reply(error.0),
        Err(AllocateError::Lower(error)) => Err(error.into()),
    }
}

pub(crate) fn free_memory(s: &Scope<'_>, c: &t::FreeMemory) -> Result<t::FreeMemoryReply, Fatal> {
    if c.memory.0 != 0
        && let Held::Memory(memory, _) = s
            .shared
            .objects
            .remove(t::ObjectType::DEVICE_MEMORY, c.memory.0)?
    {
        s.shared.counters.freed(memory.size());
    }
    Ok(t::FreeMemoryReply {})
}

pub(crate) fn get_memory_resource_properties<'a>(
    s: &Scope<'a>,
    c: &t::GetMemoryResourcePropertiesMESA<'a>,
) -> Result<t::GetMemoryResourcePropertiesMESAReply<'a>, Fatal> {
    let device = device::find(s, c.device)?;
    let reply = |ret, memory_resource_properties| {
        Ok(t::GetMemoryResourcePropertiesMESAReply {
            ret,
            memory_resource_properties,
        })
    };
    let (memory_type_bits, size) = match s.shared.resource(c.resource_id)? {
        BlobStorage::Shm(pages) => (device.physical().page_types(u32::MAX), pages.len()),
        BlobStorage::DmaBuf(fd) => match device.host().dma_buf_types(&fd) {
            Ok(types) => (
                types,
                rustix::fs::seek(&fd, rustix::fs::SeekFrom::End(0)).unwrap_or(0),
            ),
            Err(error) => return reply(error.0, c.memory_resource_properties),
        },
        BlobStorage::Opaque(_) => {
            return reply(
                t::VkResult::ERROR_INVALID_EXTERNAL_HANDLE,
                c.memory_resource_properties,
            );
        }
    };
    let next =
        crate::physical_device::map_chain(
            s,
            c.memory_resource_properties.next,
            |link| match link {
                t::Extension::MemoryResourceAllocationSizePropertiesMESA(properties) => {
                    let properties = t::MemoryResourceAllocationSizePropertiesMESA {
                        allocation_size: size,
                        ..*properties
                    };
                    t::Extension::MemoryResourceAllocationSizePropertiesMESA(
                        s.arena.alloc(properties),
                    )
                }
                other => other,
            },
        );
    reply(
        t::VkResult::SUCCESS,
        s.arena.alloc(t::MemoryResourcePropertiesMESA {
            next,
            memory_type_bits,
        }),
    )
}

/// Mapping is the guest's own business, and all memory that it can map is coherent.
macro_rules! guests_own {
    ($($function:ident: $command:ty, $reply:ty, $name:literal;)*) => {
        $(pub(crate) fn $function<'a>(_: &Scope<'a>, _: &$command) -> Result<$reply, Fatal> {
            Err(Fatal::misuse($name, "mapping is not the renderer's business"))
        })*
    };
}

guests_own! {
    unmap_memory: t::UnmapMemory, t::UnmapMemoryReply, "vkUnmapMemory";
    unmap_memory2: t::UnmapMemory2<'_>, t::UnmapMemory2Reply, "vkUnmapMemory2";
    flush_mapped_memory_ranges: t::FlushMappedMemoryRanges<'_>, t::FlushMappedMemoryRangesReply, "vkFlushMappedMemoryRanges";
    invalidate_mapped_memory_ranges: t::InvalidateMappedMemoryRanges<'_>, t::InvalidateMappedMemoryRangesReply, "vkInvalidateMappedMemoryRanges";
}
