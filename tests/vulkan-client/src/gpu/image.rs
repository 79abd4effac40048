//! Images with memory of their own and a view of the whole.

use ash::vk;

use crate::error::{Named as _, Result, require};
use crate::gpu::{Gpu, Memory, Owned, Place};

/// The width and height of the pictures.
pub(crate) const SIDE: u32 = 256;

/// What to make of an image; the default is a picture that is drawn, copied and sampled.
#[derive(Clone, Copy)]
pub(crate) struct ImageSpec {
    pub(crate) format: vk::Format,
    pub(crate) extent: vk::Extent3D,
    pub(crate) kind: vk::ImageType,
    pub(crate) view: vk::ImageViewType,
    pub(crate) mips: u32,
    pub(crate) layers: u32,
    pub(crate) samples: vk::SampleCountFlags,
    pub(crate) usage: vk::ImageUsageFlags,
    pub(crate) flags: vk::ImageCreateFlags,
    pub(crate) tiling: vk::ImageTiling,
    pub(crate) initial: vk::ImageLayout,
    pub(crate) place: Place,
}

impl Default for ImageSpec {
    fn default() -> Self {
        Self {
            format: vk::Format::R8G8B8A8_UNORM,
            extent: vk::Extent3D {
                width: SIDE,
                height: SIDE,
                depth: 1,
            },
            kind: vk::ImageType::TYPE_2D,
            view: vk::ImageViewType::TYPE_2D,
            mips: 1,
            layers: 1,
            samples: vk::SampleCountFlags::TYPE_1,
            usage: vk::ImageUsageFlags::COLOR_ATTACHMENT
                | vk::ImageUsageFlags::TRANSFER_SRC
                | vk::ImageUsageFlags::TRANSFER_DST
                | vk::ImageUsageFlags::SAMPLED,
            flags: vk::ImageCreateFlags::empty(),
            tiling: vk::ImageTiling::OPTIMAL,
            initial: vk::ImageLayout::UNDEFINED,
            place: Place::Device,
        }
    }
}

impl ImageSpec {
    /// A texture of this size, to be copied to and sampled.
    pub(crate) fn texture(width: u32, height: u32) -> Self {
        Self {
            extent: vk::Extent3D {
                width,
                height,
                depth: 1,
            },
            usage: vk::ImageUsageFlags::TRANSFER_SRC
                | vk::ImageUsageFlags::TRANSFER_DST
                | vk::ImageUsageFlags::SAMPLED,
            ..Self::default()
        }
    }

    /// A depth or stencil buffer.
    pub(crate) fn depth(format: vk::Format) -> Self {
        Self {
            format,
            usage: vk::ImageUsageFlags::DEPTH_STENCIL_ATTACHMENT
                | vk::ImageUsageFlags::TRANSFER_SRC
                | vk::ImageUsageFlags::TRANSFER_DST,
            ..Self::default()
        }
    }

    pub(crate) fn info(&self) -> vk::ImageCreateInfo<'static> {
        vk::ImageCreateInfo::default()
            .flags(self.flags)
            .image_type(self.kind)
            .format(self.format)
            .extent(self.extent)
            .mip_levels(self.mips)
            .array_layers(self.layers)
            .samples(self.samples)
            .tiling(self.tiling)
            .usage(self.usage)
            .initial_layout(self.initial)
    }
}

/// An image, its memory, and a view of the whole.
pub(crate) struct Image {
    // In the order of destruction.
    pub(crate) view: Owned<vk::ImageView>,
    pub(crate) raw: Owned<vk::Image>,
    pub(crate) memory: Memory,
    pub(crate) spec: ImageSpec,
}

impl Gpu {
    /// Makes an image.
    pub(crate) fn image(&self, spec: ImageSpec) -> Result<Image> {
        let (raw, memory) = self.unviewed(spec)?;
        let view = self.create_image_view(&view_info(&raw, &spec))?;
        Ok(Image {
            view,
            raw,
            memory,
            spec,
        })
    }

    /// Makes an image that has no view, for those that need a special one.
    pub(crate) fn unviewed(&self, spec: ImageSpec) -> Result<(Owned<vk::Image>, Memory)> {
        let raw = self.create_image(&spec.info())?;
        // SAFETY: the image is this device's own.
        let requirements = unsafe { self.raw.get_image_memory_requirements(*raw) };
        let none = vk::MemoryAllocateFlags::empty();
        let memory = Memory::new(self, requirements, spec.place, none)?;
        // SAFETY: the memory fits, is new, and lives as long as the image.
        unsafe { self.raw.bind_image_memory(*raw, memory.raw, 0) }.named("vkBindImageMemory")?;
        Ok((raw, memory))
    }

    /// The bytes that an image takes, and the first memory type for it.
    pub(crate) fn needs_of(&self, image: vk::Image) -> Result<(u64, u32)> {
        // SAFETY: the image is this device's own.
        let needs = unsafe { self.raw.get_image_memory_requirements(image) };
        require(needs.memory_type_bits != 0, "memory for the image")?;
        Ok((needs.size, needs.memory_type_bits.trailing_zeros()))
    }

