//! Host image copies: the host memory is a slice of the caller's.

use std::ffi::c_void;
use std::ptr::null;

use vulkan_types as t;

use crate::lower::Handles;
use crate::{CallError, Device, LowerError};

/// `VkImageToMemoryCopy` and `VkMemoryToImageCopy`, which differ in `const` alone.
#[repr(C)]
pub(crate) struct Region {
    s_type: t::StructureType,
    next: *const c_void,
    host_pointer: *mut c_void,
    memory_row_length: u32,
    memory_image_height: u32,
    image_subresource: t::ImageSubresourceLayers,
    image_offset: t::Offset3D,
    image_extent: t::Extent3D,
}

/// `VkCopyImageToMemoryInfo` and `VkCopyMemoryToImageInfo`, which differ in names alone.
#[repr(C)]
pub(crate) struct Info {
    s_type: t::StructureType,
    next: *const c_void,
    flags: t::HostImageCopyFlags,
    image: u64,
    image_layout: t::ImageLayout,
    region_count: u32,
    regions: *const Region,
}

impl Device {
    /// `vkCopyImageToMemory` into `data`.
    ///
    /// The caller has checked that `data` is as long as the copy (see
    /// [`t::TexelBlock::copy_size`] and `VkSubresourceHostMemcpySize`).
    ///
    /// # Errors
    /// The device lacks the command, or the image is unknown.
    pub fn copy_image_to_memory(
        &self,
        info: &t::CopyImageToMemoryInfoMESA<'_>,
        handles: &dyn Handles,
        data: &mut [u8],
    ) -> Result<t::VkResult, CallError> {
        let copy = self
            .extra
            .copy_image_to_memory
            .ok_or(CallError::Missing("vkCopyImageToMemory"))?;
        let region = Region {
            s_type: t::StructureType::IMAGE_TO_MEMORY_COPY,
            next: null(),
            host_pointer: data.as_mut_ptr().cast(),
            memory_row_length: info.memory_row_length,
            memory_image_height: info.memory_image_height,
            image_subresource: info.image_subresource,
            image_offset: info.image_offset,
            image_extent: info.image_extent,
        };
        let info = Info {
            s_type: t::StructureType::COPY_IMAGE_TO_MEMORY_INFO,
            next: null(),
            flags: info.flags,
            image: image(handles, info.src_image)?,
            image_layout: info.src_image_layout,
            region_count: 1,
            regions: &region,
        };
        // SAFETY: structures of the types that the command reads; by this function's contract
        // the driver writes within `data`.
        Ok(unsafe { copy(self.raw(), &info) })
    }

    /// `vkCopyMemoryToImage` from the regions' data.
    ///
    /// The caller has checked that each region's data is as long as its copy.
    ///
    /// # Errors
    /// The device lacks the command, or the image is unknown.
    pub fn copy_memory_to_image(
        &self,
        info: &t::CopyMemoryToImageInfoMESA<'_>,
        handles: &dyn Handles,
    ) -> Result<t::VkResult, CallError> {
        let copy = self
            .extra
            .copy_memory_to_image
            .ok_or(CallError::Missing("vkCopyMemoryToImage"))?;
        let regions: Vec<Region> = info
            .regions
            .iter()
            .map(|region| Region {
                s_type: t::StructureType::MEMORY_TO_IMAGE_COPY,
                next: null(),
                host_pointer: region.data.as_ptr().cast_mut().cast(),
                memory_row_length: region.memory_row_length,
                memory_image_height: region.memory_image_height,
                image_subresource: region.image_subresource,
                image_offset: region.image_offset,
                image_extent: region.image_extent,
            })
            .collect();
        let info = Info {
            s_type: t::StructureType::COPY_MEMORY_TO_IMAGE_INFO,
            next: null(),
            flags: info.flags,
            image: image(handles, info.dst_image)?,
            image_layout: info.dst_image_layout,
            region_count: regions.len() as u32,
            regions: regions.as_ptr(),
        };
        // SAFETY: structures of the types that the command reads; by this function's contract
        // the driver reads within the regions' data.
        Ok(unsafe { copy(self.raw(), &info) })
    }
}

fn image(handles: &dyn Handles, id: t::ImageId) -> Result<u64, LowerError> {
    let object = t::ObjectType::IMAGE;
    handles
        .resolve(object, id.0)
        .ok_or(LowerError::Unknown { object, id: id.0 })
}
