//! Memory that a guest can map: the ladder, probed on real allocations.
//!
//! A guest maps host-visible memory by a file descriptor. No Vulkan extension promises one for
//! any allocation, so each memory type is tried on each rung, best first, when a physical
//! device is first used; the driver's lists are not trusted. A type that no rung can share is
//! shown to the guest without `HOST_VISIBLE`.

use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::ptr::null;
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::{Mapping, Shm};
use vulkan_types as t;

use crate::extra::{
    ImportMemoryFdInfo, ImportMemoryHostPointerInfo, MemoryFdProperties, MemoryGetFdInfo,
    MemoryHostPointerProperties,
};
use crate::lower::{Handles, Identity, Lower, Lowering};
use crate::{Device, DriverError, LowerError, Object, PhysicalDevice};

/// Bytes of a probe allocation: a whole number of pages on every host.
const PROBE_SIZE: u64 = 64 << 10;

/// How a memory type's allocations are shared with a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The driver exports a dma-buf, and `mmap` of it shows the memory.
    DmaBuf,
    /// Pages of ours, imported with `VK_EXT_external_memory_host`.
    HostPointer,
    /// Pages of ours, wrapped as a dma-buf by `/dev/udmabuf` and imported.
    Udmabuf,
    /// The driver exports an opaque descriptor, and `mmap` of it shows the memory.
    OpaqueFd,
    /// Host-visible, and none of these works: shown without `HOST_VISIBLE`.
    Hidden,
    /// Not host-visible: there is nothing to share.
    DeviceOnly,
}

/// The rung of each memory type of a physical device.
#[derive(Clone, Debug)]
pub struct Ladder {
    rungs: Vec<Rung>,
    alignment: u64,
    flag_buffers: bool,
}

/// What a guest maps.
#[derive(Clone, Debug)]
pub enum Shared {
    /// Our pages.
    Pages(Shm),
    /// A dma-buf.
    DmaBuf(Arc<OwnedFd>),
    /// A descriptor that `mmap` understands and nothing else does.
    Opaque(Arc<OwnedFd>),
}

/// Device memory, and the way to share it.
pub struct Allocation {
    object: Arc<Object>,
    pages: Option<Shared>,
    export: Option<t::ExternalMemoryHandleTypeFlags>,
    size: u64,
    memory_type: u32,
}

/// Why there is no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    /// The driver, or the host, refuses.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// An argument cannot be given to the driver.
    #[error(transparent)]
    Lower(#[from] LowerError),
}

impl Ladder {
    /// Tries every rung for every type on a device made for it.
    pub(crate) fn probe(physical: &Arc<PhysicalDevice>) -> Self {
        let types = physical.memory_types();
        let alignment = host_pointer_alignment(physical);
        let Some(device) = probe_device(physical) else {
            return Self {
                rungs: vec![Rung::Hidden; types.len()],
                alignment,
                flag_buffers: false,
            };
        };
        let rungs: Vec<Rung> = (0u32..)
            .zip(types)
            .map(|(index, memory_type)| {
                if memory_type
                    .property_flags
                    .contains(t::MemoryPropertyFlags::HOST_VISIBLE)
                {
                    probe_type(&device, index, alignment)
                } else {
                    Rung::DeviceOnly
                }
            })
            .collect();
        for (index, rung) in rungs.iter().enumerate() {
            tracing::debug!(device = %physical.name(), memory_type = index, ?rung, "memory ladder");
        }
        let flag_buffers = rungs.contains(&Rung::HostPointer) && flag_costs_no_type(&device);
        Self {
            rungs,
            alignment,
            flag_buffers,
        }
    }

    /// The rung of a memory type.
    pub fn rung(&self, memory_type: u32) -> Rung {
        self.rungs
            .get(memory_type as usize)
            .copied()
            .unwrap_or(Rung::DeviceOnly)
    }

    /// The rungs in the order of the memory types.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// The types on one rung, as a mask.
    pub fn types_on(&self, rung: Rung) -> u32 {
        (0u32..32)
            .zip(&self.rungs)
            .filter(|(_, r)| **r == rung)
            .fold(0, |mask, (index, _)| mask | 1 << index)
    }

