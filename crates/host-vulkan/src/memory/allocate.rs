use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::ptr::null;
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::Shm;
use vulkan_types as t;

use super::{Allocation, Rung, Shared, check_dma_buf, not_supported};
use crate::extra::{ImportMemoryFdInfo, ImportMemoryHostPointerInfo};
use crate::lower::{Handles, Lower, Lowering};
use crate::{Device, DriverError, LowerError};

const DMA_BUF: t::ExternalMemoryHandleTypeFlags = t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
const OPAQUE_FD: t::ExternalMemoryHandleTypeFlags = t::ExternalMemoryHandleTypeFlags::OPAQUE_FD;

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

impl Device {
    /// Allocates memory; when its type is on a rung, so that a guest can map it.
    ///
    /// `info` holds no structure of the MESA protocol.
    ///
    /// # Errors
    /// It is more than the heap holds, the driver or the host refuses, or a handle in it is unknown.
    pub fn allocate(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
    ) -> Result<Allocation, AllocateError> {
        // "vkAllocateMemory" leaves it to the application to ask for no more; drivers are not at
        // their best when they refuse.
        if info.allocation_size > self.physical_device().heap_size(info.memory_type_index) {
            return Err(DriverError(t::VkResult::ERROR_OUT_OF_DEVICE_MEMORY).into());
        }
        let ladder = self.physical_device().ladder();
        match ladder.rung(info.memory_type_index) {
            Rung::DmaBuf => match self.allocate_exportable(info, handles, DMA_BUF) {
                // Exporting has limits of its own: a dma-buf of lavapipe's is one of
                // /dev/udmabuf, and those are 64 MiB at most unless told otherwise.
                Err(AllocateError::Driver(error))
                    if is_out_of_memory(error)
                        && exported_as(info).0 == 0
                        && ladder.has_spare_pages(info.memory_type_index) =>
                {
                    self.allocate_pages(info, handles)
                }
                allocated => allocated,
            },
            Rung::HostPointer => self.allocate_pages(info, handles),
            Rung::Udmabuf => self.allocate_udmabuf(info, handles),
            // An opaque descriptor can be mapped and not be imported again; who asks for a
            // dma-buf means to.
            Rung::OpaqueFd if exported_as(info).contains(DMA_BUF) => {
                self.allocate_exportable(info, handles, DMA_BUF)
            }
            Rung::OpaqueFd => self.allocate_exportable(info, handles, OPAQUE_FD),
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
            next: without(info.next, &arena, is_about_our_pages),
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
    /// It is none, the driver refuses, or a handle in `info` is unknown.
    pub fn import_dma_buf(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
        dma_buf: Arc<OwnedFd>,
    ) -> Result<Allocation, AllocateError> {
        check_dma_buf(&dma_buf)?;
        let fd = dma_buf.try_clone().map_err(|_| out_of_memory())?;
        self.import_as(info, handles, fd, Shared::DmaBuf(dma_buf))
    }

    /// Gives a dma-buf to the driver; guests get `shared`, which is the same pages.
    fn import_as(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
        dma_buf: OwnedFd,
        shared: Shared,
    ) -> Result<Allocation, AllocateError> {
        let import = Import::Fd(DMA_BUF, dma_buf.into());
        let raw = allocate_raw(self, info, handles, &import)?;
        Ok(Allocation::new(self, raw, info, Some(shared), None))
    }

    fn allocate_pages(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
    ) -> Result<Allocation, AllocateError> {
        let alignment = self.physical_device().ladder().alignment();
        let size = round_up(info.allocation_size, alignment)?;
        let pages = Shm::new("paravane-memory", size).map_err(|_| out_of_memory())?;
        self.allocate_on(info, handles, &pages)
    }

    fn allocate_udmabuf(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
    ) -> Result<Allocation, AllocateError> {
        let arena = Bump::new();
        let size = round_up(info.allocation_size, host_memory::page_size() as u64)?;
        let pages = Shm::new("paravane-memory", size).map_err(|_| out_of_memory())?;
        let dma_buf = host_memory::udmabuf(&pages).map_err(|_| out_of_memory())?;
        // Who asks for a dma-buf means to import it again; who only maps is better served by
        // pages, which KVM of every age can map.
        let shared = match exported_as(info).contains(DMA_BUF) {
            true => Shared::DmaBuf(Arc::new(dma_buf.try_clone().map_err(|_| out_of_memory())?)),
            false => Shared::Pages(pages),
        };
        let info = t::MemoryAllocateInfo {
            allocation_size: size,
            next: without(info.next, &arena, is_about_our_pages),
            ..*info
        };
        self.import_as(&info, handles, dma_buf, shared)
    }

    pub(super) fn allocate_exportable(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
        kind: t::ExternalMemoryHandleTypeFlags,
    ) -> Result<Allocation, AllocateError> {
        let arena = Bump::new();
        let export = t::ExportMemoryAllocateInfo {
            handle_types: exported_as(info) | kind,
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

    /// Allocates memory that nobody maps, whatever rung its type is on.
    ///
    /// # Errors
    /// The driver refuses, or a handle in `info` is unknown.
    pub fn allocate_private(
        self: &Arc<Self>,
        info: &t::MemoryAllocateInfo<'_>,
        handles: &dyn Handles,
    ) -> Result<Allocation, AllocateError> {
        let raw = allocate_raw(self, info, handles, &Import::None)?;
        let export = exported_as(info).contains(DMA_BUF).then_some(DMA_BUF);
        Ok(Allocation::new(self, raw, info, None, export))
    }
}

/// What the application asks to export.
fn exported_as(info: &t::MemoryAllocateInfo<'_>) -> t::ExternalMemoryHandleTypeFlags {
    info.next
        .find::<t::ExportMemoryAllocateInfo<'_>>()
        .map_or_else(Default::default, |export| export.handle_types)
}

/// Our pages are neither exported by the driver nor made for one resource.
fn is_about_our_pages(link: &t::Extension<'_>) -> bool {
    matches!(
        link,
        t::Extension::ExportMemoryAllocateInfo(_) | t::Extension::MemoryDedicatedAllocateInfo(_)
    )
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

fn is_out_of_memory(error: DriverError) -> bool {
    matches!(
        error.0,
        t::VkResult::ERROR_OUT_OF_DEVICE_MEMORY | t::VkResult::ERROR_OUT_OF_HOST_MEMORY
    )
}

fn out_of_memory() -> DriverError {
    DriverError(t::VkResult::ERROR_OUT_OF_HOST_MEMORY)
}
