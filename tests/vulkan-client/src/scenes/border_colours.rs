//! Border colours of the program's own, with a format named for them and without.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Gpu, ImageSpec, Needs, Output, cell, checkerboard, need, sampler_info, wgsl,
};
use crate::scenes::sampled::Sampled;

pub(crate) fn needs(needs: &mut Needs) {
    need!(
        needs,
        border_colour.custom_border_colors,
        border_colour.custom_border_color_without_format,
    );
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let texture = gpu.texture(ImageSpec::texture(16, 16), &checkerboard(16, 16, 2))?;
    let border = vk::SamplerAddressMode::CLAMP_TO_BORDER;
    let ways = [
        (vk::Filter::LINEAR, vk::Format::R8G8B8A8_UNORM, [0.9, 0.6, 0.1, 1.0]),
        (vk::Filter::NEAREST, vk::Format::UNDEFINED, [0.1, 0.6, 0.9, 1.0]),
        (vk::Filter::LINEAR, vk::Format::UNDEFINED, [0.5, 0.0, 0.5, 0.5]),
        (vk::Filter::NEAREST, vk::Format::R8G8B8A8_UNORM, [0.0, 1.0, 0.0, 0.25]),
    ];
    let mut cells = Vec::new();
    for (index, (filter, format, rgba)) in (0..).zip(ways) {
        let mut custom = vk::SamplerCustomBorderColorCreateInfoEXT::default()
            .custom_border_color(vk::ClearColorValue { float32: rgba })
            .format(format);
        let info = sampler_info(filter)
            .address_mode_u(border)
            .address_mode_v(border)
            .border_color(vk::BorderColor::FLOAT_CUSTOM_EXT)
            .push_next(&mut custom);
        let sampler = gpu.create_sampler(&info)?;
        let sampled = Sampled::new(gpu, wgsl!("wide"), &texture.view, &sampler)?;
        let viewports = [cell(index, 2)];
        let pipeline = sampled.pipeline(&target, |spec| spec.viewports = &viewports)?;
        cells.push((sampler, sampled, pipeline));
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
