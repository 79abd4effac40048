//! A three-plane 4:2:0 picture, converted to RGB by its sampler.

use ash::vk;
use vk::DescriptorType as Kind;

use crate::error::{Result, require};
use crate::gpu::{
    BACKDROP, Binding, Gpu, GraphicsSpec, ImageSpec, Needs, Output, Stage, glsl, need,
    sampler_info, view_info, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, vk11.sampler_ycbcr_conversion);
}

const FORMAT: vk::Format = vk::Format::G8_B8_R8_3PLANE_420_UNORM;
const SIDE: u32 = 64;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let features = gpu.format(FORMAT).optimal_tiling_features;
    use vk::FormatFeatureFlags as F;
    require(features.contains(F::SAMPLED_IMAGE | F::TRANSFER_DST), format!("{FORMAT:?} to sample"))?;
    let chroma = match features.contains(F::MIDPOINT_CHROMA_SAMPLES) {
        true => vk::ChromaLocation::MIDPOINT,
        false => vk::ChromaLocation::COSITED_EVEN,
    };
    let spec = ImageSpec {
        format: FORMAT,
        usage: vk::ImageUsageFlags::SAMPLED | vk::ImageUsageFlags::TRANSFER_DST,
        ..ImageSpec::texture(SIDE, SIDE)
    };
    let (image, _memory) = gpu.unviewed(spec)?;
    fill(gpu, *image)?;

    let conversion = gpu.create_sampler_ycbcr_conversion(
        &vk::SamplerYcbcrConversionCreateInfo::default()
            .format(FORMAT)
            .ycbcr_model(vk::SamplerYcbcrModelConversion::YCBCR_709)
            .ycbcr_range(vk::SamplerYcbcrRange::ITU_NARROW)
            .x_chroma_offset(chroma)
            .y_chroma_offset(chroma)
            .chroma_filter(vk::Filter::NEAREST),
    )?;
    let mut with = vk::SamplerYcbcrConversionInfo::default().conversion(*conversion);
    let sampler = gpu.create_sampler(&sampler_info(vk::Filter::NEAREST).push_next(&mut with))?;
    let mut with = vk::SamplerYcbcrConversionInfo::default().conversion(*conversion);
    let view = gpu.create_image_view(&view_info(&image, &spec).push_next(&mut with))?;

    let immutable = [*sampler];
    let binding = Binding { immutable: &immutable, ..Binding::of(Kind::COMBINED_IMAGE_SAMPLER) };
    let layout = gpu.set_layout(&[binding], vk::DescriptorSetLayoutCreateFlags::empty())?;
    // A device may want a descriptor a plane.
    let pool = vk::DescriptorPoolCreateFlags::empty();
    let set = gpu.descriptors_in(layout, &[binding.times(3)], pool, None)?;
    set.image(0, Kind::COMBINED_IMAGE_SAMPLER, *view, *sampler);
    let (vs, fs) = (gpu.shader(wgsl!("screen"))?, gpu.shader(glsl!("combined.frag"))?);
    let layout = gpu.layout(&[*set.layout], 0)?;
    let target = gpu.target()?;
    let pipeline = gpu.graphics_pipeline(&GraphicsSpec {
        topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
        ..GraphicsSpec::new(
            &[
                Stage::new(&vs, vk::ShaderStageFlags::VERTEX, c"vs"),
                Stage::main(&fs, vk::ShaderStageFlags::FRAGMENT),
            ],
            &layout,
            &target,
        )
    })?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP])
            .graphics(&pipeline)
            .bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[set.raw], &[])
            .draw(0..4)
            .end_render_pass();
    })?;
    target.picture()
}

/// Fills each plane by a copy of its own.
fn fill(gpu: &Gpu, image: vk::Image) -> Result<()> {
    let planes = [
        (vk::ImageAspectFlags::PLANE_0, SIDE),
        (vk::ImageAspectFlags::PLANE_1, SIDE / 2),
        (vk::ImageAspectFlags::PLANE_2, SIDE / 2),
    ];
    let mut texels = Vec::new();
    let mut regions = Vec::new();
    for (number, (aspect, side)) in (0..).zip(planes) {
        let layers =
            vk::ImageSubresourceLayers::default().aspect_mask(aspect).layer_count(1);
        regions.push(
            vk::BufferImageCopy::default()
                .buffer_offset(texels.len() as u64)
                .image_subresource(layers)
                .image_extent(vk::Extent3D { width: side, height: side, depth: 1 }),
        );
        let texel = |i: u32| (16 + (i % side * (number + 3) + i / side * (5 - number)) % 220) as u8;
        texels.extend((0..side * side).map(texel));
    }
    let staging = gpu.upload(&texels, vk::BufferUsageFlags::TRANSFER_SRC)?;
    let range = vk::ImageSubresourceRange::default()
        .aspect_mask(vk::ImageAspectFlags::COLOR)
        .level_count(1)
        .layer_count(1);
    use vk::ImageLayout as L;
    gpu.run(|c| {
        c.transition_range(image, range, L::UNDEFINED, L::TRANSFER_DST_OPTIMAL)
            .copy_buffer_to_raw_image(&staging, image, &regions)
            .transition_range(image, range, L::TRANSFER_DST_OPTIMAL, L::SHADER_READ_ONLY_OPTIMAL);
    })
}
