//! Four threads that make objects, record, submit and wait at the same time on one device.

use std::thread;

use ash::vk;

use crate::error::{Error, Result};
use crate::gpu::{Gpu, ImageSpec, Needs, Output, Place, checkerboard, wgsl};
use crate::scenes::rects::Rects;
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(_: &mut Needs) {}

const ROUNDS: u32 = 8;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let work = |number: u32| {
        let gpu = gpu.clone();
        thread::spawn(move || quarter(&gpu, number))
    };
    let threads: Vec<_> = (0..4).map(work).collect();
    let mut quarters = Vec::new();
    for thread in threads {
        let joined = thread.join().map_err(|_| Error::Wrong("a thread panicked".into()))?;
        quarters.push(joined?);
    }
    Ok(Output::Picture(together(&quarters)))
}

/// Draws a few pictures, the last of which counts.
fn quarter(gpu: &Gpu, number: u32) -> Result<Output> {
    for round in 0..ROUNDS {
        let texels = checkerboard(32, 32, 2 + round);
        let texture = gpu.texture(ImageSpec::texture(32, 32), &texels)?;
        let sampler = gpu.sampler(vk::Filter::NEAREST)?;
        picture_of(gpu, wgsl!("screen"), &texture.view, &sampler)?;
        gpu.buffer(4096 << round, vk::BufferUsageFlags::STORAGE_BUFFER, Place::Upload)?;
    }
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |_| {})?;
    gpu.run(|c| {
        c.begin_target(&target, &[crate::gpu::BACKDROP]).graphics(&pipeline);
        for i in 0..10 {
            let inset = i as f32 * 0.1 - 1.0;
            let shade = [i as f32 / 10.0, number as f32 / 3.0, 1.0 - i as f32 / 10.0, 1.0];
            rects.draw(c, [inset, inset, -inset, -inset], shade);
        }
        c.end_render_pass();
    })?;
    target.picture()
}

/// Takes every second texel of each, and puts them side by side.
fn together(quarters: &[Output]) -> Vec<u8> {
    let texel = |x: u32, y: u32| {
        let quarter = &quarters[(x / 128 + y / 128 * 2) as usize];
        quarter.texel(x % 128 * 2, y % 128 * 2)
    };
    (0..256).flat_map(|y| (0..256).flat_map(move |x| texel(x, y))).collect()
}
