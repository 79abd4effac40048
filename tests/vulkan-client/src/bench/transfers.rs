//! Bytes through mapped memory: up to device-local memory, and down from it.

use ash::vk;

use crate::bench::Step;
use crate::bench::flight::{DEPTH, Flight};
use crate::error::Result;
use crate::gpu::{Buffer, Gpu, Place};

/// One write or copy.
const PIECE: usize = 64 * 1024;

/// Pieces a submission.
const PIECES: usize = 128;

const TOTAL: usize = PIECE * PIECES;

const MIB: f64 = (TOTAL >> 20) as f64;

/// Writes pieces into mapped memory, and copies each of them.
pub(super) fn uploads(gpu: &Gpu) -> Result<Step> {
    let (mut staging, device) = buffers(gpu, Place::Upload)?;
    let mut flight = Flight::new(gpu)?;
    let piece = vec![0x5a; PIECE];
    let regions = regions();
    Ok(Box::new(move || {
        let slot = flight.wait()?;
        let staging = &mut staging[slot];
        for number in 0..PIECES {
            staging.write(number * PIECE, &piece)?;
        }
        flight.submit(|c| {
            for region in &regions {
                c.copy_buffer(staging, &device, std::slice::from_ref(region));
            }
        })?;
        Ok(MIB)
    }))
}

/// Writes pieces into mapped memory alone.
pub(super) fn writes(gpu: &Gpu) -> Result<Step> {
    let (mut staging, _) = buffers(gpu, Place::Upload)?;
    let piece = vec![0x5a; PIECE];
    let mut slot = 0;
    Ok(Box::new(move || {
        slot = (slot + 1) % DEPTH;
        let staging = &mut staging[slot];
        for number in 0..PIECES {
            staging.write(number * PIECE, &piece)?;
        }
        Ok(MIB)
    }))
}

/// Copies what lies in mapped memory alone.
pub(super) fn copies(gpu: &Gpu) -> Result<Step> {
    let (staging, device) = buffers(gpu, Place::Upload)?;
    let mut flight = Flight::new(gpu)?;
    let regions = regions();
    flight.record(|c| {
        for region in &regions {
            c.copy_buffer(&staging[0], &device, std::slice::from_ref(region));
        }
    })?;
    Ok(Box::new(move || {
        flight.wait()?;
        let _buffers = (&staging, &device);
        flight.resubmit()?;
        Ok(MIB)
    }))
}

/// Copies pieces to mapped memory, and reads them.
pub(super) fn downloads(gpu: &Gpu) -> Result<Step> {
    let (staging, device) = buffers(gpu, Place::Readback)?;
    let mut flight = Flight::new(gpu)?;
    let regions = regions();
    Ok(Box::new(move || {
        let slot = flight.wait()?;
        // What the slot's last submission brought; zeroes the first time.
        let read = staging[slot].read()?;
        std::hint::black_box(&read);
        flight.submit(|c| {
            for region in &regions {
                c.copy_buffer(&device, &staging[slot], std::slice::from_ref(region));
            }
            c.barrier();
        })?;
        Ok(MIB)
    }))
}

/// A staging buffer a submission in flight, and one in the device's memory.
fn buffers(gpu: &Gpu, place: Place) -> Result<(Vec<Buffer>, Buffer)> {
    let usage = vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST;
    let staging = |_| {
        let mut buffer = gpu.buffer(TOTAL as u64, usage, place)?;
        buffer.write(0, &vec![0; TOTAL])?;
        Ok(buffer)
    };
    let staging = (0..DEPTH).map(staging).collect::<Result<_>>()?;
    let device = gpu.buffer(TOTAL as u64, usage, Place::Device)?;
    gpu.run(|c| {
        c.fill_buffer(&device, 0..TOTAL as u64, 0x0123_4567)
            .barrier();
    })?;
    Ok((staging, device))
}

fn regions() -> Vec<vk::BufferCopy> {
    let region = |number: usize| {
        let at = (number * PIECE) as u64;
        vk::BufferCopy {
            src_offset: at,
            dst_offset: at,
            size: PIECE as u64,
        }
    };
    (0..PIECES).map(region).collect()
}
