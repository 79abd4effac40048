//! Objects: made once, bound often.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, check_limit, encode_all, halves, numbers, parse_slots, payload, word_of};
use crate::ids::{FormatNumber, ObjectId, ResourceId};
use crate::limits::{MAX_ATTRIBS, MAX_VERTEX_STREAMS};
use crate::{Blend, DepthStencilAlpha, Rasterizer, SamplerState, SamplerView, Shader};

numbers! {
    /// What an object is; the second byte of commands on objects.
    pub enum ObjectType "object type" {
        1 Blend "VIRGL_OBJECT_BLEND",
        2 Rasterizer "VIRGL_OBJECT_RASTERIZER",
        3 DepthStencilAlpha "VIRGL_OBJECT_DSA",
        4 Shader "VIRGL_OBJECT_SHADER",
        5 VertexElements "VIRGL_OBJECT_VERTEX_ELEMENTS",
        6 SamplerView "VIRGL_OBJECT_SAMPLER_VIEW",
        7 SamplerState "VIRGL_OBJECT_SAMPLER_STATE",
        8 Surface "VIRGL_OBJECT_SURFACE",
        9 Query "VIRGL_OBJECT_QUERY",
        10 StreamoutTarget "VIRGL_OBJECT_STREAMOUT_TARGET",
        11 MsaaSurface "VIRGL_OBJECT_MSAA_SURFACE",
    }

    /// The objects that are bound by `VIRGL_CCMD_BIND_OBJECT`; others have commands of
    /// their own.
    pub enum BindableType "type of object to bind" {
        1 Blend "VIRGL_OBJECT_BLEND",
        2 Rasterizer "VIRGL_OBJECT_RASTERIZER",
        3 DepthStencilAlpha "VIRGL_OBJECT_DSA",
        5 VertexElements "VIRGL_OBJECT_VERTEX_ELEMENTS",
    }

    /// What a query counts.
    pub enum QueryType "query type" {
        0 OcclusionCounter "PIPE_QUERY_OCCLUSION_COUNTER",
        1 OcclusionPredicate "PIPE_QUERY_OCCLUSION_PREDICATE",
        2 Timestamp "PIPE_QUERY_TIMESTAMP",
        3 TimestampDisjoint "PIPE_QUERY_TIMESTAMP_DISJOINT",
        4 TimeElapsed "PIPE_QUERY_TIME_ELAPSED",
        5 PrimitivesGenerated "PIPE_QUERY_PRIMITIVES_GENERATED",
        6 PrimitivesEmitted "PIPE_QUERY_PRIMITIVES_EMITTED",
        7 StreamoutStatistics "PIPE_QUERY_SO_STATISTICS",
        8 StreamoutOverflowPredicate "PIPE_QUERY_SO_OVERFLOW_PREDICATE",
        9 GpuFinished "PIPE_QUERY_GPU_FINISHED",
        10 PipelineStatistics "PIPE_QUERY_PIPELINE_STATISTICS",
        11 OcclusionPredicateConservative "PIPE_QUERY_OCCLUSION_PREDICATE_CONSERVATIVE",
        12 StreamoutOverflowAnyPredicate "PIPE_QUERY_SO_OVERFLOW_ANY_PREDICATE",
    }
}

/// A new object (`VIRGL_CCMD_CREATE_OBJECT`). One variant an [`ObjectType`].
#[derive(Clone, Debug, PartialEq)]
pub enum Object<'a> {
    /// How colours meet the framebuffer.
    Blend(Box<Blend>),
    /// How primitives become fragments.
    Rasterizer(Rasterizer),
    /// The tests of a fragment.
    DepthStencilAlpha(DepthStencilAlpha),
    /// A shader, or a chunk of one.
    Shader(Shader<'a>),
    /// Where vertex attributes come from, at most [`MAX_ATTRIBS`].
    VertexElements(Vec<VertexElement>),
    /// A resource to be sampled.
    SamplerView(SamplerView),
    /// How to sample.
    SamplerState(SamplerState),
    /// A resource to be drawn to.
    Surface(Surface),
    /// A query.
    Query(Query),
    /// Where to stream output to.
    StreamoutTarget(StreamoutTarget),
    /// A resource to be drawn to with more samples than it has itself.
    MsaaSurface(MsaaSurface),
}

