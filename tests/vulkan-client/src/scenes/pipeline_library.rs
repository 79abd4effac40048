//! A graphics pipeline linked from four libraries, two of them used twice.

use ash::{ext, khr, vk};
use vk::GraphicsPipelineLibraryFlagsEXT as Part;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Gpu, Needs, OPAQUE, Output, Owned, PUSH_STAGES, Stage, Target, WHOLE, bytes, need,
    viewport, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, pipeline_library.graphics_pipeline_library);
    needs.extension(khr::pipeline_library::NAME);
    needs.extension(ext::graphics_pipeline_library::NAME);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let layout = gpu.layout(&[], 40)?;
    let shader = gpu.shader(wgsl!("rect"))?;
    let input = library(Part::VERTEX_INPUT_INTERFACE, |info| {
        let vertex = vk::PipelineVertexInputStateCreateInfo::default();
        let assembly = vk::PipelineInputAssemblyStateCreateInfo::default()
            .topology(vk::PrimitiveTopology::TRIANGLE_STRIP);
        make(gpu, info.vertex_input_state(&vertex).input_assembly_state(&assembly))
    })?;
    let left = before_raster(gpu, &target, &layout, &shader, 0)?;
    let right = before_raster(gpu, &target, &layout, &shader, 128)?;
    let fragment = library(Part::FRAGMENT_SHADER, |info| {
        let stages = [Stage::new(&shader, vk::ShaderStageFlags::FRAGMENT, c"fs").info()];
        let depth = vk::PipelineDepthStencilStateCreateInfo::default();
        let samples = samples();
        let info = info.stages(&stages).depth_stencil_state(&depth).multisample_state(&samples);
        make(gpu, info.layout(*layout).render_pass(*target.pass))
    })?;
    let output = library(Part::FRAGMENT_OUTPUT_INTERFACE, |info| {
        let attachments = [OPAQUE];
        let blend = vk::PipelineColorBlendStateCreateInfo::default().attachments(&attachments);
        let samples = samples();
        let info = info.color_blend_state(&blend).multisample_state(&samples);
        make(gpu, info.render_pass(*target.pass))
    })?;
    let link = |raster: &vk::Pipeline| {
        let parts = [*input, *raster, *fragment, *output];
        let mut linked = vk::PipelineLibraryCreateInfoKHR::default().libraries(&parts);
        let info = vk::GraphicsPipelineCreateInfo::default().layout(*layout);
        make(gpu, info.push_next(&mut linked))
    };
    let linked = [link(&left)?, link(&right)?];
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]);
        for (pipeline, shade) in linked.iter().zip([0.3f32, 0.9]) {
            let rect = [-0.8f32, -0.6, 0.8, 0.6, shade, 0.6, 1.0 - shade, 1.0, 0.5, 0.5];
            c.graphics(pipeline).push(*layout, PUSH_STAGES, 0, &bytes(&rect)).draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}

type Info<'a> = vk::GraphicsPipelineCreateInfo<'a>;

/// A library of one part of the state.
fn library(
    part: Part,
    fill: impl FnOnce(Info<'_>) -> Result<Owned<vk::Pipeline>>,
) -> Result<Owned<vk::Pipeline>> {
    let mut kind = vk::GraphicsPipelineLibraryCreateInfoEXT::default().flags(part);
    let info = vk::GraphicsPipelineCreateInfo::default().flags(vk::PipelineCreateFlags::LIBRARY_KHR);
    fill(info.push_next(&mut kind))
}

fn make(gpu: &Gpu, info: Info<'_>) -> Result<Owned<vk::Pipeline>> {
    gpu.graphics_pipeline_from(vk::PipelineCache::null(), &info)
}

/// The vertex stage and a viewport of half the picture.
fn before_raster(
    gpu: &Gpu,
    target: &Target,
    layout: &vk::PipelineLayout,
    shader: &vk::ShaderModule,
    x: u32,
) -> Result<Owned<vk::Pipeline>> {
    library(Part::PRE_RASTERIZATION_SHADERS, |info| {
        let stages = [Stage::new(shader, vk::ShaderStageFlags::VERTEX, c"vs").info()];
        let (viewports, scissors) = ([viewport(x, 0, 128, 256)], [WHOLE]);
        let view =
            vk::PipelineViewportStateCreateInfo::default().viewports(&viewports).scissors(&scissors);
        let raster = vk::PipelineRasterizationStateCreateInfo::default().line_width(1.0);
        let info = info.stages(&stages).viewport_state(&view).rasterization_state(&raster);
        make(gpu, info.layout(*layout).render_pass(*target.pass))
    })
}

fn samples() -> vk::PipelineMultisampleStateCreateInfo<'static> {
    vk::PipelineMultisampleStateCreateInfo::default()
        .rasterization_samples(vk::SampleCountFlags::TYPE_1)
}
