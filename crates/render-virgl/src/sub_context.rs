//! A sub-context: a GL context, and what the guest has set in it.

use std::sync::Arc;

use host_gl::ShareGroup;
use wire_virgl::{Blend, CompareFunc, DepthStencilAlpha, Rasterizer, RasterizerFlags};

use crate::blend::is_dual_source;
use crate::blitter::Blitter;
use crate::ends::Ends;
use crate::error::Result;
use crate::framebuffer::FramebufferState;
use crate::image::BufferPart;
use crate::object::Objects;
use crate::program::{Programs, StageState};
use crate::query::QueryState;
use crate::shader::LongText;
use crate::state::Values;
use crate::streamout::StreamoutState;
use crate::twin::Submission;
use crate::vertex::VertexInput;

/// A sub-context.
pub(crate) struct SubContext {
    // In front, so that its objects go while the context is there.
    pub(crate) state: State,
    pub(crate) gl: host_gl::Context,
}

/// What was set. Most of it reaches GL with the next draw, if it has changed by then.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) objects: Objects,
    pub(crate) bound: Bound,
    pub(crate) framebuffer: FramebufferState,
    pub(crate) values: Values,
    pub(crate) vertices: VertexInput,
    /// By number of the stage.
    pub(crate) stages: [StageState; 6],
    /// Buffers of atomic counters, for all stages.
    pub(crate) counters: Vec<Option<BufferPart>>,
    pub(crate) programs: Programs,
    pub(crate) queries: QueryState,
    pub(crate) streamout: StreamoutState,
    pub(crate) blitter: Blitter,
    pub(crate) ends: Ends,
    pub(crate) long_text: Option<LongText>,
    pub(crate) dirty: Dirty,
    /// In which submission the shaders' buffers were last looked at for what the guest wrote.
    pub(crate) prepared: Submission,
}

/// The objects in use.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    pub(crate) blend: Option<Arc<Blend>>,
    pub(crate) tests: Option<Arc<DepthStencilAlpha>>,
    pub(crate) rasterizer: Option<Arc<Rasterizer>>,
}

/// What of [`Bound`] shaders' text depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OfProgram {
    dual_source: bool,
    alpha_test: Option<CompareFunc>,
    rasterizer: Option<(RasterizerFlags, u8, u32)>,
}

impl Bound {
    /// Programs are looked up anew when this changes, which it seldom does: most objects differ
    /// in what GL has state for.
    pub(crate) fn of_program(&self) -> OfProgram {
        let tests = self.tests.as_ref().filter(|tests| tests.alpha_enable);
        let rasterizer = self.rasterizer.as_ref();
        OfProgram {
            dual_source: self.blend.as_ref().is_some_and(|one| is_dual_source(one)),
            alpha_test: tests.map(|tests| tests.alpha_func),
            rasterizer: rasterizer
                .map(|one| (one.flags, one.clip_plane_enable, one.sprite_coord_enable)),
        }
    }
}

bitflags::bitflags! {
    /// What GL does not have yet.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Dirty: u32 {
        /// The attachments.
        const FRAMEBUFFER = 1;
        /// Blending and colour masks.
        const BLEND = 1 << 1;
        /// Depth and stencil tests and masks.
        const TESTS = 1 << 2;
        /// The rasterizer.
        const RASTERIZER = 1 << 3;
        /// Scissors.
        const SCISSORS = 1 << 4;
        /// Viewports.
        const VIEWPORTS = 1 << 5;
        /// Multisampling.
        const SAMPLES = 1 << 6;
        /// What the text of a shader depends on.
        const PROGRAM = 1 << 7;
        /// Textures, samplers and buffers of the shaders.
        const RESOURCES = 1 << 8;
        /// Which shaders are bound.
        const SHADERS = 1 << 9;
        /// Whether colours are encoded as sRGB.
        const ENCODING = 1 << 10;
    }
}

impl Default for Dirty {
    /// GL's defaults are not virgl's.
    fn default() -> Self {
        Self::all()
    }
}

impl SubContext {
    pub(crate) fn new(group: &Arc<ShareGroup>) -> Result<Self> {
        Ok(Self {
            state: State::default(),
            gl: group.context()?,
        })
    }
}
