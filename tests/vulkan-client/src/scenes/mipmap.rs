//! A mip chain made by blits, sampled by derivatives and by explicit level.

use ash::vk;

use crate::error::{Result, require};
use crate::gpu::{Commands, Gpu, Image, ImageSpec, Needs, Output, checkerboard, sampler_info, wgsl};
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(_: &mut Needs) {}

const MIPS: u32 = 9;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let spec = ImageSpec { mips: MIPS, ..ImageSpec::texture(256, 256) };
    let features = gpu.format(spec.format).optimal_tiling_features;
    let linear = vk::FormatFeatureFlags::SAMPLED_IMAGE_FILTER_LINEAR;
    require(features.contains(linear), "linear filtering in blits")?;
    let texture = gpu.image(spec)?;
    let texels =
        gpu.upload(&checkerboard(256, 256, 16), vk::BufferUsageFlags::TRANSFER_SRC)?;
    gpu.run(|c| {
        c.transition(&texture, vk::ImageLayout::UNDEFINED, vk::ImageLayout::TRANSFER_DST_OPTIMAL)
            .copy_buffer_to_image(&texels, &texture, &[texture.region(0, 0..1)]);
        make_chain(c, &texture);
    })?;

    let repeat = vk::SamplerAddressMode::REPEAT;
    let sampler = gpu.create_sampler(
        &sampler_info(vk::Filter::LINEAR).address_mode_u(repeat).address_mode_v(repeat),
    )?;
    picture_of(gpu, wgsl!("mipmap"), &texture.view, &sampler)
}

/// Makes each level from the one before it, and leaves all of them to be sampled.
fn make_chain(c: &Commands, texture: &Image) {
    use vk::ImageLayout as L;
    let level = |mip| vk::ImageSubresourceRange {
        base_mip_level: mip,
        level_count: 1,
        ..texture.range()
    };
    let corners = |mip| {
        let extent = texture.mip_extent(mip);
        let far =
            vk::Offset3D { x: extent.width as i32, y: extent.height as i32, z: 1 };
        [vk::Offset3D::default(), far]
    };
    for mip in 1..MIPS {
        let from = level(mip - 1);
        c.transition_range(*texture.raw, from, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
        let blit = vk::ImageBlit {
            src_subresource: texture.layers(mip - 1, 0..1),
            src_offsets: corners(mip - 1),
            dst_subresource: texture.layers(mip, 0..1),
            dst_offsets: corners(mip),
        };
        c.blit_image(texture, texture, &[blit], vk::Filter::LINEAR);
    }
    let done = vk::ImageSubresourceRange { level_count: MIPS - 1, ..texture.range() };
    c.transition_range(*texture.raw, done, L::TRANSFER_SRC_OPTIMAL, L::SHADER_READ_ONLY_OPTIMAL);
    let last = level(MIPS - 1);
    c.transition_range(*texture.raw, last, L::TRANSFER_DST_OPTIMAL, L::SHADER_READ_ONLY_OPTIMAL);
}
