//! Pipelines and their layouts.

use std::ffi::{CStr, c_void};

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Gpu, Owned, SIDE, Target, viewport};

/// One shader stage of a pipeline.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) module: vk::ShaderModule,
    pub(crate) stage: vk::ShaderStageFlags,
    pub(crate) entry: &'a CStr,
    pub(crate) constants: Option<&'a vk::SpecializationInfo<'a>>,
}

impl<'a> Stage<'a> {
    /// The entry point of this name.
    pub(crate) fn new(
        module: &vk::ShaderModule,
        stage: vk::ShaderStageFlags,
        entry: &'a CStr,
    ) -> Self {
        Self {
            module: *module,
            stage,
            entry,
            constants: None,
        }
    }

    /// A module of one stage that GLSL was translated to.
    pub(crate) fn main(module: &vk::ShaderModule, stage: vk::ShaderStageFlags) -> Self {
        Self::new(module, stage, c"main")
    }

    pub(crate) fn info(&self) -> vk::PipelineShaderStageCreateInfo<'a> {
        let info = vk::PipelineShaderStageCreateInfo::default()
            .stage(self.stage)
            .module(self.module)
            .name(self.entry);
        match self.constants {
            Some(constants) => info.specialization_info(constants),
            None => info,
        }
    }
}

/// The vertex and fragment stage of a WGSL module, `vs` and `fs`.
pub(crate) fn pair(module: &vk::ShaderModule) -> [Stage<'static>; 2] {
    [
        Stage::new(module, vk::ShaderStageFlags::VERTEX, c"vs"),
        Stage::new(module, vk::ShaderStageFlags::FRAGMENT, c"fs"),
    ]
}

/// Everything about a graphics pipeline.
#[derive(Clone, Copy)]
pub(crate) struct GraphicsSpec<'a> {
    pub(crate) stages: &'a [Stage<'a>],
    pub(crate) layout: vk::PipelineLayout,
    pub(crate) pass: vk::RenderPass,
    pub(crate) subpass: u32,
    pub(crate) bindings: &'a [vk::VertexInputBindingDescription],
    pub(crate) attributes: &'a [vk::VertexInputAttributeDescription],
    pub(crate) divisors: &'a [vk::VertexInputBindingDivisorDescriptionEXT],
    pub(crate) topology: vk::PrimitiveTopology,
    pub(crate) restart: bool,
    /// Vertices a patch, where there is tessellation.
    pub(crate) patch: u32,
    pub(crate) viewports: &'a [vk::Viewport],
    pub(crate) raster: vk::PipelineRasterizationStateCreateInfo<'a>,
    pub(crate) samples: vk::PipelineMultisampleStateCreateInfo<'a>,
    pub(crate) depth_stencil: vk::PipelineDepthStencilStateCreateInfo<'a>,
    /// One an attachment.
    pub(crate) blend: &'a [vk::PipelineColorBlendAttachmentState],
    pub(crate) blend_constants: [f32; 4],
    pub(crate) logic: Option<vk::LogicOp>,
    pub(crate) dynamic: &'a [vk::DynamicState],
    pub(crate) flags: vk::PipelineCreateFlags,
    pub(crate) cache: vk::PipelineCache,
    /// More structures for the chain.
    pub(crate) chain: *const c_void,
}

/// Opaque: the shader's colour is what is written.
pub(crate) const OPAQUE: vk::PipelineColorBlendAttachmentState =
    vk::PipelineColorBlendAttachmentState {
        blend_enable: vk::FALSE,
        src_color_blend_factor: vk::BlendFactor::ONE,
        dst_color_blend_factor: vk::BlendFactor::ZERO,
        color_blend_op: vk::BlendOp::ADD,
        src_alpha_blend_factor: vk::BlendFactor::ONE,
        dst_alpha_blend_factor: vk::BlendFactor::ZERO,
        alpha_blend_op: vk::BlendOp::ADD,
        color_write_mask: vk::ColorComponentFlags::RGBA,
    };

/// The whole picture.
pub(crate) const WHOLE: vk::Rect2D = vk::Rect2D {
    offset: vk::Offset2D { x: 0, y: 0 },
    extent: vk::Extent2D {
        width: SIDE,
        height: SIDE,
    },
};

