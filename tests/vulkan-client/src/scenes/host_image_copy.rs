//! Copies to, between and from images by the host, without a command buffer.

use ash::vk;

use crate::error::{Result, expect, require};
use crate::gpu::{Gpu, ImageSpec, Needs, Output, checkerboard, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, host_image_copy.host_image_copy);
    needs.version(vk::API_VERSION_1_3);
}

const LAYOUT: vk::ImageLayout = vk::ImageLayout::GENERAL;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let transfer = vk::ImageUsageFlags::HOST_TRANSFER_EXT;
    let spec = ImageSpec {
        usage: transfer | vk::ImageUsageFlags::TRANSFER_SRC | vk::ImageUsageFlags::TRANSFER_DST,
        ..ImageSpec::default()
    };
    let mut more = vk::FormatProperties3::default();
    gpu.query_format(spec.format, &mut more);
    let can = more.optimal_tiling_features;
    require(can.contains(vk::FormatFeatureFlags2::HOST_IMAGE_TRANSFER_EXT), "host transfers of RGBA8")?;
    let (first, second) = (gpu.unviewed(spec)?, gpu.unviewed(spec)?);
    let layers = vk::ImageSubresourceLayers::default()
        .aspect_mask(vk::ImageAspectFlags::COLOR)
        .layer_count(1);
    let range = vk::ImageSubresourceRange::default()
        .aspect_mask(vk::ImageAspectFlags::COLOR)
        .level_count(1)
        .layer_count(1);
    let to_general = |image: &vk::Image| {
        vk::HostImageLayoutTransitionInfoEXT::default()
            .image(*image)
            .new_layout(LAYOUT)
            .subresource_range(range)
    };
    gpu.transition_on_host(&[to_general(&first.0), to_general(&second.0)])?;

    let texels = checkerboard(256, 256, 16);
    let whole = vk::Extent3D { width: 256, height: 256, depth: 1 };
    let region = vk::MemoryToImageCopyEXT {
        p_host_pointer: texels.as_ptr().cast(),
        image_subresource: layers,
        image_extent: whole,
        ..Default::default()
    };
    // A window of the same texels, which are 256 to a row.
    let patch = vk::MemoryToImageCopyEXT {
        memory_row_length: 256,
        memory_image_height: 256,
        image_offset: vk::Offset3D { x: 40, y: 150, z: 0 },
        image_extent: vk::Extent3D { width: 77, height: 50, depth: 1 },
        ..region
    };
    for image in [&first.0, &second.0] {
        let regions = [region];
        let info = vk::CopyMemoryToImageInfoEXT::default().dst_image(**image);
        gpu.copy_memory_to_image(&info.dst_image_layout(LAYOUT).regions(&regions))?;
    }
    let regions = [patch];
    let info = vk::CopyMemoryToImageInfoEXT::default().dst_image(*first.0);
    gpu.copy_memory_to_image(&info.dst_image_layout(LAYOUT).regions(&regions))?;
    let quarter = [vk::ImageCopy2::default()
        .src_subresource(layers)
        .dst_subresource(layers)
        .dst_offset(vk::Offset3D { x: 128, y: 0, z: 0 })
        .extent(vk::Extent3D { width: 64, height: 256, depth: 1 })];
    gpu.copy_image_to_image(
        &vk::CopyImageToImageInfoEXT::default()
            .src_image(*first.0)
            .src_image_layout(LAYOUT)
            .dst_image(*second.0)
            .dst_image_layout(LAYOUT)
            .regions(&quarter),
    )?;
    let mut read = vec![0u8; texels.len()];
    let back = [vk::ImageToMemoryCopyEXT {
        p_host_pointer: read.as_mut_ptr().cast(),
        image_subresource: layers,
        image_extent: whole,
        ..Default::default()
    }];
    gpu.copy_image_to_memory(
        &vk::CopyImageToMemoryInfoEXT::default()
            .src_image(*second.0)
            .src_image_layout(LAYOUT)
            .regions(&back),
    )?;
    expect(read[..512] == texels[..512], || "the first row's left half differs".into())?;
    Ok(Output::Picture(read))
}
