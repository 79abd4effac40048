//! Draws and a dispatch whose arguments are in buffers: plain, indexed and several at once.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, Needs, Output, Stage, bytes, need, pair, wgsl, words,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.multi_draw_indirect, core.draw_indirect_first_instance);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    dispatch(gpu)?;
    let target = gpu.target()?;
    let shader = gpu.shader(wgsl!("grid"))?;
    let layout = gpu.layout(&[], 0)?;
    let pipeline =
        gpu.graphics_pipeline(&GraphicsSpec::new(&pair(&shader), &layout, &target))?;
    // Vertices, instances, first vertex, first instance.
    let plain = [[3u32, 4, 0, 0], [3, 6, 3, 10], [0, 9, 0, 0], [3, 1, 6, 23]].concat();
    // Indices, instances, first index, vertex offset, first instance.
    let indexed = [[3u32, 8, 0, 0, 32], [6, 3, 3, 1, 44], [3, 0, 0, 0, 0]].concat();
    let usage = vk::BufferUsageFlags::INDIRECT_BUFFER;
    let plain = gpu.device_buffer(&bytes(&plain), usage)?;
    let indexed = gpu.upload(&bytes(&indexed), usage)?;
    let indices = gpu.upload(
        &bytes(&[0u32, 1, 2, 4, 3, 5, 6, 7, 8]),
        vk::BufferUsageFlags::INDEX_BUFFER,
    )?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .draw_indirect(&plain, 0, 4)
            .indices(&indices, 0, vk::IndexType::UINT32)
            .draw_indexed_indirect(&indexed, 0, 3)
            .draw_indirect(&plain, 16, 1)
            .end_render_pass();
    })?;
    target.picture()
}

/// Dispatches as many groups as a command before it wrote.
fn dispatch(gpu: &Gpu) -> Result<()> {
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let written = gpu.readback(16 * 16 * 4, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    let count = gpu.readback(8, vk::BufferUsageFlags::STORAGE_BUFFER)?;
    let set = gpu.descriptors(&[Binding::of(kind); 2])?;
    set.buffer(0, kind, &written).buffer(1, kind, &count);
    let shader = gpu.shader(wgsl!("arguments"))?;
    let layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::new(&shader, vk::ShaderStageFlags::COMPUTE, c"cs");
    let pipeline = gpu.compute_pipeline(stage, &layout)?;
    let arguments = gpu.readback(16, vk::BufferUsageFlags::INDIRECT_BUFFER)?;
    gpu.run(|c| {
        c.update_buffer(&arguments, 4, &bytes(&[3u32, 1, 1]))
            .barrier()
            .compute(&pipeline)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *layout, 0, &[set.raw], &[])
            .dispatch_indirect(&arguments, 4)
            .barrier();
    })?;
    let read = words(&written.read()?);
    let groups = read.chunks(4).filter(|draw| draw[0] == 3).count();
    expect(groups == 48, || format!("{groups} invocations wrote, not 48"))
}
