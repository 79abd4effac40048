//! Four attachments of different formats at once, with blending and masks of their own.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    Gpu, GraphicsSpec, Needs, OPAQUE, Output, TargetSpec, colour, need, pair, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.independent_blend);
}

const FORMATS: [(vk::Format, u32); 4] = [
    (vk::Format::R8G8B8A8_UNORM, 4),
    (vk::Format::R16G16B16A16_SFLOAT, 8),
    (vk::Format::R32_UINT, 4),
    (vk::Format::A2B10G10R10_UNORM_PACK32, 4),
];

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let colours = FORMATS.map(|(format, _)| format);
    let target = gpu.target_of(TargetSpec { colours: &colours, ..TargetSpec::default() })?;
    let shader = gpu.shader(wgsl!("targets"))?;
    let layout = gpu.layout(&[], 0)?;
    let blended = vk::PipelineColorBlendAttachmentState {
        blend_enable: vk::TRUE,
        src_color_blend_factor: vk::BlendFactor::SRC_ALPHA,
        dst_color_blend_factor: vk::BlendFactor::ONE,
        ..OPAQUE
    };
    let masked = vk::PipelineColorBlendAttachmentState {
        color_write_mask: vk::ColorComponentFlags::R | vk::ColorComponentFlags::A,
        ..OPAQUE
    };
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        blend: &[blended, OPAQUE, OPAQUE, masked],
        ..GraphicsSpec::new(&pair(&shader), &layout, &target)
    })?;
    let number = vk::ClearValue { color: vk::ClearColorValue { uint32: [0xffff_fff0, 0, 0, 0] } };
    let clears =
        [colour([0.25, 0.0, 0.5, 1.0]), colour([-3.5, 65504.0, 0.5, 0.0]), number, colour([0.5; 4])];
    gpu.run(|c| {
        c.begin_target(&target, &clears).graphics(&pipeline).draw(0..4).end_render_pass();
    })?;
    let mut bytes = Vec::new();
    for (image, (_, texel)) in target.colours.iter().zip(FORMATS) {
        bytes.extend(gpu.read_image(image, 0, texel)?);
    }
    Ok(Output::Bytes(bytes))
}
