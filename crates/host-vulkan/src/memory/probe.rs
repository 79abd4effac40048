//! What a driver really does with one memory type, tried on allocations of its own.

use std::os::fd::AsFd;
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::{Mapping, Shm};
use vulkan_types as t;

use super::{Rung, Shared};
use crate::extra::MemoryHostPointerProperties;
use crate::lower::{Identity, Lowering};
use crate::{Device, Object, PhysicalDevice};

/// Bytes of a probe allocation: a whole number of pages on every host.
const PROBE_SIZE: u64 = 64 << 10;

/// The rungs, best first.
const LADDER: [Rung; 4] = [
    Rung::DmaBuf,
    Rung::HostPointer,
    Rung::Udmabuf,
    Rung::OpaqueFd,
];

/// A device with one queue and the extensions that the rungs need.
pub(super) fn probe_device(physical: &Arc<PhysicalDevice>) -> Option<Arc<Device>> {
    let wanted = [
        c"VK_EXT_external_memory_host",
        c"VK_KHR_external_memory_fd",
        c"VK_EXT_external_memory_dma_buf",
    ];
    let there =
        |name: &&std::ffi::CStr| name.to_str().is_ok_and(|name| physical.has_extension(name));
    let extensions: Vec<&std::ffi::CStr> = wanted.into_iter().filter(there).collect();
    let queue = t::DeviceQueueCreateInfo {
        queue_count: 1,
        queue_priorities: &[1.0],
        ..Default::default()
    };
    let info = t::DeviceCreateInfo {
        queue_create_info_count: 1,
        queue_create_infos: &[queue],
        enabled_extension_count: extensions.len() as u32,
        enabled_extension_names: &extensions,
        ..Default::default()
    };
    physical
        .create_device(&info)
        .inspect_err(|error| tracing::warn!(%error, "no device to probe memory on"))
        .ok()
}

/// The trial of one memory type.
pub(super) struct Probe<'a> {
    device: &'a Arc<Device>,
    info: t::MemoryAllocateInfo<'static>,
}

impl<'a> Probe<'a> {
    /// On a device of [`probe_device`], with imported pages that are a multiple of `alignment`.
    pub(super) fn new(device: &'a Arc<Device>, memory_type: u32, alignment: u64) -> Self {
        let info = t::MemoryAllocateInfo {
            allocation_size: PROBE_SIZE.next_multiple_of(alignment.max(1)),
            memory_type_index: memory_type,
            ..Default::default()
        };
        Self { device, info }
    }

    /// The best rung that holds, of all or of only one.
    pub(super) fn rung(&self, only: Option<Rung>) -> Rung {
        LADDER
            .into_iter()
            .filter(|rung| only.is_none_or(|only| only == *rung))
            .find(|rung| self.holds(*rung))
            .unwrap_or(Rung::Hidden)
    }

    /// Whether memory of the type can be shared in this way.
    pub(super) fn holds(&self, rung: Rung) -> bool {
        let Self { device, info } = self;
        match rung {
            Rung::DmaBuf => {
                exported_maps(device, info, t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT)
            }
            Rung::HostPointer => imports_pages(device, info),
            Rung::Udmabuf => imports_udmabuf(device, info),
            Rung::OpaqueFd => {
                exported_maps(device, info, t::ExternalMemoryHandleTypeFlags::OPAQUE_FD)
            }
            Rung::Hidden | Rung::DeviceOnly => true,
        }
    }
}

/// Whether `mmap` of an exported descriptor shows what was written through the driver's own
/// mapping. Only read: some drivers keep a header of their own in the file, which a guest that
/// maps it could write to, so such a file is not to pass.
fn exported_maps(
    device: &Arc<Device>,
    info: &t::MemoryAllocateInfo<'_>,
    kind: t::ExternalMemoryHandleTypeFlags,
) -> bool {
    const MARK: [u8; 8] = *b"paravane";
    if device.extra.get_memory_fd.is_none() {
        return false;
    }
    let Ok(allocation) = device.allocate_exportable(info, &Identity, kind) else {
        return false;
    };
    let fd = match allocation.share() {
        Ok(Shared::DmaBuf(fd)) if host_memory::is_dma_buf(&fd) => fd,
        Ok(Shared::Opaque(fd)) => fd,
        _ => return false,
    };
    let Ok(mapping) = Mapping::new(fd.as_fd(), allocation.size()) else {
        return false;
    };
    let Some(map) = device.extra.map_memory else {
        return false;
    };
    let mut pointer = std::ptr::null_mut();
    // SAFETY: the memory is live, host-visible and not mapped.
    let ret = unsafe {
        map(
            device.raw(),
            allocation.object().raw(),
            0,
            u64::MAX,
            0,
            &mut pointer,
        )
    };
    if ret != t::VkResult::SUCCESS || pointer.is_null() {
        return false;
    }
    // SAFETY: the driver mapped at least PROBE_SIZE bytes there, and nothing else uses them.
    unsafe { pointer.cast::<[u8; 8]>().write_volatile(MARK) };
    let mut seen = [0; 8];
    mapping.read(0, &mut seen).is_ok() && seen == MARK
}

