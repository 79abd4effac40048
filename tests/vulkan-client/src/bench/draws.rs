//! Draws with changes of state, recorded anew each frame: many small ones, or fewer large ones;
//! and the small ones only recorded, or recorded once and drawn.

use ash::vk;

use crate::bench::Step;
use crate::bench::flight::Flight;
use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Buffer, Commands, DescriptorSet, Gpu, GraphicsSpec, Owned, PUSH_STAGES,
    Target, pair, wgsl,
};

/// How much a frame draws.
#[derive(Clone, Copy)]
struct Load {
    draws: u32,
    /// Triangles of a draw.
    triangles: u32,
}

/// Next to nothing to draw, so that recording it is all the work.
const SMALL: Load = Load {
    draws: 10_000,
    triangles: 1,
};

/// A million triangles, as a game's frame has them.
const MESHES: Load = Load {
    draws: 1000,
    triangles: 1000,
};

/// Bytes from one uniform to the next, which every device's alignment divides.
const STRIDE: u32 = 256;

struct Frame {
    load: Load,
    target: Target,
    pipelines: [Owned<vk::Pipeline>; 2],
    layout: Owned<vk::PipelineLayout>,
    set: DescriptorSet,
    vertices: [Buffer; 2],
    _uniforms: Buffer,
}

pub(super) fn small(gpu: &Gpu) -> Result<Step> {
    drawn(gpu, SMALL)
}

pub(super) fn meshes(gpu: &Gpu) -> Result<Step> {
    drawn(gpu, MESHES)
}

/// The same frame recorded again and again, and never drawn: what recording alone costs.
pub(super) fn recording(gpu: &Gpu) -> Result<Step> {
    let frame = Frame::new(gpu, SMALL)?;
    let commands = Commands::once(gpu, 0)?;
    Ok(Box::new(move || {
        commands.begin()?;
        frame.record(&commands);
        commands.end()?;
        Ok(SMALL.draws.into())
    }))
}

/// The same frame drawn again and again from one recording: what drawing alone costs.
pub(super) fn drawing(gpu: &Gpu) -> Result<Step> {
    let frame = Frame::new(gpu, SMALL)?;
    let mut flight = Flight::new(gpu)?;
    flight.record(|c| frame.record(c))?;
    Ok(Box::new(move || {
        flight.wait()?;
        let _frame = &frame;
        flight.resubmit()?;
        Ok(SMALL.draws.into())
    }))
}

fn drawn(gpu: &Gpu, load: Load) -> Result<Step> {
    let frame = Frame::new(gpu, load)?;
    let mut flight = Flight::new(gpu)?;
    Ok(Box::new(move || {
        flight.wait()?;
        flight.submit(|c| frame.record(c))?;
        Ok(load.draws.into())
    }))
}

impl Frame {
    fn new(gpu: &Gpu, load: Load) -> Result<Self> {
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
        let usage = vk::BufferUsageFlags::VERTEX_BUFFER;
        let vertices = [
            gpu.upload(&corners(load, 0.01), usage)?,
            gpu.upload(&corners(load, 0.02), usage)?,
        ];
        Ok(Self {
            load,
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
        for i in 0..self.load.draws {
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
            c.push(*self.layout, PUSH_STAGES, 0, &constants)
                .draw(0..self.load.triangles * 3);
        }
        c.end_render_pass();
    }
}

/// The corners of a draw's triangles, side by side.
fn corners(load: Load, size: f32) -> Vec<u8> {
    let corners = |triangle: u32| {
        let (x, y) = ((triangle % 32) as f32 * size, (triangle / 32) as f32 * size);
        [x, y, x + size, y, x, y + size]
    };
    let corners: Vec<f32> = (0..load.triangles).flat_map(corners).collect();
    crate::gpu::bytes(&corners)
}
