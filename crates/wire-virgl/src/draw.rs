//! Draws, clears, compute and barriers.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, flag_words, payload};
use crate::enums::PrimitiveMode;
use crate::ids::{ObjectId, ResourceId};
use crate::transfer::Box3d;

/// A draw (`VIRGL_DRAW_VBO_*`): 12 words, 14 or 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawVbo {
    /// The draw itself.
    pub draw: Draw,
    /// Words 13 and 14, if the command has them.
    pub patch: Option<DrawPatch>,
    /// Words 15 to 20, if the command has them; then `patch` is there too.
    pub indirect: Option<DrawIndirect>,
}

payload! {
    /// The words that every draw has.
    #[derive(Eq)]
    pub struct Draw {
        /// The first vertex, or the first index.
        pub start: u32,
        /// Vertices or indices.
        pub count: u32,
        /// What they make.
        pub mode: PrimitiveMode,
        /// Whether there are indices.
        pub indexed: bool,
        /// Instances.
        pub instance_count: u32,
        /// Added to each index.
        pub index_bias: i32,
        /// The first instance.
        pub start_instance: u32,
        /// Whether an index starts a new primitive.
        pub primitive_restart: bool,
        /// That index.
        pub restart_index: u32,
        /// The least index, as the guest says; nothing to rely on.
        pub min_index: u32,
        /// The greatest index, as the guest says; nothing to rely on.
        pub max_index: u32,
        /// Not 0: draw as many vertices as were streamed out. Mesa sends the size of the
        /// target's buffer.
        pub count_from_streamout: u32,
    }

    /// Of draws with patches or with a number in a multi-draw.
    #[derive(Eq)]
    pub struct DrawPatch {
        /// Vertices a patch.
        pub vertices_per_patch: u32,
        /// What the shader sees as the draw's number.
        pub draw_id: u32,
    }

    /// Of draws with parameters in a buffer.
    #[derive(Eq)]
    pub struct DrawIndirect {
        /// The buffer; none if the draw is direct after all.
        pub resource: Option<ResourceId>,
        /// Bytes to the first draw's parameters.
        pub offset: u32,
        /// Bytes from draw to draw.
        pub stride: u32,
        /// Draws, or the most there are.
        pub draw_count: u32,
        /// Bytes to the number of draws.
        pub draw_count_offset: u32,
        /// The buffer with the number of draws.
        pub draw_count_resource: Option<ResourceId>,
    }

    /// The whole framebuffer in one value (`VIRGL_OBJ_CLEAR_*`).
    pub struct Clear {
        /// Which attachments.
        pub buffers: ClearBuffers,
        /// As floats or integers by each attachment's format.
        pub color: [u32; 4],
        /// The depth.
        pub depth: f64,
        /// The stencil value.
        pub stencil: u32,
    }

    /// A part of a texture in one value (`VIRGL_CLEAR_TEXTURE_SIZE`).
    #[derive(Eq)]
    pub struct ClearTexture {
        /// The texture.
        pub resource: ResourceId,
        /// The mip level.
        pub level: u32,
        /// Which part.
        pub region: Box3d,
        /// One block in the texture's format, padded with zeros.
        pub texel: [u32; 4],
    }

    /// Work groups (`VIRGL_LAUNCH_GRID_SIZE`).
    #[derive(Eq)]
    pub struct LaunchGrid {
        /// Invocations a group, in x, y and z.
        pub block: [u32; 3],
        /// Groups, in x, y and z.
        pub grid: [u32; 3],
        /// The buffer with the groups; then `grid` means nothing.
        pub indirect: Option<ResourceId>,
        /// Bytes into that buffer.
        pub indirect_offset: u32,
    }
}