    /// True when buffers are to say that imported pages may back them: it is so, and costs
    /// them no memory type.
    pub fn flag_buffers(&self) -> bool {
        self.flag_buffers
    }

    /// True when every type is on the rung of imported pages, so that images, too, are
    /// backed by them.
    pub fn all_host_pointer(&self) -> bool {
        !self.rungs.is_empty() && self.rungs.iter().all(|rung| *rung == Rung::HostPointer)
    }
}

impl Device {
    /// Allocates memory; when its type is on a rung, so that a guest can map it.
    ///
    /// `info` holds no structure of the MESA protocol.
    ///
    /// # Errors
    /// The driver or the host refuses, or a handle in it is unknown.
    pub fn allocate(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
    ) -> Result<Allocation, AllocateError> {
        let ladder = self.physical_device().ladder();
        match ladder.rung(info.memory_type_index) {
            Rung::HostPointer => {
                let size = round_up(info.allocation_size, ladder.alignment)?;
                let pages = Shm::new("paravane-memory", size).map_err(|_| out_of_memory())?;
                self.allocate_on(info, handles, &pages)
            }
            Rung::Udmabuf => {
                let pages = Shm::new("paravane-memory", info.allocation_size)
                    .map_err(|_| out_of_memory())?;
                let dma_buf = host_memory::udmabuf(&pages).map_err(|_| out_of_memory())?;
                let mut allocation = self.import_dma_buf(info, handles, Arc::new(dma_buf))?;
                allocation.pages = Some(Shared::Pages(pages));
                Ok(allocation)
            }
            Rung::DmaBuf => self.allocate_exportable(
                info,
                handles,
                t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT,
            ),
            Rung::OpaqueFd => {
                self.allocate_exportable(info, handles, t::ExternalMemoryHandleTypeFlags::OPAQUE_FD)
            }
            Rung::Hidden | Rung::DeviceOnly => self.allocate_private(info, handles),
        }
    }

    /// Allocates memory that is these pages: a second name for another allocation's.
    ///
    /// # Errors
    /// The driver refuses, or a handle in `info` is unknown.
    pub fn allocate_on(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
        pages: &Shm,
    ) -> Result<Allocation, AllocateError> {
        let arena = Bump::new();
        let info = t::MemoryAllocateInfo {
            allocation_size: pages.len(),
            next: without(info.next, &arena, |link| {
                matches!(
                    link,
                    // Our pages are neither exported by the driver nor made for one resource.
                    t::Extension::ExportMemoryAllocateInfo(_)
                        | t::Extension::MemoryDedicatedAllocateInfo(_)
                )
            }),
            ..*info
        };
        let raw = allocate_raw(self, &info, handles, &Import::HostPointer(pages))?;
        Ok(Allocation::new(
            self,
            raw,
            &info,
            Some(Shared::Pages(pages.clone())),
            None,
        ))
    }

    /// Allocates memory that is this dma-buf.
    ///
    /// # Errors
    /// The driver refuses, or a handle in `info` is unknown.
    pub fn import_dma_buf(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
        dma_buf: Arc<OwnedFd>,
    ) -> Result<Allocation, AllocateError> {
        let fd = dma_buf.try_clone().map_err(|_| out_of_memory())?;
        let import = Import::Fd(t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT, fd.into());
        let raw = allocate_raw(self, info, handles, &import)?;
        Ok(Allocation::new(
            self,
            raw,
            info,
            Some(Shared::DmaBuf(dma_buf)),
            None,
        ))
    }

