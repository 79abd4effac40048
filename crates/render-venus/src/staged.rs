//! Images that lie in the GPU's own memory and are copied to shared pages when handed over.
//!
//! Where dma-bufs are emulated, a guest's image with the LINEAR modifier has to end up in pages
//! of ours. A discrete GPU draws to such memory slowly, or not at all: NVIDIA's does not draw to
//! linear images, and hangs when made to. There the host's image is tiled, in device memory, and
//! the barriers that the guest needs anyhow say when its texels have to be where others see
//! them ("Queue Family Ownership Transfer", with `VK_QUEUE_FAMILY_FOREIGN_EXT`):
//!
//! ```text
//! release, family -> FOREIGN    barrier to TRANSFER_SRC; copy to the pages; barrier to the layout
//! acquire, FOREIGN -> family    barrier to TRANSFER_DST; copy from them; barrier to the layout
//! ```

use std::sync::{Arc, OnceLock};

use bumpalo::Bump;
use host_vulkan::{Allocation, Handles, Object, Shared};
use vulkan_types as t;
use vulkan_types::{ImageLayout as L, ObjectType};

use crate::Fatal;
use crate::barrier::QUEUE_FAMILY_IGNORED;
use crate::device::Device;
use crate::formats::is_single_plane;
use crate::image::Image;
use crate::objects::Held;
use crate::scope::Scope;

/// What rows of a linear image are aligned to, bytes: what GPUs ask of each other.
const ROW_ALIGNMENT: u64 = 256;

/// Where in its memory such an image may begin: more than any buffer asks for.
const ALIGNMENT: u64 = 4096;

/// Bytes from the start of the memory to the end of an image: more than any device has, and far
/// from where offsets overflow.
const MAX_BYTES: u64 = 1 << 48;

/// A staged image's other half.
pub(crate) struct Staged {
    layout: Linear,
    bound: OnceLock<Bound>,
}

/// How the texels lie in the pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linear {
    offset: u64,
    row_pitch: u64,
    texel: u64,
    extent: t::Extent3D,
}

/// What it is bound to, in the order of destruction.
struct Bound {
    buffer: Arc<Object>,
    /// The host's image's own memory.
    _device_memory: Allocation,
    /// The guest's memory, which the buffer shows.
    _pages: Arc<Allocation>,
}

impl Linear {
    /// The layout that the guest asks for, or ours; none where such an image cannot be staged.
    pub(crate) fn of(info: &t::ImageCreateInfo<'_>) -> Option<Self> {
        let block = info.format.block_of(t::ImageAspectFlags::COLOR)?;
        let plain = info.image_type == t::ImageType::_2D
            && info.mip_levels == 1
            && info.array_layers == 1
            && info.samples == t::SampleCountFlags::_1
            && info.extent.depth == 1
            && block.extent == [1; 3]
            && is_single_plane(info.format);
        if !plain {
            return None;
        }
        let texel = u64::from(block.bytes);
        let width = u64::from(info.extent.width) * texel;
        let asked = info
            .next
            .find::<t::ImageDrmFormatModifierExplicitCreateInfoEXT<'_>>()
            .map(|explicit| explicit.plane_layouts.first());
        let (offset, row_pitch) = match asked {
            None => (0, width.next_multiple_of(ROW_ALIGNMENT)),
            Some(plane) => plane.map(|plane| (plane.offset, plane.row_pitch))?,
        };
        // A copy counts in texels, and begins at a whole one and at a whole word.
        let fits = row_pitch >= width
            && row_pitch.is_multiple_of(texel)
            && row_pitch / texel <= i32::MAX as u64
            && offset.is_multiple_of(texel)
            && offset.is_multiple_of(4);
        let layout = Self {
            offset,
            row_pitch,
            texel,
            extent: info.extent,
        };
        let bounded = layout.size().is_some_and(|size| size <= MAX_BYTES);
        (fits && bounded).then_some(layout)
    }

    /// Bytes from the start of the memory to the end of the last row.
    fn size(self) -> Option<u64> {
        self.row_pitch
            .checked_mul(self.extent.height.into())?
            .checked_add(self.offset)
    }

    /// What the guest is told of it.
    pub(crate) fn subresource(self) -> t::SubresourceLayout {
        t::SubresourceLayout {
            offset: self.offset,
            size: self.size().unwrap_or(0) - self.offset,
            row_pitch: self.row_pitch,
            array_pitch: 0,
            depth_pitch: 0,
        }
    }

