use std::ffi::c_void;
use std::sync::Arc;

use crate::{Buffer, Current, Error, TransformFeedback, VertexArray, enums as gl};

/// A draw of vertices in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Direct {
    /// `GL_TRIANGLES` and its like.
    pub mode: u32,
    /// The first vertex.
    pub first: u32,
    /// Vertices.
    pub count: u32,
    /// Instances.
    pub instances: u32,
    /// The first instance.
    pub base_instance: u32,
}

/// A draw of the vertices that indices name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Indexed {
    /// `GL_TRIANGLES` and its like.
    pub mode: u32,
    /// What an index is.
    pub index_type: IndexType,
    /// Bytes into the index buffer.
    pub offset: u64,
    /// Indices.
    pub count: u32,
    /// Added to each index.
    pub base_vertex: i32,
    /// Instances.
    pub instances: u32,
    /// The first instance.
    pub base_instance: u32,
}

/// What an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexType {
    /// A byte.
    U8,
    /// Two bytes.
    U16,
    /// Four bytes.
    U32,
}

/// Draws whose parameters are in a buffer.
#[derive(Clone, Copy, Debug)]
pub struct Indirect<'b> {
    /// `GL_TRIANGLES` and its like.
    pub mode: u32,
    /// The buffer.
    pub buffer: &'b Buffer,
    /// Bytes to the first draw's parameters.
    pub offset: u64,
    /// Bytes from draw to draw; 0 is without gaps.
    pub stride: u32,
    /// How many draws.
    pub count: DrawCount<'b>,
}

/// How many draws there are.
#[derive(Clone, Copy, Debug)]
pub enum DrawCount<'b> {
    /// So many.
    Exact(u32),
    /// As many as the word at this place of a buffer says, and at most so many.
    InBuffer(&'b Buffer, u64, u32),
}

impl IndexType {
    const fn number(self) -> u32 {
        match self {
            Self::U8 => gl::UNSIGNED_BYTE,
            Self::U16 => gl::UNSIGNED_SHORT,
            Self::U32 => gl::UNSIGNED_INT,
        }
    }

    /// In bytes.
    pub const fn size(self) -> u32 {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
        }
    }
}

/// Bytes of a direct draw's parameters.
const DIRECT_SIZE: u32 = 16;
/// Bytes of an indexed draw's parameters.
const INDEXED_SIZE: u32 = 20;

fn int(number: u32) -> Result<i32, Error> {
    let size = u64::from(number);
    i32::try_from(number).map_err(|_| Error::OutOfRange {
        what: "a draw's numbers",
        offset: 0,
        size,
        len: i32::MAX as u64,
    })
}

fn offset_pointer(offset: isize) -> *const c_void {
    std::ptr::without_provenance(offset.unsigned_abs())
}

