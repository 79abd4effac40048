//! Where vertices come from.

use std::ops::Range;
use std::sync::Arc;

use format::{ChannelKind, Format, Layout, Swizzle};
use host_gl::{Attribute, AttributeKind, IndexType, VertexArray, enums as gl};
use shader::back::glsl::Numbers;
use wire_virgl::{DrawVbo, IndexBuffer, IndexSize, VertexBuffer, VertexElement};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::resource::Resource;

/// The attributes of a vertex, by number.
#[derive(Debug)]
pub(crate) struct VertexElements {
    attributes: Vec<Attribute>,
    /// What shaders read, by number.
    pub(crate) numbers: [Numbers; 32],
}

/// What vertices are made of.
#[derive(Debug, Default)]
pub(crate) struct VertexInput {
    pub(crate) elements: Option<Arc<VertexElements>>,
    buffers: Vec<Option<(Arc<Resource>, u32, u32)>>,
    pub(crate) indices: Option<Indices>,
    /// GL's, made with the first use.
    array: Option<VertexArray>,
    /// Attributes that GL's has.
    used: u32,
    is_dirty: bool,
}

/// Where indices come from.
#[derive(Clone, Debug)]
pub(crate) struct Indices {
    pub(crate) resource: Arc<Resource>,
    pub(crate) index_type: IndexType,
    pub(crate) offset: u32,
}

/// Components of an attribute, GL's type of one, and what shaders read.
type Numbered = (u32, u32, AttributeKind);

/// How an attribute of a format is read; none if GL has no such attributes.
pub(crate) fn attribute_format(format: Format) -> Option<Numbered> {
    let description = format.description();
    if format == Format::R11G11B10_FLOAT {
        return Some((3, gl::UNSIGNED_INT_10F_11F_11F_REV, AttributeKind::Float));
    }
    let [first, ..] = description.channels else {
        return None;
    };
    if description.layout != Layout::Plain || format.is_srgb() {
        return None;
    }
    let kind = match first.kind {
        ChannelKind::Unorm | ChannelKind::Snorm => AttributeKind::Normalized,
        ChannelKind::Uint | ChannelKind::Sint => AttributeKind::Integer,
        ChannelKind::Void => return None,
        _ => AttributeKind::Float,
    };
    let components = u32::try_from(description.channels.len()).ok()?;
    let (components, component_type) = match description
        .channels
        .iter()
        .map(|c| c.bits)
        .collect::<Vec<_>>()[..]
    {
        [10, 10, 10, 2] if kind != AttributeKind::Integer => match first.kind.is_signed() {
            true => (4, gl::INT_2_10_10_10_REV),
            false => (4, gl::UNSIGNED_INT_2_10_10_10_REV),
        },
        [bits, ..]
            if description
                .channels
                .iter()
                .all(|channel| *channel == *first) =>
        {
            (components, component_type(first.kind, bits)?)
        }
        _ => return None,
    };
    use Swizzle::{One, W, X, Y, Z, Zero};
    match (description.swizzle, components) {
        ([Z, Y, X, W], 4) if kind == AttributeKind::Normalized => {
            let has_order = component_type == gl::UNSIGNED_BYTE
                || component_type == gl::INT_2_10_10_10_REV
                || component_type == gl::UNSIGNED_INT_2_10_10_10_REV;
            has_order.then_some((gl::BGRA, component_type, kind))
        }
        ([X, Zero, Zero, One], 1)
        | ([X, Y, Zero, One], 2)
        | ([X, Y, Z, One], 3)
        | ([X, Y, Z, W], 4) => Some((components, component_type, kind)),
        _ => None,
    }
}

/// Whether OpenGL ES has such attributes, too (OpenGL ES 3.2, table 10.3).
pub(crate) fn is_attribute_of_es((components, component_type, _): Numbered) -> bool {
    let is_other = matches!(
        component_type,
        gl::DOUBLE | gl::UNSIGNED_INT_10F_11F_11F_REV
    );
    components != gl::BGRA && !is_other
}

