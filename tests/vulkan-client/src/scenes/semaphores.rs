//! Binary semaphores between submissions, and fences: waited for, polled, reset and reused.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Commands, Gpu, Needs, Output, Place, Semaphores, whole};

pub(crate) fn needs(_: &mut Needs) {}

const SIZE: u64 = 1 << 20;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let buffers = [
        gpu.buffer(SIZE, usage, Place::Device)?,
        gpu.buffer(SIZE, usage, Place::Device)?,
        gpu.readback(SIZE, usage)?,
    ];
    let fill = Commands::once(gpu, 0)?;
    fill.begin()?;
    fill.fill_buffer(&buffers[0], 0..SIZE, 0x7654_3210).barrier();
    fill.end()?;
    let mut copies = Vec::new();
    for pair in buffers.windows(2) {
        let copy = Commands::once(gpu, 0)?;
        copy.begin()?;
        copy.copy_buffer(&pair[0], &pair[1], &[whole(SIZE)]).barrier();
        copy.end()?;
        copies.push(copy);
    }
    let semaphore = || gpu.create_semaphore(&vk::SemaphoreCreateInfo::default());
    let (first, second) = (semaphore()?, semaphore()?);
    let (first, second) = ([(*first, 0)], [(*second, 0)]);
    let (fences, already) = ([gpu.fence(false)?, gpu.fence(false)?], gpu.fence(true)?);
    expect(gpu.is_signalled(&already)?, || "a fence made signalled is not".into())?;
    gpu.submit(0, &[&fill], Semaphores { wait: &[], signal: &first }, None)?;
    let middle = Semaphores { wait: &first, signal: &second };
    gpu.submit(0, &[&copies[0]], middle, Some(&fences[0]))?;
    gpu.submit(0, &[&copies[1]], Semaphores { wait: &second, signal: &[] }, Some(&fences[1]))?;
    let both = [*fences[0], *fences[1]];
    gpu.wait_any(&both, false)?;
    gpu.wait_any(&both, true)?;
    for fence in &fences {
        expect(gpu.is_signalled(fence)?, || "a fence that was waited for is not signalled".into())?;
    }
    gpu.reset_fences(&both)?;
    expect(!gpu.is_signalled(&fences[0])?, || "a fence that was reset is signalled".into())?;
    // An empty submission signals, too.
    gpu.submit(0, &[], Semaphores::default(), Some(&fences[0]))?;
    gpu.wait(&fences[0])?;
    Ok(Output::Bytes(buffers[2].read()?[..4096].to_vec()))
}
