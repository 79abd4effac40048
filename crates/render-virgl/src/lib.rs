//! Executes virgl command streams with the host's OpenGL or OpenGL ES.
//!
//! A [`Renderer`] is one GPU's GL. Each device (a virtual machine, or a vtest client) has a
//! share group of its own, each sub-context of a guest a GL context in it. One file a family
//! of commands, named as in `wire-virgl`.
//!
//! What it does not have, it does not show in its capsets; a command that needs it fails with
//! a line in the log.
#![forbid(unsafe_code)]

mod blend;
mod blit;
mod blitter;
mod blob;
mod caps;
mod clear;
mod command;
mod compute;
mod context_impl;
mod copy;
mod depth_stencil;
mod device;
mod draw;
mod ends;
mod error;
mod fence;
mod formats;
mod framebuffer;
mod guest;
mod image;
mod implicit;
mod limits;
mod memory;
mod object;
mod program;
mod program_cache;
mod query;
mod rasterizer;
mod renderer;
mod report;
mod resource;
mod restart;
mod sampler;
mod shader;
mod state;
mod streamout;
mod sub_context;
mod surface;
mod transfer;
mod twin;
mod vertex;

pub use host_gl::{ApiChoice, ContextConfig, PlatformChoice};
pub use renderer::{BufferWrites, Config, MappedBuffers, Renderer};
pub use report::{Report, report};
