//! State that is set by commands, which Vulkan 1.3 allows for most of it.

use ash::vk;
use vk::DynamicState as D;

use crate::error::Result;
use crate::gpu::{BACKDROP, Gpu, Needs, Output, TargetSpec, WHOLE, cell, depth};
use crate::scenes::rects::Rects;
use crate::scenes::stencil::stencil_format;

pub(crate) fn needs(needs: &mut Needs) {
    needs.version(vk::API_VERSION_1_3);
}

const STATES: [D; 13] = [
    D::CULL_MODE,
    D::FRONT_FACE,
    D::PRIMITIVE_TOPOLOGY,
    D::VIEWPORT_WITH_COUNT,
    D::SCISSOR_WITH_COUNT,
    D::DEPTH_TEST_ENABLE,
    D::DEPTH_WRITE_ENABLE,
    D::DEPTH_COMPARE_OP,
    D::STENCIL_TEST_ENABLE,
    D::STENCIL_OP,
    D::STENCIL_REFERENCE,
    D::RASTERIZER_DISCARD_ENABLE,
    D::PRIMITIVE_RESTART_ENABLE,
];

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let format = stencil_format(gpu)?;
    let target = gpu.target_of(TargetSpec { depth: Some(format), ..TargetSpec::default() })?;
    let rects = Rects::new(gpu)?;
    let pipeline = rects.pipeline(&target, |spec| {
        spec.dynamic = &STATES;
        let face = vk::StencilOpState { compare_mask: 0xff, write_mask: 0xff, ..Default::default() };
        spec.depth_stencil = spec.depth_stencil.front(face).back(face);
    })?;
    let both = vk::StencilFaceFlags::FRONT_AND_BACK;
    gpu.run(|c| {
        c.begin_target(&target, &[BACKDROP, depth(1.0, 0)])
            .graphics(&pipeline)
            .set_scissors_counted(&[WHOLE])
            .set_stencil_reference(both, 1)
            .set_primitive_restart(false);
        for index in 0..16u32 {
            let bit = |n: u32| index >> n & 1 == 1;
            c.set_viewports_counted(&[cell(index, 4)])
                .set_cull_mode(if bit(0) { vk::CullModeFlags::BACK } else { vk::CullModeFlags::NONE })
                .set_front_face(if bit(1) {
                    vk::FrontFace::CLOCKWISE
                } else {
                    vk::FrontFace::COUNTER_CLOCKWISE
                })
                .set_topology(if bit(2) {
                    vk::PrimitiveTopology::TRIANGLE_LIST
                } else {
                    vk::PrimitiveTopology::TRIANGLE_STRIP
                })
                .set_depth_test(bit(3))
                .set_depth_write(bit(3))
                .set_depth_compare(vk::CompareOp::LESS)
                .set_stencil_test(bit(1))
                .set_stencil_op(
                    both,
                    vk::StencilOp::KEEP,
                    vk::StencilOp::REPLACE,
                    vk::StencilOp::KEEP,
                    vk::CompareOp::NOT_EQUAL,
                )
                .set_rasterizer_discard(false);
            rects.draw_deep(c, [-0.9, -0.9, 0.3, 0.3], [0.9, 0.6, 0.2, 1.0], [0.5, 0.2]);
            rects.draw_deep(c, [0.3, -0.3, -0.6, 0.9], [0.2, 0.6, 0.9, 1.0], [0.3, 0.6]);
            c.set_rasterizer_discard(true);
            rects.draw(c, [-1.0, -1.0, 1.0, 1.0], [1.0; 4]);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
