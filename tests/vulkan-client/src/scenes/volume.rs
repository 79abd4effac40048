//! A three-dimensional texture, sampled between its slices.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Gpu, ImageSpec, Needs, Output, wgsl};
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(_: &mut Needs) {}

const SIDE: u32 = 16;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let texel = |i: u32| {
        let (x, y, z) = (i % SIDE, i / SIDE % SIDE, i / SIDE / SIDE);
        let solid = (x / 4 + y / 4 + z / 4) % 2 * 128;
        [(x * 16) as u8, (y * 8 + solid) as u8, (z * 16) as u8, 255]
    };
    let texels: Vec<u8> = (0..SIDE * SIDE * SIDE).flat_map(texel).collect();
    let spec = ImageSpec {
        extent: vk::Extent3D { width: SIDE, height: SIDE, depth: SIDE },
        kind: vk::ImageType::TYPE_3D,
        view: vk::ImageViewType::TYPE_3D,
        ..ImageSpec::texture(SIDE, SIDE)
    };
    let texture = gpu.texture(spec, &texels)?;
    let sampler = gpu.sampler(vk::Filter::LINEAR)?;
    picture_of(gpu, wgsl!("volume"), &texture.view, &sampler)
}