impl Current<'_> {
    /// Draws.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for vertices beyond their buffers, unless the driver bounds
    /// accesses itself ([`crate::Caps::robust_access`]).
    pub fn draw(&self, array: &mut VertexArray, draw: &Direct) -> Result<(), Error> {
        let (first, count, instances) = (int(draw.first)?, int(draw.count)?, int(draw.instances)?);
        self.bind_vertices(array);
        if !self.caps().robust_access {
            let vertices = u64::from(draw.first).saturating_add(draw.count.into());
            array.check(vertices, draw.base_instance.into(), draw.instances.into())?;
        }
        match draw.base_instance {
            0 if instances == 1 => self.gl_draw_arrays(draw.mode, first, count),
            0 => self.gl_draw_arrays_instanced(draw.mode, first, count, instances),
            base => self
                .gl_draw_arrays_instanced_base_instance(draw.mode, first, count, instances, base),
        }
        Ok(())
    }

    /// Draws by indices. What vertices they name is bounded by the driver.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for indices beyond the buffer.
    pub fn draw_indexed(
        &self,
        array: &mut VertexArray,
        indices: &Arc<Buffer>,
        draw: &Indexed,
    ) -> Result<(), Error> {
        let bytes = u64::from(draw.count).saturating_mul(draw.index_type.size().into());
        let (offset, _) = indices.range(draw.offset, bytes)?;
        let (mode, count, instances) = (draw.mode, int(draw.count)?, int(draw.instances)?);
        let (kind, pointer) = (draw.index_type.number(), offset_pointer(offset));
        self.bind_vertices(array);
        self.bind_indices(array, indices);
        // SAFETY: of all: an index buffer is bound, and the range of indices is within it.
        unsafe {
            match (draw.base_vertex, draw.base_instance) {
                (0, 0) if instances == 1 => self.gl_draw_elements(mode, count, kind, pointer),
                (0, 0) => self.gl_draw_elements_instanced(mode, count, kind, pointer, instances),
                (vertex, 0) => self.gl_draw_elements_instanced_base_vertex(
                    mode, count, kind, pointer, instances, vertex,
                ),
                (vertex, base) => self.gl_draw_elements_instanced_base_vertex_base_instance(
                    mode, count, kind, pointer, instances, vertex, base,
                ),
            }
        }
        Ok(())
    }

    /// Draws with parameters from a buffer. What they name is bounded by the driver.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for parameters beyond the buffer.
    pub fn draw_indirect(
        &self,
        array: &mut VertexArray,
        draws: &Indirect<'_>,
    ) -> Result<(), Error> {
        let place = self.bind_indirect(draws, DIRECT_SIZE)?;
        self.bind_vertices(array);
        let (
            mode,
            IndirectPlace {
                pointer,
                stride,
                count,
                counter,
            },
        ) = (draws.mode, place);
        // SAFETY: of all: a buffer is bound, and the parameters are within it; so is the
        // number of draws.
        unsafe {
            match (counter, count) {
                (Some(counter), most) => {
                    self.gl_multi_draw_arrays_indirect_count(mode, pointer, counter, most, stride);
                }
                (None, 1) => self.gl_draw_arrays_indirect(mode, pointer),
                (None, count) => self.gl_multi_draw_arrays_indirect(mode, pointer, count, stride),
            }
        }
        Ok(())
    }

    /// The same by indices.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for parameters beyond the buffer.
    pub fn draw_indexed_indirect(
        &self,
        array: &mut VertexArray,
        indices: &Arc<Buffer>,
        index_type: IndexType,
        draws: &Indirect<'_>,
    ) -> Result<(), Error> {
        let place = self.bind_indirect(draws, INDEXED_SIZE)?;
        self.bind_vertices(array);
        self.bind_indices(array, indices);
        let (mode, kind) = (draws.mode, index_type.number());
        let IndirectPlace {
            pointer,
            stride,
            count,
            counter,
        } = place;
        // SAFETY: of all: as above, and an index buffer is bound.
        unsafe {
            match (counter, count) {
                (Some(counter), most) => self.gl_multi_draw_elements_indirect_count(
                    mode, kind, pointer, counter, most, stride,
                ),
                (None, 1) => self.gl_draw_elements_indirect(mode, kind, pointer),
                (None, count) => {
                    self.gl_multi_draw_elements_indirect(mode, kind, pointer, count, stride);
                }
            }
        }
        Ok(())
    }

    /// Draws as many vertices as were written to a stream of a transform feedback.
    ///
    /// # Errors
    /// A number that GL cannot take; [`Error::Missing`] without
    /// [`crate::Features::draw_transform_feedback`].
    pub fn draw_feedback(
        &self,
        array: &mut VertexArray,
        mode: u32,
        feedback: &TransformFeedback,
        instances: u32,
    ) -> Result<(), Error> {
        let instances = int(instances)?;
        let features = &self.caps().features;
        if !features.draw_transform_feedback
            || instances != 1 && !features.transform_feedback_instanced
        {
            return Err(Error::Missing("draws from transform feedback"));
        }
        self.bind_vertices(array);
        let name = self.name(feedback.handle());
        match instances {
            1 => self.gl_draw_transform_feedback(mode, name),
            _ => self.gl_draw_transform_feedback_instanced(mode, name, instances),
        }
        Ok(())
    }

    /// Runs a compute shader on so many work groups in x, y and z.
    pub fn dispatch(&self, [x, y, z]: [u32; 3]) {
        self.gl_dispatch_compute(x, y, z);
    }

    /// The same with the numbers in a buffer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn dispatch_indirect(&self, buffer: &Buffer, offset: u64) -> Result<(), Error> {
        /// Bytes of three numbers.
        const SIZE: u64 = 12;
        let (offset, _) = buffer.range(offset, SIZE)?;
        self.gl_bind_buffer(gl::DISPATCH_INDIRECT_BUFFER, self.buffer_in_use(buffer));
        // SAFETY: a buffer is bound, and the numbers are within it.
        unsafe { self.gl_dispatch_compute_indirect(offset) };
        Ok(())
    }

    fn bind_indirect(&self, draws: &Indirect<'_>, size: u32) -> Result<IndirectPlace, Error> {
        let step = if draws.stride == 0 {
            size
        } else {
            draws.stride
        };
        let (count, counter) = match draws.count {
            DrawCount::Exact(count) => (count, None),
            DrawCount::InBuffer(buffer, offset, most) => {
                let (offset, _) = buffer.range(offset, 4)?;
                self.gl_bind_buffer(gl::PARAMETER_BUFFER, self.buffer_in_use(buffer));
                (most, Some(offset))
            }
        };
        let before = u64::from(count.saturating_sub(1)).saturating_mul(step.into());
        let (offset, _) = draws
            .buffer
            .range(draws.offset, before.saturating_add(size.into()))?;
        let name = self.buffer_in_use(draws.buffer);
        self.gl_bind_buffer(gl::DRAW_INDIRECT_BUFFER, name);
        Ok(IndirectPlace {
            pointer: offset_pointer(offset),
            stride: int(step)?,
            count: int(count)?,
            counter,
        })
    }
}

/// What GL is told of indirect draws.
struct IndirectPlace {
    pointer: *const c_void,
    stride: i32,
    count: i32,
    counter: Option<isize>,
}
