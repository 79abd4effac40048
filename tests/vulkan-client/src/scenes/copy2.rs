//! The copies, blits and resolves of Vulkan 1.3, whose regions are structures of their own.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, ImageSpec, Needs, Output, Place, TargetSpec, checkerboard};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    needs.version(vk::API_VERSION_1_3);
}

const SRC: vk::ImageLayout = vk::ImageLayout::TRANSFER_SRC_OPTIMAL;
const DST: vk::ImageLayout = vk::ImageLayout::TRANSFER_DST_OPTIMAL;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let samples = vk::SampleCountFlags::TYPE_4;
    let target = gpu.target_of(TargetSpec { samples, ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| {
        spec.samples = spec.samples.rasterization_samples(samples);
        spec.topology = vk::PrimitiveTopology::TRIANGLE_LIST;
    })?;
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let texels = gpu.upload(&checkerboard(128, 128, 8), usage)?;
    let moved = gpu.buffer(texels.size, usage, Place::Device)?;
    let tile = gpu.image(ImageSpec::texture(128, 128))?;
    let picture = gpu.image(ImageSpec::default())?;
    let result = gpu.readback(256 * 256 * 4, usage)?;

    let buffers = [vk::BufferCopy2::default().size(texels.size)];
    let to_tile = [vk::BufferImageCopy2::default()
        .image_subresource(tile.layers(0, 0..1))
        .image_extent(tile.mip_extent(0))];
    let pasted = [vk::ImageCopy2::default()
        .src_subresource(tile.layers(0, 0..1))
        .src_offset(vk::Offset3D { x: 10, y: 20, z: 0 })
        .dst_subresource(picture.layers(0, 0..1))
        .dst_offset(vk::Offset3D { x: 130, y: 5, z: 0 })
        .extent(vk::Extent3D { width: 100, height: 90, depth: 1 })];
    let scaled = [vk::ImageBlit2::default()
        .src_subresource(tile.layers(0, 0..1))
        .src_offsets(corners([0, 0, 128, 128]))
        .dst_subresource(picture.layers(0, 0..1))
        .dst_offsets(corners([250, 130, 140, 250]))];
    let resolved = [vk::ImageResolve2::default()
        .src_subresource(target.colours[0].layers(0, 0..1))
        .dst_subresource(picture.layers(0, 0..1))
        .extent(vk::Extent3D { width: 128, height: 256, depth: 1 })];
    let back = [vk::BufferImageCopy2::default()
        .image_subresource(picture.layers(0, 0..1))
        .image_extent(picture.mip_extent(0))];
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, BACKDROP]).graphics(&pipeline);
        rects.draw(c, [-0.93, -0.87, 0.83, 0.91], [0.9, 0.3, 0.2, 1.0]);
        c.end_render_pass();
        c.copy_buffer2(
            &vk::CopyBufferInfo2::default()
                .src_buffer(*texels.raw)
                .dst_buffer(*moved.raw)
                .regions(&buffers),
        );
        c.barrier().transition(&tile, vk::ImageLayout::UNDEFINED, DST);
        c.transition(&picture, vk::ImageLayout::UNDEFINED, DST);
        c.copy_buffer_to_image2(
            &vk::CopyBufferToImageInfo2::default()
                .src_buffer(*moved.raw)
                .dst_image(*tile.raw)
                .dst_image_layout(DST)
                .regions(&to_tile),
        );
        c.transition(&tile, DST, SRC);
        let clear = vk::ClearColorValue { float32: [0.4, 0.4, 0.4, 1.0] };
        c.clear_colour(&picture, clear, &[picture.range()]).transition(&picture, DST, DST);
        c.copy_image2(
            &vk::CopyImageInfo2::default()
                .src_image(*tile.raw)
                .src_image_layout(SRC)
                .dst_image(*picture.raw)
                .dst_image_layout(DST)
                .regions(&pasted),
        );
        c.blit_image2(
            &vk::BlitImageInfo2::default()
                .src_image(*tile.raw)
                .src_image_layout(SRC)
                .dst_image(*picture.raw)
                .dst_image_layout(DST)
                .regions(&scaled)
                .filter(vk::Filter::LINEAR),
        );
        c.resolve_image2(
            &vk::ResolveImageInfo2::default()
                .src_image(*target.colours[0].raw)
                .src_image_layout(SRC)
                .dst_image(*picture.raw)
                .dst_image_layout(DST)
                .regions(&resolved),
        );
        c.transition(&picture, DST, SRC);
        c.copy_image_to_buffer2(
            &vk::CopyImageToBufferInfo2::default()
                .src_image(*picture.raw)
                .src_image_layout(SRC)
                .dst_buffer(*result.raw)
                .regions(&back),
        );
        c.barrier();
    })?;
    Ok(Output::Picture(result.read()?))
}

/// Left, top, right and bottom as two corners.
fn corners([left, top, right, bottom]: [i32; 4]) -> [vk::Offset3D; 2] {
    [vk::Offset3D { x: left, y: top, z: 0 }, vk::Offset3D { x: right, y: bottom, z: 1 }]
}