    fn region(self) -> t::BufferImageCopy {
        t::BufferImageCopy {
            buffer_offset: self.offset,
            buffer_row_length: (self.row_pitch / self.texel) as u32,
            buffer_image_height: 0,
            image_subresource: t::ImageSubresourceLayers {
                aspect_mask: t::ImageAspectFlags::COLOR,
                mip_level: 0,
                base_array_layer: 0,
                layer_count: 1,
            },
            image_offset: t::Offset3D::default(),
            image_extent: self.extent,
        }
    }
}

impl Staged {
    pub(crate) fn new(layout: Linear) -> Self {
        Self {
            layout,
            bound: OnceLock::new(),
        }
    }

    pub(crate) fn layout(&self) -> Linear {
        self.layout
    }

    /// True once it has memory.
    pub(crate) fn is_bound(&self) -> bool {
        self.bound.get().is_some()
    }
}

/// The guest's requirements of a staged image's memory: pages, of whatever type.
pub(crate) fn requirements(device: &Device, layout: Linear) -> t::MemoryRequirements {
    let physical = device.physical();
    t::MemoryRequirements {
        size: layout
            .size()
            .unwrap_or(MAX_BYTES)
            .next_multiple_of(ALIGNMENT),
        alignment: ALIGNMENT,
        memory_type_bits: physical.page_types(u32::MAX),
    }
}

/// Binds a staged image to the guest's memory, and the host's image to memory of its own.
pub(crate) fn bind(
    s: &Scope<'_>,
    image: &Image,
    staged: &Staged,
    memory: t::DeviceMemoryId,
    offset: u64,
) -> Result<t::VkResult, Fatal> {
    const NAME: &str = "vkBindImageMemory";
    let kind = ObjectType::DEVICE_MEMORY;
    let Held::Memory(pages, device) = s.shared.objects.find(kind, memory.0)? else {
        return Err(Fatal::Unknown { kind, id: memory.0 });
    };
    if !Arc::ptr_eq(image.object().device(), device.host()) {
        return Err(Fatal::misuse(NAME, "memory of another device"));
    }
    if !matches!(pages.share(), Ok(Shared::Pages(_))) {
        return Err(Fatal::misuse(NAME, "memory that such an image cannot have"));
    }
    let size = staged.layout.size().unwrap_or(u64::MAX);
    let end = offset.checked_add(size);
    if !offset.is_multiple_of(ALIGNMENT) || end.is_none_or(|end| end > pages.size()) {
        return Err(Fatal::Range {
            what: "bound memory",
        });
    }
    if staged.is_bound() {
        return Err(Fatal::misuse(NAME, "an image that is bound already"));
    }
    let bound = match (
        buffer_on(&device, &pages, offset, size),
        memory_for(&device, image.object()),
    ) {
        (Some(buffer), Some(device_memory)) => Bound {
            buffer,
            _device_memory: device_memory,
            _pages: pages,
        },
        _ => return Ok(t::VkResult::ERROR_OUT_OF_DEVICE_MEMORY),
    };
    let twice = staged.bound.set(bound).is_err();
    if twice {
        return Err(Fatal::misuse(NAME, "an image that is bound already"));
    }
    Ok(t::VkResult::SUCCESS)
}

/// A buffer that shows part of the pages.
fn buffer_on(
    device: &Arc<Device>,
    pages: &Allocation,
    offset: u64,
    size: u64,
) -> Option<Arc<Object>> {
    let host = device.host();
    let external = t::ExternalMemoryBufferCreateInfo {
        handle_types: t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT,
        ..Default::default()
    };
    let info = t::BufferCreateInfo {
        next: t::Chain(&[t::Extension::ExternalMemoryBufferCreateInfo(&external)]),
        size,
        usage: t::BufferUsageFlags::TRANSFER_SRC | t::BufferUsageFlags::TRANSFER_DST,
        ..Default::default()
    };
    let create = t::CreateBuffer {
        device: t::DeviceId(host.raw()),
        create_info: &info,
        buffer: t::BufferId(0),
    };
    let arena = Bump::new();
    let raw = host.create(&create, &arena)?;
    let buffer = Object::new(ObjectType::BUFFER, raw, host);
    let needs = host
        .call(
            &t::GetBufferMemoryRequirements {
                device: t::DeviceId(host.raw()),
                buffer: t::BufferId(raw),
            },
            &arena,
        )
        .ok()?
        .memory_requirements;
    let fits = needs.memory_type_bits >> pages.memory_type() & 1 != 0
        && offset.is_multiple_of(needs.alignment.max(1))
        && offset.checked_add(needs.size)? <= pages.size();
    if !fits {
        return None;
    }
    let bind = t::BindBufferMemory {
        device: t::DeviceId(host.raw()),
        buffer: t::BufferId(raw),
        memory: t::DeviceMemoryId(pages.object().raw()),
        memory_offset: offset,
    };
    let bound = host.call(&bind, &arena).ok()?;
    (bound.ret == t::VkResult::SUCCESS).then_some(buffer)
}

