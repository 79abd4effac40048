//! An array of textures of variable length, partly bound, chosen by the pixel, updated after bind.

use ash::vk;
use vk::DescriptorBindingFlags as Flag;
use vk::DescriptorType as Kind;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Binding, Commands, Gpu, GraphicsSpec, ImageSpec, Needs, Output, Semaphores, Stage,
    checkerboard, glsl, need, wgsl,
};

pub(crate) fn needs(needs: &mut Needs) {
    need!(
        needs,
        vk12.runtime_descriptor_array,
        vk12.shader_sampled_image_array_non_uniform_indexing,
        vk12.descriptor_binding_partially_bound,
        vk12.descriptor_binding_variable_descriptor_count,
        vk12.descriptor_binding_sampled_image_update_after_bind,
    );
}

/// The shader uses the first thirteen.
const LENGTH: u32 = 20;

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let sampler = gpu.sampler(vk::Filter::NEAREST)?;
    let bindings = [
        Binding::of(Kind::SAMPLER),
        Binding {
            count: 64,
            flags: Flag::PARTIALLY_BOUND
                | Flag::VARIABLE_DESCRIPTOR_COUNT
                | Flag::UPDATE_AFTER_BIND,
            ..Binding::of(Kind::SAMPLED_IMAGE)
        },
    ];
    let flags = vk::DescriptorSetLayoutCreateFlags::UPDATE_AFTER_BIND_POOL;
    let set_layout = gpu.set_layout(&bindings, flags)?;
    let pool = vk::DescriptorPoolCreateFlags::UPDATE_AFTER_BIND;
    let set = gpu.descriptors_in(set_layout, &bindings, pool, Some(LENGTH))?;
    set.image(0, Kind::SAMPLER, vk::ImageView::null(), *sampler);
    let texture = |i: u32| {
        let mut texels = checkerboard(8, 8, 1 + i % 4);
        texels.as_chunks_mut::<4>().0.iter_mut().for_each(|t| t[i as usize % 3] ^= (i * 19) as u8);
        gpu.texture(ImageSpec::texture(8, 8), &texels)
    };
    let textures = (0..13).map(texture).collect::<Result<Vec<_>>>()?;

    let (vs, fs) = (gpu.shader(wgsl!("screen"))?, gpu.shader(glsl!("bindless.frag"))?);
    let layout = gpu.layout(&[*set.layout], 0)?;
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
    let commands = Commands::once(gpu, 0)?;
    commands.begin()?;
    commands
        .begin_target(&target, &[BACKDROP])
        .graphics(&pipeline)
        .bind_sets(vk::PipelineBindPoint::GRAPHICS, *layout, 0, &[set.raw], &[])
        .draw(0..4)
        .end_render_pass();
    commands.end()?;
    // The set is bound already, but not yet used.
    for (element, texture) in (0..).zip(&textures) {
        set.image_at(1, element, Kind::SAMPLED_IMAGE, *texture.view, vk::Sampler::null());
    }
    let fence = gpu.fence(false)?;
    gpu.submit(0, &[&commands], Semaphores::default(), Some(&fence))?;
    gpu.wait(&fence)?;
    target.picture()
}
