//! Samplers that are part of the set layout, which the set itself is not given.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, ImageSpec, Needs, Output, cell, checkerboard, pair, wgsl,
};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let texture = gpu.texture(ImageSpec::texture(8, 8), &checkerboard(8, 8, 2))?;
    let shader = gpu.shader(wgsl!("screen"))?;
    let mut cells = Vec::new();
    for (index, filter) in [(0, vk::Filter::LINEAR), (3, vk::Filter::NEAREST)] {
        let sampler = gpu.sampler(filter)?;
        let immutable = [*sampler];
        let bindings = [
            Binding::of(Kind::SAMPLED_IMAGE),
            Binding { immutable: &immutable, ..Binding::of(Kind::SAMPLER) },
        ];
        let set = gpu.descriptors(&bindings)?;
        set.image(0, Kind::SAMPLED_IMAGE, *texture.view, vk::Sampler::null());
        let layout = gpu.layout(&[*set.layout], 0)?;
        let viewports = [cell(index, 2)];
        let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
            topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
            viewports: &viewports,
            ..GraphicsSpec::new(&pair(&shader), &layout, &target)
        })?;
        cells.push((sampler, set, layout, pipeline));
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]);
        for (_, set, layout, pipeline) in &cells {
            c.graphics(pipeline)
                .bind_sets(vk::PipelineBindPoint::GRAPHICS, **layout, 0, &[set.raw], &[])
                .draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
