//! Host image copies, whose host memory is the command stream's or the reply's.

use vulkan_types as t;

use crate::Fatal;
use crate::device;
use crate::image::{self, Image};
use crate::scope::Scope;

pub(crate) fn copy_image_to_memory<'a>(
    s: &Scope<'a>,
    c: &t::CopyImageToMemoryMESA<'_>,
) -> Result<t::CopyImageToMemoryMESAReply<'a>, Fatal> {
    const NAME: &str = "vkCopyImageToMemoryMESA";
    let info = c.copy_image_to_memory_info;
    let device = device::find(s, c.device)?;
    let (image, _) = image::find(s, info.src_image)?;
    let copy = Copy {
        flags: info.flags,
        subresource: info.image_subresource,
        extent: info.image_extent,
        row_length: info.memory_row_length,
        image_height: info.memory_image_height,
    };
    let needed = copy.size(s, c.device, info.src_image, &image)?;
    // Zeroed: what the driver leaves out is not the host's memory.
    let data = s.arena.alloc_slice_fill_copy(c.data_room, 0u8);
    if needed > data.len() as u64 {
        return Err(Fatal::Range {
            what: "host image copy",
        });
    }
    let resolver = s.resolver();
    let ret = device.host().copy_image_to_memory(info, &resolver, data);
    let ret = ret.map_err(|error| Fatal::Call {
        command: NAME,
        error,
    })?;
    Ok(t::CopyImageToMemoryMESAReply { ret, data })
}

pub(crate) fn copy_memory_to_image(
    s: &Scope<'_>,
    c: &t::CopyMemoryToImageMESA<'_>,
) -> Result<t::CopyMemoryToImageMESAReply, Fatal> {
    const NAME: &str = "vkCopyMemoryToImageMESA";
    let info = c.copy_memory_to_image_info;
    let device = device::find(s, c.device)?;
    let (image, _) = image::find(s, info.dst_image)?;
    for region in info.regions {
        let copy = Copy {
            flags: info.flags,
            subresource: region.image_subresource,
            extent: region.image_extent,
            row_length: region.memory_row_length,
            image_height: region.memory_image_height,
        };
        if copy.size(s, c.device, info.dst_image, &image)? > region.data.len() as u64 {
            return Err(Fatal::Range {
                what: "host image copy",
            });
        }
    }
    let resolver = s.resolver();
    let ret = device.host().copy_memory_to_image(info, &resolver);
    let ret = ret.map_err(|error| Fatal::Call {
        command: NAME,
        error,
    })?;
    Ok(t::CopyMemoryToImageMESAReply { ret })
}

/// What says how much host memory a copy takes.
struct Copy {
    flags: t::HostImageCopyFlags,
    subresource: t::ImageSubresourceLayers,
    extent: t::Extent3D,
    row_length: u32,
    image_height: u32,
}

impl Copy {
    fn size(
        &self,
        s: &Scope<'_>,
        device: t::DeviceId,
        id: t::ImageId,
        image: &Image,
    ) -> Result<u64, Fatal> {
        const BAD: Fatal = Fatal::Range {
            what: "host image copy",
        };
        let layers = image.layers(
            self.subresource.base_array_layer,
            self.subresource.layer_count,
        );
        if self.flags.contains(t::HostImageCopyFlags::MEMCPY) {
            // In the driver's own layout, of which it says the size.
            return memcpy_size(s, device, id, self.subresource)?
                .checked_mul(layers.into())
                .ok_or(BAD);
        }
        let block = image
            .format()
            .block_of(self.subresource.aspect_mask)
            .ok_or(BAD)?;
        let extent = [self.extent.width, self.extent.height, self.extent.depth];
        block
            .copy_size(extent, layers, self.row_length, self.image_height)
            .ok_or(BAD)
    }
}

/// `VkSubresourceHostMemcpySize` of one layer.
fn memcpy_size(
    s: &Scope<'_>,
    device: t::DeviceId,
    image: t::ImageId,
    layers: t::ImageSubresourceLayers,
) -> Result<u64, Fatal> {
    let subresource = s.arena.alloc(t::ImageSubresource2 {
        image_subresource: t::ImageSubresource {
            aspect_mask: layers.aspect_mask,
            mip_level: layers.mip_level,
            array_layer: layers.base_array_layer,
        },
        ..Default::default()
    });
    let size = t::Extension::SubresourceHostMemcpySize(
        s.arena.alloc(t::SubresourceHostMemcpySize::default()),
    );
    let layout = s.arena.alloc(t::SubresourceLayout2 {
        next: t::Chain(s.arena.alloc([size])),
        ..Default::default()
    });
    let reply = s.call(&t::GetImageSubresourceLayout2 {
        device,
        image,
        subresource,
        layout,
    })?;
    let size = reply
        .layout
        .next
        .find::<t::SubresourceHostMemcpySize<'_>>()
        .map(|size| size.size);
    size.filter(|size| *size != 0).ok_or(Fatal::Host(
        "the driver does not say how large a copy is".into(),
    ))
}

macro_rules! not_offered {
    ($($function:ident: $command:ty, $reply:ty, $name:literal;)*) => {
        $(pub(crate) fn $function<'a>(_: &Scope<'a>, _: &$command) -> Result<$reply, Fatal> {
            Err(Fatal::misuse($name, "VK_EXT_descriptor_heap is not offered"))
        })*
    };
}

not_offered! {
    write_sampler_descriptor: t::WriteSamplerDescriptorMESA<'_>, t::WriteSamplerDescriptorMESAReply<'a>, "vkWriteSamplerDescriptorMESA";
    write_resource_descriptor: t::WriteResourceDescriptorMESA<'_>, t::WriteResourceDescriptorMESAReply<'a>, "vkWriteResourceDescriptorMESA";
}
