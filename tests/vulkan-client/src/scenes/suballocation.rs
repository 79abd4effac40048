//! Many buffers and images at offsets of one allocation, as real programs have them.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Gpu, Memory, Needs, Output, Owned, Place, checkerboard};

pub(crate) fn needs(_: &mut Needs) {}

const BUFFERS: u64 = 24;
const SIZE: u64 = 5000;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    buffers(gpu)?;
    let usage = vk::ImageUsageFlags::TRANSFER_SRC | vk::ImageUsageFlags::TRANSFER_DST;
    let info = vk::ImageCreateInfo::default()
        .image_type(vk::ImageType::TYPE_2D)
        .format(vk::Format::R8G8B8A8_UNORM)
        .extent(vk::Extent3D { width: 64, height: 64, depth: 1 })
        .mip_levels(1)
        .array_layers(1)
        .samples(vk::SampleCountFlags::TYPE_1)
        .usage(usage);
    let image = |_| gpu.create_image(&info);
    let images = (0..16).map(image).collect::<Result<Vec<Owned<vk::Image>>>>()?;
    let one = gpu.image_requirements(&images[0]);
    let stride = one.size.next_multiple_of(one.alignment);
    let all = vk::MemoryRequirements { size: stride * 16, ..one };
    let memory = Memory::new(gpu, all, Place::Device, vk::MemoryAllocateFlags::empty())?;
    let binds: Vec<_> = (0..)
        .zip(&images)
        .map(|(i, image)| {
            vk::BindImageMemoryInfo::default()
                .image(**image)
                .memory(memory.raw)
                .memory_offset(stride * i)
        })
        .collect();
    gpu.bind_images(&binds)?;

    let source = gpu.upload(&checkerboard(256, 256, 10), vk::BufferUsageFlags::TRANSFER_SRC)?;
    let result = gpu.readback(256 * 256 * 4, vk::BufferUsageFlags::TRANSFER_DST)?;
    let layers = vk::ImageSubresourceLayers::default()
        .aspect_mask(vk::ImageAspectFlags::COLOR)
        .layer_count(1);
    let range = vk::ImageSubresourceRange::default()
        .aspect_mask(vk::ImageAspectFlags::COLOR)
        .level_count(1)
        .layer_count(1);
    // Tile i of the picture goes through image i, and comes back turned round.
    let region = |i: u64| {
        vk::BufferImageCopy::default()
            .buffer_offset((i / 4 * 64 * 256 + i % 4 * 64) * 4)
            .buffer_row_length(256)
            .image_subresource(layers)
            .image_extent(info.extent)
    };
    use vk::ImageLayout as L;
    gpu.run(|c| {
        for (i, image) in (0..).zip(&images) {
            c.transition_range(**image, range, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
                .copy_buffer_to_raw_image(&source, **image, &[region(i)]);
        }
        for (i, image) in (0..).zip(&images) {
            c.transition_range(**image, range, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
                .copy_raw_image_to_buffer(**image, &result, &[region(15 - i)])
                // The rows interleave, which the validation layer takes for an overlap.
                .barrier();
        }
    })?;
    Ok(Output::Picture(result.read()?))
}

/// Buffers side by side in mapped memory: what one gets, its neighbours must not.
fn buffers(gpu: &Gpu) -> Result<()> {
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let info = vk::BufferCreateInfo::default().size(SIZE).usage(usage);
    let buffer = |_| gpu.create_buffer(&info);
    let buffers = (0..BUFFERS).map(buffer).collect::<Result<Vec<Owned<vk::Buffer>>>>()?;
    let one = gpu.buffer_requirements(&buffers[0]);
    let stride = one.size.next_multiple_of(one.alignment);
    let all = vk::MemoryRequirements { size: stride * BUFFERS, ..one };
    let mut memory = Memory::new(gpu, all, Place::Upload, vk::MemoryAllocateFlags::empty())?;
    memory.write(0, &vec![0xcc; (stride * BUFFERS) as usize])?;
    let binds: Vec<_> = (0..)
        .zip(&buffers)
        .map(|(i, buffer)| {
            vk::BindBufferMemoryInfo::default()
                .buffer(**buffer)
                .memory(memory.raw)
                .memory_offset(stride * i)
        })
        .collect();
    gpu.bind_buffers(&binds)?;
    gpu.run(|c| {
        for (i, buffer) in (0u32..).zip(&buffers).filter(|(i, _)| i % 2 == 0) {
            c.fill_raw_buffer(**buffer, 0, SIZE, i * 0x0101_0101);
        }
        c.barrier();
    })?;
    for i in 0..BUFFERS {
        let bytes = memory.read((stride * i) as usize, SIZE as usize)?;
        let wanted = if i % 2 == 0 { i as u8 } else { 0xcc };
        let right = bytes.iter().all(|byte| *byte == wanted);
        expect(right, || format!("buffer {i} does not hold {wanted:#x}"))?;
    }
    Ok(())
}
