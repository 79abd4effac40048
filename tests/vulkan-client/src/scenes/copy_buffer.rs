//! Copies between buffers with many regions, fills and inline updates, checked by the host.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Gpu, Needs, Output, Place, bytes, whole};

pub(crate) fn needs(_: &mut Needs) {}

const SIZE: u64 = 64 * 1024;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let numbers: Vec<u32> = (0..SIZE as u32 / 4).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
    let source = bytes(&numbers);
    let transfer = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let from = gpu.upload(&source, transfer)?;
    let middle = gpu.buffer(SIZE, transfer, Place::Device)?;
    let result = gpu.readback(SIZE, transfer)?;
    let regions: Vec<_> = (0..16)
        .map(|i| vk::BufferCopy { src_offset: i * 1027, dst_offset: 40_000 + i * 611, size: 600 })
        .collect();
    let update: Vec<u8> = (0..4096u32).map(|i| (i * 7) as u8).collect();
    gpu.run(|c| {
        c.fill_buffer(&middle, 0..SIZE, 0xdead_beef)
            .barrier()
            .copy_buffer(&from, &middle, &regions)
            .barrier()
            .update_buffer(&middle, 512, &update)
            .fill_buffer(&middle, 8192..8200, 0x0102_0304)
            .barrier()
            .copy_buffer(&middle, &result, &[whole(SIZE)])
            .barrier();
    })?;

    let mut expected = bytes(&vec![0xdead_beefu32; SIZE as usize / 4]);
    for region in &regions {
        let (from, to) = (region.src_offset as usize, region.dst_offset as usize);
        expected[to..to + 600].copy_from_slice(&source[from..from + 600]);
    }
    expected[512..512 + update.len()].copy_from_slice(&update);
    expected[8192..8200].copy_from_slice(&[4, 3, 2, 1, 4, 3, 2, 1]);
    let read = result.read()?;
    expect(read == expected, || "the copies differ from the host's".into())?;
    Ok(Output::Bytes(read))
}
