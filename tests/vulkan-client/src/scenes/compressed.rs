//! A block-compressed texture, decoded by the sampler.

use ash::vk;

use crate::error::{Result, require};
use crate::gpu::{Gpu, ImageSpec, Needs, Output, need, wgsl};
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.texture_compression_bc);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let format = vk::Format::BC1_RGB_UNORM_BLOCK;
    let usable = gpu.format(format).optimal_tiling_features;
    require(usable.contains(vk::FormatFeatureFlags::SAMPLED_IMAGE), "BC1 to sample")?;
    // Two end colours in 5:6:5 and two bits a texel, eight bytes a block of 4 x 4.
    let block = |i: u32| {
        let (x, y) = (i % 16, i / 16);
        let high = 0x8000u16 | (x as u16) << 11 | (y as u16) << 6;
        let low = (15 - x as u16) << 5 | y as u16;
        let bits = 0xe41b_27d8u32.rotate_left(i % 32);
        [&high.to_le_bytes()[..], &low.to_le_bytes(), &bits.to_le_bytes()].concat()
    };
    let blocks: Vec<u8> = (0..256).flat_map(block).collect();
    let texture = gpu.texture(ImageSpec { format, ..ImageSpec::texture(64, 64) }, &blocks)?;
    let sampler = gpu.sampler(vk::Filter::NEAREST)?;
    picture_of(gpu, wgsl!("screen"), &texture.view, &sampler)
}
