//! Votes, ballots and sums of a subgroup, whatever its size.

use ash::vk;

use crate::error::{Result, expect, require};
use crate::gpu::{Binding, Gpu, Needs, Output, Stage, glsl, words};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::SubgroupFeatureFlags as F;
    let mut properties = vk::PhysicalDeviceSubgroupProperties::default();
    gpu.instance.query_properties(&mut properties);
    let wanted = F::BASIC | F::VOTE | F::BALLOT | F::ARITHMETIC;
    require(properties.supported_operations.contains(wanted), format!("subgroup {wanted:?}"))?;
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let result = gpu.readback(1024 * 16, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer(0, kind, &result);
    let shader = gpu.shader(glsl!("subgroups.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(16, 1, 1)
            .barrier();
    })?;
    let read = result.read()?;
    let wrong = words(&read).iter().position(|word| *word != 1);
    expect(wrong.is_none(), || format!("word {wrong:?} is not one"))?;
    Ok(Output::Bytes(read))
}
