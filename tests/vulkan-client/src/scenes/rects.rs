//! Rectangles of one colour each, which many scenes are drawn with.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    Commands, Gpu, GraphicsSpec, Owned, PUSH_STAGES, Stage, Target, bytes, pair, wgsl,
};

/// What rectangles are drawn with.
pub(crate) struct Rects {
    stages: [Stage<'static>; 2],
    _shader: Owned<vk::ShaderModule>,
    pub(crate) layout: Owned<vk::PipelineLayout>,
}

/// A rectangle: its corners in clip space, left, top, right and bottom.
pub(crate) type Corners = [f32; 4];

/// The whole of clip space.
pub(crate) const ALL: Corners = [-1.0, -1.0, 1.0, 1.0];

impl Rects {
    pub(crate) fn new(gpu: &Gpu) -> Result<Self> {
        let shader = gpu.shader(wgsl!("rect"))?;
        Ok(Self {
            stages: pair(&shader),
            _shader: shader,
            layout: gpu.layout(&[], 40)?,
        })
    }

    /// A pipeline for rectangles, after `adjust` has had its way with it.
    pub(crate) fn pipeline<'a>(
        &'a self,
        target: &Target,
        adjust: impl FnOnce(&mut GraphicsSpec<'a>),
    ) -> Result<Owned<vk::Pipeline>> {
        self.pipeline_for(*target.pass, adjust)
    }

    /// Like [`Self::pipeline`] for a render pass; null for dynamic rendering.
    pub(crate) fn pipeline_for<'a>(
        &'a self,
        pass: vk::RenderPass,
        adjust: impl FnOnce(&mut GraphicsSpec<'a>),
    ) -> Result<Owned<vk::Pipeline>> {
        let mut spec = GraphicsSpec {
            topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
            ..GraphicsSpec::for_pass(&self.stages, &self.layout, pass)
        };
        adjust(&mut spec);
        self.layout.gpu().graphics_pipeline(&spec)
    }

    /// Draws a rectangle at a depth of 0.5.
    pub(crate) fn draw(&self, commands: &Commands, corners: Corners, colour: [f32; 4]) {
        self.draw_deep(commands, corners, colour, [0.5; 2]);
    }

    /// Draws a rectangle with these depths at its left and right edge.
    pub(crate) fn draw_deep(
        &self,
        commands: &Commands,
        corners: Corners,
        colour: [f32; 4],
        depth: [f32; 2],
    ) {
        let constants = [&corners[..], &colour, &depth].concat();
        commands
            .push(*self.layout, PUSH_STAGES, 0, &bytes(&constants))
            .draw(0..4);
    }
}
