//! A thin layer over Vulkan that keeps the scenes readable; all unsafe code is in here.
//!
//! Objects destroy themselves, submissions are waited for with a time-out, and results carry
//! the name of the call. Valid usage is not checked: the validation layer does that.

mod buffer;
mod caches;
mod commands;
mod descriptors;
mod device;
mod extensions;
mod image;
mod instance;
mod memory;
mod needs;
mod output;
mod owned;
mod pipeline;
mod rays;
mod shader;
mod shared;
mod sync;
mod target;

pub(crate) use buffer::{Buffer, Scalar, bytes, whole, words};
pub(crate) use commands::{Commands, viewport};
pub(crate) use descriptors::{Binding, DescriptorSet, sampler_info};
pub(crate) use device::{Device, Gpu, Semaphores};
pub(crate) use image::{Image, ImageSpec, SIDE, checkerboard, view_info};
pub(crate) use instance::Instance;
pub(crate) use memory::{Memory, Place};
pub(crate) use needs::{Needs, need};
pub(crate) use output::Output;
pub(crate) use owned::Owned;
pub(crate) use pipeline::{GraphicsSpec, OPAQUE, PUSH_STAGES, Stage, WHOLE, cell, pair};
pub(crate) use rays::Acceleration;
pub(crate) use shader::{Source, glsl, wgsl};
pub(crate) use shared::Shared;
pub(crate) use target::{BACKDROP, Target, TargetSpec, around, cleared, colour, depth, kept};
