//! Graphics pipelines made without a cache, no two alike, and destroyed.

use ash::vk;

use crate::bench::Step;
use crate::error::Result;
use crate::gpu::{Gpu, GraphicsSpec, Stage, glsl, wgsl};

pub(super) fn start(gpu: &Gpu) -> Result<Step> {
    use vk::ShaderStageFlags as S;
    let target = gpu.target()?;
    let layout = gpu.layout(&[], 0)?;
    let (vs, fs) = (
        gpu.shader(wgsl!("screen"))?,
        gpu.shader(glsl!("special.frag"))?,
    );
    let mut made = 0u16;
    Ok(Box::new(move || {
        made = made.wrapping_add(1);
        // Another constant each time, so that no driver has the code already.
        let data = f32::from(made).to_le_bytes();
        let entries = [vk::SpecializationMapEntry {
            constant_id: 1,
            offset: 0,
            size: 4,
        }];
        let constants = vk::SpecializationInfo::default()
            .map_entries(&entries)
            .data(&data);
        let stages = [
            Stage::new(&vs, S::VERTEX, c"vs"),
            Stage {
                constants: Some(&constants),
                ..Stage::main(&fs, S::FRAGMENT)
            },
        ];
        target
            .pass
            .gpu()
            .graphics_pipeline(&GraphicsSpec::new(&stages, &layout, &target))?;
        Ok(1.0)
    }))
}