    /// Puts an image together from its parts.
    pub(crate) fn bound(
        &self,
        raw: Owned<vk::Image>,
        memory: Memory,
        spec: ImageSpec,
    ) -> Result<Image> {
        // SAFETY: the memory fits, is new, and lives as long as the image.
        unsafe { self.raw.bind_image_memory(*raw, memory.raw, 0) }.named("vkBindImageMemory")?;
        let view = self.create_image_view(&view_info(&raw, &spec))?;
        Ok(Image {
            view,
            raw,
            memory,
            spec,
        })
    }

    /// Makes a texture and fills its first mip level, ready to be sampled.
    pub(crate) fn texture(&self, spec: ImageSpec, texels: &[u8]) -> Result<Image> {
        let image = self.image(spec)?;
        let staging = self.upload(texels, vk::BufferUsageFlags::TRANSFER_SRC)?;
        let region = image.region(0, 0..spec.layers);
        self.run(|c| {
            c.transition(
                &image,
                vk::ImageLayout::UNDEFINED,
                vk::ImageLayout::TRANSFER_DST_OPTIMAL,
            )
            .copy_buffer_to_image(&staging, &image, &[region])
            .transition(
                &image,
                vk::ImageLayout::TRANSFER_DST_OPTIMAL,
                vk::ImageLayout::SHADER_READ_ONLY_OPTIMAL,
            );
        })?;
        Ok(image)
    }

    /// Reads one mip level of all layers of an image that is in TRANSFER_SRC_OPTIMAL.
    ///
    /// `texel` is the size of a texel in bytes.
    pub(crate) fn read_image(&self, image: &Image, mip: u32, texel: u32) -> Result<Vec<u8>> {
        let extent = image.mip_extent(mip);
        let texels = extent.width * extent.height * extent.depth * image.spec.layers;
        let buffer = self.readback((texels * texel).into(), vk::BufferUsageFlags::TRANSFER_DST)?;
        let region = image.region(mip, 0..image.spec.layers);
        self.run(|c| {
            c.copy_image_to_buffer(image, &buffer, &[region]).barrier();
        })?;
        buffer.read()
    }
}

impl Image {
    /// The aspects that the format has.
    fn aspect(&self) -> vk::ImageAspectFlags {
        aspect(self.spec.format)
    }

    /// The whole image.
    pub(crate) fn range(&self) -> vk::ImageSubresourceRange {
        range(&self.spec)
    }

    /// Some layers of one mip level.
    pub(crate) fn layers(
        &self,
        mip: u32,
        layers: std::ops::Range<u32>,
    ) -> vk::ImageSubresourceLayers {
        vk::ImageSubresourceLayers::default()
            .aspect_mask(self.aspect())
            .mip_level(mip)
            .base_array_layer(layers.start)
            .layer_count(layers.end - layers.start)
    }

    /// The extent of a mip level.
    pub(crate) fn mip_extent(&self, mip: u32) -> vk::Extent3D {
        let vk::Extent3D {
            width,
            height,
            depth,
        } = self.spec.extent;
        let shrink = |side: u32| (side >> mip).max(1);
        vk::Extent3D {
            width: shrink(width),
            height: shrink(height),
            depth: shrink(depth),
        }
    }

    /// A copy between a tightly packed buffer and some layers of one mip level.
    pub(crate) fn region(&self, mip: u32, layers: std::ops::Range<u32>) -> vk::BufferImageCopy {
        vk::BufferImageCopy::default()
            .image_subresource(self.layers(mip, layers))
            .image_extent(self.mip_extent(mip))
    }
}

/// The aspects of a format.
fn aspect(format: vk::Format) -> vk::ImageAspectFlags {
    use vk::Format as F;
    match format {
        F::D16_UNORM | F::X8_D24_UNORM_PACK32 | F::D32_SFLOAT => vk::ImageAspectFlags::DEPTH,
        F::S8_UINT => vk::ImageAspectFlags::STENCIL,
        F::D16_UNORM_S8_UINT | F::D24_UNORM_S8_UINT | F::D32_SFLOAT_S8_UINT => {
            vk::ImageAspectFlags::DEPTH | vk::ImageAspectFlags::STENCIL
        }
        _ => vk::ImageAspectFlags::COLOR,
    }
}

fn range(spec: &ImageSpec) -> vk::ImageSubresourceRange {
    vk::ImageSubresourceRange::default()
        .aspect_mask(aspect(spec.format))
        .level_count(spec.mips)
        .layer_count(spec.layers)
}

/// A view of the whole image.
pub(crate) fn view_info(image: &vk::Image, spec: &ImageSpec) -> vk::ImageViewCreateInfo<'static> {
    vk::ImageViewCreateInfo::default()
        .image(*image)
        .view_type(spec.view)
        .format(spec.format)
        .subresource_range(range(spec))
}

/// A checkerboard with a gradient in it, RGBA8, opaque.
pub(crate) fn checkerboard(width: u32, height: u32, cell: u32) -> Vec<u8> {
    let texel = |x: u32, y: u32| {
        let bright = (x / cell + y / cell).is_multiple_of(2);
        let ramp = |at: u32, of: u32| (at * 255 / of.max(2).saturating_sub(1)) as u8;
        match bright {
            true => [255, ramp(x, width), ramp(y, height), 255],
            false => [ramp(y, height) / 2, 32, ramp(x, width) / 2, 255],
        }
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| texel(x, y)))
        .collect()
}