bitflags::bitflags! {
    /// Attachments (`PIPE_CLEAR_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct ClearBuffers: u32 {
        /// Depth.
        const DEPTH = 1;
        /// Stencil.
        const STENCIL = 2;
        /// Colour buffer 0.
        const COLOR0 = 1 << 2;
        /// Colour buffer 1.
        const COLOR1 = 1 << 3;
        /// Colour buffer 2.
        const COLOR2 = 1 << 4;
        /// Colour buffer 3.
        const COLOR3 = 1 << 5;
        /// Colour buffer 4.
        const COLOR4 = 1 << 6;
        /// Colour buffer 5.
        const COLOR5 = 1 << 7;
        /// Colour buffer 6.
        const COLOR6 = 1 << 8;
        /// Colour buffer 7.
        const COLOR7 = 1 << 9;
    }

    /// What earlier writes become visible to (`PIPE_BARRIER_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct MemoryBarrier: u32 {
        /// Mapped buffers.
        const MAPPED_BUFFER = 1;
        /// Shader storage.
        const SHADER_BUFFER = 1 << 1;
        /// Query results in buffers.
        const QUERY_BUFFER = 1 << 2;
        /// Vertices.
        const VERTEX_BUFFER = 1 << 3;
        /// Indices.
        const INDEX_BUFFER = 1 << 4;
        /// Uniforms.
        const CONSTANT_BUFFER = 1 << 5;
        /// Parameters of indirect draws.
        const INDIRECT_BUFFER = 1 << 6;
        /// Sampled textures.
        const TEXTURE = 1 << 7;
        /// Images.
        const IMAGE = 1 << 8;
        /// Framebuffers.
        const FRAMEBUFFER = 1 << 9;
        /// Stream output.
        const STREAMOUT_BUFFER = 1 << 10;
        /// Global memory of compute.
        const GLOBAL_BUFFER = 1 << 11;
        /// Updates of buffers.
        const UPDATE_BUFFER = 1 << 12;
        /// Updates of textures.
        const UPDATE_TEXTURE = 1 << 13;
    }

    /// What reads what was drawn (`PIPE_TEXTURE_BARRIER_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct TextureBarrier: u32 {
        /// Sampling.
        const SAMPLER = 1;
        /// Framebuffer fetch.
        const FRAMEBUFFER = 2;
    }
}

flag_words! { ClearBuffers, MemoryBarrier, TextureBarrier, }

impl Wire for DrawVbo {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let draw = Wire::parse(reader)?;
        let more = |reader: &Reader<'_>| reader.remaining() > 0;
        let patch = match more(reader) {
            true => Some(Wire::parse(reader)?),
            false => None,
        };
        let indirect = match more(reader) {
            true => Some(Wire::parse(reader)?),
            false => None,
        };
        Ok(Self {
            draw,
            patch,
            indirect,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        const NO_PATCH: DrawPatch = DrawPatch {
            vertices_per_patch: 0,
            draw_id: 0,
        };
        self.draw.encode(writer);
        let patch = self.indirect.map(|_| NO_PATCH);
        if let Some(patch) = self.patch.or(patch) {
            patch.encode(writer);
        }
        if let Some(indirect) = &self.indirect {
            indirect.encode(writer);
        }
    }
}

/// A part of a surface in one value (`VIRGL_CLEAR_SURFACE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearSurface {
    /// Whether the render condition counts.
    pub render_condition: bool,
    /// What of the surface: depth, stencil, or, as the lowest colour bit, its colour.
    pub buffers: ClearBuffers,
    /// The surface.
    pub surface: ObjectId,
    /// A colour as floats or integers; or depth, 64 bits of float, and stencil.
    pub value: [u32; 4],
    /// The left edge, in pixels.
    pub x: u32,
    /// The top edge, in pixels.
    pub y: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Wire for ClearSurface {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let s0 = reader.u32()?;
        Ok(Self {
            render_condition: bits(s0, 0, 1) != 0,
            buffers: ClearBuffers::from_bits_truncate(bits(s0, 1, 3)),
            surface: Wire::parse(reader)?,
            value: Wire::parse(reader)?,
            x: reader.u32()?,
            y: reader.u32()?,
            width: reader.u32()?,
            height: reader.u32()?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let s0 = u32::from(self.render_condition) | bits(self.buffers.bits(), 0, 3) << 1;
        writer.u32(s0);
        self.surface.encode(writer);
        self.value.encode(writer);
        let Self {
            x,
            y,
            width,
            height,
            ..
        } = *self;
        writer.u32(x).u32(y).u32(width).u32(height);
    }
}