/// Device memory for the host's image, bound to it.
fn memory_for(device: &Arc<Device>, image: &Object) -> Option<Allocation> {
    let host = device.host();
    let arena = Bump::new();
    let needs = host
        .call(
            &t::GetImageMemoryRequirements {
                device: t::DeviceId(host.raw()),
                image: t::ImageId(image.raw()),
            },
            &arena,
        )
        .ok()?
        .memory_requirements;
    let fitting = || (0u32..32).filter(|index| needs.memory_type_bits >> index & 1 != 0);
    let local = |index: &u32| {
        host.physical_device()
            .memory_types()
            .get(*index as usize)
            .is_some_and(|of| {
                of.property_flags
                    .contains(t::MemoryPropertyFlags::DEVICE_LOCAL)
            })
    };
    let dedicated = t::MemoryDedicatedAllocateInfo {
        image: t::ImageId(image.raw()),
        ..Default::default()
    };
    let info = t::MemoryAllocateInfo {
        next: t::Chain(&[t::Extension::MemoryDedicatedAllocateInfo(&dedicated)]),
        allocation_size: needs.size,
        memory_type_index: fitting().find(local).or_else(|| fitting().next())?,
    };
    let memory = host.allocate_private(&info, &host_vulkan::Identity).ok()?;
    let bind = t::BindImageMemory {
        device: t::DeviceId(host.raw()),
        image: t::ImageId(image.raw()),
        memory: t::DeviceMemoryId(memory.object().raw()),
        memory_offset: 0,
    };
    let bound = host.call(&bind, &arena).ok()?;
    (bound.ret == t::VkResult::SUCCESS).then_some(memory)
}

/// A copy that follows a barrier, and the layout that the image is left in.
pub(crate) struct Transfer {
    pub(crate) image: Arc<Image>,
    pub(crate) device: Arc<Device>,
    /// To the pages, or from them.
    pub(crate) out: bool,
    /// What the guest thinks that the image's layout is then.
    pub(crate) layout: L,
}

/// Records the copies, and leaves each image as the guest thinks that it is.
pub(crate) fn record(
    s: &Scope<'_>,
    command_buffer: t::CommandBufferId,
    copies: &[Transfer],
) -> Result<(), Fatal> {
    if copies.is_empty() {
        return Ok(());
    }
    let kind = ObjectType::COMMAND_BUFFER;
    let unknown = Fatal::Unknown {
        kind,
        id: command_buffer.0,
    };
    let raw = s
        .resolver()
        .resolve(kind, command_buffer.0)
        .ok_or(unknown)?;
    for copy in copies {
        copy.record(s, t::CommandBufferId(raw))?;
    }
    Ok(())
}

