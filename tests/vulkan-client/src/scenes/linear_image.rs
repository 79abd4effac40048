//! A linear image that the host fills through its mapping, row by row, and the device copies.

use ash::vk;

use crate::error::{Result, require};
use crate::gpu::{Gpu, ImageSpec, Needs, Output, Place, SIDE, checkerboard};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let mut linear = gpu.image(ImageSpec {
        tiling: vk::ImageTiling::LINEAR,
        usage: vk::ImageUsageFlags::TRANSFER_SRC | vk::ImageUsageFlags::SAMPLED,
        initial: vk::ImageLayout::PREINITIALIZED,
        place: Place::Upload,
        ..ImageSpec::default()
    })?;
    require(linear.memory.is_mapped(), "linear images that the host can map")?;
    let layout = gpu.subresource_layout(&linear.raw);
    let row = SIDE as usize * 4;
    for (y, texels) in checkerboard(SIDE, SIDE, 20).chunks(row).enumerate() {
        let at = layout.offset + y as u64 * layout.row_pitch;
        linear.memory.write(at as usize, texels)?;
    }
    let picture = gpu.image(ImageSpec::default())?;
    let copy = vk::ImageCopy {
        src_subresource: linear.layers(0, 0..1),
        dst_subresource: picture.layers(0, 0..1),
        extent: linear.mip_extent(0),
        ..Default::default()
    };
    use vk::ImageLayout as L;
    gpu.run(|c| {
        c.transition(&linear, L::PREINITIALIZED, L::TRANSFER_SRC_OPTIMAL)
            .transition(&picture, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .copy_image(&linear, &picture, &[copy])
            .transition(&picture, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}
