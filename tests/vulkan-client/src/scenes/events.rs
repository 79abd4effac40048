//! Events: set and waited for by the device, by the host, and by one for the other.

use ash::vk;
use vk::PipelineStageFlags as S;

use crate::error::{Result, expect};
use crate::gpu::{Commands, Gpu, Needs, Output, Place, Semaphores, whole};

pub(crate) fn needs(_: &mut Needs) {}

const SIZE: u64 = 4096;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let event = || gpu.create_event(&vk::EventCreateInfo::default());
    let (between, from_host) = (event()?, event()?);
    expect(!gpu.is_set(&from_host)?, || "a new event is set".into())?;
    gpu.set_event(&from_host)?;
    expect(gpu.is_set(&from_host)?, || "the host's event is not set".into())?;
    gpu.reset_event(&from_host)?;
    expect(!gpu.is_set(&from_host)?, || "the host's event is still set".into())?;

    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let middle = gpu.buffer(SIZE, usage, Place::Device)?;
    let result = gpu.readback(SIZE, usage)?;
    let written = vk::MemoryBarrier::default()
        .src_access_mask(vk::AccessFlags::TRANSFER_WRITE)
        .dst_access_mask(vk::AccessFlags::TRANSFER_READ | vk::AccessFlags::TRANSFER_WRITE);
    let commands = Commands::once(gpu, 0)?;
    commands.begin()?;
    commands
        .wait_events(&[*from_host], S::HOST, S::TRANSFER, &[])
        .fill_buffer(&middle, 0..SIZE, 0x1234_5678)
        .set_event(*between, S::TRANSFER)
        .wait_events(&[*between], S::TRANSFER, S::TRANSFER, &[written])
        .fill_buffer(&middle, 1024..2048, 0x9abc_def0)
        .barrier()
        .copy_buffer(&middle, &result, &[whole(SIZE)])
        .barrier();
    commands.end()?;
    let fence = gpu.fence(false)?;
    // The specification wants it set before a submission waits for it.
    gpu.set_event(&from_host)?;
    gpu.submit(0, &[&commands], Semaphores::default(), Some(&fence))?;
    gpu.wait(&fence)?;
    expect(gpu.is_set(&between)?, || "the device's event is not set".into())?;
    gpu.run(|c| {
        c.reset_event(*between, S::ALL_COMMANDS);
    })?;
    expect(!gpu.is_set(&between)?, || "the device did not reset the event".into())?;
    Ok(Output::Bytes(result.read()?))
}