    /// The memory types that a dma-buf can be imported as.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn dma_buf_types(&self, dma_buf: &OwnedFd) -> Result<u32, DriverError> {
        let query = self.extra.get_memory_fd_properties.ok_or(not_supported())?;
        let mut properties = MemoryFdProperties {
            s_type: t::StructureType::MEMORY_FD_PROPERTIES_KHR,
            next: std::ptr::null_mut(),
            memory_type_bits: 0,
        };
        let kind = t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT.0;
        // SAFETY: the device and the descriptor are live, and the structure is of the type
        // that the command writes.
        let ret = unsafe { query(self.raw(), kind, dma_buf.as_raw_fd(), &mut properties) };
        if ret == t::VkResult::SUCCESS {
            Ok(properties.memory_type_bits)
        } else {
            Err(DriverError(ret))
        }
    }

    fn allocate_exportable(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
        kind: t::ExternalMemoryHandleTypeFlags,
    ) -> Result<Allocation, AllocateError> {
        let arena = Bump::new();
        let asked = info
            .next
            .find::<t::ExportMemoryAllocateInfo<'_>>()
            .map_or_else(Default::default, |e| e.handle_types);
        let export = t::ExportMemoryAllocateInfo {
            handle_types: asked | kind,
            ..Default::default()
        };
        let rest = without(info.next, &arena, |link| {
            matches!(link, t::Extension::ExportMemoryAllocateInfo(_))
        });
        let mut links = vec![t::Extension::ExportMemoryAllocateInfo(&export)];
        links.extend_from_slice(rest.0);
        let page = host_memory::page_size() as u64;
        let info = t::MemoryAllocateInfo {
            next: t::Chain(&links),
            allocation_size: round_up(info.allocation_size, page)?,
            ..*info
        };
        let raw = allocate_raw(self, &info, handles, &Import::None)?;
        Ok(Allocation::new(self, raw, &info, None, Some(kind)))
    }

    fn allocate_private(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
    ) -> Result<Allocation, AllocateError> {
        let raw = allocate_raw(self, info, handles, &Import::None)?;
        let asked = info
            .next
            .find::<t::ExportMemoryAllocateInfo<'_>>()
            .map(|export| export.handle_types);
        let dma_buf = t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
        let export = asked
            .filter(|kinds| kinds.contains(dma_buf))
            .map(|_| dma_buf);
        Ok(Allocation::new(self, raw, info, None, export))
    }
}

impl Allocation {
    fn new(
        device: &Arc<Device>,
        raw: u64,
        info: &t::MemoryAllocateInfo<'_>,
        pages: Option<Shared>,
        export: Option<t::ExternalMemoryHandleTypeFlags>,
    ) -> Self {
        Self {
            object: Object::memory(raw, device, pages.clone()),
            pages,
            export,
            size: info.allocation_size,
            memory_type: info.memory_type_index,
        }
    }

    /// The memory object.
    pub fn object(&self) -> &Arc<Object> {
        &self.object
    }

    /// Bytes allocated.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its memory type.
    pub fn memory_type(&self) -> u32 {
        self.memory_type
    }

    /// What a guest can map.
    ///
    /// # Errors
    /// The memory is not exportable, or the driver refuses.
    pub fn share(&self) -> Result<Shared, DriverError> {
        if let Some(pages) = &self.pages {
            return Ok(pages.clone());
        }
        let kind = self.export.ok_or(not_supported())?;
        let fd = Arc::new(export_fd(self.object.device(), self.object.raw(), kind)?);
        Ok(if kind == t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT {
            Shared::DmaBuf(fd)
        } else {
            Shared::Opaque(fd)
        })
    }
}

/// What an allocation is made from.
enum Import<'a> {
    None,
    HostPointer(&'a Shm),
    Fd(t::ExternalMemoryHandleTypeFlags, OwnedFdCell),
}

/// A descriptor that the driver takes over when it succeeds.
struct OwnedFdCell(std::cell::Cell<Option<OwnedFd>>);

impl From<OwnedFd> for OwnedFdCell {
    fn from(fd: OwnedFd) -> Self {
        Self(std::cell::Cell::new(Some(fd)))
    }
}