const fn component_type(kind: ChannelKind, bits: u8) -> Option<u32> {
    Some(match (kind, bits) {
        (ChannelKind::Float, 16) => gl::HALF_FLOAT,
        (ChannelKind::Float, 32) => gl::FLOAT,
        (ChannelKind::Float, 64) => gl::DOUBLE,
        (ChannelKind::Fixed, 32) => gl::FIXED,
        (ChannelKind::Float | ChannelKind::Fixed | ChannelKind::Void, _) => return None,
        (kind, 8) if kind.is_signed() => gl::BYTE,
        (kind, 16) if kind.is_signed() => gl::SHORT,
        (kind, 32) if kind.is_signed() => gl::INT,
        (_, 8) => gl::UNSIGNED_BYTE,
        (_, 16) => gl::UNSIGNED_SHORT,
        (_, 32) => gl::UNSIGNED_INT,
        _ => return None,
    })
}

impl VertexElements {
    pub(crate) fn new(elements: &[VertexElement]) -> Result<Self> {
        let attributes = elements.iter().map(attribute).collect::<Result<Vec<_>>>()?;
        let mut numbers = [Numbers::Float; 32];
        for (numbers, element) in numbers.iter_mut().zip(elements) {
            *numbers = numbers_of(element);
        }
        Ok(Self {
            attributes,
            numbers,
        })
    }
}

fn attribute(element: &VertexElement) -> Result<Attribute> {
    let format = Format::from_wire(element.format.number());
    let numbers = format.and_then(attribute_format);
    let (components, component_type, kind) =
        numbers.ok_or(Error::Unsupported("a vertex attribute's format"))?;
    Ok(Attribute {
        buffer: element.vertex_buffer,
        offset: element.src_offset,
        components,
        component_type,
        kind,
        divisor: element.instance_divisor,
    })
}

fn numbers_of(element: &VertexElement) -> Numbers {
    let format = Format::from_wire(element.format.number());
    let first = format.and_then(|format| format.description().channels.first());
    match first.map(|channel| channel.kind) {
        Some(ChannelKind::Sint) => Numbers::Int,
        Some(ChannelKind::Uint) => Numbers::Uint,
        _ => Numbers::Float,
    }
}

impl VertexInput {
    /// What vertices are made of; whether it is other numbers than before.
    pub(crate) fn set_elements(&mut self, elements: Option<Arc<VertexElements>>) -> bool {
        let numbers = |elements: &Option<Arc<VertexElements>>| {
            let all = elements.as_ref().map(|elements| elements.numbers);
            all.unwrap_or_default()
        };
        let differ = numbers(&self.elements) != numbers(&elements);
        self.elements = elements;
        self.is_dirty = true;
        differ
    }

    /// The buffers that vertices are in, each with the part that a draw takes them from: from the
    /// first of its attributes to the last, as far as the draw says.
    pub(crate) fn parts(
        &self,
        draw: &DrawVbo,
    ) -> impl Iterator<Item = (&Arc<Resource>, Range<u64>)> {
        let steps = Steps::of(draw);
        let attributes = self.elements.iter().flat_map(|all| &all.attributes);
        attributes.filter_map(move |attribute| {
            let buffer = self.buffers.get(attribute.buffer as usize)?.as_ref()?;
            let (resource, offset, stride) = buffer;
            let start = u64::from(*offset).saturating_add(attribute.offset.into());
            let at = |step: u64| start.saturating_add(step.saturating_mul((*stride).into()));
            let steps = steps.of_attribute(attribute.divisor)?;
            let end = at(steps.end.saturating_sub(1)).saturating_add(attribute.bytes());
            Some((resource, at(steps.start)..end))
        })
    }