fn imports_pages(device: &Arc<Device>, info: &t::MemoryAllocateInfo<'_>) -> bool {
    let Some(query) = device.extra.get_memory_host_pointer_properties else {
        return false;
    };
    let Ok(pages) = Shm::new("paravane-probe", info.allocation_size) else {
        return false;
    };
    let mut properties = MemoryHostPointerProperties {
        s_type: t::StructureType::MEMORY_HOST_POINTER_PROPERTIES_EXT,
        next: std::ptr::null_mut(),
        memory_type_bits: 0,
    };
    let kind = t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT.0;
    // SAFETY: the pages are mapped, and the structure is of the type that the command writes.
    let ret = unsafe {
        query(
            device.raw(),
            kind,
            pages.base().as_ptr().cast(),
            &mut properties,
        )
    };
    ret == t::VkResult::SUCCESS
        && properties.memory_type_bits & (1 << info.memory_type_index) != 0
        && device.allocate_on(info, &Identity, &pages).is_ok()
}

fn imports_udmabuf(device: &Arc<Device>, info: &t::MemoryAllocateInfo<'_>) -> bool {
    let Ok(pages) = Shm::new("paravane-probe", info.allocation_size) else {
        return false;
    };
    let Ok(dma_buf) = host_memory::udmabuf(&pages) else {
        return false;
    };
    let types = device.dma_buf_types(&dma_buf).unwrap_or(0);
    types & (1 << info.memory_type_index) != 0
        && device
            .import_dma_buf(info, &Identity, Arc::new(dma_buf))
            .is_ok()
}

/// Whether a buffer that may be backed by imported pages has as many memory types as another.
pub(super) fn flag_costs_no_type(device: &Arc<Device>) -> bool {
    let external = t::ExternalMemoryBufferCreateInfo {
        handle_types: t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT,
        ..Default::default()
    };
    let plain = buffer_types(device, t::Chain::default());
    let flagged = buffer_types(
        device,
        t::Chain(&[t::Extension::ExternalMemoryBufferCreateInfo(&external)]),
    );
    plain.is_some() && plain == flagged
}

fn buffer_types(device: &Arc<Device>, next: t::Chain<'_>) -> Option<u32> {
    use crate::lower::Call;
    let arena = Bump::new();
    let info = t::BufferCreateInfo {
        next,
        size: PROBE_SIZE,
        usage: t::BufferUsageFlags::TRANSFER_SRC
            | t::BufferUsageFlags::TRANSFER_DST
            | t::BufferUsageFlags::STORAGE_BUFFER
            | t::BufferUsageFlags::VERTEX_BUFFER,
        ..Default::default()
    };
    let id = t::DeviceId(device.raw());
    let cx = Lowering::new(&arena, &Identity);
    t::CreateBuffer {
        device: id,
        create_info: &info,
        buffer: t::BufferId(0),
    }
    .call(device.functions(), &cx)
    .ok()?;
    let raw = cx.into_created().first().copied().filter(|raw| *raw != 0)?;
    let buffer = Object::new(t::ObjectType::BUFFER, raw, device);
    let command = t::GetBufferMemoryRequirements {
        device: id,
        buffer: t::BufferId(buffer.raw()),
    };
    let reply = command
        .call(device.functions(), &Lowering::new(&arena, &Identity))
        .ok()?;
    Some(reply.memory_requirements.memory_type_bits)
}

/// `minImportedHostPointerAlignment`, at least a page.
pub(super) fn host_pointer_alignment(physical: &PhysicalDevice) -> u64 {
    // VkPhysicalDeviceExternalMemoryHostPropertiesEXT is not of the protocol, and no known
    // driver wants more than this.
    const LARGEST_KNOWN: u64 = 64 << 10;
    let page = host_memory::page_size() as u64;
    if physical.has_extension("VK_EXT_external_memory_host") {
        crate::extra::host_pointer_alignment(physical)
            .unwrap_or(LARGEST_KNOWN)
            .max(page)
    } else {
        page
    }
}
