//! Something to draw to: attachments, a render pass over them, and the way back to the host.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Gpu, Image, ImageSpec, Output, Owned, SIDE, WHOLE};

/// What attachments a target has.
#[derive(Clone, Copy)]
pub(crate) struct TargetSpec<'a> {
    pub(crate) colours: &'a [vk::Format],
    pub(crate) depth: Option<vk::Format>,
    /// More than one sample adds an attachment that the first colour is resolved to.
    pub(crate) samples: vk::SampleCountFlags,
}

impl Default for TargetSpec<'_> {
    fn default() -> Self {
        Self {
            colours: &[vk::Format::R8G8B8A8_UNORM],
            depth: None,
            samples: vk::SampleCountFlags::TYPE_1,
        }
    }
}

/// Attachments and a render pass that leaves the colours in TRANSFER_SRC_OPTIMAL.
///
/// The attachments are the colours, the resolved picture if there are samples, then depth.
pub(crate) struct Target {
    // In the order of destruction.
    framebuffer: Owned<vk::Framebuffer>,
    pub(crate) pass: Owned<vk::RenderPass>,
    pub(crate) colours: Vec<Image>,
    pub(crate) resolved: Option<Image>,
    pub(crate) depth: Option<Image>,
}

/// The colour behind everything.
pub(crate) const BACKDROP: vk::ClearValue = colour([0.05, 0.1, 0.2, 1.0]);

/// A colour to clear with.
pub(crate) const fn colour(rgba: [f32; 4]) -> vk::ClearValue {
    vk::ClearValue {
        color: vk::ClearColorValue { float32: rgba },
    }
}

/// A depth and stencil value to clear with.
pub(crate) const fn depth(depth: f32, stencil: u32) -> vk::ClearValue {
    vk::ClearValue {
        depth_stencil: vk::ClearDepthStencilValue { depth, stencil },
    }
}

/// An attachment of dynamic rendering that is cleared first and kept.
pub(crate) fn cleared(
    image: &Image,
    layout: vk::ImageLayout,
    clear: vk::ClearValue,
) -> vk::RenderingAttachmentInfo<'static> {
    vk::RenderingAttachmentInfo::default()
        .image_view(*image.view)
        .image_layout(layout)
        .load_op(vk::AttachmentLoadOp::CLEAR)
        .store_op(vk::AttachmentStoreOp::STORE)
        .clear_value(clear)
}

impl Gpu {
    /// A target with one RGBA8 colour.
    pub(crate) fn target(&self) -> Result<Target> {
        self.target_of(TargetSpec::default())
    }

    /// A target with these attachments.
    pub(crate) fn target_of(&self, spec: TargetSpec<'_>) -> Result<Target> {
        let pass = self.pass(spec)?;
        let multisampled = spec.samples != vk::SampleCountFlags::TYPE_1;
        let colour = |format: &vk::Format| {
            self.image(ImageSpec {
                format: *format,
                samples: spec.samples,
                ..colour_spec(multisampled)
            })
        };
        let colours = spec
            .colours
            .iter()
            .map(colour)
            .collect::<Result<Vec<_>>>()?;
        let resolved = match (multisampled, spec.colours) {
            (true, [first, ..]) => Some(self.image(ImageSpec {
                format: *first,
                ..ImageSpec::default()
            })?),
            _ => None,
        };
        let depth = |format| {
            self.image(ImageSpec {
                samples: spec.samples,
                ..ImageSpec::depth(format)
            })
        };
        let depth = spec.depth.map(depth).transpose()?;
        let views: Vec<_> = colours
            .iter()
            .chain(&resolved)
            .chain(&depth)
            .map(|image| *image.view)
            .collect();
        let framebuffer = self.framebuffer(&pass, &views)?;
        Ok(Target {
            framebuffer,
            pass,
            colours,
            resolved,
            depth,
        })
    }

    /// Makes a framebuffer of the pictures' size.
    pub(crate) fn framebuffer(
        &self,
        pass: &vk::RenderPass,
        views: &[vk::ImageView],
    ) -> Result<Owned<vk::Framebuffer>> {
        let info = vk::FramebufferCreateInfo::default()
            .render_pass(*pass)
            .attachments(views)
            .width(SIDE)
            .height(SIDE)
            .layers(1);
        self.create_framebuffer(&info)
    }