    /// GL's array, which [`VertexInput::array`] made.
    pub(crate) fn made(&mut self) -> Result<&mut VertexArray> {
        self.array
            .as_mut()
            .ok_or(Error::Misbehaved("a draw without vertices"))
    }

    /// GL's array with all that was set.
    pub(crate) fn array(&mut self, gl: &host_gl::Current<'_>) -> Result<&mut VertexArray> {
        let array = self.array.get_or_insert_with(|| gl.create_vertex_array());
        if !self.is_dirty {
            return Ok(array);
        }
        let attributes = self
            .elements
            .as_ref()
            .map_or(&[][..], |all| &all.attributes);
        let count = u32::try_from(attributes.len()).unwrap_or(u32::MAX);
        for (index, attribute) in (0..).zip(attributes) {
            array.set_attribute(index, Some(*attribute));
        }
        (count..self.used).for_each(|index| array.set_attribute(index, None));
        self.used = count;
        for index in 0..wire_virgl::limits::MAX_ATTRIBS {
            let bound = self.buffers.get(index as usize).and_then(Option::as_ref);
            let buffer = bound.map(|(resource, offset, stride)| {
                Ok::<_, Error>((resource.buffer()?, u64::from(*offset), *stride))
            });
            array.set_buffer(index, buffer.transpose()?);
        }
        self.is_dirty = false;
        Ok(array)
    }
}

/// Which vertices and instances a draw takes, at most.
struct Steps {
    vertices: Range<u64>,
    instances: Range<u64>,
}

impl Steps {
    fn of(draw: &DrawVbo) -> Self {
        let is_indirect = draw.indirect.is_some_and(|one| one.resource.is_some());
        let draw = &draw.draw;
        if is_indirect || draw.count_from_streamout != 0 {
            return Self {
                vertices: 0..u64::MAX,
                instances: 0..u64::MAX,
            };
        }
        let of = |first: u32, count: u32| {
            let first = u64::from(first);
            first..first.saturating_add(count.into())
        };
        Self {
            vertices: match (draw.indexed, draw.max_index) {
                (false, _) => of(draw.start, draw.count),
                (true, u32::MAX) => 0..u64::MAX,
                // Where a guest says less than its indices do, it has old vertices drawn.
                (true, max) => {
                    let moved = u64::from(max).saturating_add_signed(draw.index_bias.into());
                    0..moved.max(max.into()).saturating_add(1)
                }
            },
            instances: of(draw.start_instance, draw.instance_count),
        }
    }

    /// Of an attribute that as many instances share; none if there are none.
    fn of_attribute(&self, divisor: u32) -> Option<Range<u64>> {
        let steps = match divisor {
            0 => self.vertices.clone(),
            // The first instance is added to what is divided.
            divisor => {
                let count = self.instances.end.saturating_sub(self.instances.start);
                let shared = count.div_ceil(divisor.into());
                self.instances.start..self.instances.start.saturating_add(shared)
            }
        };
        (!steps.is_empty()).then_some(steps)
    }
}

