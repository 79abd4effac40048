//! Drawing to a linear image beside a depth buffer that is not linear.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Gpu, Needs, Output};
use crate::scenes::linear_target;

pub(crate) fn needs(needs: &mut Needs) {
    linear_target::needs(needs);
}

pub(crate) fn draw(gpu: &Gpu) -> Result<Output> {
    linear_target::draw_with(gpu, Some(vk::Format::D32_SFLOAT))
}
