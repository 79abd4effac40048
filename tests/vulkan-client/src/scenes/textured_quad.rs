//! An indexed quad with a texture, once as a combined image sampler and once as two descriptors.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, ImageSpec, Needs, Output, Stage, bytes, checkerboard,
    glsl, pair, wgsl,
};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let texture = gpu.texture(ImageSpec::texture(64, 64), &checkerboard(64, 64, 8))?;
    let (linear, nearest) = (gpu.sampler(vk::Filter::LINEAR)?, gpu.sampler(vk::Filter::NEAREST)?);
    let vertices = gpu.upload(&bytes(&QUADS), vk::BufferUsageFlags::VERTEX_BUFFER)?;
    let indices = gpu.upload(&bytes(&INDICES), vk::BufferUsageFlags::INDEX_BUFFER)?;

    use vk::DescriptorType as Kind;
    let none = vk::Sampler::null();
    let together = gpu.descriptors(&[Binding::of(Kind::COMBINED_IMAGE_SAMPLER)])?;
    together.image(0, Kind::COMBINED_IMAGE_SAMPLER, *texture.view, *linear);
    let apart =
        gpu.descriptors(&[Binding::of(Kind::SAMPLED_IMAGE), Binding::of(Kind::SAMPLER)])?;
    apart.image(0, Kind::SAMPLED_IMAGE, *texture.view, none);
    apart.image(1, Kind::SAMPLER, vk::ImageView::null(), *nearest);

    let shader = gpu.shader(wgsl!("texture"))?;
    let combined = gpu.shader(glsl!("combined.frag"))?;
    let [vs, fs] = pair(&shader);
    let with_combined = [vs, Stage::main(&combined, vk::ShaderStageFlags::FRAGMENT)];
    let mut pipelines = Vec::new();
    for (set, stages) in [(&together, with_combined), (&apart, [vs, fs])] {
        let layout = gpu.layout(&[*set.layout], 0)?;
        let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
            bindings: &[vk::VertexInputBindingDescription { stride: 16, ..Default::default() }],
            attributes: &[attribute(0, 0), attribute(1, 8)],
            ..GraphicsSpec::new(&stages, &layout, &target)
        })?;
        pipelines.push((set, layout, pipeline));
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .vertices(&[&vertices])
            .indices(&indices, 0, vk::IndexType::UINT16);
        for ((set, layout, pipeline), base) in pipelines.iter().zip([0, 4]) {
            c.graphics(pipeline)
                .bind_sets(vk::PipelineBindPoint::GRAPHICS, **layout, 0, &[set.raw], &[])
                .draw_indexed(6, 1, 0, base, 0);
        }
        c.end_render_pass();
    })?;
    target.picture()
}

fn attribute(location: u32, offset: u32) -> vk::VertexInputAttributeDescription {
    let format = vk::Format::R32G32_SFLOAT;
    vk::VertexInputAttributeDescription { location, binding: 0, format, offset }
}

const INDICES: [u16; 6] = [0, 1, 2, 2, 1, 3];

/// Position and texture coordinates of two quads.
#[rustfmt::skip]
const QUADS: [f32; 32] = [
    -0.9, -0.8, 0.0, 0.0,   0.1, -0.9, 1.0, 0.0,  -0.8, 0.7, 0.0, 1.0,   0.1, 0.9, 1.0, 1.0,
     0.2, -0.6, 0.3, 0.1,   0.9, -0.6, 0.8, 0.2,   0.2, 0.5, 0.1, 0.6,   0.9, 0.6, 0.9, 0.9,
];
