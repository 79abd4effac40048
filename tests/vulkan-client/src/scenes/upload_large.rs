//! 64 MiB up and down through memory that stays mapped, in three rounds.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{Gpu, Needs, Output, Place, bytes, whole};

pub(crate) fn needs(_: &mut Needs) {}

const SIZE: usize = 64 << 20;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let size = SIZE as u64;
    let mut up = gpu.buffer(size, usage, Place::Upload)?;
    let device = gpu.buffer(size, usage, Place::Device)?;
    let down = gpu.buffer(size, usage, Place::Readback)?;
    let mut sums = Vec::new();
    for round in 0..3u32 {
        let data = noise(round);
        // In pieces, as a program does that streams.
        for (number, piece) in data.chunks(3 << 20).enumerate() {
            up.write(number * (3 << 20), piece)?;
        }
        gpu.run(|c| {
            c.copy_buffer(&up, &device, &[whole(size)])
                .barrier()
                .copy_buffer(&device, &down, &[whole(size)])
                .barrier();
        })?;
        let read = down.read()?;
        expect(read == data, || format!("what came down in round {round} is not what went up"))?;
        sums.push(crc32fast::hash(&read));
    }
    Ok(Output::Bytes(bytes(&sums)))
}

/// Bytes without a pattern (xorshift), another sequence each round.
fn noise(round: u32) -> Vec<u8> {
    let mut state = 0x1234_5678_9abc_def1u64 + u64::from(round);
    let mut data = vec![0; SIZE];
    for word in data.as_chunks_mut::<8>().0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *word = state.to_le_bytes();
    }
    data
}