/// Where one vertex attribute comes from (`VIRGL_OBJ_VERTEX_ELEMENTS_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VertexElement {
    /// Bytes into the vertex.
    pub src_offset: u32,
    /// Instances that share a value; 0 if the attribute is each vertex's.
    pub instance_divisor: u32,
    /// The vertex buffer, below [`MAX_ATTRIBS`].
    pub vertex_buffer: u32,
    /// How the attribute is read.
    pub format: FormatNumber,
}

/// A resource to be drawn to (`VIRGL_OBJ_SURFACE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surface {
    /// Of what.
    pub resource: ResourceId,
    /// How it is written.
    pub format: FormatNumber,
    /// The mip level.
    pub level: u32,
    /// The first layer.
    pub first_layer: u16,
    /// The last layer, at least the first.
    pub last_layer: u16,
}

/// A query (`VIRGL_OBJ_QUERY_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// What it counts.
    pub query_type: QueryType,
    /// Of pipeline statistics, the counter (`enum virgl_statistics_query_index`, 0 to 10);
    /// of stream output and generated primitives, the vertex stream; else without meaning.
    pub index: u16,
    /// Bytes into the resource.
    pub offset: u32,
    /// Where the result goes, as `struct virgl_host_query_state`.
    pub resource: ResourceId,
}

payload! {
    /// Where to stream output to (`VIRGL_OBJ_STREAMOUT_*`).
    pub struct StreamoutTarget {
        /// The buffer.
        pub resource: ResourceId,
        /// In bytes.
        pub offset: u32,
        /// In bytes.
        pub size: u32,
    }

    /// A surface with samples that only exist while it is drawn to
    /// (`VIRGL_OBJ_MSAA_SURFACE_SIZE`).
    pub struct MsaaSurface {
        /// The surface.
        pub surface: Surface,
        /// Samples a pixel.
        pub samples: u32,
    }
}

