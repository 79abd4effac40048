//! Specialisation constants of each kind, also as an array's length, in four pipelines.

use ash::vk;

use crate::error::Result;
use crate::gpu::{
    BACKDROP, Gpu, GraphicsSpec, Needs, Output, Scalar as _, Stage, cell, glsl, wgsl,
};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let (vs, fs) = (gpu.shader(wgsl!("screen"))?, gpu.shader(glsl!("special.frag"))?);
    let layout = gpu.layout(&[], 0)?;
    let entry = |constant_id, offset| vk::SpecializationMapEntry { constant_id, offset, size: 4 };
    // Not in the order of the constants, and one that the shader does not have.
    let all = [entry(7, 0), entry(1, 4), entry(0, 8), entry(2, 12), entry(99, 0)];
    let mut pipelines = Vec::new();
    for (index, (cells, brightness, inverted, shift, entries)) in (0..).zip([
        (3u32, 1.0f32, 0u32, 0i32, &all[..]),
        (6, 0.75, 1, -1, &all),
        (9, 0.5, 1, 2, &all[..3]),
        (2, 1.0, 0, 0, &all[1..2]),
    ]) {
        let words = [shift as u32, brightness.to_bits(), cells, inverted];
        let data: Vec<u8> = words.iter().flat_map(|word| word.le_bytes()).collect();
        let info = vk::SpecializationInfo::default().map_entries(entries).data(&data);
        let stages = [
            Stage::new(&vs, S::VERTEX, c"vs"),
            Stage { constants: Some(&info), ..Stage::main(&fs, S::FRAGMENT) },
        ];
        let viewports = [cell(index, 2)];
        pipelines.push(gpu.graphics_pipeline(&GraphicsSpec {
            topology: vk::PrimitiveTopology::TRIANGLE_STRIP,
            viewports: &viewports,
            ..GraphicsSpec::new(&stages, &layout, &target)
        })?);
    }
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]);
        for pipeline in &pipelines {
            c.graphics(pipeline).draw(0..4);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
