//! Address modes, border colours and filters of samplers, one a cell.

use ash::vk;
use vk::{BorderColor as B, Filter as F, SamplerAddressMode as M};

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Gpu, ImageSpec, Needs, Output, cell, checkerboard, need, sampler_info, wgsl,
};
use crate::scenes::sampled::Sampled;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.sampler_mirror_clamp_to_edge, core.sampler_anisotropy);
}

const WAYS: [(M, M, B, F); 9] = [
    (M::REPEAT, M::REPEAT, B::FLOAT_OPAQUE_BLACK, F::LINEAR),
    (M::MIRRORED_REPEAT, M::MIRRORED_REPEAT, B::FLOAT_OPAQUE_BLACK, F::NEAREST),
    (M::CLAMP_TO_EDGE, M::CLAMP_TO_EDGE, B::FLOAT_OPAQUE_BLACK, F::LINEAR),
    (M::CLAMP_TO_BORDER, M::CLAMP_TO_BORDER, B::FLOAT_OPAQUE_BLACK, F::LINEAR),
    (M::CLAMP_TO_BORDER, M::CLAMP_TO_BORDER, B::FLOAT_OPAQUE_WHITE, F::NEAREST),
    (M::CLAMP_TO_BORDER, M::CLAMP_TO_BORDER, B::FLOAT_TRANSPARENT_BLACK, F::LINEAR),
    (M::MIRROR_CLAMP_TO_EDGE, M::MIRROR_CLAMP_TO_EDGE, B::FLOAT_OPAQUE_BLACK, F::LINEAR),
    (M::REPEAT, M::CLAMP_TO_BORDER, B::FLOAT_OPAQUE_WHITE, F::LINEAR),
    (M::CLAMP_TO_EDGE, M::MIRRORED_REPEAT, B::FLOAT_OPAQUE_BLACK, F::NEAREST),
];

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let texture = gpu.texture(ImageSpec::texture(16, 16), &checkerboard(16, 16, 4))?;
    let mut cells = Vec::new();
    for (index, (u, v, border, filter)) in (0..).zip(WAYS) {
        let info = sampler_info(filter)
            .address_mode_u(u)
            .address_mode_v(v)
            .border_color(border)
            .anisotropy_enable(index == 0)
            .max_anisotropy(4.0);
        let sampler = gpu.create_sampler(&info)?;
        let sampled = Sampled::new(gpu, wgsl!("wide"), &texture.view, &sampler)?;
        let viewport = [cell(index, 3)];
        let pipeline = sampled.pipeline(&target, |spec| spec.viewports = &viewport)?;
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
