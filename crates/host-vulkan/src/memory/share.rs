use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::null;
use std::sync::Arc;

use host_memory::Shm;
use vulkan_types as t;

use super::{check_dma_buf, not_supported};
use crate::extra::{MemoryFdProperties, MemoryGetFdInfo};
use crate::{Device, DriverError, Object};

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

impl Allocation {
    pub(super) fn new(
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

impl Device {
    /// The memory types that a dma-buf can be imported as.
    ///
    /// # Errors
    /// It is none, or the driver refuses.
    pub fn dma_buf_types(&self, dma_buf: &OwnedFd) -> Result<u32, DriverError> {
        check_dma_buf(dma_buf)?;
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
