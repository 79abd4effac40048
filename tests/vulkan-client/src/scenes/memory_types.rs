//! Every host-visible memory type: mapped, flushed, mapped again, and copied by the device.

use ash::vk;

use crate::error::{Error, Result, expect};
use crate::gpu::{Gpu, Needs, Output, Place, bytes, whole};

pub(crate) fn needs(_: &mut Needs) {}

const SIZE: u64 = 100_000;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let data = bytes(&(0..SIZE as u32 / 4).map(|i| i.wrapping_mul(0x0101_0107)).collect::<Vec<_>>());
    let visible = vk::MemoryPropertyFlags::HOST_VISIBLE;
    let mut tried = 0;
    for (index, kind) in (0..).zip(gpu.memory.memory_types_as_slice()) {
        if !kind.property_flags.contains(visible) {
            continue;
        }
        match round_trip(gpu, index, &data) {
            // Buffers may not live in this type.
            Err(Error::Unsupported(_)) => {}
            other => {
                other?;
                tried += 1;
            }
        }
    }
    expect(tried > 0, || "no memory type is visible to the host".into())?;
    // Not how many: another driver over the same device may have fewer.
    Ok(Output::Bytes(data))
}

fn round_trip(gpu: &Gpu, index: u32, data: &[u8]) -> Result<()> {
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let mut from = gpu.buffer(SIZE, usage, Place::Type(index))?;
    let mut to = gpu.buffer(SIZE, usage, Place::Type(index))?;
    expect(from.memory.is_mapped(), || format!("type {index} was not mapped"))?;
    from.write(0, data)?;
    from.memory.remap()?;
    from.write(1000, &[0xee; 24])?;
    to.write(0, &vec![0xaa; SIZE as usize])?;
    gpu.run(|c| {
        c.copy_buffer(&from, &to, &[whole(SIZE)]).barrier();
    })?;
    let mut wanted = data.to_vec();
    wanted[1000..1024].fill(0xee);
    expect(to.read()? == wanted, || format!("the copy in memory type {index} differs"))?;
    to.memory.remap()?;
    expect(to.read()? == wanted, || format!("memory type {index} lost its contents"))
}
