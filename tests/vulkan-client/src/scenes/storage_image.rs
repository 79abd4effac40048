//! Compute shaders that write a storage image and read it back in a second dispatch.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Binding, Gpu, ImageSpec, Needs, Output, Stage, wgsl};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let spec = ImageSpec {
        usage: vk::ImageUsageFlags::STORAGE | vk::ImageUsageFlags::TRANSFER_SRC,
        ..ImageSpec::default()
    };
    let (rings, edges) = (gpu.image(spec)?, gpu.image(spec)?);
    let kind = vk::DescriptorType::STORAGE_IMAGE;
    let none = vk::Sampler::null();
    let first = gpu.descriptors(&[Binding::of(kind)])?;
    first.image(0, kind, *rings.view, none);
    let second = gpu.descriptors(&[Binding::of(kind); 2])?;
    second.image(0, kind, *rings.view, none).image(1, kind, *edges.view, none);

    let shader = gpu.shader(wgsl!("storage_image"))?;
    let layout = gpu.layout(&[*first.layout, *second.layout], 0)?;
    let stage = |entry| Stage::new(&shader, vk::ShaderStageFlags::COMPUTE, entry);
    let draw = gpu.compute_pipeline(stage(c"draw"), &layout)?;
    let find_edges = gpu.compute_pipeline(stage(c"find_edges"), &layout)?;
    let general = vk::ImageLayout::GENERAL;
    gpu.run(|c| {
        c.transition(&rings, vk::ImageLayout::UNDEFINED, general)
            .transition(&edges, vk::ImageLayout::UNDEFINED, general)
            .bind_sets(
                vk::PipelineBindPoint::COMPUTE,
                *layout,
                0,
                &[first.raw, second.raw],
                &[],
            )
            .compute(&draw)
            .dispatch(32, 32, 1)
            .barrier()
            .compute(&find_edges)
            .dispatch(32, 32, 1)
            .transition(&edges, general, vk::ImageLayout::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&edges, 0, 4)?))
}
