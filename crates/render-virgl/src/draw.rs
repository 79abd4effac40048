//! Draws.

use std::ops::Range;
use std::sync::Arc;

use host_gl::{Buffer, Direct, DrawCount, IndexType, Indexed, Indirect, enums as gl};
use wire_virgl::{Draw, DrawIndirect, DrawVbo, PrimitiveMode};

use crate::blend::switch;
use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::limits::MAX_DRAWN_VERTICES;
use crate::program::Kind;
use crate::restart::Restart;
use crate::streamout::Streamed;
use crate::vertex::Indices;

impl Scope<'_> {
    /// Draws.
    ///
    /// Of an indirect draw it is checked that the parameters of all its draws lie in their
    /// buffer, and how many draws there are is at most what the command says. How many vertices
    /// and instances each has is in the GPU's memory, and may change until the GPU reads it: only
    /// the GPU's time-out ends a draw that goes on for ever. Its driver then resets the context,
    /// which [`Guest::submit`](crate::guest::Guest::submit) finds out with the next submission.
    pub(crate) fn draw_vbo(&mut self, draw: &DrawVbo) -> Result<()> {
        check_vertices(draw.draw.count, draw.draw.instance_count)?;
        self.apply_framebuffer()?;
        let patch = draw.patch.map_or(0, |patch| patch.vertices_per_patch);
        if draw.draw.mode == PrimitiveMode::Patches {
            self.set_patch_vertices(patch);
        }
        self.apply_program(Kind::of(draw.draw.mode))?;
        self.prepare_draw(draw)?;
        self.apply_values();
        self.apply_clip_distances();
        let mode = mode(draw.draw.mode)?;
        if draw.draw.mode == PrimitiveMode::Patches && self.gl.caps().features.tessellation_shader {
            self.gl
                .patch_parameteri(gl::PATCH_VERTICES, patch.max(1).cast_signed());
        }
        self.stats.draws = self.stats.draws.saturating_add(1);
        self.streaming(draw.draw.mode, |scope| match draw.indirect {
            Some(indirect) if indirect.resource.is_some() => {
                scope.draw_indirect(mode, &draw.draw, &indirect)
            }
            _ if draw.draw.count_from_streamout != 0 => scope.draw_streamed(mode, &draw.draw),
            _ if draw.draw.indexed => scope.draw_indexed(mode, &draw.draw),
            _ => scope.draw_direct(mode, &draw.draw),
        })
    }

    fn draw_streamed(&mut self, mode: u32, draw: &Draw) -> Result<()> {
        self.state.vertices.array(self.gl)?;
        let streamed = self.state.streamout.last(self.gl)?;
        let array = self.state.vertices.made()?;
        let count = match streamed {
            Streamed::Object(object) => {
                let instances = draw.instance_count;
                return Ok(self.gl.draw_feedback(array, mode, object, instances)?);
            }
            Streamed::Vertices(count) => count,
        };
        check_vertices(count, draw.instance_count)?;
        let direct = Direct {
            mode,
            first: 0,
            count,
            instances: draw.instance_count,
            base_instance: draw.start_instance,
        };
        Ok(self.gl.draw(array, &direct)?)
    }

    fn draw_direct(&mut self, mode: u32, draw: &Draw) -> Result<()> {
        let array = self.state.vertices.array(self.gl)?;
        let direct = Direct {
            mode,
            first: draw.start,
            count: draw.count,
            instances: draw.instance_count,
            base_instance: draw.start_instance,
        };
        Ok(self.gl.draw(array, &direct)?)
    }

    fn draw_indexed(&mut self, mode: u32, draw: &Draw) -> Result<()> {
        let indices = self.state.vertices.indices.clone();
        let indices = indices.ok_or(Error::Misbehaved("a draw without its index buffer"))?;
        let start = u64::from(indices.offset);
        let size = u64::from(draw.count).saturating_mul(indices.index_type.size().into());
        let part = start..start.saturating_add(size);
        let rewritten = self.apply_restart(draw, &indices, part)?;
        let (buffer, index_type, offset) = match &rewritten {
            Some(buffer) => (buffer, IndexType::U32, 0),
            None => (indices.resource.buffer()?, indices.index_type, start),
        };
        // `draw.start` is in the index buffer's offset already: Mesa's `virgl_draw_vbo`
        // (`src/gallium/drivers/virgl/virgl_context.c`) sends both.
        let indexed = Indexed {
            mode,
            index_type,
            offset,
            count: draw.count,
            base_vertex: draw.index_bias,
            instances: draw.instance_count,
            base_instance: draw.start_instance,
        };
        let array = self.state.vertices.array(self.gl)?;
        Ok(self.gl.draw_indexed(array, buffer, &indexed)?)
    }

    fn draw_indirect(&mut self, mode: u32, draw: &Draw, indirect: &DrawIndirect) -> Result<()> {
        let features = &self.gl.caps().features;
        let has_many = indirect.draw_count <= 1 || features.multi_draw_indirect;
        let has_count = indirect.draw_count_resource.is_none() || features.indirect_parameters;
        if !(features.draw_indirect && has_many && has_count) {
            return Err(Error::Unsupported("such an indirect draw"));
        }
        let resource = indirect.resource.map(|id| self.resource(id)).transpose()?;
        let resource = resource.ok_or(Error::Misbehaved("an indirect draw without a buffer"))?;
        let counter = indirect
            .draw_count_resource
            .map(|id| self.resource(id))
            .transpose()?;
        let count = match &counter {
            Some(counter) => {
                let offset = indirect.draw_count_offset.into();
                DrawCount::InBuffer(counter.buffer()?, offset, indirect.draw_count)
            }
            None => DrawCount::Exact(indirect.draw_count.max(1)),
        };
        let draws = Indirect {
            mode,
            buffer: resource.buffer()?,
            offset: indirect.offset.into(),
            stride: indirect.stride,
            count,
        };
        if !draw.indexed {
            let array = self.state.vertices.array(self.gl)?;
            return Ok(self.gl.draw_indirect(array, &draws)?);
        }
        let indices = self.state.vertices.indices.clone();
        let indices = indices.ok_or(Error::Misbehaved("a draw without its index buffer"))?;
        // Which of them the draws take, the GPU's memory says.
        let part = 0..indices.resource.buffer()?.size();
        let rewritten = self.apply_restart(draw, &indices, part)?;
        let (buffer, index_type) = match &rewritten {
            Some(buffer) => (buffer, IndexType::U32),
            None => (indices.resource.buffer()?, indices.index_type),
        };
        let array = self.state.vertices.array(self.gl)?;
        Ok(self
            .gl
            .draw_indexed_indirect(array, buffer, index_type, &draws)?)
    }

    /// Tells GL where primitives start anew; gives the indices of that part of the buffer in a
    /// buffer of their own, if GL does not understand them as they are.
    fn apply_restart(
        &self,
        draw: &Draw,
        indices: &Indices,
        part: Range<u64>,
    ) -> Result<Option<Arc<Buffer>>> {
        let has_index = self.gl.caps().features.primitive_restart_index;
        let restart = Restart::of(draw, indices.index_type, has_index);
        let name = match has_index {
            true => gl::PRIMITIVE_RESTART,
            false => gl::PRIMITIVE_RESTART_FIXED_INDEX,
        };
        switch(self.gl, name, restart != Restart::Off);
        if has_index {
            self.gl.primitive_restart_index(draw.restart_index);
        }
        match restart {
            Restart::Rewritten(index) => Ok(Some(self.rewritten(indices, index, part)?)),
            Restart::Off | Restart::AsItIs => Ok(None),
        }
    }

    /// The planes that are on, whether the shader or the state gives their distances.
    fn apply_clip_distances(&self) {
        let rasterizer = self.state.bound.rasterizer.as_ref();
        let planes = rasterizer.map_or(0, |rasterizer| rasterizer.clip_plane_enable);
        let count = self.gl.caps().limits.max_clip_distances.min(8);
        for index in 0..count {
            switch(
                self.gl,
                gl::CLIP_DISTANCE0.saturating_add(index),
                planes & 1 << index != 0,
            );
        }
    }
}

