//! Draws whose arguments and number were written by a compute shader.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, Needs, Output, Place, Stage, bytes, need, pair, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.multi_draw_indirect, core.draw_indirect_first_instance);
    need!(needs, vk12.draw_indirect_count);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let usage = vk::BufferUsageFlags::STORAGE_BUFFER | vk::BufferUsageFlags::INDIRECT_BUFFER;
    let arguments = gpu.buffer(16 * 16, usage, Place::Device)?;
    let counts = gpu.buffer(8, usage, Place::Device)?;
    let kind = vk::DescriptorType::STORAGE_BUFFER;
    let set = gpu.descriptors(&[Binding::of(kind); 2])?;
    set.buffer(0, kind, &arguments).buffer(1, kind, &counts);
    let writer = gpu.shader(wgsl!("arguments"))?;
    let writer_layout = gpu.layout(&[*set.layout], 0)?;
    let stage = Stage::new(&writer, vk::ShaderStageFlags::COMPUTE, c"cs");
    let write = gpu.compute_pipeline(stage, &writer_layout)?;

    // One indexed draw of three; the count says seven, which `at_most` cuts.
    let indexed = [[3u32, 2, 0, 0, 56], [3, 2, 0, 3, 60], [3, 2, 0, 0, 62]].concat();
    let indexed = gpu.upload(&bytes(&indexed), vk::BufferUsageFlags::INDIRECT_BUFFER)?;
    let seven = gpu.upload(&bytes(&[0u32, 7]), vk::BufferUsageFlags::INDIRECT_BUFFER)?;
    let indices = gpu.upload(&bytes(&[2u16, 1, 0, 0]), vk::BufferUsageFlags::INDEX_BUFFER)?;
    let shader = gpu.shader(wgsl!("grid"))?;
    let layout = gpu.layout(&[], 0)?;
    let pipeline =
        gpu.graphics_pipeline(&GraphicsSpec::new(&pair(&shader), &layout, &target))?;
    gpu.run(|c| {
        c.compute(&write)
            .bind_sets(vk::PipelineBindPoint::COMPUTE, *writer_layout, 0, &[set.raw], &[])
            .dispatch(1, 1, 1)
            .barrier()
            .begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .draw_indirect_count(&arguments, (&counts, 0), 16)
            .draw_indirect_count(&arguments, (&counts, 4), 3)
            .indices(&indices, 0, vk::IndexType::UINT16)
            .draw_indexed_indirect_count(&indexed, (&seven, 4), 2)
            .end_render_pass();
    })?;
    target.picture()
}
