//! Null descriptors and reads out of bounds, which read as zero with the stricter robustness.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Gpu, Needs, Output, Stage, bytes, glsl, need, words};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.robust_buffer_access);
    need!(needs, robustness2.null_descriptor, robustness2.robust_buffer_access2);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let absent = absent(gpu)?;
    let storage = vk::BufferUsageFlags::STORAGE_BUFFER;
    let source = gpu.upload(&bytes(&[0x2222_2222u32; 64]), storage)?;
    let small = gpu.readback(256, storage)?;
    let result = gpu.readback(512, storage)?;
    let kind = Kind::STORAGE_BUFFER;
    let set = gpu.descriptors(&[Binding::of(kind); 3])?;
    set.buffer(0, kind, &source).buffer(1, kind, &small).buffer(2, kind, &result);
    let shader = gpu.shader(glsl!("robust.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(1, 1, 1)
            .barrier();
    })?;
    let found = result.read()?;
    let beyond = words(&found)[64..].iter().all(|word| *word == 0);
    expect(beyond, || "a read out of bounds is not zero".into())?;
    let small = words(&small.read()?);
    expect(small[0] == 1 && small[1..].iter().all(|word| *word == 0), || {
        format!("writes out of bounds landed within: {small:?}")
    })?;
    Ok(Output::Bytes([absent, found].concat()))
}

/// Reads a storage buffer, a uniform buffer and a texture that are not there.
fn absent(gpu: &Gpu) -> Result<Vec<u8>> {
    let kinds =
        [Kind::STORAGE_BUFFER, Kind::UNIFORM_BUFFER, Kind::SAMPLED_IMAGE, Kind::STORAGE_BUFFER];
    let set = gpu.descriptors(&kinds.map(Binding::of))?;
    let nothing =
        [vk::DescriptorBufferInfo { range: vk::WHOLE_SIZE, ..Default::default() }];
    set.write(set.at(0, 0, kinds[0]).buffer_info(&nothing));
    set.write(set.at(1, 0, kinds[1]).buffer_info(&nothing));
    set.image(2, kinds[2], vk::ImageView::null(), vk::Sampler::null());
    let result = gpu.readback(64, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    set.buffer(3, kinds[3], &result);
    let shader = gpu.shader(glsl!("absent.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(1, 1, 1)
            .barrier();
    })?;
    let read = result.read()?;
    let wanted: Vec<u32> = (0..16).collect();
    expect(words(&read) == wanted, || format!("null descriptors read {:?}", words(&read)))?;
    Ok(read)
}
