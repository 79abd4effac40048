//! Copies of image parts: row lengths, offsets, array layers, layouts and a pasted-up picture.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Gpu, Image, ImageSpec, Needs, Output, checkerboard};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let spec = ImageSpec {
        layers: 4,
        view: vk::ImageViewType::TYPE_2D_ARRAY,
        ..ImageSpec::texture(64, 64)
    };
    let array = gpu.image(spec)?;
    let picture = gpu.image(ImageSpec::default())?;
    let source = gpu.upload(&checkerboard(256, 256, 16), vk::BufferUsageFlags::TRANSFER_SRC)?;
    // Each layer is another 64 x 64 window into the 256 texels wide source.
    let window = |layer: u32| {
        vk::BufferImageCopy::default()
            .buffer_offset(u64::from((layer * 48 * 256 + layer * 40) * 4))
            .buffer_row_length(256)
            .buffer_image_height(64)
            .image_subresource(array.layers(0, layer..layer + 1))
            .image_extent(array.mip_extent(0))
    };
    let windows: Vec<_> = (0..4).map(window).collect();
    gpu.run(|c| {
        use vk::ImageLayout as L;
        let background = vk::ClearColorValue { float32: [0.2, 0.2, 0.3, 1.0] };
        c.transition(&array, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .transition(&picture, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .clear_colour(&picture, background, &[picture.range()])
            .copy_buffer_to_image(&source, &array, &windows)
            .transition(&array, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
            .transition(&picture, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_DST_OPTIMAL);
        for layer in 0..4 {
            c.copy_image(&array, &picture, &paste(&array, &picture, layer));
        }
        // The same picture serves as source and destination of the last copy.
        c.transition(&picture, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_DST_OPTIMAL)
            .copy_buffer_to_image(&source, &picture, &[strip(&picture)])
            .transition(&picture, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}

/// One whole layer, and parts of it in other places.
fn paste(array: &Image, picture: &Image, layer: u32) -> Vec<vk::ImageCopy> {
    let column = layer as i32 * 64;
    let part = |sx, sy, dx, dy, width, height| vk::ImageCopy {
        src_subresource: array.layers(0, layer..layer + 1),
        src_offset: vk::Offset3D { x: sx, y: sy, z: 0 },
        dst_subresource: picture.layers(0, 0..1),
        dst_offset: vk::Offset3D { x: dx, y: dy, z: 0 },
        extent: vk::Extent3D { width, height, depth: 1 },
    };
    vec![
        part(0, 0, column, 0, 64, 64),
        part(17, 5, column + 3, 70, 31, 40),
        part(1, 1, column + 50, 120, 1, 33),
    ]
}

/// A strip of texels with an odd row length, near the bottom.
fn strip(picture: &Image) -> vk::BufferImageCopy {
    vk::BufferImageCopy::default()
        .buffer_offset(400)
        .buffer_row_length(253)
        .image_subresource(picture.layers(0, 0..1))
        .image_offset(vk::Offset3D { x: 5, y: 180, z: 0 })
        .image_extent(vk::Extent3D { width: 240, height: 60, depth: 1 })
}
