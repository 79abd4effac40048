//! Clears: of images, of attachments within a pass, of depth, and by a pass's load operation.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Gpu, ImageSpec, Needs, Output, TargetSpec, colour, depth};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    integers(gpu)?;
    depths(gpu)?;
    let target =
        gpu.target_of(TargetSpec { depth: Some(vk::Format::D16_UNORM), ..TargetSpec::default() })?;
    let clear = |rgba| vk::ClearAttachment {
        aspect_mask: vk::ImageAspectFlags::COLOR,
        color_attachment: 0,
        clear_value: colour(rgba),
    };
    let rect = |x, y, width, height| vk::ClearRect {
        rect: vk::Rect2D { offset: vk::Offset2D { x, y }, extent: vk::Extent2D { width, height } },
        base_array_layer: 0,
        layer_count: 1,
    };
    gpu.run(|c| {
        c.begin_target(&target, &[colour([0.25, 0.5, 0.75, 1.0]), depth(0.5, 0)])
            .clear_attachments(&[clear([1.0, 0.0, 0.0, 1.0])], &[rect(10, 10, 100, 50)])
            .clear_attachments(
                &[clear([0.0, 1.0, 0.0, 0.5])],
                &[rect(60, 30, 100, 100), rect(200, 200, 56, 56), rect(0, 255, 256, 1)],
            )
            .end_render_pass();
    })?;
    let output = target.picture()?;
    output.expect_texel(230, 230, [0, 255, 0, 128])?;
    Ok(output)
}

/// Clears an integer image, layer by layer.
fn integers(gpu: &Gpu) -> Result<()> {
    let image = gpu.image(ImageSpec {
        format: vk::Format::R32_UINT,
        layers: 3,
        view: vk::ImageViewType::TYPE_2D_ARRAY,
        ..ImageSpec::texture(16, 16)
    })?;
    gpu.run(|c| {
        use vk::ImageLayout as L;
        c.transition(&image, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL);
        for layer in 0..3 {
            let value = vk::ClearColorValue { uint32: [0xfff0_0000 + layer, 0, 0, 0] };
            let range =
                vk::ImageSubresourceRange { base_array_layer: layer, layer_count: 1, ..image.range() };
            c.clear_colour(&image, value, &[range]);
        }
        c.transition(&image, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    let read = crate::gpu::words(&gpu.read_image(&image, 0, 4)?);
    let right = (0u32..).zip(&read).all(|(i, word)| *word == 0xfff0_0000 + i / 256);
    expect(right, || "the integer layers were not cleared to their values".into())
}

/// Clears a depth image outside of a pass.
fn depths(gpu: &Gpu) -> Result<()> {
    let image = gpu.image(ImageSpec::depth(vk::Format::D32_SFLOAT))?;
    gpu.run(|c| {
        use vk::ImageLayout as L;
        c.transition(&image, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .clear_depth(&image, 0.375, 0)
            .transition(&image, L::TRANSFER_DST_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    let read = gpu.read_image(&image, 0, 4)?;
    let right = read.as_chunks().0.iter().all(|texel| f32::from_le_bytes(*texel) == 0.375);
    expect(right, || "the depth was not cleared to 0.375".into())
}
