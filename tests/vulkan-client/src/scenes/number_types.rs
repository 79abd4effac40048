//! Shader arithmetic and storage in 8, 16 and 64 bits.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Gpu, Needs, Output, Stage, glsl, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.shader_int64, core.shader_float64, core.shader_int16);
    need!(needs, vk11.storage_buffer16_bit_access);
    need!(needs, vk12.storage_buffer8_bit_access, vk12.shader_int8, vk12.shader_float16);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let storage = vk::BufferUsageFlags::STORAGE_BUFFER;
    let input: Vec<u8> = (0..16u8).map(|i| i * 13).collect();
    let bytes = gpu.upload(&input, storage)?;
    let mut halves = gpu.readback(32, storage)?;
    // 1.0 in half precision.
    halves.write(0, &[0x00, 0x3c].repeat(16))?;
    let (longs, doubles) = (gpu.readback(128, storage)?, gpu.readback(128, storage)?);
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let set = gpu.descriptors(&[Binding::of(kind); 4])?;
    for (binding, buffer) in (0..).zip([&bytes, &halves, &longs, &doubles]) {
        set.buffer(binding, kind, buffer);
    }
    let shader = gpu.shader(glsl!("numbers.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(1, 1, 1)
            .barrier();
    })?;
    let (longs, doubles) = (longs.read()?, doubles.read()?);
    for (i, small) in input.iter().map(|byte| byte.wrapping_mul(3)).enumerate() {
        let at = i * 8..i * 8 + 8;
        let long = (u64::from(small) * 0x1_0000_0001).wrapping_add(1 << (i * 4));
        expect(longs[at.clone()] == long.to_le_bytes(), || format!("integer {i} is not {long}"))?;
        let double = f64::from(small) * 0.5 + 1.0 / f64::from(1u32 << i);
        expect(doubles[at] == double.to_le_bytes(), || format!("float {i} is not {double}"))?;
    }
    Ok(Output::Bytes([halves.read()?, longs, doubles].concat()))
}
