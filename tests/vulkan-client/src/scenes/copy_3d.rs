//! Copies of slices of a three-dimensional image, to and from array layers, checked by the host.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Gpu, ImageSpec, Needs, Output};

pub(crate) fn needs(_: &mut Needs) {}

const SIDE: u32 = 32;
const TEXEL: usize = 4;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let extent = vk::Extent3D { width: SIDE, height: SIDE, depth: SIDE };
    let cube = gpu.image(ImageSpec {
        extent,
        kind: vk::ImageType::TYPE_3D,
        view: vk::ImageViewType::TYPE_3D,
        ..ImageSpec::texture(SIDE, SIDE)
    })?;
    let layers = gpu.image(ImageSpec {
        layers: 8,
        view: vk::ImageViewType::TYPE_2D_ARRAY,
        ..ImageSpec::texture(SIDE, SIDE)
    })?;
    let texel = |i: u32| [i as u8, (i >> 5) as u8, (i >> 10) as u8, 0x5a];
    let source: Vec<u8> = (0..SIDE * SIDE * SIDE).flat_map(texel).collect();
    let staging = gpu.upload(&source, vk::BufferUsageFlags::TRANSFER_SRC)?;
    // Eight slices to eight layers and back to other slices.
    let slices = |slice: i32| vk::Offset3D { x: 0, y: 0, z: slice };
    let some = vk::Extent3D { depth: 8, ..extent };
    let out = vk::ImageCopy::default()
        .src_subresource(cube.layers(0, 0..1))
        .src_offset(slices(4))
        .dst_subresource(layers.layers(0, 0..8))
        .extent(some);
    let back = vk::ImageCopy::default()
        .src_subresource(layers.layers(0, 0..8))
        .dst_subresource(cube.layers(0, 0..1))
        .dst_offset(slices(20))
        .extent(some);
    gpu.run(|c| {
        use vk::ImageLayout as L;
        c.transition(&cube, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .transition(&layers, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .copy_buffer_to_image(&staging, &cube, &[cube.region(0, 0..1)])
            .transition(&cube, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
            .copy_image(&cube, &layers, &[out])
            .transition(&cube, L::TRANSFER_SRC_OPTIMAL, L::TRANSFER_DST_OPTIMAL)
            .transition(&layers, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL)
            .copy_image(&layers, &cube, &[back])
            .transition(&cube, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    let read = gpu.read_image(&cube, 0, 4)?;
    let slice = (SIDE * SIDE) as usize * TEXEL;
    let mut expected = source.clone();
    expected[20 * slice..28 * slice].copy_from_slice(&source[4 * slice..12 * slice]);
    expect(read == expected, || "the slices differ from the host's".into())?;
    Ok(Output::Bytes(read))
}
