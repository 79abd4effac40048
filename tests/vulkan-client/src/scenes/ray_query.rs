//! Rays traced by a compute shader against two levels of acceleration structures.

use ash::{khr, vk};
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{Binding, Gpu, ImageSpec, Needs, Output, Stage, glsl, need};
use crate::scenes::world::World;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.buffer_device_address, ray_query.ray_query);
    need!(needs, acceleration_structure.acceleration_structure);
    needs.extension(khr::deferred_host_operations::NAME);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let world = World::new(gpu)?;
    let picture = gpu.image(ImageSpec {
        usage: vk::ImageUsageFlags::STORAGE | vk::ImageUsageFlags::TRANSFER_SRC,
        ..ImageSpec::default()
    })?;
    let kinds = [Kind::ACCELERATION_STRUCTURE_KHR, Kind::STORAGE_IMAGE];
    let set = gpu.descriptors(&kinds.map(Binding::of))?;
    set.acceleration(0, &world.top).image(1, kinds[1], *picture.view, vk::Sampler::null());
    let shader = gpu.shader(glsl!("query.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    use vk::ImageLayout as L;
    gpu.run(|c| {
        c.transition(&picture, L::UNDEFINED, L::GENERAL)
            .compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(32, 32, 1)
            .transition(&picture, L::GENERAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}
