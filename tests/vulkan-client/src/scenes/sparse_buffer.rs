//! A buffer whose pages are bound in another order than that of its memory.

use ash::vk;

use crate::error::{Result, expect, require};
use crate::gpu::{Gpu, Memory, Needs, Output, Place, bytes, need, words};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.sparse_binding);
}

const PAGES: u64 = 4;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let sparse = vk::QueueFlags::SPARSE_BINDING;
    require(gpu.graphics().can(sparse), "sparse binding on the graphics queue")?;
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let info = vk::BufferCreateInfo::default()
        .flags(vk::BufferCreateFlags::SPARSE_BINDING)
        .usage(usage)
        .size(PAGES * 64 * 1024);
    let buffer = gpu.create_buffer(&info)?;
    let requirements = gpu.buffer_requirements(&buffer);
    let page = requirements.size / PAGES;
    require(page.is_multiple_of(requirements.alignment), "pages of 64 KiB")?;
    let memory = Memory::new(gpu, requirements, Place::Device, vk::MemoryAllocateFlags::empty())?;
    // Page 0 of the buffer is the last of the memory, and so on.
    let bind = |number: u64| {
        vk::SparseMemoryBind::default()
            .resource_offset(number * page)
            .size(page)
            .memory(memory.raw)
            .memory_offset((PAGES - 1 - number) * page)
    };
    let binds: Vec<_> = (0..PAGES).map(bind).collect();
    let buffers = [vk::SparseBufferMemoryBindInfo::default().buffer(*buffer).binds(&binds)];
    gpu.bind_sparse(vk::BindSparseInfo::default().buffer_binds(&buffers))?;

    let numbers: Vec<u32> = (0..info.size as u32 / 4).map(|i| i ^ i << 13).collect();
    let source = gpu.upload(&bytes(&numbers), usage)?;
    let result = gpu.readback(info.size, usage)?;
    gpu.run(|c| {
        let whole = [vk::BufferCopy::default().size(info.size)];
        c.copy_raw_buffer(*source.raw, *buffer, &whole)
            .barrier()
            .copy_raw_buffer(*buffer, *result.raw, &whole)
            .barrier();
    })?;
    let read = result.read()?;
    expect(words(&read) == numbers, || "the pages came back otherwise".into())?;
    Ok(Output::Bytes(read))
}
