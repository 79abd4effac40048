//! One image through views of other formats and with its channels swapped.

use ash::vk;
use vk::ComponentSwizzle as C;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Gpu, ImageSpec, Needs, Output, cell, checkerboard, view_info, wgsl,
};
use crate::scenes::sampled::Sampled;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let spec =
        ImageSpec { flags: vk::ImageCreateFlags::MUTABLE_FORMAT, ..ImageSpec::texture(64, 64) };
    let texture = gpu.texture(spec, &checkerboard(64, 64, 8))?;
    let swizzle = |r, g, b, a| vk::ComponentMapping { r, g, b, a };
    let plain = vk::ComponentMapping::default();
    let ways = [
        (vk::Format::R8G8B8A8_UNORM, plain),
        (vk::Format::R8G8B8A8_SRGB, plain),
        (vk::Format::R8G8B8A8_UNORM, swizzle(C::B, C::R, C::G, C::A)),
        (vk::Format::R8G8B8A8_SRGB, swizzle(C::ONE, C::R, C::ZERO, C::ONE)),
    ];
    let target = gpu.target()?;
    let sampler = gpu.sampler(vk::Filter::LINEAR)?;
    let mut cells = Vec::new();
    for (index, (format, components)) in (0..).zip(ways) {
        let info = view_info(&texture.raw, &spec).format(format).components(components);
        let view = gpu.create_image_view(&info)?;
        let sampled = Sampled::new(gpu, wgsl!("screen"), &view, &sampler)?;
        let viewports = [cell(index, 2)];
        let pipeline = sampled.pipeline(&target, |spec| spec.viewports = &viewports)?;
        cells.push((view, sampled, pipeline));
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]);
        for (_, sampled, pipeline) in &cells {
            sampled.draw(c, pipeline);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
