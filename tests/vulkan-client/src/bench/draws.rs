//! Ten thousand small draws a frame, each with changes of state, recorded anew each frame.

use ash::vk;

use crate::bench::Step;
use crate::bench::flight::Flight;
use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Buffer, Commands, DescriptorSet, Gpu, GraphicsSpec, Owned, PUSH_STAGES,
    Target, pair, wgsl,
};

const DRAWS: u32 = 10_000;

/// Bytes from one uniform to the next, which every device's alignment divides.
const STRIDE: u32 = 256;

struct Frame {
    target: Target,
    pipelines: [Owned<vk::Pipeline>; 2],
    layout: Owned<vk::PipelineLayout>,
    set: DescriptorSet,
    vertices: [Buffer; 2],
    _uniforms: Buffer,
}

pub(super) fn start(gpu: &Gpu) -> Result<Step> {
    let frame = Frame::new(gpu)?;
    let mut flight = Flight::new(gpu)?;
    Ok(Box::new(move || {
        flight.wait()?;
        flight.submit(|c| frame.record(c))?;
        Ok(DRAWS.into())
    }))
}

impl Frame {
    fn new(gpu: &Gpu) -> Result<Self> {
        let target = gpu.target()?;
        let kind = vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC;
        let uniforms = gpu.upload(
            &[0x3e; STRIDE as usize * 16],
            vk::BufferUsageFlags::UNIFORM_BUFFER,
        )?;
        let set = gpu.descriptors(&[Binding::of(kind)])?;
        set.buffer_range(0, kind, &uniforms, 0, 16);
        let layout = gpu.layout(&[*set.layout], 16)?;
        let shader = gpu.shader(wgsl!("many"))?;
        let attribute = vk::VertexInputAttributeDescription {
            format: vk::Format::R32G32_SFLOAT,
            ..Default::default()
        };
        let pipeline = |cull| {
            gpu.graphics_pipeline(&GraphicsSpec {
                bindings: &[vk::VertexInputBindingDescription {
                    stride: 8,
                    ..Default::default()
                }],
                attributes: &[attribute],
                raster: vk::PipelineRasterizationStateCreateInfo::default()
                    .cull_mode(cull)
                    .line_width(1.0),
                ..GraphicsSpec::new(&pair(&shader), &layout, &target)
            })
        };
        let pipelines = [
            pipeline(vk::CullModeFlags::NONE)?,
            pipeline(vk::CullModeFlags::BACK)?,
        ];
        let corners = |size: f32| crate::gpu::bytes(&[0.0, 0.0, size, 0.0, 0.0, size]);
        let usage = vk::BufferUsageFlags::VERTEX_BUFFER;
        let vertices = [
            gpu.upload(&corners(0.01), usage)?,
            gpu.upload(&corners(0.02), usage)?,
        ];
        Ok(Self {
            target,
            pipelines,
            layout,
            set,
            vertices,
            _uniforms: uniforms,
        })
    }

    fn record(&self, c: &Commands) {
        c.begin_target(&self.target, &[BACKDROP]);
        for i in 0..DRAWS {
            let turn = |every: u32| (i / every % 2) as usize;
            if i % 16 == 0 {
                c.graphics(&self.pipelines[turn(16)]);
            }
            if i % 8 == 0 {
                c.bind_vertices(0, &[*self.vertices[turn(8)].raw], &[0]);
            }
            if i % 4 == 0 {
                let graphics = vk::PipelineBindPoint::GRAPHICS;
                c.bind_sets(
                    graphics,
                    *self.layout,
                    0,
                    &[self.set.raw],
                    &[i / 4 % 16 * STRIDE],
                );
            }
            let (x, y) = ((i % 100) as f32 / 50.0 - 1.0, (i / 100) as f32 / 50.0 - 1.0);
            let mut constants = [0; 16];
            constants[..4].copy_from_slice(&x.to_le_bytes());
            constants[4..8].copy_from_slice(&y.to_le_bytes());
            c.push(*self.layout, PUSH_STAGES, 0, &constants).draw(0..3);
        }
        c.end_render_pass();
    }
}
