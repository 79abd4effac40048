//! One uniform buffer and one set, with another dynamic offset for each draw.

use ash::vk;

use crate::error::Result;
use crate::gpu::{BACKDROP, Binding, Gpu, GraphicsSpec, Needs, Output, bytes, pair, wgsl};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let kind = vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC;
    // Another device has another alignment; the picture is the same.
    let stride = gpu.limits().min_uniform_buffer_offset_alignment.next_multiple_of(256) as usize;
    let mut uniforms = vec![0; stride * 65];
    for i in 0..64 {
        let (x, y) = ((i % 8) as f32 / 4.0 - 1.0, (i / 8) as f32 / 4.0 - 1.0);
        let shade = i as f32 / 63.0;
        let rect = [x + 0.02, y + 0.02, x + 0.23, y + 0.23, shade, 1.0 - shade, (x + 1.0) / 2.0, 1.0];
        // The set starts one stride in, so that both offsets count.
        uniforms[(i + 1) * stride..][..32].copy_from_slice(&bytes(&rect));
    }
    let buffer = gpu.upload(&uniforms, vk::BufferUsageFlags::UNIFORM_BUFFER)?;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer_range(0, kind, &buffer, stride as u64, 32);
    let layout = gpu.layout(&[*set.layout], 0)?;
    let shader = gpu.shader(wgsl!("uniform"))?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]).graphics(&pipeline);
        for i in 0..64 {
            let offset = [(i * 37 % 64) * stride as u32];
            let graphics = vk::PipelineBindPoint::GRAPHICS;
            c.bind_sets(graphics, *layout, 0, &[set.raw], &offset).draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
