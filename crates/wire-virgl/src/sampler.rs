//! Sampler states and sampler views.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, halves, numbers, place, word_of};
use crate::enums::{CompareFunc, ImageFilter, TextureTarget};
use crate::ids::{FormatNumber, ResourceId};

/// How a texture is sampled (`VIRGL_OBJ_SAMPLER_STATE_*`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplerState {
    /// What is beyond the edges, in s, t and r.
    pub wrap: [Wrap; 3],
    /// Between texels when the texture shrinks.
    pub min_filter: ImageFilter,
    /// Between mip levels.
    pub mip_filter: MipFilter,
    /// Between texels when the texture grows.
    pub mag_filter: ImageFilter,
    /// Depth is compared with this function, and not returned.
    pub compare: bool,
    /// The comparison.
    pub compare_func: CompareFunc,
    /// Filtering goes across the edges of a cube's faces.
    pub seamless_cube_map: bool,
    /// Samples along the longest axis; 0 and 1 are none but one.
    pub max_anisotropy: u8,
    /// Added to the level of detail.
    pub lod_bias: f32,
    /// The least level of detail.
    pub min_lod: f32,
    /// The greatest level of detail.
    pub max_lod: f32,
    /// The border's colour, as floats or integers by the view's format.
    pub border_color: [u32; 4],
}

numbers! {
    /// What is beyond a texture's edge.
    pub enum Wrap "wrap mode" {
        0 Repeat "PIPE_TEX_WRAP_REPEAT",
        1 Clamp "PIPE_TEX_WRAP_CLAMP",
        2 ClampToEdge "PIPE_TEX_WRAP_CLAMP_TO_EDGE",
        3 ClampToBorder "PIPE_TEX_WRAP_CLAMP_TO_BORDER",
        4 MirrorRepeat "PIPE_TEX_WRAP_MIRROR_REPEAT",
        5 MirrorClamp "PIPE_TEX_WRAP_MIRROR_CLAMP",
        6 MirrorClampToEdge "PIPE_TEX_WRAP_MIRROR_CLAMP_TO_EDGE",
        7 MirrorClampToBorder "PIPE_TEX_WRAP_MIRROR_CLAMP_TO_BORDER",
    }

    /// How mip levels are mixed.
    pub enum MipFilter "mip filter" {
        0 Nearest "PIPE_TEX_MIPFILTER_NEAREST",
        1 Linear "PIPE_TEX_MIPFILTER_LINEAR",
        2 None "PIPE_TEX_MIPFILTER_NONE",
    }

    /// Where a component of a view comes from.
    pub enum ViewSwizzle "swizzle" {
        0 Red "PIPE_SWIZZLE_X",
        1 Green "PIPE_SWIZZLE_Y",
        2 Blue "PIPE_SWIZZLE_Z",
        3 Alpha "PIPE_SWIZZLE_W",
        4 Zero "PIPE_SWIZZLE_0",
        5 One "PIPE_SWIZZLE_1",
    }
}

