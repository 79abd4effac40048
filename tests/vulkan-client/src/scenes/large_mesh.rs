//! Forty thousand vertices from device memory, with depth, at the size of a window.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, ImageSpec, Needs, Output, PUSH_STAGES, Place, bytes,
    cleared, depth, need, pair, wgsl, whole,
};

const EXTENT: vk::Extent2D = vk::Extent2D {
    width: 800,
    height: 600,
};
const TRIANGLES: u32 = 13_333;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk13.dynamic_rendering);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ImageLayout as L;
    let extent = vk::Extent3D { width: EXTENT.width, height: EXTENT.height, depth: 1 };
    let picture = gpu.image(ImageSpec { extent, ..ImageSpec::default() })?;
    let deep = gpu.image(ImageSpec {
        extent,
        usage: vk::ImageUsageFlags::DEPTH_STENCIL_ATTACHMENT,
        ..ImageSpec::depth(vk::Format::D32_SFLOAT)
    })?;
    let kind = vk::DescriptorType::UNIFORM_BUFFER;
    let usage = vk::BufferUsageFlags::UNIFORM_BUFFER;
    let uniform = gpu.upload(&bytes(&[0.9f32, 0.6, 0.2, 1.0]), usage)?;
    let set = gpu.descriptors(&[Binding::of(kind)])?;
    set.buffer(0, kind, &uniform);
    let layout = gpu.layout(&[*set.layout], 16)?;
    let shader = gpu.shader(wgsl!("many"))?;
    let formats = [picture.spec.format];
    let rendering = vk::PipelineRenderingCreateInfo::default()
        .color_attachment_formats(&formats)
        .depth_attachment_format(deep.spec.format);
    let viewport = vk::Viewport {
        width: EXTENT.width as f32,
        height: EXTENT.height as f32,
        max_depth: 1.0,
        ..Default::default()
    };
    let attribute =
        vk::VertexInputAttributeDescription { format: vk::Format::R32G32_SFLOAT, ..Default::default() };
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        bindings: &[vk::VertexInputBindingDescription { stride: 8, ..Default::default() }],
        attributes: &[attribute],
        viewports: &[viewport],
        depth_stencil: vk::PipelineDepthStencilStateCreateInfo::default()
            .depth_test_enable(true)
            .depth_write_enable(true)
            .depth_compare_op(vk::CompareOp::LESS),
        chain: std::ptr::from_ref(&rendering).cast(),
        ..GraphicsSpec::for_pass(&pair(&shader), &layout, vk::RenderPass::null())
    })?;
    let vertices = corners();
    let size = vertices.len() as u64;
    let usage = vk::BufferUsageFlags::VERTEX_BUFFER;
    let mesh = gpu.buffer(size, usage | vk::BufferUsageFlags::TRANSFER_DST, Place::Device)?;
    {
        let staging = gpu.upload(&vertices, usage | vk::BufferUsageFlags::TRANSFER_SRC)?;
        gpu.run(|c| {
            c.copy_buffer(&staging, &mesh, &[whole(size)]);
        })?;
    }
    gpu.run(|c| {
        c.barrier()
            .transition(&picture, L::UNDEFINED, L::COLOR_ATTACHMENT_OPTIMAL)
            .transition(&deep, L::UNDEFINED, L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL);
        let colours = [cleared(&picture, L::COLOR_ATTACHMENT_OPTIMAL, BACKDROP)];
        let behind = cleared(&deep, L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL, depth(1.0, 0));
        let info = vk::RenderingInfo::default()
            .render_area(EXTENT.into())
            .layer_count(1)
            .color_attachments(&colours)
            .depth_attachment(&behind);
        c.begin_rendering(&info);
        c.graphics(&pipeline)
            .bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[set.raw], &[])
            .bind_vertices(0, &[*mesh.raw], &[0])
            .push(*layout, PUSH_STAGES, 0, &bytes(&[0.0f32; 4]))
            .draw(0..TRIANGLES * 3);
        c.end_rendering();
        c.transition(&picture, L::COLOR_ATTACHMENT_OPTIMAL, L::TRANSFER_SRC_OPTIMAL);
    })?;
    Ok(Output::Bytes(gpu.read_image(&picture, 0, 4)?))
}

/// Triangles on a spiral.
fn corners() -> Vec<u8> {
    let corner = |index: u32| {
        let (triangle, corner) = ((index / 3) as f32, (index % 3) as f32);
        let (turn, far) = (triangle * 0.37, triangle / TRIANGLES as f32);
        [turn.cos() * far + corner * 0.01, turn.sin() * far + corner % 2.0 * 0.01]
    };
    bytes(&(0..TRIANGLES * 3).flat_map(corner).collect::<Vec<f32>>())
}
