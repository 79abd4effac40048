//! An image that is drawn, handed over as a dma-buf, read and written there, and taken back.

use ash::vk;
use vk::ExternalMemoryHandleTypeFlags as Handle;
use vk::ImageLayout as L;

use crate::error::{Result, expect, require};
use crate::gpu::{
    BACKDROP, Gpu, Image, ImageSpec, Memory, Needs, Output, SIDE, WHOLE, checkerboard, cleared,
    depth, need,
};
use crate::scenes::rects::Rects;

/// `DRM_FORMAT_MOD_LINEAR`.
const LINEAR: u64 = 0;

const FORMAT: vk::Format = vk::Format::R8G8B8A8_UNORM;

const USAGE: vk::ImageUsageFlags = vk::ImageUsageFlags::from_raw(
    vk::ImageUsageFlags::COLOR_ATTACHMENT.as_raw() | vk::ImageUsageFlags::TRANSFER_SRC.as_raw(),
);

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.dynamic_rendering);
    needs.extension(ash::ext::external_memory_dma_buf::NAME);
    needs.extension(ash::ext::image_drm_format_modifier::NAME);
    needs.extension(ash::ext::queue_family_foreign::NAME);
    needs.extension(ash::khr::external_memory_fd::NAME);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    require(draws_linear(gpu), "drawing to images with the LINEAR modifier")?;
    let plain = gpu.image(ImageSpec { usage: USAGE, ..ImageSpec::default() })?;
    paint(gpu, &plain, false)?;
    let wanted = gpu.read_image(&plain, 0, 4)?;

    let ours = exported(gpu)?;
    paint(gpu, &ours, true)?;
    let mut theirs = gpu.export_dma_buf(&ours.memory)?;
    let layout = gpu.plane_layout(&ours.raw);
    let row = |y: usize| (layout.offset + y as u64 * layout.row_pitch) as usize;
    let width = SIDE as usize * 4;
    for (y, wanted) in wanted.chunks(width).enumerate() {
        let seen = theirs.bytes().get(row(y)..row(y) + width);
        expect(seen == Some(wanted), || format!("row {y} is not what was drawn"))?;
    }
    let pattern = checkerboard(SIDE, SIDE, 20);
    for (y, texels) in pattern.chunks(width).enumerate() {
        let room = theirs.bytes_mut().get_mut(row(y)..row(y) + width);
        require(room.is_some(), "as much memory as the image takes")?;
        room.unwrap_or_default().copy_from_slice(texels);
    }
    gpu.run(|c| {
        c.hand_over(&ours, L::GENERAL, L::TRANSFER_SRC_OPTIMAL, false);
    })?;
    let back = gpu.read_image(&ours, 0, 4)?;
    expect(back == pattern, || "what came back is not what was handed over".into())?;
    Ok(Output::Picture(wanted))
}

/// Two crossing rectangles that a depth test tells apart.
fn paint(gpu: &Gpu, picture: &Image, over: bool) -> Result<()> {
    let deep = gpu.image(ImageSpec::depth(vk::Format::D32_SFLOAT))?;
    let rects = Rects::new(gpu)?;
    let formats = [FORMAT];
    let rendering = vk::PipelineRenderingCreateInfo::default()
        .color_attachment_formats(&formats)
        .depth_attachment_format(deep.spec.format);
    let pipeline = rects.pipeline_for(vk::RenderPass::null(), |spec| {
        spec.chain = std::ptr::from_ref(&rendering).cast();
        let state = spec.depth_stencil.depth_test_enable(true).depth_write_enable(true);
        spec.depth_stencil = state.depth_compare_op(vk::CompareOp::LESS);
    })?;
    gpu.run(|c| {
        c.transition(picture, L::UNDEFINED, L::COLOR_ATTACHMENT_OPTIMAL).transition(
            &deep,
            L::UNDEFINED,
            L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL,
        );
        let colours = [cleared(picture, L::COLOR_ATTACHMENT_OPTIMAL, BACKDROP)];
        let behind = cleared(&deep, L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL, depth(1.0, 0));
        let info = vk::RenderingInfo::default()
            .render_area(WHOLE)
            .layer_count(1)
            .color_attachments(&colours)
            .depth_attachment(&behind);
        c.begin_rendering(&info);
        c.graphics(&pipeline);
        rects.draw_deep(c, [-0.8, -0.8, 0.4, 0.4], [0.9, 0.5, 0.1, 1.0], [0.1, 0.9]);
        rects.draw_deep(c, [-0.4, -0.4, 0.8, 0.8], [0.1, 0.5, 0.9, 1.0], [0.9, 0.1]);
        c.end_rendering();
        if over {
            c.hand_over(picture, L::COLOR_ATTACHMENT_OPTIMAL, L::GENERAL, true);
        } else {
            c.transition(picture, L::COLOR_ATTACHMENT_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
        }
    })
}

fn draws_linear(gpu: &Gpu) -> bool {
    gpu.modifiers(FORMAT).iter().any(|of| {
        of.drm_format_modifier == LINEAR
            && of
                .drm_format_modifier_tiling_features
                .contains(vk::FormatFeatureFlags::COLOR_ATTACHMENT)
    })
}

/// An image whose memory can be handed out.
fn exported(gpu: &Gpu) -> Result<Image> {
    let modifiers = [LINEAR];
    let mut list =
        vk::ImageDrmFormatModifierListCreateInfoEXT::default().drm_format_modifiers(&modifiers);
    let mut external =
        vk::ExternalMemoryImageCreateInfo::default().handle_types(Handle::DMA_BUF_EXT);
    let info = info().push_next(&mut list).push_next(&mut external);
    let raw = gpu.create_image(&info)?;
    let mut export = vk::ExportMemoryAllocateInfo::default().handle_types(Handle::DMA_BUF_EXT);
    let mut dedicated = vk::MemoryDedicatedAllocateInfo::default().image(*raw);
    let (size, memory_type) = gpu.needs_of(*raw)?;
    let allocate = vk::MemoryAllocateInfo::default()
        .allocation_size(size)
        .memory_type_index(memory_type)
        .push_next(&mut export)
        .push_next(&mut dedicated);
    gpu.bound(raw, Memory::private(gpu, &allocate)?, spec())
}

fn spec() -> ImageSpec {
    ImageSpec { usage: USAGE, tiling: vk::ImageTiling::DRM_FORMAT_MODIFIER_EXT, ..ImageSpec::default() }
}

fn info() -> vk::ImageCreateInfo<'static> {
    spec().info()
}