const WHOLE_VIEWPORT: vk::Viewport = vk::Viewport {
    x: 0.0,
    y: 0.0,
    width: SIDE as f32,
    height: SIDE as f32,
    min_depth: 0.0,
    max_depth: 1.0,
};

impl<'a> GraphicsSpec<'a> {
    /// Triangles over the whole of a target with one opaque attachment.
    pub(crate) fn new(
        stages: &'a [Stage<'a>],
        layout: &vk::PipelineLayout,
        target: &Target,
    ) -> Self {
        Self::for_pass(stages, layout, *target.pass)
    }

    /// Like [`Self::new`] for the first subpass of a render pass; null for dynamic rendering.
    pub(crate) fn for_pass(
        stages: &'a [Stage<'a>],
        layout: &vk::PipelineLayout,
        pass: vk::RenderPass,
    ) -> Self {
        Self {
            stages,
            layout: *layout,
            pass,
            subpass: 0,
            bindings: &[],
            attributes: &[],
            divisors: &[],
            topology: vk::PrimitiveTopology::TRIANGLE_LIST,
            restart: false,
            patch: 0,
            viewports: &[WHOLE_VIEWPORT],
            raster: vk::PipelineRasterizationStateCreateInfo::default().line_width(1.0),
            samples: vk::PipelineMultisampleStateCreateInfo::default()
                .rasterization_samples(vk::SampleCountFlags::TYPE_1),
            depth_stencil: vk::PipelineDepthStencilStateCreateInfo::default(),
            blend: &[OPAQUE],
            blend_constants: [0.0; 4],
            logic: None,
            dynamic: &[],
            flags: vk::PipelineCreateFlags::empty(),
            cache: vk::PipelineCache::null(),
            chain: std::ptr::null(),
        }
    }
}

impl Gpu {
    /// Makes a pipeline layout with one range of push constants for all stages.
    pub(crate) fn layout(
        &self,
        sets: &[vk::DescriptorSetLayout],
        push: u32,
    ) -> Result<Owned<vk::PipelineLayout>> {
        let ranges = [vk::PushConstantRange {
            stage_flags: PUSH_STAGES,
            offset: 0,
            size: push,
        }];
        let ranges = if push > 0 { ranges.as_slice() } else { &[] };
        let info = vk::PipelineLayoutCreateInfo::default()
            .set_layouts(sets)
            .push_constant_ranges(ranges);
        self.create_pipeline_layout(&info)
    }

    /// Makes a graphics pipeline.
    pub(crate) fn graphics_pipeline(&self, spec: &GraphicsSpec<'_>) -> Result<Owned<vk::Pipeline>> {
        let stages: Vec<_> = spec.stages.iter().map(Stage::info).collect();
        let mut divisors = vk::PipelineVertexInputDivisorStateCreateInfoEXT::default()
            .vertex_binding_divisors(spec.divisors);
        let mut vertex = vk::PipelineVertexInputStateCreateInfo::default()
            .vertex_binding_descriptions(spec.bindings)
            .vertex_attribute_descriptions(spec.attributes);
        if !spec.divisors.is_empty() {
            vertex = vertex.push_next(&mut divisors);
        }
        let assembly = vk::PipelineInputAssemblyStateCreateInfo::default()
            .topology(spec.topology)
            .primitive_restart_enable(spec.restart);
        let tessellation =
            vk::PipelineTessellationStateCreateInfo::default().patch_control_points(spec.patch);
        let scissors = vec![WHOLE; spec.viewports.len()];
        let viewport = vk::PipelineViewportStateCreateInfo::default()
            .viewports(spec.viewports)
            .scissors(&scissors);
        let viewport = without_counted(viewport, spec.dynamic);
        let blend = vk::PipelineColorBlendStateCreateInfo::default()
            .attachments(spec.blend)
            .blend_constants(spec.blend_constants)
            .logic_op_enable(spec.logic.is_some())
            .logic_op(spec.logic.unwrap_or_default());
        let dynamic = vk::PipelineDynamicStateCreateInfo::default().dynamic_states(spec.dynamic);
        let mut info = vk::GraphicsPipelineCreateInfo::default()
            .flags(spec.flags)
            .stages(&stages)
            .vertex_input_state(&vertex)
            .input_assembly_state(&assembly)
            .viewport_state(&viewport)
            .rasterization_state(&spec.raster)
            .multisample_state(&spec.samples)
            .depth_stencil_state(&spec.depth_stencil)
            .color_blend_state(&blend)
            .dynamic_state(&dynamic)
            .layout(spec.layout)
            .render_pass(spec.pass)
            .subpass(spec.subpass);
        if spec.patch > 0 {
            info = info.tessellation_state(&tessellation);
        }
        info.p_next = spec.chain;
        self.graphics_pipeline_from(spec.cache, &info)
    }

