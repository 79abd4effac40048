//! The rasterizer object.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, numbers, place};

/// How primitives become fragments (`VIRGL_OBJ_RS_*`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rasterizer {
    /// The switches.
    pub flags: RasterizerFlags,
    /// Faces that are not drawn.
    pub cull: CullFace,
    /// How front faces are filled.
    pub fill_front: PolygonMode,
    /// How back faces are filled.
    pub fill_back: PolygonMode,
    /// In pixels.
    pub point_size: f32,
    /// Texture coordinates that points replace, one a bit.
    pub sprite_coord_enable: u32,
    /// The pattern of stippled lines, lowest bit first.
    pub line_stipple_pattern: u16,
    /// Pixels a bit of the pattern, less one.
    pub line_stipple_factor: u8,
    /// Clip planes that are on, one a bit.
    pub clip_plane_enable: u8,
    /// In pixels.
    pub line_width: f32,
    /// Depth offset in units of the depth buffer.
    pub offset_units: f32,
    /// Depth offset as a factor of the slope.
    pub offset_scale: f32,
    /// The most that depth is offset; 0 is no bound.
    pub offset_clamp: f32,
}

bitflags::bitflags! {
    /// The switches of a rasterizer (`VIRGL_OBJ_RS_S0_*`); the gaps hold numbers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct RasterizerFlags: u32 {
        /// Colours are not interpolated.
        const FLATSHADE = 1;
        /// Primitives are clipped at the near and far planes; otherwise depth is clamped.
        const DEPTH_CLIP = 1 << 1;
        /// Clip space depth is 0 to 1.
        const CLIP_HALFZ = 1 << 2;
        /// Nothing is rasterized.
        const RASTERIZER_DISCARD = 1 << 3;
        /// The first vertex gives a flat primitive its colour.
        const FLATSHADE_FIRST = 1 << 4;
        /// Back faces take the back colours.
        const LIGHT_TWOSIDE = 1 << 5;
        /// The origin of point coordinates is the lower left.
        const SPRITE_COORD_LOWER_LEFT = 1 << 6;
        /// Points are squares.
        const POINT_QUAD_RASTERIZATION = 1 << 7;
        /// Scissors are on.
        const SCISSOR = 1 << 14;
        /// Counter-clockwise is front.
        const FRONT_CCW = 1 << 15;
        /// Vertex colours are clamped.
        const CLAMP_VERTEX_COLOR = 1 << 16;
        /// Fragment colours are clamped.
        const CLAMP_FRAGMENT_COLOR = 1 << 17;
        /// Lines get the depth offset.
        const OFFSET_LINE = 1 << 18;
        /// Points get the depth offset.
        const OFFSET_POINT = 1 << 19;
        /// Triangles get the depth offset.
        const OFFSET_TRI = 1 << 20;
        /// Polygons are smooth.
        const POLY_SMOOTH = 1 << 21;
        /// Polygons are stippled.
        const POLY_STIPPLE = 1 << 22;
        /// Points are smooth.
        const POINT_SMOOTH = 1 << 23;
        /// Shaders set the point size.
        const POINT_SIZE_PER_VERTEX = 1 << 24;
        /// Multisampling is on.
        const MULTISAMPLE = 1 << 25;
        /// Lines are smooth.
        const LINE_SMOOTH = 1 << 26;
        /// Lines are stippled.
        const LINE_STIPPLE = 1 << 27;
        /// A line's last pixel is drawn.
        const LINE_LAST_PIXEL = 1 << 28;
        /// Pixels have their centre at a half.
        const HALF_PIXEL_CENTER = 1 << 29;
        /// A fragment on the bottom edge belongs to the primitive.
        const BOTTOM_EDGE_RULE = 1 << 30;
        /// Inputs are interpolated for each sample.
        const FORCE_PERSAMPLE_INTERP = 1 << 31;
    }
}

numbers! {
    /// Faces that are not drawn.
    pub enum CullFace "cull face" {
        0 None "PIPE_FACE_NONE",
        1 Front "PIPE_FACE_FRONT",
        2 Back "PIPE_FACE_BACK",
        3 FrontAndBack "PIPE_FACE_FRONT_AND_BACK",
    }

    /// What is drawn of a polygon.
    pub enum PolygonMode "polygon mode" {
        0 Fill "PIPE_POLYGON_MODE_FILL",
        1 Line "PIPE_POLYGON_MODE_LINE",
        2 Point "PIPE_POLYGON_MODE_POINT",
    }
}

impl Wire for Rasterizer {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let s0 = reader.u32()?;
        let point_size = reader.f32()?;
        let sprite_coord_enable = reader.u32()?;
        let s3 = reader.u32()?;
        Ok(Self {
            flags: RasterizerFlags::from_bits_truncate(s0),
            cull: CullFace::parse_number(bits(s0, 8, 2))?,
            fill_front: PolygonMode::parse_number(bits(s0, 10, 2))?,
            fill_back: PolygonMode::parse_number(bits(s0, 12, 2))?,
            point_size,
            sprite_coord_enable,
            line_stipple_pattern: bits(s3, 0, 16) as u16,
            line_stipple_factor: bits(s3, 16, 8) as u8,
            clip_plane_enable: bits(s3, 24, 8) as u8,
            line_width: reader.f32()?,
            offset_units: reader.f32()?,
            offset_scale: reader.f32()?,
            offset_clamp: reader.f32()?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let s0 = self.flags.bits()
            | place(self.cull.number(), 8, 2)
            | place(self.fill_front.number(), 10, 2)
            | place(self.fill_back.number(), 12, 2);
        let s3 = u32::from(self.line_stipple_pattern)
            | place(self.line_stipple_factor.into(), 16, 8)
            | place(self.clip_plane_enable.into(), 24, 8);
        writer
            .u32(s0)
            .f32(self.point_size)
            .u32(self.sprite_coord_enable)
            .u32(s3)
            .f32(self.line_width)
            .f32(self.offset_units)
            .f32(self.offset_scale)
            .f32(self.offset_clamp);
    }
}
