//! A pipeline cache: its header, a round trip of its data, a merge, and pipelines from it.

use ash::vk;

use crate::error::{Result, expect};
use crate::gpu::{BACKDROP, Gpu, Needs, Output, Owned, Target, cell, words};
use crate::scenes::rects::{ALL, Rects};

pub(crate) fn needs(_: &mut Needs) {}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let empty = gpu.create_pipeline_cache(&vk::PipelineCacheCreateInfo::default())?;
    let first = pipeline(&rects, &target, *empty, 0)?;
    let data = gpu.cache_data(&empty)?;
    check_header(gpu, &data)?;

    let again =
        gpu.create_pipeline_cache(&vk::PipelineCacheCreateInfo::default().initial_data(&data))?;
    let second = pipeline(&rects, &target, *again, 1)?;
    // What another driver made must be ignored, not believed.
    let mut foreign = data.clone();
    foreign.iter_mut().skip(16).take(16).for_each(|byte| *byte ^= 0x5a);
    let strange =
        gpu.create_pipeline_cache(&vk::PipelineCacheCreateInfo::default().initial_data(&foreign))?;
    let third = pipeline(&rects, &target, *strange, 2)?;
    gpu.merge_caches(&empty, &[*again, *strange])?;
    let fourth = pipeline(&rects, &target, *empty, 3)?;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP]);
        for (shade, pipeline) in (1u8..).zip([&first, &second, &third, &fourth]) {
            c.graphics(pipeline);
            rects.draw(c, ALL, [f32::from(shade) / 4.0, 0.5, 0.25, 1.0]);
        }
        c.end_render_pass();
    })?;
    target.picture()
}

fn pipeline(
    rects: &Rects,
    target: &Target,
    cache: vk::PipelineCache,
    index: u32,
) -> Result<Owned<vk::Pipeline>> {
    let viewports = [cell(index, 2)];
    rects.pipeline(target, |spec| {
        spec.cache = cache;
        spec.viewports = &viewports;
    })
}

/// The header that the specification prescribes: length, version, vendor, device and UUID.
///
/// Mesa 26.2's lavapipe returns 20 bytes, of which the first 16 are the header's: as long as that
/// is so, only what is there is checked.
fn check_header(gpu: &Gpu, data: &[u8]) -> Result<()> {
    let properties = &gpu.instance.properties;
    let numbers = words(data.get(..16).unwrap_or_default());
    let wanted = [32, 1, properties.vendor_id, properties.device_id];
    expect(numbers == wanted, || format!("the header is {numbers:?}, not {wanted:?}"))?;
    let uuid = &data[16..data.len().min(32)];
    let known = &properties.pipeline_cache_uuid;
    expect(known.starts_with(uuid), || format!("the header's UUID is {uuid:?}, not {known:?}"))
}
