//! Resources that a context makes, types and asks about.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, encode_all, flag_words, parse_slots, payload};
use crate::enums::TextureTarget;
use crate::ids::{FormatNumber, ResourceId};
use crate::limits::MAX_PLANES;

payload! {
    /// A resource that a blob is made of later (`VIRGL_PIPE_RES_CREATE_*`).
    #[derive(Eq)]
    pub struct PipeResourceCreate {
        /// The shape.
        pub target: TextureTarget,
        /// The format.
        pub format: FormatNumber,
        /// What it is for.
        pub bind: BindFlags,
        /// In pixels, or bytes of a buffer.
        pub width: u32,
        /// In pixels.
        pub height: u32,
        /// In pixels.
        pub depth: u32,
        /// In layers.
        pub array_size: u32,
        /// Mip levels less one.
        pub last_level: u32,
        /// Samples a pixel; 0 is one.
        pub nr_samples: u32,
        /// How it behaves.
        pub flags: ResourceFlags,
        /// The guest's name for it when it makes the blob.
        pub blob_id: u32,
    }

    /// A wish for a resource's layout (`VIRGL_RESOURCE_LAYOUT_*`).
    #[derive(Eq)]
    pub struct GetPipeResourceLayout {
        /// Where the answer goes, as `struct virgl_resource_layout`.
        pub out: ResourceId,
        /// Whose layout.
        pub target: ResourceId,
    }

    /// A plane of an imported resource.
    #[derive(Eq)]
    pub struct PlaneLayout {
        /// Bytes from row to row.
        pub stride: u32,
        /// Bytes into the memory.
        pub offset: u32,
    }
}

/// What an untyped resource is (`VIRGL_PIPE_RES_SET_TYPE_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipeResourceSetType {
    /// The resource.
    pub resource: ResourceId,
    /// The format.
    pub format: FormatNumber,
    /// What it is for.
    pub bind: BindFlags,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `PIPE_USAGE_*`, of the guest's own numbers.
    pub usage: u32,
    /// The DRM format modifier.
    pub modifier: u64,
    /// The planes, at least one and at most [`MAX_PLANES`].
    pub planes: Vec<PlaneLayout>,
}

impl PipeResourceSetType {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let this = Self {
            resource: Wire::parse(reader)?,
            format: Wire::parse(reader)?,
            bind: Wire::parse(reader)?,
            width: reader.u32()?,
            height: reader.u32()?,
            usage: reader.u32()?,
            modifier: reader.u64()?,
            planes: parse_slots(reader, "planes", 0, MAX_PLANES)?,
        };
        match this.planes.is_empty() {
            true => Err(ParseError::BadValue {
                what: "planes",
                value: 0,
            }),
            false => Ok(this),
        }
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.resource.encode(writer);
        self.format.encode(writer);
        self.bind.encode(writer);
        writer
            .u32(self.width)
            .u32(self.height)
            .u32(self.usage)
            .u64(self.modifier);
        encode_all(&self.planes, writer);
    }
}

bitflags::bitflags! {
    /// What a resource is for (`VIRGL_BIND_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct BindFlags: u32 {
        /// A depth-stencil attachment.
        const DEPTH_STENCIL = 1;
        /// A colour attachment.
        const RENDER_TARGET = 1 << 1;
        /// Sampled.
        const SAMPLER_VIEW = 1 << 3;
        /// Vertices.
        const VERTEX_BUFFER = 1 << 4;
        /// Indices.
        const INDEX_BUFFER = 1 << 5;
        /// Uniforms.
        const CONSTANT_BUFFER = 1 << 6;
        /// Shown.
        const DISPLAY_TARGET = 1 << 7;
        /// Parameters of indirect draws.
        const COMMAND_ARGS = 1 << 8;
        /// Stream output.
        const STREAM_OUTPUT = 1 << 11;
        /// Shader storage and images.
        const SHADER_BUFFER = 1 << 14;
        /// Query results.
        const QUERY_BUFFER = 1 << 15;
        /// The cursor.
        const CURSOR = 1 << 16;
        /// Bytes that only commands give a meaning.
        const CUSTOM = 1 << 17;
        /// A scanout.
        const SCANOUT = 1 << 18;
        /// Guest memory that the host only reads.
        const STAGING = 1 << 19;
        /// Shared with others.
        const SHARED = 1 << 20;
        /// Once a wish for emulated BGRA; does nothing.
        const PREFER_EMULATED_BGRA = 1 << 21;
        /// Rows one behind the other.
        const LINEAR = 1 << 22;
        /// A camera writes it.
        const MINIGBM_CAMERA_WRITE = 1 << 24;
        /// A camera's consumer reads it.
        const MINIGBM_CAMERA_READ = 1 << 25;
        /// A video decoder writes it.
        const MINIGBM_HW_VIDEO_DECODER = 1 << 26;
        /// A video encoder reads it.
        const MINIGBM_HW_VIDEO_ENCODER = 1 << 27;
        /// Programs read it often. With the next three: protected.
        const MINIGBM_SW_READ_OFTEN = 1 << 28;
        /// Programs read it rarely.
        const MINIGBM_SW_READ_RARELY = 1 << 29;
        /// Programs write it often.
        const MINIGBM_SW_WRITE_OFTEN = 1 << 30;
        /// Programs write it rarely.
        const MINIGBM_SW_WRITE_RARELY = 1 << 31;
    }

    /// How a resource behaves (`VIRGL_RESOURCE_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct ResourceFlags: u32 {
        /// The first row is the top.
        const Y_0_TOP = 1;
        /// Mappings last while the GPU works.
        const MAP_PERSISTENT = 2;
        /// Mappings show what the GPU writes.
        const MAP_COHERENT = 4;
    }
}

flag_words! { BindFlags, ResourceFlags, }
