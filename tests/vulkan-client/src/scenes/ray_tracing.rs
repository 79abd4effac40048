//! A ray tracing pipeline with a shader binding table of generation, miss and hit shaders.

use ash::{khr, vk};
use vk::DescriptorType as Kind;
use vk::ShaderStageFlags as S;

use crate::error::Result;
use crate::gpu::{Binding, Buffer, Gpu, ImageSpec, Needs, Output, Place, Stage, glsl, need};
use crate::scenes::world::World;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk12.buffer_device_address, ray_tracing.ray_tracing_pipeline);
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
    let set = gpu.descriptors(&kinds.map(|kind| Binding {
        stages: S::RAYGEN_KHR,
        ..Binding::of(kind)
    }))?;
    set.acceleration(0, &world.top).image(1, kinds[1], *picture.view, vk::Sampler::null());
    let modules = [
        (gpu.shader(glsl!("rays.rgen"))?, S::RAYGEN_KHR),
        (gpu.shader(glsl!("rays.rmiss"))?, S::MISS_KHR),
        (gpu.shader(glsl!("rays.rchit"))?, S::CLOSEST_HIT_KHR),
    ];
    let stages = modules.each_ref().map(|(module, stage)| Stage::main(module, *stage).info());
    let unused = vk::RayTracingShaderGroupCreateInfoKHR::default()
        .ty(vk::RayTracingShaderGroupTypeKHR::GENERAL)
        .general_shader(vk::SHADER_UNUSED_KHR)
        .closest_hit_shader(vk::SHADER_UNUSED_KHR)
        .any_hit_shader(vk::SHADER_UNUSED_KHR)
        .intersection_shader(vk::SHADER_UNUSED_KHR);
    let hit = vk::RayTracingShaderGroupTypeKHR::TRIANGLES_HIT_GROUP;
    let groups = [
        unused.general_shader(0),
        unused.general_shader(1),
        unused.ty(hit).closest_hit_shader(2),
    ];
    let layout = gpu.layout(&[*set.layout], 0)?;
    let pipeline = gpu.ray_pipeline(
        &vk::RayTracingPipelineCreateInfoKHR::default()
            .stages(&stages)
            .groups(&groups)
            .max_pipeline_ray_recursion_depth(1)
            .layout(*layout),
    )?;
    let (_table, regions) = table(gpu, &pipeline)?;
    use vk::ImageLayout as L;
    gpu.run(|c| {
        let rays = vk::PipelineBindPoint::RAY_TRACING_KHR;
        c.transition(&picture, L::UNDEFINED, L::GENERAL)
            .bind_pipeline(rays, *pipeline)
            .bind_sets(rays, *layout, 0, &[set.raw], &[])
            .trace_rays(regions, 256, 256)
            .transition(&picture, L::GENERAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Picture(gpu.read_image(&picture, 0, 4)?))
}

/// The handles of the three groups, each where a region may start.
fn table(
    gpu: &Gpu,
    pipeline: &vk::Pipeline,
) -> Result<(Buffer, [vk::StridedDeviceAddressRegionKHR; 3])> {
    let mut properties = vk::PhysicalDeviceRayTracingPipelinePropertiesKHR::default();
    gpu.instance.query_properties(&mut properties);
    let size = properties.shader_group_handle_size as usize;
    let stride = (size as u64).next_multiple_of(properties.shader_group_base_alignment.into());
    let handles = gpu.group_handles(pipeline, 3, size)?;
    let usage = vk::BufferUsageFlags::SHADER_BINDING_TABLE_KHR
        | vk::BufferUsageFlags::SHADER_DEVICE_ADDRESS;
    let align = u64::from(properties.shader_group_base_alignment);
    let mut table = gpu.buffer(stride * 4, usage, Place::Upload)?;
    let start = table.address().next_multiple_of(align);
    let offset = start - table.address();
    for (group, handle) in (0..).zip(handles.chunks(size)) {
        table.write((offset + group * stride) as usize, handle)?;
    }
    let regions = [0, 1, 2].map(|group| vk::StridedDeviceAddressRegionKHR {
        device_address: start + group * stride,
        stride,
        size: stride,
    });
    Ok((table, regions))
}
