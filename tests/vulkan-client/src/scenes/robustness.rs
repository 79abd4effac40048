//! Reads and writes out of a buffer's bounds, which robust access keeps within it.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Gpu, Needs, Output, Stage, bytes, glsl, need, words};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.robust_buffer_access);
}

const MARK: u32 = 0x1111_1111;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let storage = vk::BufferUsageFlags::STORAGE_BUFFER;
    let source = gpu.upload(&bytes(&[MARK; 64]), storage)?;
    let small = gpu.readback(256, storage)?;
    let result = gpu.readback(512, storage)?;
    let kind = vk::DescriptorType::STORAGE_BUFFER;
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
    let found = words(&result.read()?);
    let (within, beyond) = found.split_at(64);
    expect(within.iter().all(|word| *word == MARK), || "reads within differ".into())?;
    // Zero, or anything that is in the buffer.
    let odd = beyond.iter().find(|word| **word != 0 && **word != MARK);
    expect(odd.is_none(), || format!("a read out of bounds found {odd:?}"))?;
    let small = words(&small.read()?);
    // A write out of bounds may be dropped, or land anywhere within.
    expect(small.iter().all(|word| *word <= 64), || "writes landed as something else".into())?;
    Ok(Output::Bytes(bytes(within)))
}
