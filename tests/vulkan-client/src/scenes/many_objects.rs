//! Thousands of small objects made and destroyed, the old ones' handles free to come again.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Binding, Gpu, ImageSpec, Needs, Output, Place, checkerboard, wgsl};
use crate::scenes::sampled::picture_of;

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let mut buffers = Vec::new();
    for round in 0..10u64 {
        for i in 0..100 {
            let usage = vk::BufferUsageFlags::UNIFORM_BUFFER;
            buffers.push(gpu.buffer(64 + i * 8, usage, Place::Upload)?);
        }
        // Every other one goes, in no order that they came in.
        let mut index = 0;
        buffers.retain(|_| {
            index += 1;
            (index * 7 + round) % 2 == 0
        });
    }
    for _ in 0..300 {
        gpu.fence(false)?;
        gpu.create_semaphore(&vk::SemaphoreCreateInfo::default())?;
        gpu.create_event(&vk::EventCreateInfo::default())?;
        gpu.sampler(vk::Filter::NEAREST)?;
        gpu.descriptors(&[Binding::of(vk::DescriptorType::UNIFORM_BUFFER)])?;
    }
    for side in 1..40 {
        gpu.image(ImageSpec::texture(side, side * 2))?;
    }
    let texture = gpu.texture(ImageSpec::texture(32, 32), &checkerboard(32, 32, 3))?;
    let sampler = gpu.sampler(vk::Filter::NEAREST)?;
    picture_of(gpu, wgsl!("screen"), &texture.view, &sampler)
}