impl<'a> Object<'a> {
    pub(crate) fn parse(
        object_type: ObjectType,
        reader: &mut Reader<'a>,
    ) -> Result<Self, ParseError> {
        use ObjectType as T;
        Ok(match object_type {
            T::Blend => Self::Blend(Box::new(Wire::parse(reader)?)),
            T::Rasterizer => Self::Rasterizer(Wire::parse(reader)?),
            T::DepthStencilAlpha => Self::DepthStencilAlpha(Wire::parse(reader)?),
            T::Shader => Self::Shader(Shader::parse(reader)?),
            T::VertexElements => {
                Self::VertexElements(parse_slots(reader, "vertex elements", 0, MAX_ATTRIBS)?)
            }
            T::SamplerView => Self::SamplerView(Wire::parse(reader)?),
            T::SamplerState => Self::SamplerState(Wire::parse(reader)?),
            T::Surface => Self::Surface(Wire::parse(reader)?),
            T::Query => Self::Query(Wire::parse(reader)?),
            T::StreamoutTarget => Self::StreamoutTarget(Wire::parse(reader)?),
            T::MsaaSurface => Self::MsaaSurface(Wire::parse(reader)?),
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Blend(blend) => blend.encode(writer),
            Self::Rasterizer(rasterizer) => rasterizer.encode(writer),
            Self::DepthStencilAlpha(tests) => tests.encode(writer),
            Self::Shader(shader) => shader.encode(writer),
            Self::VertexElements(elements) => encode_all(elements, writer),
            Self::SamplerView(view) => view.encode(writer),
            Self::SamplerState(state) => state.encode(writer),
            Self::Surface(surface) => surface.encode(writer),
            Self::Query(query) => query.encode(writer),
            Self::StreamoutTarget(target) => target.encode(writer),
            Self::MsaaSurface(surface) => surface.encode(writer),
        }
    }

    /// What the object is.
    pub const fn object_type(&self) -> ObjectType {
        match self {
            Self::Blend(_) => ObjectType::Blend,
            Self::Rasterizer(_) => ObjectType::Rasterizer,
            Self::DepthStencilAlpha(_) => ObjectType::DepthStencilAlpha,
            Self::Shader(_) => ObjectType::Shader,
            Self::VertexElements(_) => ObjectType::VertexElements,
            Self::SamplerView(_) => ObjectType::SamplerView,
            Self::SamplerState(_) => ObjectType::SamplerState,
            Self::Surface(_) => ObjectType::Surface,
            Self::Query(_) => ObjectType::Query,
            Self::StreamoutTarget(_) => ObjectType::StreamoutTarget,
            Self::MsaaSurface(_) => ObjectType::MsaaSurface,
        }
    }
}

impl BindableType {
    /// The same as a type of any object.
    pub const fn object_type(self) -> ObjectType {
        match self {
            Self::Blend => ObjectType::Blend,
            Self::Rasterizer => ObjectType::Rasterizer,
            Self::DepthStencilAlpha => ObjectType::DepthStencilAlpha,
            Self::VertexElements => ObjectType::VertexElements,
        }
    }
}

impl Wire for VertexElement {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            src_offset: reader.u32()?,
            instance_divisor: reader.u32()?,
            vertex_buffer: check_limit("vertex buffer index", reader.u32()?, MAX_ATTRIBS - 1)?,
            format: Wire::parse(reader)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer
            .u32(self.src_offset)
            .u32(self.instance_divisor)
            .u32(self.vertex_buffer);
        self.format.encode(writer);
    }
}

impl Wire for Surface {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let (resource, format) = (Wire::parse(reader)?, Wire::parse(reader)?);
        let level = reader.u32()?;
        let layers = reader.u32()?;
        let (first_layer, last_layer) = halves(layers);
        if last_layer < first_layer {
            return Err(ParseError::BadValue {
                what: "layers of a surface",
                value: layers.into(),
            });
        }
        Ok(Self {
            resource,
            format,
            level,
            first_layer,
            last_layer,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        self.resource.encode(writer);
        self.format.encode(writer);
        let layers = word_of((self.first_layer, self.last_layer));
        writer.u32(self.level).u32(layers);
    }
}

/// The last of the pipeline statistics (`VIRGL_STAT_QUERY_CS_INVOCATIONS`).
const LAST_STATISTIC: u32 = 10;

impl Wire for Query {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let (query_type, index) = halves(reader.u32()?);
        let query_type = QueryType::parse_number(query_type.into())?;
        if let Some(last) = query_type.last_index() {
            check_limit("query index", index.into(), last)?;
        }
        Ok(Self {
            query_type,
            index,
            offset: reader.u32()?,
            resource: Wire::parse(reader)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let query_type = self.query_type.number() as u16;
        writer
            .u32(word_of((query_type, self.index)))
            .u32(self.offset);
        self.resource.encode(writer);
    }
}

impl QueryType {
    /// The highest index, where an index means something.
    pub const fn last_index(self) -> Option<u32> {
        match self {
            Self::PipelineStatistics => Some(LAST_STATISTIC),
            Self::PrimitivesGenerated
            | Self::PrimitivesEmitted
            | Self::StreamoutStatistics
            | Self::StreamoutOverflowPredicate => Some(MAX_VERTEX_STREAMS - 1),
            _ => None,
        }
    }
}

/// The id that a creation gives, in front of the object.
pub(crate) fn parse_created<'a>(
    object_type: ObjectType,
    reader: &mut Reader<'a>,
) -> Result<(ObjectId, Object<'a>), ParseError> {
    Ok((
        ObjectId::parse(reader)?,
        Object::parse(object_type, reader)?,
    ))
}