impl Wire for SamplerState {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let s0 = reader.u32()?;
        Ok(Self {
            wrap: [
                Wrap::parse_number(bits(s0, 0, 3))?,
                Wrap::parse_number(bits(s0, 3, 3))?,
                Wrap::parse_number(bits(s0, 6, 3))?,
            ],
            min_filter: ImageFilter::parse_number(bits(s0, 9, 1))?,
            mip_filter: MipFilter::parse_number(bits(s0, 11, 2))?,
            mag_filter: ImageFilter::parse_number(bits(s0, 13, 1))?,
            compare: bits(s0, 15, 1) != 0,
            compare_func: CompareFunc::parse_number(bits(s0, 16, 3))?,
            seamless_cube_map: bits(s0, 19, 1) != 0,
            max_anisotropy: bits(s0, 20, 5) as u8,
            lod_bias: reader.f32()?,
            min_lod: reader.f32()?,
            max_lod: reader.f32()?,
            border_color: Wire::parse(reader)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let [s, t, r] = self.wrap;
        let s0 = s.number()
            | place(t.number(), 3, 3)
            | place(r.number(), 6, 3)
            | place(self.min_filter.number(), 9, 1)
            | place(self.mip_filter.number(), 11, 2)
            | place(self.mag_filter.number(), 13, 1)
            | place(self.compare.into(), 15, 1)
            | place(self.compare_func.number(), 16, 3)
            | place(self.seamless_cube_map.into(), 19, 1)
            | place(self.max_anisotropy.into(), 20, 5);
        writer
            .u32(s0)
            .f32(self.lod_bias)
            .f32(self.min_lod)
            .f32(self.max_lod);
        self.border_color.encode(writer);
    }
}

/// A resource as a shader samples it (`VIRGL_OBJ_SAMPLER_VIEW_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplerView {
    /// Of what.
    pub resource: ResourceId,
    /// How texels are read; never 0.
    pub format: FormatNumber,
    /// The view's shape. A guest that was not offered `VIRGL_CAP_TEXTURE_VIEW` leaves it
    /// 0, which is [`TextureTarget::Buffer`]: then the shape is the resource's.
    pub target: TextureTarget,
    /// Which part.
    pub range: ViewRange,
    /// Where red, green, blue and alpha come from.
    pub swizzle: [ViewSwizzle; 4],
}

/// The part of a resource that a view shows. Whether the resource is a buffer or a texture
/// decides what the two words mean, and the stream does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewRange([u32; 2]);

/// The part of a texture that a sampler view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextureRange {
    /// The first layer; of an imported resource's further planes, the plane.
    pub first_layer: u16,
    /// The last layer. Guests do send 0 here beside a plane in `first_layer`.
    pub last_layer: u16,
    /// The first mip level.
    pub first_level: u8,
    /// The last mip level.
    pub last_level: u8,
}

/// The part of a buffer that a sampler view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferRange {
    /// The first texel.
    pub first: u32,
    /// The last texel. May be below `first`.
    pub last: u32,
}

impl ViewRange {
    /// Of a texture.
    pub const fn of_texture(range: TextureRange) -> Self {
        let levels = range.first_level as u32 | (range.last_level as u32) << 8;
        Self([word_of((range.first_layer, range.last_layer)), levels])
    }

    /// Of a buffer.
    pub const fn of_buffer(range: BufferRange) -> Self {
        Self([range.first, range.last])
    }

    /// If the resource is a texture.
    pub const fn as_texture(self) -> TextureRange {
        let Self([layers, levels]) = self;
        let (first_layer, last_layer) = halves(layers);
        TextureRange {
            first_layer,
            last_layer,
            first_level: bits(levels, 0, 8) as u8,
            last_level: bits(levels, 8, 8) as u8,
        }
    }

    /// If the resource is a buffer.
    pub const fn as_buffer(self) -> BufferRange {
        let Self([first, last]) = self;
        BufferRange { first, last }
    }
}

impl Wire for SamplerView {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let resource = ResourceId::parse(reader)?;
        let word = reader.u32()?;
        let format = FormatNumber::parse_number(bits(word, 0, 24))?;
        if format == FormatNumber::NONE {
            return Err(ParseError::BadValue {
                what: "format of a sampler view",
                value: 0,
            });
        }
        let target = TextureTarget::parse_number(bits(word, 24, 8))?;
        let range = ViewRange([reader.u32()?, reader.u32()?]);
        let word = reader.u32()?;
        let component = |index: u32| ViewSwizzle::parse_number(bits(word, index * 3, 3));
        Ok(Self {
            resource,
            format,
            target,
            range,
            swizzle: [component(0)?, component(1)?, component(2)?, component(3)?],
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let ViewRange([first, second]) = self.range;
        let [r, g, b, a] = self.swizzle;
        let swizzle = r.number()
            | place(g.number(), 3, 3)
            | place(b.number(), 6, 3)
            | place(a.number(), 9, 3);
        self.resource.encode(writer);
        writer
            .u32(self.format.number() | place(self.target.number(), 24, 8))
            .u32(first)
            .u32(second)
            .u32(swizzle);
    }
}
