//! Where vertex attributes come from.

use std::sync::Arc;

use crate::garbage::Dead;
use crate::object::Handle;
use crate::{Buffer, Current, Error, enums as gl};

/// Attributes and buffers, of the context that made it. It keeps its buffers alive, so that
/// no attribute that is enabled is ever without one.
#[derive(Debug)]
pub struct VertexArray {
    handle: Handle,
    attributes: [Option<Attribute>; MAX],
    buffers: [Option<VertexBuffer>; MAX],
    index_buffer: Option<Arc<Buffer>>,
    /// Attributes, one a bit, whose format has changed since they were set in GL, or which have
    /// got a buffer or lost it.
    dirty: u32,
    /// Attributes that are elsewhere in a buffer, or in another one.
    moved: u32,
    /// Attributes that are enabled in GL.
    enabled: u32,
}

/// Attributes and buffers of an array at most; GL has at least 16, virgl 32.
const MAX: usize = 32;

/// How an attribute is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// The buffer's number in the array, below 32.
    pub buffer: u32,
    /// Bytes into the vertex.
    pub offset: u32,
    /// Components, 1 to 4, or `GL_BGRA`.
    pub components: u32,
    /// `GL_FLOAT` and its like.
    pub component_type: u32,
    /// What shaders read.
    pub kind: AttributeKind,
    /// Instances that share a value; 0 for an attribute of each vertex.
    pub divisor: u32,
}

/// What shaders read of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeKind {
    /// Floats of the same value.
    Float,
    /// Floats from 0 or -1 to 1.
    Normalized,
    /// Integers.
    Integer,
    /// Doubles.
    Double,
}

#[derive(Clone, Debug)]
struct VertexBuffer {
    buffer: Arc<Buffer>,
    offset: u64,
    stride: u32,
}

impl Attribute {
    /// Bytes of the attribute.
    pub fn bytes(&self) -> u64 {
        let component = match self.component_type {
            gl::BYTE | gl::UNSIGNED_BYTE => 1,
            gl::SHORT | gl::UNSIGNED_SHORT | gl::HALF_FLOAT => 2,
            gl::DOUBLE => 8,
            gl::UNSIGNED_INT_2_10_10_10_REV
            | gl::INT_2_10_10_10_REV
            | gl::UNSIGNED_INT_10F_11F_11F_REV => return 4,
            _ => 4,
        };
        let components = if self.components == gl::BGRA {
            4
        } else {
            self.components
        };
        u64::from(components).saturating_mul(component)
    }
}

impl VertexArray {
    /// How attribute `index` is read; none disables it. Numbers from 32 on are passed over.
    pub fn set_attribute(&mut self, index: u32, attribute: Option<Attribute>) {
        match self.attributes.get_mut(index as usize) {
            Some(slot) if *slot != attribute => *slot = attribute,
            _ => return,
        }
        self.dirty |= 1 << index;
    }

    /// Where buffer `index` starts, and bytes from vertex to vertex, 0 for the same value in all;
    /// none disables the
    /// attributes that come from it. Numbers from 32 on are passed over.
    pub fn set_buffer(&mut self, index: u32, buffer: Option<(&Arc<Buffer>, u64, u32)>) {
        let Some(slot) = self.buffers.get_mut(index as usize) else {
            return;
        };
        let changed = match (&*slot, buffer) {
            (None, None) => return,
            (Some(old), Some((buffer, offset, stride))) => {
                let is_same = Arc::ptr_eq(&old.buffer, buffer);
                if is_same && (old.offset, old.stride) == (offset, stride) {
                    return;
                }
                &mut self.moved
            }
            _ => &mut self.dirty,
        };
        *slot = buffer.map(|(buffer, offset, stride)| VertexBuffer {
            buffer: Arc::clone(buffer),
            offset,
            stride,
        });
        for (number, attribute) in (0..).zip(&self.attributes) {
            if attribute.is_some_and(|attribute| attribute.buffer == index) {
                *changed |= 1u32 << number;
            }
        }
    }

    fn source(&self, index: u32) -> Option<(Attribute, &VertexBuffer)> {
        let attribute = self.attributes.get(index as usize).copied().flatten()?;
        let buffer = self.buffers.get(attribute.buffer as usize)?.as_ref()?;
        Some((attribute, buffer))
    }

    /// Whether vertices below `vertices` and instances below `instances` (from
    /// `base_instance` on) are within their buffers.
    pub(crate) fn check(&self, vertices: u64, base: u64, instances: u64) -> Result<(), Error> {
        for (attribute, source) in (0..MAX as u32).filter_map(|index| self.source(index)) {
            let steps = match attribute.divisor {
                0 => vertices,
                divisor => base.saturating_add(instances.div_ceil(divisor.into())),
            };
            let Some(last) = steps.checked_sub(1) else {
                continue;
            };
            let start = source.offset.saturating_add(attribute.offset.into());
            let start = start.saturating_add(last.saturating_mul(source.stride.into()));
            source.buffer.range(start, attribute.bytes())?;
        }
        Ok(())
    }
}

