//! Compute, and what makes earlier writes visible.

use std::sync::Arc;

use host_gl::enums as gl;
use wire_virgl::{LaunchGrid, MemoryBarrier, ShaderStage, TextureBarrier};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::limits::MAX_WORK_GROUPS;
use crate::sub_context::Dirty;

/// What each of virgl's barriers is to GL.
const BARRIERS: [(MemoryBarrier, u32); 13] = [
    (
        MemoryBarrier::MAPPED_BUFFER,
        gl::CLIENT_MAPPED_BUFFER_BARRIER_BIT,
    ),
    (
        MemoryBarrier::SHADER_BUFFER,
        gl::SHADER_STORAGE_BARRIER_BIT | gl::ATOMIC_COUNTER_BARRIER_BIT,
    ),
    (MemoryBarrier::QUERY_BUFFER, gl::QUERY_BUFFER_BARRIER_BIT),
    (
        MemoryBarrier::VERTEX_BUFFER,
        gl::VERTEX_ATTRIB_ARRAY_BARRIER_BIT,
    ),
    (MemoryBarrier::INDEX_BUFFER, gl::ELEMENT_ARRAY_BARRIER_BIT),
    (MemoryBarrier::CONSTANT_BUFFER, gl::UNIFORM_BARRIER_BIT),
    (MemoryBarrier::INDIRECT_BUFFER, gl::COMMAND_BARRIER_BIT),
    (MemoryBarrier::TEXTURE, gl::TEXTURE_FETCH_BARRIER_BIT),
    (MemoryBarrier::IMAGE, gl::SHADER_IMAGE_ACCESS_BARRIER_BIT),
    (MemoryBarrier::FRAMEBUFFER, gl::FRAMEBUFFER_BARRIER_BIT),
    (
        MemoryBarrier::STREAMOUT_BUFFER,
        gl::TRANSFORM_FEEDBACK_BARRIER_BIT,
    ),
    (MemoryBarrier::UPDATE_BUFFER, gl::BUFFER_UPDATE_BARRIER_BIT),
    (
        MemoryBarrier::UPDATE_TEXTURE,
        gl::TEXTURE_UPDATE_BARRIER_BIT,
    ),
];

fn check_groups(groups: [u32; 3]) -> Result<()> {
    let groups = groups
        .into_iter()
        .fold(1u64, |all, groups| all.saturating_mul(groups.into()));
    match groups <= MAX_WORK_GROUPS {
        true => Ok(()),
        false => Err(Error::Limit {
            what: "work groups of a dispatch",
            limit: usize::try_from(MAX_WORK_GROUPS).unwrap_or(usize::MAX),
        }),
    }
}

impl Scope<'_> {
    /// Dispatches. How many groups an indirect one has is known to the GPU alone; see
    /// [`Scope::draw_vbo`].
    pub(crate) fn launch_grid(&mut self, grid: &LaunchGrid) -> Result<()> {
        if !self.gl.caps().features.compute_shader {
            return Err(Error::Unsupported("compute"));
        }
        let shader = self
            .state
            .stage(ShaderStage::Compute)
            .shader
            .as_ref()
            .map(Arc::clone);
        let shader = shader.ok_or(Error::Misbehaved("a dispatch without a shader"))?;
        let linked = self.apply_compute(&shader)?;
        self.prepare_dispatch(&linked, grid)?;
        self.stats.dispatches = self.stats.dispatches.saturating_add(1);
        // Draws have what was bound bound again.
        self.state.dirty |= Dirty::RESOURCES | Dirty::SHADERS;
        match grid.indirect {
            Some(id) => {
                let resource = self.resource(id)?;
                Ok(self
                    .gl
                    .dispatch_indirect(resource.buffer()?, grid.indirect_offset.into())?)
            }
            None => {
                check_groups(grid.grid)?;
                self.gl.dispatch(grid.grid);
                Ok(())
            }
        }
    }

    pub(crate) fn memory_barrier(&mut self, barrier: MemoryBarrier) {
        if self.gl.caps().is_at_least(42, 31) {
            let named = BARRIERS
                .into_iter()
                .filter(|(bit, _)| barrier.contains(*bit));
            self.gl
                .memory_barrier(named.fold(0, |bits, (_, bit)| bits | bit));
        }
    }

    pub(crate) fn texture_barrier(&mut self, barrier: TextureBarrier) {
        let features = &self.gl.caps().features;
        if features.texture_barrier {
            self.gl.texture_barrier();
        }
        if barrier.contains(TextureBarrier::FRAMEBUFFER) && features.blend_equation_advanced {
            self.gl.blend_barrier();
        }
    }
}