impl Transfer {
    fn record(&self, s: &Scope<'_>, command_buffer: t::CommandBufferId) -> Result<(), Fatal> {
        let host = self.device.host();
        let image = t::ImageId(self.image.object().raw());
        let Some((staged, bound)) = self
            .image
            .staged()
            .and_then(|staged| Some((staged, staged.bound.get()?)))
        else {
            return Ok(());
        };
        let buffer = t::BufferId(bound.buffer.raw());
        let regions = &[staged.layout.region()];
        let old_layout = if self.out {
            let copy = t::CmdCopyImageToBuffer {
                command_buffer,
                src_image: image,
                src_image_layout: L::TRANSFER_SRC_OPTIMAL,
                dst_buffer: buffer,
                region_count: 1,
                regions,
            };
            host.call(&copy, s.arena).map_err(failed(&copy))?;
            L::TRANSFER_SRC_OPTIMAL
        } else {
            let copy = t::CmdCopyBufferToImage {
                command_buffer,
                src_buffer: buffer,
                dst_image: image,
                dst_image_layout: L::TRANSFER_DST_OPTIMAL,
                region_count: 1,
                regions,
            };
            host.call(&copy, s.arena).map_err(failed(&copy))?;
            L::TRANSFER_DST_OPTIMAL
        };
        let all = t::AccessFlags::MEMORY_READ | t::AccessFlags::MEMORY_WRITE;
        let back = t::ImageMemoryBarrier {
            src_access_mask: t::AccessFlags::TRANSFER_READ | t::AccessFlags::TRANSFER_WRITE,
            dst_access_mask: all,
            old_layout,
            new_layout: self.layout,
            src_queue_family_index: QUEUE_FAMILY_IGNORED,
            dst_queue_family_index: QUEUE_FAMILY_IGNORED,
            image,
            subresource_range: t::ImageSubresourceRange {
                aspect_mask: t::ImageAspectFlags::COLOR,
                level_count: 1,
                layer_count: 1,
                ..Default::default()
            },
            ..Default::default()
        };
        let seen = t::MemoryBarrier {
            src_access_mask: t::AccessFlags::TRANSFER_WRITE,
            dst_access_mask: all | t::AccessFlags::HOST_READ,
            ..Default::default()
        };
        let barrier = t::CmdPipelineBarrier {
            command_buffer,
            src_stage_mask: t::PipelineStageFlags::TRANSFER,
            dst_stage_mask: t::PipelineStageFlags::ALL_COMMANDS | t::PipelineStageFlags::HOST,
            memory_barrier_count: 1,
            memory_barriers: &[seen],
            image_memory_barrier_count: 1,
            image_memory_barriers: &[back],
            dependency_flags: t::DependencyFlags::default(),
            buffer_memory_barrier_count: 0,
            buffer_memory_barriers: &[],
        };
        host.call(&barrier, s.arena).map_err(failed(&barrier))?;
        Ok(())
    }
}

fn failed<C: t::Request>(_: &C) -> impl Fn(host_vulkan::CallError) -> Fatal {
    |error| Fatal::Call {
        command: C::NAME,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> t::ImageCreateInfo<'static> {
        t::ImageCreateInfo {
            image_type: t::ImageType::_2D,
            format: t::Format::B8G8R8A8_UNORM,
            extent: t::Extent3D {
                width: 100,
                height: 7,
                depth: 1,
            },
            mip_levels: 1,
            array_layers: 1,
            samples: t::SampleCountFlags::_1,
            ..Default::default()
        }
    }

    #[test]
    fn rows_are_aligned() {
        let layout = Linear::of(&info()).unwrap();
        let told = layout.subresource();
        assert_eq!((told.offset, told.row_pitch), (0, 512));
        assert_eq!(told.size, 7 * 512);
        assert_eq!(layout.region().buffer_row_length, 128);
    }

    fn explicit(offset: u64, row_pitch: u64) -> Option<Linear> {
        let planes = [t::SubresourceLayout {
            offset,
            row_pitch,
            ..Default::default()
        }];
        let explicit = t::ImageDrmFormatModifierExplicitCreateInfoEXT {
            plane_layouts: &planes,
            ..Default::default()
        };
        Linear::of(&t::ImageCreateInfo {
            next: t::Chain(&[t::Extension::ImageDrmFormatModifierExplicitCreateInfoEXT(
                &explicit,
            )]),
            ..info()
        })
    }

    #[test]
    fn a_layout_that_is_asked_for_is_taken_or_refused() {
        let layout = explicit(64, 404).unwrap();
        assert_eq!(layout.size(), Some(64 + 7 * 404));
        assert_eq!(layout.region().buffer_row_length, 101);
        let far = u64::MAX - (u64::MAX % 4096) - 4096;
        for (offset, row_pitch) in [
            (0, 396),
            (0, 402),
            (2, 400),
            (u64::MAX - 3, 400),
            (far, 400),
        ] {
            assert!(
                explicit(offset, row_pitch).is_none(),
                "{offset} {row_pitch}"
            );
        }
        assert!(explicit(0, u64::MAX / 4 * 4).is_none());
    }

    #[test]
    fn only_plain_images_are_staged() {
        type Change = fn(&mut t::ImageCreateInfo<'static>);
        let changes: [Change; 6] = [
            |i| i.mip_levels = 2,
            |i| i.array_layers = 2,
            |i| i.samples = t::SampleCountFlags::_4,
            |i| i.format = t::Format::D32_SFLOAT,
            |i| i.format = t::Format::BC1_RGB_UNORM_BLOCK,
            |i| i.format = t::Format::G8_B8R8_2PLANE_420_UNORM,
        ];
        for change in changes {
            let mut info = info();
            change(&mut info);
            assert!(Linear::of(&info).is_none(), "{info:?}");
        }
    }
}
