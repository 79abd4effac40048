//! The sixteen logical operations between colours.

use ash::vk;
use vk::LogicOp as L;

use crate::error::Result;
use crate::gpu::{Gpu, Needs, Output, cell, colour, need};
use crate::scenes::rects::Rects;

pub(crate) fn needs(needs: &mut Needs) {
    need!(needs, core.logic_op);
}

const OPERATIONS: [L; 16] = [
    L::CLEAR,
    L::AND,
    L::AND_REVERSE,
    L::COPY,
    L::AND_INVERTED,
    L::NO_OP,
    L::XOR,
    L::OR,
    L::NOR,
    L::EQUIVALENT,
    L::INVERT,
    L::OR_REVERSE,
    L::COPY_INVERTED,
    L::OR_INVERTED,
    L::NAND,
    L::SET,
];

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    let target = gpu.target()?;
    let rects = Rects::new(gpu)?;
    let mut pipelines = Vec::new();
    for (index, operation) in (0..).zip(OPERATIONS) {
        let viewports = [cell(index, 4)];
        pipelines.push(rects.pipeline(&target, |spec| {
            spec.viewports = &viewports;
            spec.logic = Some(operation);
        })?);
    }
    gpu.run(|c| {
        c.begin_target(&target, &[colour([0.8, 0.4, 0.2, 1.0])]);
        for pipeline in &pipelines {
            c.graphics(pipeline);
            rects.draw(c, [-0.8, -0.8, 0.4, 0.4], [0.4, 0.6, 0.2, 1.0]);
            rects.draw(c, [-0.2, -0.2, 0.8, 0.8], [0.2, 0.2, 0.8, 0.6]);
        }
        c.end_render_pass();
    })?;
    target.picture()
}