fn allocate_raw(
    device: &Arc<Device>,
    info: &t::MemoryAllocateInfo<'_>,
    handles: &dyn Handles,
    import: &Import<'_>,
) -> Result<u64, AllocateError> {
    let arena = Bump::new();
    let cx = Lowering::new(&arena, handles);
    let mut raw_info = info.lower(&cx)?;
    let mut passed = None;
    match import {
        Import::None => {}
        Import::HostPointer(pages) => {
            raw_info.next = std::ptr::from_ref(arena.alloc(ImportMemoryHostPointerInfo {
                s_type: t::StructureType::IMPORT_MEMORY_HOST_POINTER_INFO_EXT,
                next: raw_info.next,
                handle_type: t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT.0,
                host_pointer: pages.base().as_ptr().cast(),
            }))
            .cast();
        }
        Import::Fd(kind, cell) => {
            let fd = cell
                .0
                .take()
                .ok_or(DriverError(t::VkResult::ERROR_INVALID_EXTERNAL_HANDLE))?
                .into_raw_fd();
            passed = Some(fd);
            raw_info.next = std::ptr::from_ref(arena.alloc(ImportMemoryFdInfo {
                s_type: t::StructureType::IMPORT_MEMORY_FD_INFO_KHR,
                next: raw_info.next,
                handle_type: kind.0,
                fd,
            }))
            .cast();
        }
    }
    let mut memory = 0;
    let allocate = device.functions().allocate_memory.ok_or(not_supported())?;
    // SAFETY: the chain is of lowered structures and one from above; imported pages outlive
    // the memory, since `Allocation` holds them.
    let ret = unsafe { allocate(device.raw(), &raw_info, null(), &mut memory) };
    if ret == t::VkResult::SUCCESS && memory != 0 {
        return Ok(memory);
    }
    if let Some(fd) = passed {
        // SAFETY: on failure the driver did not take the descriptor over ("vkAllocateMemory",
        // VkImportMemoryFdInfoKHR).
        drop(unsafe { OwnedFd::from_raw_fd(fd) });
    }
    Err(DriverError(ret).into())
}

fn export_fd(
    device: &Device,
    memory: u64,
    kind: t::ExternalMemoryHandleTypeFlags,
) -> Result<OwnedFd, DriverError> {
    let export = device.extra.get_memory_fd.ok_or(not_supported())?;
    let info = MemoryGetFdInfo {
        s_type: t::StructureType::MEMORY_GET_FD_INFO_KHR,
        next: null(),
        memory,
        handle_type: kind.0,
    };
    let mut fd = -1;
    // SAFETY: device and memory are live, and the structure is of the type that the command reads.
    let ret = unsafe { export(device.raw(), &info, &mut fd) };
    if ret != t::VkResult::SUCCESS || fd < 0 {
        return Err(DriverError(ret));
    }
    // SAFETY: the command made a descriptor for its caller to own.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// A device with one queue and the extensions that the rungs need.
fn probe_device(physical: &Arc<PhysicalDevice>) -> Option<Arc<Device>> {
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

fn probe_type(device: &Arc<Device>, memory_type: u32, alignment: u64) -> Rung {
    let info = t::MemoryAllocateInfo {
        allocation_size: PROBE_SIZE.next_multiple_of(alignment.max(1)),
        memory_type_index: memory_type,
        ..Default::default()
    };
    if exported_maps(device, &info, t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT) {
        Rung::DmaBuf
    } else if imports_pages(device, &info) {
        Rung::HostPointer
    } else if imports_udmabuf(device, &info) {
        Rung::Udmabuf
    } else if exported_maps(device, &info, t::ExternalMemoryHandleTypeFlags::OPAQUE_FD) {
        Rung::OpaqueFd
    } else {
        Rung::Hidden
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
    let Ok(Shared::DmaBuf(fd) | Shared::Opaque(fd)) = allocation.share() else {
        return false;
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
fn flag_costs_no_type(device: &Arc<Device>) -> bool {
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
fn host_pointer_alignment(physical: &PhysicalDevice) -> u64 {
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

fn without<'a>(
    chain: t::Chain<'a>,
    arena: &'a Bump,
    left_out: impl Fn(&t::Extension<'a>) -> bool,
) -> t::Chain<'a> {
    t::Chain(
        arena.alloc_slice_fill_iter(
            chain
                .0
                .iter()
                .copied()
                .filter(|link| !left_out(link))
                .collect::<Vec<_>>(),
        ),
    )
}

fn round_up(size: u64, alignment: u64) -> Result<u64, AllocateError> {
    size.max(1)
        .checked_next_multiple_of(alignment.max(1))
        .ok_or(out_of_memory().into())
}

fn out_of_memory() -> DriverError {
    DriverError(t::VkResult::ERROR_OUT_OF_HOST_MEMORY)
}

fn not_supported() -> DriverError {
    DriverError(t::VkResult::ERROR_FEATURE_NOT_PRESENT)
}
