//! A texture drawn over a viewport, which many scenes end with.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Commands, DescriptorSet, Gpu, GraphicsSpec, Output, Owned, Source, Stage,
    Target, pair,
};

/// A shader with a texture and a sampler, and four vertices that it makes itself.
pub(crate) struct Sampled {
    set: DescriptorSet,
    stages: [Stage<'static>; 2],
    _shader: Owned<vk::ShaderModule>,
    layout: Owned<vk::PipelineLayout>,
}

impl Sampled {
    /// With this shader, texture and sampler.
    pub(crate) fn new(
        gpu: &Gpu,
        source: Source,
        view: &vk::ImageView,
        sampler: &vk::Sampler,
    ) -> Result<Self> {
        let bindings = [Binding::of(Kind::SAMPLED_IMAGE), Binding::of(Kind::SAMPLER)];
        let set = gpu.descriptors(&bindings)?;
        set.image(0, Kind::SAMPLED_IMAGE, *view, vk::Sampler::null());
        set.image(1, Kind::SAMPLER, vk::ImageView::null(), *sampler);
        let shader = gpu.shader(source)?;
        let layout = gpu.layout(&[*set.layout], 0)?;
        Ok(Self {
            set,
            stages: pair(&shader),
            _shader: shader,
            layout,
        })
    }

    /// A pipeline for it, after `adjust` has had its way with it.
    pub(crate) fn pipeline<'a>(
        &'a self,
        target: &Target,
        adjust: impl FnOnce(&mut GraphicsSpec<'a>),
    ) -> Result<Owned<vk::Pipeline>> {
        let mut spec = GraphicsSpec {
            topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
            ..GraphicsSpec::new(&self.stages, &self.layout, target)
        };
        adjust(&mut spec);
        self.layout.gpu().graphics_pipeline(&spec)
    }

    /// Draws with a pipeline.
    pub(crate) fn draw(&self, c: &Commands, pipeline: &vk::Pipeline) {
        c.graphics(pipeline)
            .bind_sets(
                vk::PipelineBindPoint::GRAPHICS,
                *self.layout,
                0,
                &[self.set.raw],
                &[],
            )
            .draw(0..4);
    }
}

/// A picture of a texture over everything.
pub(crate) fn picture_of(
    gpu: &Gpu,
    source: Source,
    view: &vk::ImageView,
    sampler: &vk::Sampler,
) -> Result<Output> {
    let target = gpu.target()?;
    let sampled = Sampled::new(gpu, source, view, sampler)?;
    let pipeline = sampled.pipeline(&target, |_| {})?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]);
        sampled.draw(c, &pipeline);
        c.end_render_pass();
    })?;
    target.picture()
}