impl Scope<'_> {
    pub(crate) fn set_vertex_buffers(&mut self, buffers: &[VertexBuffer]) -> Result<()> {
        let bound = buffers.iter().map(|buffer| {
            let Some(id) = buffer.resource else {
                return Ok(None);
            };
            let resource = self.resource(id)?;
            resource.buffer()?;
            Ok(Some((resource, buffer.offset, buffer.stride)))
        });
        let bound = bound.collect::<Result<Vec<_>>>()?;
        self.state.vertices.buffers = bound;
        self.state.vertices.is_dirty = true;
        Ok(())
    }

    pub(crate) fn set_index_buffer(&mut self, buffer: Option<&IndexBuffer>) -> Result<()> {
        let indices = buffer.map(|buffer| {
            let resource = self.resource(buffer.resource)?;
            resource.buffer()?;
            let index_type = match buffer.index_size {
                IndexSize::U8 => IndexType::U8,
                IndexSize::U16 => IndexType::U16,
                IndexSize::U32 => IndexType::U32,
            };
            Ok::<_, Error>(Indices {
                resource,
                index_type,
                offset: buffer.offset,
            })
        });
        self.state.vertices.indices = indices.transpose()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_virgl::{Draw, DrawIndirect, PrimitiveMode, ResourceId};

    fn draw() -> DrawVbo {
        let draw = Draw {
            start: 10,
            count: 5,
            mode: PrimitiveMode::Triangles,
            indexed: false,
            instance_count: 7,
            index_bias: 0,
            start_instance: 3,
            primitive_restart: false,
            restart_index: 0,
            min_index: 0,
            max_index: u32::MAX,
            count_from_streamout: 0,
        };
        DrawVbo {
            draw,
            patch: None,
            indirect: None,
        }
    }

    #[test]
    fn a_draw_says_which_vertices_it_takes() {
        let vertices = |draw: &DrawVbo| Steps::of(draw).of_attribute(0);
        let mut one = draw();
        assert_eq!(vertices(&one), Some(10..15));
        one.draw.count = 0;
        assert_eq!(vertices(&one), None);
        one.draw.indexed = true;
        assert_eq!(vertices(&one), Some(0..u64::MAX), "the guest does not say");
        one.draw.max_index = 8;
        assert_eq!(vertices(&one), Some(0..9));
        one.draw.index_bias = 4;
        assert_eq!(vertices(&one), Some(0..13));
        one.draw.index_bias = -4;
        assert_eq!(vertices(&one), Some(0..9));
        one.draw.count_from_streamout = 1;
        assert_eq!(vertices(&one), Some(0..u64::MAX));
        let mut one = draw();
        one.indirect = Some(DrawIndirect {
            resource: ResourceId::new(1),
            offset: 0,
            stride: 0,
            draw_count: 1,
            draw_count_offset: 0,
            draw_count_resource: None,
        });
        assert_eq!(vertices(&one), Some(0..u64::MAX));
    }

    #[test]
    fn instances_share_values() {
        let instances = |divisor| Steps::of(&draw()).of_attribute(divisor);
        assert_eq!(instances(1), Some(3..10));
        assert_eq!(instances(2), Some(3..7));
        assert_eq!(instances(100), Some(3..4));
    }

    #[test]
    fn formats_of_attributes() {
        use AttributeKind as K;
        let cases = [
            (Format::R32G32B32_FLOAT, Some((3, gl::FLOAT, K::Float))),
            (
                Format::R8G8B8A8_UNORM,
                Some((4, gl::UNSIGNED_BYTE, K::Normalized)),
            ),
            (
                Format::B8G8R8A8_UNORM,
                Some((gl::BGRA, gl::UNSIGNED_BYTE, K::Normalized)),
            ),
            (Format::R16G16_SINT, Some((2, gl::SHORT, K::Integer))),
            (Format::R16G16_SSCALED, Some((2, gl::SHORT, K::Float))),
            (Format::R32_FIXED, Some((1, gl::FIXED, K::Float))),
            (
                Format::R10G10B10A2_SNORM,
                Some((4, gl::INT_2_10_10_10_REV, K::Normalized)),
            ),
            (
                Format::B10G10R10A2_UNORM,
                Some((gl::BGRA, gl::UNSIGNED_INT_2_10_10_10_REV, K::Normalized)),
            ),
            (
                Format::R11G11B10_FLOAT,
                Some((3, gl::UNSIGNED_INT_10F_11F_11F_REV, K::Float)),
            ),
            (Format::B8G8R8X8_UNORM, None),
            (Format::L8_UNORM, None),
            (Format::R8G8B8A8_SRGB, None),
            (Format::B5G6R5_UNORM, None),
            (Format::DXT1_RGB, None),
        ];
        for (format, expected) in cases {
            assert_eq!(attribute_format(format), expected, "{format}");
        }
    }
}