/// The core profile has no quads, and the capset says so.
const fn mode(mode: PrimitiveMode) -> Result<u32> {
    Ok(match mode {
        PrimitiveMode::Points => gl::POINTS,
        PrimitiveMode::Lines => gl::LINES,
        PrimitiveMode::LineLoop => gl::LINE_LOOP,
        PrimitiveMode::LineStrip => gl::LINE_STRIP,
        PrimitiveMode::Triangles => gl::TRIANGLES,
        PrimitiveMode::TriangleStrip => gl::TRIANGLE_STRIP,
        // A polygon is convex.
        PrimitiveMode::TriangleFan | PrimitiveMode::Polygon => gl::TRIANGLE_FAN,
        PrimitiveMode::LinesAdjacency => gl::LINES_ADJACENCY,
        PrimitiveMode::LineStripAdjacency => gl::LINE_STRIP_ADJACENCY,
        PrimitiveMode::TrianglesAdjacency => gl::TRIANGLES_ADJACENCY,
        PrimitiveMode::TriangleStripAdjacency => gl::TRIANGLE_STRIP_ADJACENCY,
        PrimitiveMode::Patches => gl::PATCHES,
        PrimitiveMode::Quads | PrimitiveMode::QuadStrip => {
            return Err(Error::Unsupported("such a primitive"));
        }
    })
}

fn check_vertices(count: u32, instances: u32) -> Result<()> {
    let vertices = u64::from(count).saturating_mul(instances.into());
    if vertices > MAX_DRAWN_VERTICES {
        let limit = usize::try_from(MAX_DRAWN_VERTICES).unwrap_or(usize::MAX);
        return Err(Error::Limit {
            what: "vertices of a draw",
            limit,
        });
    }
    Ok(())
}