    fn pass(&self, spec: TargetSpec<'_>) -> Result<Owned<vk::RenderPass>> {
        let multisampled = spec.samples != vk::SampleCountFlags::TYPE_1;
        let mut attachments: Vec<_> = spec
            .colours
            .iter()
            .map(|format| kept(*format, spec.samples))
            .collect();
        let refer = |index, layout| vk::AttachmentReference {
            attachment: index,
            layout,
        };
        let colour = vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL;
        let colours: Vec<_> = (0..attachments.len())
            .map(|i| refer(i as u32, colour))
            .collect();
        let mut resolves = vec![refer(vk::ATTACHMENT_UNUSED, colour); colours.len()];
        if let (true, [first, ..]) = (multisampled, spec.colours) {
            resolves[0].attachment = attachments.len() as u32;
            attachments.push(kept(*first, vk::SampleCountFlags::TYPE_1));
        }
        let depth_layout = vk::ImageLayout::DEPTH_STENCIL_ATTACHMENT_OPTIMAL;
        let depth = refer(attachments.len() as u32, depth_layout);
        let mut subpass = vk::SubpassDescription::default().color_attachments(&colours);
        if multisampled {
            subpass = subpass.resolve_attachments(&resolves);
        }
        if let Some(format) = spec.depth {
            let clear = vk::AttachmentLoadOp::CLEAR;
            let store = vk::AttachmentStoreOp::STORE;
            attachments.push(
                kept(format, spec.samples)
                    .stencil_load_op(clear)
                    .stencil_store_op(store)
                    .final_layout(vk::ImageLayout::TRANSFER_SRC_OPTIMAL),
            );
            subpass = subpass.depth_stencil_attachment(&depth);
        }
        let subpasses = [subpass];
        let dependencies = around(1);
        let info = vk::RenderPassCreateInfo::default()
            .attachments(&attachments)
            .subpasses(&subpasses)
            .dependencies(&dependencies);
        self.create_render_pass(&info)
    }
}

impl Target {
    /// What begins the render pass over the whole target.
    pub(crate) fn begin_info<'a>(
        &self,
        clear: &'a [vk::ClearValue],
    ) -> vk::RenderPassBeginInfo<'a> {
        vk::RenderPassBeginInfo::default()
            .render_pass(*self.pass)
            .framebuffer(*self.framebuffer)
            .render_area(WHOLE)
            .clear_values(clear)
    }

    /// The framebuffer.
    pub(crate) fn framebuffer(&self) -> vk::Framebuffer {
        *self.framebuffer
    }

    /// The first colour, resolved if need be, as the scene's output.
    pub(crate) fn picture(&self) -> Result<Output> {
        let image = self.resolved.as_ref().unwrap_or(&self.colours[0]);
        Ok(Output::Picture(self.pass.gpu().read_image(image, 0, 4)?))
    }
}

fn colour_spec(multisampled: bool) -> ImageSpec {
    let spec = ImageSpec::default();
    let transfer = vk::ImageUsageFlags::TRANSFER_SRC;
    match multisampled {
        true => ImageSpec {
            usage: vk::ImageUsageFlags::COLOR_ATTACHMENT | transfer,
            ..spec
        },
        false => spec,
    }
}

/// An attachment that is cleared, kept, and then copied from.
pub(crate) fn kept(format: vk::Format, samples: vk::SampleCountFlags) -> vk::AttachmentDescription {
    vk::AttachmentDescription::default()
        .format(format)
        .samples(samples)
        .load_op(vk::AttachmentLoadOp::CLEAR)
        .store_op(vk::AttachmentStoreOp::STORE)
        .stencil_load_op(vk::AttachmentLoadOp::DONT_CARE)
        .stencil_store_op(vk::AttachmentStoreOp::DONT_CARE)
        .initial_layout(vk::ImageLayout::UNDEFINED)
        .final_layout(vk::ImageLayout::TRANSFER_SRC_OPTIMAL)
}

/// Dependencies that order a pass of `subpasses` after what was before it, its subpasses one
/// after another, and before transfers.
pub(crate) fn around(subpasses: u32) -> Vec<vk::SubpassDependency> {
    use vk::{AccessFlags as A, PipelineStageFlags as S};
    let attachments = S::COLOR_ATTACHMENT_OUTPUT | S::EARLY_FRAGMENT_TESTS | S::LATE_FRAGMENT_TESTS;
    let writes = A::COLOR_ATTACHMENT_WRITE | A::DEPTH_STENCIL_ATTACHMENT_WRITE;
    let reads = A::COLOR_ATTACHMENT_READ | A::DEPTH_STENCIL_ATTACHMENT_READ;
    let between = |src: u32, dst: u32| vk::SubpassDependency {
        src_subpass: src,
        dst_subpass: dst,
        src_stage_mask: attachments | S::TRANSFER,
        dst_stage_mask: attachments | S::FRAGMENT_SHADER,
        src_access_mask: writes | A::TRANSFER_WRITE,
        dst_access_mask: writes | reads | A::INPUT_ATTACHMENT_READ,
        dependency_flags: vk::DependencyFlags::empty(),
    };
    let first = between(vk::SUBPASS_EXTERNAL, 0);
    let inner = (1..subpasses).map(|next| vk::SubpassDependency {
        src_stage_mask: attachments,
        src_access_mask: writes,
        dependency_flags: vk::DependencyFlags::BY_REGION,
        ..between(next - 1, next)
    });
    let last = vk::SubpassDependency {
        src_subpass: subpasses - 1,
        dst_subpass: vk::SUBPASS_EXTERNAL,
        src_stage_mask: attachments,
        dst_stage_mask: S::TRANSFER,
        src_access_mask: writes,
        dst_access_mask: A::TRANSFER_READ | A::TRANSFER_WRITE,
        dependency_flags: vk::DependencyFlags::empty(),
    };
    std::iter::once(first).chain(inner).chain([last]).collect()
}
