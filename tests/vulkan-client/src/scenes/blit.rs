//! Blits that scale, mirror and convert between formats, with both filters.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Gpu, ImageSpec, Needs, Output, checkerboard};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let source = gpu.texture(ImageSpec::texture(64, 64), &checkerboard(64, 64, 8))?;
    let half = gpu.image(ImageSpec {
        format: vk::Format::R16G16B16A16_SFLOAT,
        ..ImageSpec::texture(64, 64)
    })?;
    let picture = gpu.image(ImageSpec::default())?;
    let layers = picture.layers(0, 0..1);
    let blit = |from: [i32; 4], to: [i32; 4]| vk::ImageBlit {
        src_subresource: layers,
        src_offsets: corners(from),
        dst_subresource: layers,
        dst_offsets: corners(to),
    };
    gpu.run(|c| {
        use vk::{Filter, ImageLayout as L};
        let all = [0, 0, 64, 64];
        c.transition(&source, L::SHADER_READ_ONLY_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
            .transition(&half, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .transition(&picture, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .blit_image(&source, &half, &[blit(all, all)], Filter::NEAREST)
            .transition(&half, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
            .blit_image(&source, &picture, &[blit(all, [0, 0, 128, 128])], Filter::NEAREST)
            .blit_image(&source, &picture, &[blit(all, [256, 0, 128, 128])], Filter::LINEAR)
            .blit_image(&half, &picture, &[blit(all, [0, 256, 128, 128])], Filter::LINEAR)
            .blit_image(&half, &picture, &[blit([10, 6, 41, 53], [256, 256, 128, 128])], Filter::NEAREST)
            .transition(&picture, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}

/// Left, top, right and bottom as two corners.
fn corners([left, top, right, bottom]: [i32; 4]) -> [vk::Offset3D; 2] {
    [vk::Offset3D { x: left, y: top, z: 0 }, vk::Offset3D { x: right, y: bottom, z: 1 }]
}