    /// Makes a graphics pipeline from the bare structure.
    pub(crate) fn graphics_pipeline_from(
        &self,
        cache: vk::PipelineCache,
        info: &vk::GraphicsPipelineCreateInfo<'_>,
    ) -> Result<Owned<vk::Pipeline>> {
        let infos = std::slice::from_ref(info);
        // SAFETY: the structure's borrows keep alive what it points to.
        let made = unsafe { self.raw.create_graphics_pipelines(cache, infos, None) };
        self.pipeline(made, "vkCreateGraphicsPipelines")
    }

    /// Makes a compute pipeline.
    pub(crate) fn compute_pipeline(
        &self,
        stage: Stage<'_>,
        layout: &vk::PipelineLayout,
    ) -> Result<Owned<vk::Pipeline>> {
        let info = vk::ComputePipelineCreateInfo::default()
            .stage(stage.info())
            .layout(*layout);
        self.compute_pipeline_from(vk::PipelineCache::null(), info)
    }

    /// Makes a compute pipeline from the bare structure.
    pub(crate) fn compute_pipeline_from(
        &self,
        cache: vk::PipelineCache,
        info: vk::ComputePipelineCreateInfo<'_>,
    ) -> Result<Owned<vk::Pipeline>> {
        // SAFETY: the structure's borrows keep alive what it points to.
        let made = unsafe { self.raw.create_compute_pipelines(cache, &[info], None) };
        self.pipeline(made, "vkCreateComputePipelines")
    }

    /// Takes over what a call that makes pipelines returned for one of them.
    pub(crate) fn pipeline(
        &self,
        made: Result<Vec<vk::Pipeline>, (Vec<vk::Pipeline>, vk::Result)>,
        call: &'static str,
    ) -> Result<Owned<vk::Pipeline>> {
        let made = made.map_err(|(_, result)| result).named(call)?;
        Ok(Owned::new(self, made[0], |device, raw| {
            // SAFETY: destroyed once, after the device is done with it.
            unsafe { device.raw.destroy_pipeline(raw, None) }
        }))
    }
}

/// The stages that push constants of [`Gpu::layout`] are for.
pub(crate) const PUSH_STAGES: vk::ShaderStageFlags = vk::ShaderStageFlags::from_raw(
    vk::ShaderStageFlags::VERTEX.as_raw()
        | vk::ShaderStageFlags::FRAGMENT.as_raw()
        | vk::ShaderStageFlags::COMPUTE.as_raw(),
);

/// Counts that are dynamic must be zero in the pipeline.
fn without_counted<'a>(
    mut viewport: vk::PipelineViewportStateCreateInfo<'a>,
    dynamic: &[vk::DynamicState],
) -> vk::PipelineViewportStateCreateInfo<'a> {
    if dynamic.contains(&vk::DynamicState::VIEWPORT_WITH_COUNT) {
        viewport.viewport_count = 0;
    }
    if dynamic.contains(&vk::DynamicState::SCISSOR_WITH_COUNT) {
        viewport.scissor_count = 0;
    }
    viewport
}

/// The viewport of a cell, where the picture is cut in `columns` by `columns` cells.
pub(crate) const fn cell(index: u32, columns: u32) -> vk::Viewport {
    let side = SIDE / columns;
    viewport(index % columns * side, index / columns * side, side, side)
}