impl Current<'_> {
    /// Makes an array without attributes.
    pub fn create_vertex_array(&self) -> VertexArray {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_vertex_arrays(1, &mut name) };
        VertexArray {
            handle: Handle::new(name, Dead::VertexArray, self.own_owner()),
            attributes: [None; MAX],
            buffers: [const { None }; MAX],
            index_buffer: None,
            dirty: 0,
            moved: 0,
            enabled: 0,
        }
    }

    /// Binds the array with all that has changed.
    pub(crate) fn bind_vertices(&self, array: &mut VertexArray) {
        let name = self.name(&array.handle);
        if self.context.vertex_array.replace(name) != name {
            self.gl_bind_vertex_array(name);
        }
        let mut dirty = std::mem::take(&mut array.dirty);
        let mut moved = std::mem::take(&mut array.moved) & !dirty;
        while moved != 0 {
            let index = moved.trailing_zeros();
            moved &= moved - 1;
            if !self.move_pointer(array, index) {
                dirty |= 1 << index;
            }
        }
        while dirty != 0 {
            let index = dirty.trailing_zeros();
            dirty &= dirty - 1;
            let bit = 1 << index;
            let is_on = match array.source(index) {
                Some((attribute, buffer)) => self.set_pointer(index, &attribute, buffer),
                None => false,
            };
            match (is_on, array.enabled & bit != 0) {
                (true, false) => self.gl_enable_vertex_attrib_array(index),
                (false, true) => self.gl_disable_vertex_attrib_array(index),
                _ => {}
            }
            array.enabled = if is_on {
                array.enabled | bit
            } else {
                array.enabled & !bit
            };
        }
    }

    /// Binds the buffer that indices come from to the array that is bound.
    pub(crate) fn bind_indices(&self, array: &mut VertexArray, buffer: &Arc<Buffer>) {
        let same = array
            .index_buffer
            .as_ref()
            .is_some_and(|bound| Arc::ptr_eq(bound, buffer));
        if !same {
            self.gl_bind_buffer(gl::ELEMENT_ARRAY_BUFFER, self.buffer_in_use(buffer));
            array.index_buffer = Some(Arc::clone(buffer));
        }
    }

    /// Tells GL of the buffer alone. False if more is to be told.
    fn move_pointer(&self, array: &VertexArray, index: u32) -> bool {
        let has_bindings = self.caps().features.vertex_attrib_binding;
        if !has_bindings || array.enabled & 1 << index == 0 {
            return false;
        }
        let Some((attribute, source)) = array.source(index) else {
            return false;
        };
        let offset = source.offset.saturating_add(attribute.offset.into());
        let name = self.buffer_in_use(&source.buffer);
        match (isize::try_from(offset), i32::try_from(source.stride)) {
            (Ok(offset), Ok(stride)) if name != 0 && source.stride <= self.max_stride() => {
                self.gl_bind_vertex_buffer(index, name, offset, stride);
                true
            }
            _ => false,
        }
    }

    /// False if GL cannot take the numbers, so that the attribute stays off.
    fn set_pointer(&self, index: u32, attribute: &Attribute, source: &VertexBuffer) -> bool {
        let offset = source.offset.saturating_add(attribute.offset.into());
        let name = self.buffer_in_use(&source.buffer);
        let (Ok(offset), Ok(stride), Ok(components)) = (
            isize::try_from(offset),
            i32::try_from(source.stride),
            i32::try_from(attribute.components),
        ) else {
            return false;
        };
        // GL refuses a longer stride, and the attribute would be left without a buffer.
        if name == 0 || source.stride > self.max_stride() {
            return false;
        }
        match self.caps().features.vertex_attrib_binding {
            true => {
                self.set_format(index, attribute, components);
                self.gl_vertex_attrib_binding(index, index);
                self.gl_bind_vertex_buffer(index, name, offset, stride);
                self.gl_vertex_binding_divisor(index, attribute.divisor);
            }
            false => {
                self.gl_bind_buffer(gl::ARRAY_BUFFER, name);
                self.set_bound_pointer(index, attribute, components, (offset, stride));
                // There, a stride of 0 is that of vertices without gaps; a divisor that is
                // never reached keeps the first value.
                let divisor = if stride == 0 {
                    u32::MAX
                } else {
                    attribute.divisor
                };
                self.gl_vertex_attrib_divisor(index, divisor);
            }
        }
        true
    }

    fn max_stride(&self) -> u32 {
        /// The least that GL promises, where a context doesn't say.
        const LEAST: u32 = 2048;
        self.caps().limits.max_vertex_attrib_stride.max(LEAST)
    }

    fn set_format(&self, index: u32, attribute: &Attribute, components: i32) {
        let kind = attribute.component_type;
        match attribute.kind {
            AttributeKind::Float => self.gl_vertex_attrib_format(index, components, kind, 0, 0),
            AttributeKind::Normalized => {
                self.gl_vertex_attrib_format(index, components, kind, 1, 0)
            }
            AttributeKind::Integer => self.gl_vertex_attrib_i_format(index, components, kind, 0),
            AttributeKind::Double => self.gl_vertex_attrib_l_format(index, components, kind, 0),
        }
    }

    fn set_bound_pointer(
        &self,
        index: u32,
        attribute: &Attribute,
        components: i32,
        (offset, stride): (isize, i32),
    ) {
        let kind = attribute.component_type;
        let pointer = std::ptr::without_provenance(offset.unsigned_abs());
        // SAFETY: of all: a buffer is bound, so the pointer is an offset into it.
        unsafe {
            match attribute.kind {
                AttributeKind::Float => {
                    self.gl_vertex_attrib_pointer(index, components, kind, 0, stride, pointer);
                }
                AttributeKind::Normalized => {
                    self.gl_vertex_attrib_pointer(index, components, kind, 1, stride, pointer);
                }
                AttributeKind::Integer => {
                    self.gl_vertex_attrib_i_pointer(index, components, kind, stride, pointer);
                }
                AttributeKind::Double => {
                    self.gl_vertex_attrib_l_pointer(index, components, kind, stride, pointer);
                }
            }
        }
    }
}
