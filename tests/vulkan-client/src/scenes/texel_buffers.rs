//! Texel buffers: formatted reads, writes and atomics through buffer views.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::{Result, expect};
use crate::gpu::{Binding, Buffer, Gpu, Needs, Output, Owned, Stage, checkerboard, glsl, words};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let texels = checkerboard(64, 64, 4);
    let source = gpu.upload(&texels, vk::BufferUsageFlags::UNIFORM_TEXEL_BUFFER)?;
    let storage = vk::BufferUsageFlags::STORAGE_TEXEL_BUFFER;
    let swapped = gpu.readback(texels.len() as u64, storage)?;
    let counts = gpu.readback(64, storage)?;
    let rgba = vk::Format::R8G8B8A8_UNORM;
    let views = [
        view(gpu, &source, rgba)?,
        view(gpu, &swapped, rgba)?,
        view(gpu, &counts, vk::Format::R32_UINT)?,
    ];
    let kinds =
        [Kind::UNIFORM_TEXEL_BUFFER, Kind::STORAGE_TEXEL_BUFFER, Kind::STORAGE_TEXEL_BUFFER];
    let set = gpu.descriptors(&kinds.map(Binding::of))?;
    for (binding, (kind, view)) in (0..).zip(kinds.into_iter().zip(&views)) {
        set.write(set.at(binding, 0, kind).texel_buffer_view(&[**view]));
    }
    let shader = gpu.shader(glsl!("texels.comp"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::main(&shader, vk::ShaderStageFlags::COMPUTE);
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    gpu.run(|c| {
        c.compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch(64, 1, 1)
            .barrier();
    })?;
    let swapped = swapped.read()?;
    let right = texels.as_chunks::<4>().0.iter().zip(swapped.as_chunks::<4>().0);
    let right = right.into_iter().all(|([r, g, b, a], out)| *out == [*b, *g, *r, *a]);
    expect(right, || "the channels were not swapped".into())?;
    let counts = counts.read()?;
    let total: u32 = words(&counts).iter().sum();
    expect(total == 4096, || format!("{total} texels were counted, not 4096"))?;
    Ok(Output::Bytes([swapped, counts].concat()))
}

fn view(gpu: &Gpu, buffer: &Buffer, format: vk::Format) -> Result<Owned<vk::BufferView>> {
    let info =
        vk::BufferViewCreateInfo::default().buffer(*buffer.raw).format(format).range(vk::WHOLE_SIZE);
    gpu.create_buffer_view(&info)
}
