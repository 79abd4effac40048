//! A cube map with another picture on each face, unrolled over the picture.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Gpu, ImageSpec, Needs, Output, checkerboard, wgsl};
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let face = |number: u8| {
        let mut texels = checkerboard(32, 32, 4 + u32::from(number) * 2);
        let tint = number * 40;
        texels.as_chunks_mut::<4>().0.iter_mut().for_each(|texel| {
            texel[2] = texel[2].wrapping_add(tint);
            texel[usize::from(number) % 3] /= 2;
        });
        texels
    };
    let spec = ImageSpec {
        layers: 6,
        view: vk::ImageViewType::CUBE,
        flags: vk::ImageCreateFlags::CUBE_COMPATIBLE,
        ..ImageSpec::texture(32, 32)
    };
    let texture = gpu.texture(spec, &(0..6).flat_map(face).collect::<Vec<_>>())?;
    let sampler = gpu.sampler(vk::Filter::LINEAR)?;
    picture_of(gpu, wgsl!("cube"), &texture.view, &sampler)
}
