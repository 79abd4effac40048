//! Tiny submissions, each waited for before the next.

use ash::vk;

use crate::bench::Step;
use crate::error::Result;
use crate::gpu::{Commands, Gpu, Place, Semaphores};

const SUBMITS: u32 = 20;

pub(super) fn start(gpu: &Gpu) -> Result<Step> {
    let buffer = gpu.buffer(64, vk::BufferUsageFlags::TRANSFER_DST, Place::Device)?;
    let commands = Commands::once(gpu, 0)?;
    commands.begin_with(&vk::CommandBufferBeginInfo::default())?;
    commands.fill_buffer(&buffer, 0..64, 1).barrier();
    commands.end()?;
    let fence = gpu.fence(false)?;
    let gpu = gpu.clone();
    Ok(Box::new(move || {
        // Named, so that the closure keeps it alive.
        let _buffer = &buffer;
        for _ in 0..SUBMITS {
            gpu.submit(0, &[&commands], Semaphores::default(), Some(&fence))?;
            gpu.wait(&fence)?;
            gpu.reset_fences(&[*fence])?;
        }
        Ok(SUBMITS.into())
    }))
}
