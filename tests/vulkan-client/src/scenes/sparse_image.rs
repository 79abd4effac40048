//! A partly resident image: half of its tiles are bound, those are cleared, copied and read.

use ash::vk;

use crate::error::{Result, require};
use crate::gpu::{Gpu, ImageSpec, Memory, Needs, Output, Place, checkerboard, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.sparse_binding, core.sparse_residency_image2_d);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let sparse = vk::QueueFlags::SPARSE_BINDING;
    require(gpu.graphics().can(sparse), "sparse binding on the graphics queue")?;
    let side = 512u32;
    let usage = vk::ImageUsageFlags::TRANSFER_SRC | vk::ImageUsageFlags::TRANSFER_DST;
    let format = ImageSpec::default().format;
    let whole = vk::Extent3D { width: side, height: side, depth: 1 };
    let info = vk::ImageCreateInfo::default()
        .flags(vk::ImageCreateFlags::SPARSE_BINDING | vk::ImageCreateFlags::SPARSE_RESIDENCY)
        .image_type(vk::ImageType::TYPE_2D)
        .format(format)
        .extent(whole)
        .mip_levels(1)
        .array_layers(1)
        .samples(vk::SampleCountFlags::TYPE_1)
        .usage(usage);
    let image = gpu.create_image(&info)?;
    let requirements = gpu.image_requirements(&image);
    let sparse = gpu.sparse_requirements(&image);
    let colour = vk::ImageAspectFlags::COLOR;
    let tile = sparse
        .iter()
        .find(|sparse| sparse.format_properties.aspect_mask.contains(colour))
        .map(|sparse| sparse.format_properties.image_granularity)
        .unwrap_or_default();
    require(tile.width > 0 && side.is_multiple_of(tile.width) && side.is_multiple_of(tile.height), "tiles that fit")?;

    // The left half, tile by tile.
    let (columns, rows) = (side / tile.width / 2, side / tile.height);
    require(columns > 0, "tiles of less than half the image")?;
    let page = requirements.alignment;
    let size = page * u64::from(columns * rows);
    let wanted = vk::MemoryRequirements { size, ..requirements };
    let memory = Memory::new(gpu, wanted, Place::Device, vk::MemoryAllocateFlags::empty())?;
    let subresource = vk::ImageSubresource::default().aspect_mask(colour);
    let bind = |i: u32| {
        let (x, y) = (i % columns * tile.width, i / columns * tile.height);
        vk::SparseImageMemoryBind::default()
            .subresource(subresource)
            .offset(vk::Offset3D { x: x as i32, y: y as i32, z: 0 })
            .extent(tile)
            .memory(memory.raw)
            .memory_offset(u64::from(i) * page)
    };
    let binds: Vec<_> = (0..columns * rows).map(bind).collect();
    let images = [vk::SparseImageMemoryBindInfo::default().image(*image).binds(&binds)];
    gpu.bind_sparse(vk::BindSparseInfo::default().image_binds(&images))?;

    let texels = gpu.upload(&checkerboard(256, 512, 32), vk::BufferUsageFlags::TRANSFER_SRC)?;
    let result = gpu.readback(256 * 256 * 4, vk::BufferUsageFlags::TRANSFER_DST)?;
    let layers = vk::ImageSubresourceLayers::default().aspect_mask(colour).layer_count(1);
    let range = vk::ImageSubresourceRange::default()
        .aspect_mask(colour)
        .level_count(1)
        .layer_count(1);
    let region = |y, height| {
        vk::BufferImageCopy::default()
            .image_subresource(layers)
            .image_offset(vk::Offset3D { x: 0, y, z: 0 })
            .image_extent(vk::Extent3D { width: 256, height, depth: 1 })
    };
    use vk::ImageLayout as L;
    gpu.run(|c| {
        c.transition_range(*image, range, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .copy_buffer_to_raw_image(&texels, *image, &[region(0, 512)])
            .transition_range(*image, range, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
            .copy_raw_image_to_buffer(*image, &result, &[region(128, 256)])
            .barrier();
    })?;
    Ok(Output::Picture(result.read()?))
}
