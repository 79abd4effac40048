//! Numbers attached to objects of several kinds, in two slots.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Gpu, ImageSpec, Needs, Output, Place, bytes, need};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.private_data);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let slot = || gpu.create_private_data_slot(&vk::PrivateDataSlotCreateInfo::default());
    let (first, second) = (slot()?, slot()?);
    let buffer = gpu.buffer(64, vk::BufferUsageFlags::UNIFORM_BUFFER, Place::Upload)?;
    let image = gpu.image(ImageSpec::default())?;
    let sampler = gpu.sampler(vk::Filter::LINEAR)?;
    gpu.set_private(*buffer.raw, &first, 1)?;
    gpu.set_private(*buffer.raw, &second, u64::MAX)?;
    gpu.set_private(*image.raw, &first, 0x1_0000_0000)?;
    gpu.set_private(*image.view, &first, 4)?;
    gpu.set_private(*sampler, &second, 5)?;
    gpu.set_private(*sampler, &second, 6)?;
    let read = [
        gpu.private(*buffer.raw, &first),
        gpu.private(*buffer.raw, &second),
        gpu.private(*image.raw, &first),
        gpu.private(*image.raw, &second),
        gpu.private(*image.view, &first),
        gpu.private(*sampler, &first),
        gpu.private(*sampler, &second),
    ];
    let wanted = [1, u64::MAX, 0x1_0000_0000, 0, 4, 0, 6];
    expect(read == wanted, || format!("the slots hold {read:?}, not {wanted:?}"))?;
    Ok(Output::Bytes(bytes(&read)))
}
