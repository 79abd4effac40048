//! What formats are in OpenGL and OpenGL ES.
//!
//! Formats that the core profile has no more, and those without alpha, are stored in one that
//! it has, and sampled through a swizzle. A format that has no row here is none that GL can
//! store; whether a context has a format that does, only trial tells.

use self::numbers as gl;
use crate::table::swizzle;
use crate::{Format, Swizzle};

/// A format in GL's numbers (the Khronos registry's `gl.xml`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlFormat {
    /// The sized internal format.
    pub internal: u32,
    /// The format of pixels in memory.
    pub format: u32,
    /// The type of pixels in memory.
    pub kind: u32,
    /// Where red, green, blue and alpha are, in the texture that GL has.
    pub swizzle: [Swizzle; 4],
    /// What happens to pixels between virgl's memory and GL's.
    pub conversion: Conversion,
}

/// How pixels in memory differ between virgl and GL. Each is of pixels of four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// Not at all.
    None,
    /// The first and the third byte change places.
    SwapRedBlue8,
    /// The first and the third ten bits change places.
    SwapRedBlue10,
    /// virgl has depth in the low 24 bits and stencil in the high 8; GL the other way round.
    RotateDepthStencil,
    /// virgl has depth in the low 24 bits; GL in the high ones of 32.
    ShiftDepth,
}

impl GlFormat {
    /// Whether components are where their names say, but for an alpha that is always 1.
    pub fn is_in_place(&self) -> bool {
        let [red, green, blue, alpha] = self.swizzle;
        let in_place = [red, green, blue] == [Swizzle::X, Swizzle::Y, Swizzle::Z];
        in_place && matches!(alpha, Swizzle::W | Swizzle::One)
    }

    /// Whether OpenGL ES moves pixels of this kind.
    fn is_es(&self) -> bool {
        let is_reversed = matches!(
            self.kind,
            gl::UNSIGNED_INT_8_8_8_8
                | gl::UNSIGNED_SHORT_1_5_5_5_REV
                | gl::UNSIGNED_SHORT_4_4_4_4_REV
                | gl::UNSIGNED_SHORT_5_6_5_REV
                | gl::UNSIGNED_BYTE_3_3_2
                | gl::UNSIGNED_BYTE_2_3_3_REV
                | gl::UNSIGNED_INT_10_10_10_2
        );
        !is_reversed && !matches!(self.format, gl::BGRA | gl::BGRA_INTEGER)
    }
}

impl Conversion {
    /// Changes pixels from virgl's memory to GL's.
    pub fn to_gl(self, pixels: &mut [u8]) {
        self.convert(pixels, |pixel| match self {
            Self::None => pixel,
            Self::SwapRedBlue8 => swap_8(pixel),
            Self::SwapRedBlue10 => swap_10(pixel),
            Self::RotateDepthStencil => pixel.rotate_left(8),
            Self::ShiftDepth => spread_depth(pixel),
        });
    }

    /// Changes pixels from GL's memory to virgl's.
    pub fn to_virgl(self, pixels: &mut [u8]) {
        self.convert(pixels, |pixel| match self {
            Self::None => pixel,
            Self::SwapRedBlue8 => swap_8(pixel),
            Self::SwapRedBlue10 => swap_10(pixel),
            Self::RotateDepthStencil => pixel.rotate_right(8),
            Self::ShiftDepth => pixel >> 8,
        });
    }

    fn convert(self, pixels: &mut [u8], change: impl Fn(u32) -> u32) {
        if self == Self::None {
            return;
        }
        for pixel in pixels.as_chunks_mut::<4>().0 {
            *pixel = change(u32::from_le_bytes(*pixel)).to_le_bytes();
        }
    }
}

const fn swap_8(pixel: u32) -> u32 {
    (pixel & 0xff00_ff00) | (pixel & 0xff) << 16 | (pixel >> 16 & 0xff)
}

const fn swap_10(pixel: u32) -> u32 {
    (pixel & 0xc00f_fc00) | (pixel & 0x3ff) << 20 | (pixel >> 20 & 0x3ff)
}

/// All bits of the low 24 to all 32, so that the greatest depth stays the greatest.
const fn spread_depth(pixel: u32) -> u32 {
    let depth = pixel & 0xff_ffff;
    depth << 8 | depth >> 16
}

impl Format {
    /// The format in OpenGL.
    pub fn gl(self) -> Option<&'static GlFormat> {
        DESKTOP.get(self.to_wire() as usize)?.as_ref()
    }

    /// The format in OpenGL ES.
    pub fn gles(self) -> Option<&'static GlFormat> {
        let own = ES
            .iter()
            .find(|(format, _)| *format == self)
            .map(|(_, gl)| gl);
        own.or_else(|| self.gl().filter(|gl| gl.is_es()))
    }
}

macro_rules! gl_formats {
    ($name:ident: $($format:ident $internal:ident $order:ident $kind:ident $swizzle:literal $conversion:ident;)*) => {
        const $name: &[(Format, GlFormat)] = &[$((
            Format::$format,
            GlFormat {
                internal: gl::$internal,
                format: gl::$order,
                kind: gl::$kind,
                swizzle: swizzle($swizzle),
                conversion: Conversion::$conversion,
            },
        ),)*];
    };
}

/// The rows by number.
static DESKTOP: [Option<GlFormat>; Format::LAST as usize + 1] = {
    let mut table = [const { None }; Format::LAST as usize + 1];
    let mut row = 0;
    while row < ROWS.len() {
        let (format, gl) = ROWS[row];
        table[format.to_wire() as usize] = Some(gl);
        row += 1;
    }
    table
};

// virgl's format, the internal format, the format, the type, the swizzle, the conversion.
gl_formats! { ROWS:
    B8G8R8A8_UNORM RGBA8 BGRA UNSIGNED_BYTE "XYZW" None;
    B8G8R8X8_UNORM RGBA8 BGRA UNSIGNED_BYTE "XYZ1" None;
    A8R8G8B8_UNORM RGBA8 BGRA UNSIGNED_INT_8_8_8_8 "XYZW" None;
    X8R8G8B8_UNORM RGBA8 BGRA UNSIGNED_INT_8_8_8_8 "XYZ1" None;
    B5G5R5A1_UNORM RGB5_A1 BGRA UNSIGNED_SHORT_1_5_5_5_REV "XYZW" None;
    B4G4R4A4_UNORM RGBA4 BGRA UNSIGNED_SHORT_4_4_4_4_REV "XYZW" None;
    B5G6R5_UNORM RGB565 RGB UNSIGNED_SHORT_5_6_5 "XYZ1" None;
    R10G10B10A2_UNORM RGB10_A2 RGBA UNSIGNED_INT_2_10_10_10_REV "XYZW" None;
    L8_UNORM R8 RED UNSIGNED_BYTE "XXX1" None;
    A8_UNORM R8 RED UNSIGNED_BYTE "000X" None;
    I8_UNORM R8 RED UNSIGNED_BYTE "XXXX" None;
    L8A8_UNORM RG8 RG UNSIGNED_BYTE "XXXY" None;
    L16_UNORM R16 RED UNSIGNED_SHORT "XXX1" None;
    Z16_UNORM DEPTH_COMPONENT16 DEPTH_COMPONENT UNSIGNED_SHORT "XYZW" None;
    Z32_UNORM DEPTH_COMPONENT32 DEPTH_COMPONENT UNSIGNED_INT "XYZW" None;
    Z32_FLOAT DEPTH_COMPONENT32F DEPTH_COMPONENT FLOAT "XYZW" None;
    Z24_UNORM_S8_UINT DEPTH24_STENCIL8 DEPTH_STENCIL UNSIGNED_INT_24_8 "XYZW" RotateDepthStencil;
    S8_UINT_Z24_UNORM DEPTH24_STENCIL8 DEPTH_STENCIL UNSIGNED_INT_24_8 "XYZW" None;
    Z24X8_UNORM DEPTH_COMPONENT24 DEPTH_COMPONENT UNSIGNED_INT "XYZW" ShiftDepth;
    X8Z24_UNORM DEPTH_COMPONENT24 DEPTH_COMPONENT UNSIGNED_INT "XYZW" None;
    S8_UINT STENCIL_INDEX8 STENCIL_INDEX UNSIGNED_BYTE "XYZW" None;
    Z32_FLOAT_S8X24_UINT DEPTH32F_STENCIL8 DEPTH_STENCIL FLOAT_32_UNSIGNED_INT_24_8_REV "XYZW" None;
    R32_FLOAT R32F RED FLOAT "XYZW" None;
    R32G32_FLOAT RG32F RG FLOAT "XYZW" None;
    R32G32B32_FLOAT RGB32F RGB FLOAT "XYZ1" None;
    R32G32B32A32_FLOAT RGBA32F RGBA FLOAT "XYZW" None;
    R16_UNORM R16 RED UNSIGNED_SHORT "XYZW" None;
    R16G16_UNORM RG16 RG UNSIGNED_SHORT "XYZW" None;
    R16G16B16A16_UNORM RGBA16 RGBA UNSIGNED_SHORT "XYZW" None;
    R16_SNORM R16_SNORM RED SHORT "XYZW" None;
    R16G16_SNORM RG16_SNORM RG SHORT "XYZW" None;
    R16G16B16A16_SNORM RGBA16_SNORM RGBA SHORT "XYZW" None;
    R8_UNORM R8 RED UNSIGNED_BYTE "XYZW" None;
    R8G8_UNORM RG8 RG UNSIGNED_BYTE "XYZW" None;
    R8G8B8A8_UNORM RGBA8 RGBA UNSIGNED_BYTE "XYZW" None;
    X8B8G8R8_UNORM RGBA8 RGBA UNSIGNED_INT_8_8_8_8 "XYZ1" None;
    R8_SNORM R8_SNORM RED BYTE "XYZW" None;
    R8G8_SNORM RG8_SNORM RG BYTE "XYZW" None;
    R8G8B8A8_SNORM RGBA8_SNORM RGBA BYTE "XYZW" None;
    R16_FLOAT R16F RED HALF_FLOAT "XYZW" None;
    R16G16_FLOAT RG16F RG HALF_FLOAT "XYZW" None;
    R16G16B16A16_FLOAT RGBA16F RGBA HALF_FLOAT "XYZW" None;
    L8_SRGB SR8_EXT RED UNSIGNED_BYTE "XXX1" None;
    A8B8G8R8_SRGB SRGB8_ALPHA8 RGBA UNSIGNED_INT_8_8_8_8 "XYZW" None;
    X8B8G8R8_SRGB SRGB8_ALPHA8 RGBA UNSIGNED_INT_8_8_8_8 "XYZ1" None;
    B8G8R8A8_SRGB SRGB8_ALPHA8 BGRA UNSIGNED_BYTE "XYZW" None;
    B8G8R8X8_SRGB SRGB8_ALPHA8 BGRA UNSIGNED_BYTE "XYZ1" None;
    A8R8G8B8_SRGB SRGB8_ALPHA8 BGRA UNSIGNED_INT_8_8_8_8 "XYZW" None;
    X8R8G8B8_SRGB SRGB8_ALPHA8 BGRA UNSIGNED_INT_8_8_8_8 "XYZ1" None;
    R8G8B8A8_SRGB SRGB8_ALPHA8 RGBA UNSIGNED_BYTE "XYZW" None;
    DXT1_RGB COMPRESSED_RGB_S3TC_DXT1_EXT RGB UNSIGNED_BYTE "XYZW" None;
    DXT1_RGBA COMPRESSED_RGBA_S3TC_DXT1_EXT RGBA UNSIGNED_BYTE "XYZW" None;
    DXT3_RGBA COMPRESSED_RGBA_S3TC_DXT3_EXT RGBA UNSIGNED_BYTE "XYZW" None;
    DXT5_RGBA COMPRESSED_RGBA_S3TC_DXT5_EXT RGBA UNSIGNED_BYTE "XYZW" None;
    DXT1_SRGB COMPRESSED_SRGB_S3TC_DXT1_EXT RGB UNSIGNED_BYTE "XYZW" None;
    DXT1_SRGBA COMPRESSED_SRGB_ALPHA_S3TC_DXT1_EXT RGBA UNSIGNED_BYTE "XYZW" None;
    DXT3_SRGBA COMPRESSED_SRGB_ALPHA_S3TC_DXT3_EXT RGBA UNSIGNED_BYTE "XYZW" None;
    DXT5_SRGBA COMPRESSED_SRGB_ALPHA_S3TC_DXT5_EXT RGBA UNSIGNED_BYTE "XYZW" None;
    RGTC1_UNORM COMPRESSED_RED_RGTC1 RED UNSIGNED_BYTE "XYZW" None;
    RGTC1_SNORM COMPRESSED_SIGNED_RED_RGTC1 RED BYTE "XYZW" None;
    RGTC2_UNORM COMPRESSED_RG_RGTC2 RG UNSIGNED_BYTE "XYZW" None;
    RGTC2_SNORM COMPRESSED_SIGNED_RG_RGTC2 RG BYTE "XYZW" None;
    A8B8G8R8_UNORM RGBA8 RGBA UNSIGNED_INT_8_8_8_8 "XYZW" None;
    B5G5R5X1_UNORM RGB5_A1 BGRA UNSIGNED_SHORT_1_5_5_5_REV "XYZ1" None;
    R11G11B10_FLOAT R11F_G11F_B10F RGB UNSIGNED_INT_10F_11F_11F_REV "XYZ1" None;
    R9G9B9E5_FLOAT RGB9_E5 RGB UNSIGNED_INT_5_9_9_9_REV "XYZ1" None;
    B10G10R10A2_UNORM RGB10_A2 BGRA UNSIGNED_INT_2_10_10_10_REV "XYZW" None;
    R8G8B8X8_UNORM RGBA8 RGBA UNSIGNED_BYTE "XYZ1" None;
    B4G4R4X4_UNORM RGBA4 BGRA UNSIGNED_SHORT_4_4_4_4_REV "XYZ1" None;
    B2G3R3_UNORM R3_G3_B2 RGB UNSIGNED_BYTE_3_3_2 "XYZ1" None;
    L16A16_UNORM RG16 RG UNSIGNED_SHORT "XXXY" None;
    A16_UNORM R16 RED UNSIGNED_SHORT "000X" None;
    I16_UNORM R16 RED UNSIGNED_SHORT "XXXX" None;
    LATC1_UNORM COMPRESSED_RED_RGTC1 RED UNSIGNED_BYTE "XXX1" None;
    LATC1_SNORM COMPRESSED_SIGNED_RED_RGTC1 RED BYTE "XXX1" None;
    LATC2_UNORM COMPRESSED_RG_RGTC2 RG UNSIGNED_BYTE "XXXY" None;
    LATC2_SNORM COMPRESSED_SIGNED_RG_RGTC2 RG BYTE "XXXY" None;
    A8_SNORM R8_SNORM RED BYTE "000X" None;
    L8_SNORM R8_SNORM RED BYTE "XXX1" None;
    L8A8_SNORM RG8_SNORM RG BYTE "XXXY" None;
    I8_SNORM R8_SNORM RED BYTE "XXXX" None;
    A16_SNORM R16_SNORM RED SHORT "000X" None;
    L16_SNORM R16_SNORM RED SHORT "XXX1" None;
    L16A16_SNORM RG16_SNORM RG SHORT "XXXY" None;
    I16_SNORM R16_SNORM RED SHORT "XXXX" None;
    A16_FLOAT R16F RED HALF_FLOAT "000X" None;
    L16_FLOAT R16F RED HALF_FLOAT "XXX1" None;
    L16A16_FLOAT RG16F RG HALF_FLOAT "XXXY" None;
    I16_FLOAT R16F RED HALF_FLOAT "XXXX" None;
    A32_FLOAT R32F RED FLOAT "000X" None;
    L32_FLOAT R32F RED FLOAT "XXX1" None;
    L32A32_FLOAT RG32F RG FLOAT "XXXY" None;
    I32_FLOAT R32F RED FLOAT "XXXX" None;
    R8A8_UNORM RG8 RG UNSIGNED_BYTE "X00Y" None;
    A8R8_UNORM RG8 RG UNSIGNED_BYTE "Y00X" None;
    R8_UINT R8UI RED_INTEGER UNSIGNED_BYTE "XYZW" None;
    R8G8_UINT RG8UI RG_INTEGER UNSIGNED_BYTE "XYZW" None;
    R8G8B8A8_UINT RGBA8UI RGBA_INTEGER UNSIGNED_BYTE "XYZW" None;
    R8_SINT R8I RED_INTEGER BYTE "XYZW" None;
    R8G8_SINT RG8I RG_INTEGER BYTE "XYZW" None;
    R8G8B8A8_SINT RGBA8I RGBA_INTEGER BYTE "XYZW" None;
    R16_UINT R16UI RED_INTEGER UNSIGNED_SHORT "XYZW" None;
    R16G16_UINT RG16UI RG_INTEGER UNSIGNED_SHORT "XYZW" None;
    R16G16B16A16_UINT RGBA16UI RGBA_INTEGER UNSIGNED_SHORT "XYZW" None;
    R16_SINT R16I RED_INTEGER SHORT "XYZW" None;
    R16G16_SINT RG16I RG_INTEGER SHORT "XYZW" None;
    R16G16B16A16_SINT RGBA16I RGBA_INTEGER SHORT "XYZW" None;
    R32_UINT R32UI RED_INTEGER UNSIGNED_INT "XYZW" None;
    R32G32_UINT RG32UI RG_INTEGER UNSIGNED_INT "XYZW" None;
    R32G32B32_UINT RGB32UI RGB_INTEGER UNSIGNED_INT "XYZ1" None;
    R32G32B32A32_UINT RGBA32UI RGBA_INTEGER UNSIGNED_INT "XYZW" None;
    R32_SINT R32I RED_INTEGER INT "XYZW" None;
    R32G32_SINT RG32I RG_INTEGER INT "XYZW" None;
    R32G32B32_SINT RGB32I RGB_INTEGER INT "XYZ1" None;
    R32G32B32A32_SINT RGBA32I RGBA_INTEGER INT "XYZW" None;
    A8_UINT R8UI RED_INTEGER UNSIGNED_BYTE "000X" None;
    I8_UINT R8UI RED_INTEGER UNSIGNED_BYTE "XXXX" None;
    L8_UINT R8UI RED_INTEGER UNSIGNED_BYTE "XXX1" None;
    L8A8_UINT RG8UI RG_INTEGER UNSIGNED_BYTE "XXXY" None;
    A8_SINT R8I RED_INTEGER BYTE "000X" None;
    I8_SINT R8I RED_INTEGER BYTE "XXXX" None;
    L8_SINT R8I RED_INTEGER BYTE "XXX1" None;
    L8A8_SINT RG8I RG_INTEGER BYTE "XXXY" None;
    A16_UINT R16UI RED_INTEGER UNSIGNED_SHORT "000X" None;
    I16_UINT R16UI RED_INTEGER UNSIGNED_SHORT "XXXX" None;
    L16_UINT R16UI RED_INTEGER UNSIGNED_SHORT "XXX1" None;
    L16A16_UINT RG16UI RG_INTEGER UNSIGNED_SHORT "XXXY" None;
    A16_SINT R16I RED_INTEGER SHORT "000X" None;
    I16_SINT R16I RED_INTEGER SHORT "XXXX" None;
    L16_SINT R16I RED_INTEGER SHORT "XXX1" None;
    L16A16_SINT RG16I RG_INTEGER SHORT "XXXY" None;
    A32_UINT R32UI RED_INTEGER UNSIGNED_INT "000X" None;
    I32_UINT R32UI RED_INTEGER UNSIGNED_INT "XXXX" None;
    L32_UINT R32UI RED_INTEGER UNSIGNED_INT "XXX1" None;
    L32A32_UINT RG32UI RG_INTEGER UNSIGNED_INT "XXXY" None;
    A32_SINT R32I RED_INTEGER INT "000X" None;
    I32_SINT R32I RED_INTEGER INT "XXXX" None;
    L32_SINT R32I RED_INTEGER INT "XXX1" None;
    L32A32_SINT RG32I RG_INTEGER INT "XXXY" None;
    B10G10R10A2_UINT RGB10_A2UI BGRA_INTEGER UNSIGNED_INT_2_10_10_10_REV "XYZW" None;
    ETC1_RGB8 COMPRESSED_RGB8_ETC2 RGB UNSIGNED_BYTE "XYZW" None;
    R8G8B8X8_SNORM RGBA8_SNORM RGBA BYTE "XYZ1" None;
    R8G8B8X8_SRGB SRGB8_ALPHA8 RGBA UNSIGNED_BYTE "XYZ1" None;
    R8G8B8X8_UINT RGBA8UI RGBA_INTEGER UNSIGNED_BYTE "XYZ1" None;
    R8G8B8X8_SINT RGBA8I RGBA_INTEGER BYTE "XYZ1" None;
    B10G10R10X2_UNORM RGB10_A2 BGRA UNSIGNED_INT_2_10_10_10_REV "XYZ1" None;
    R16G16B16X16_UNORM RGBA16 RGBA UNSIGNED_SHORT "XYZ1" None;
    R16G16B16X16_SNORM RGBA16_SNORM RGBA SHORT "XYZ1" None;
    R16G16B16X16_FLOAT RGBA16F RGBA HALF_FLOAT "XYZ1" None;
    R16G16B16X16_UINT RGBA16UI RGBA_INTEGER UNSIGNED_SHORT "XYZ1" None;
    R16G16B16X16_SINT RGBA16I RGBA_INTEGER SHORT "XYZ1" None;
    R32G32B32X32_FLOAT RGBA32F RGBA FLOAT "XYZ1" None;
    R32G32B32X32_UINT RGBA32UI RGBA_INTEGER UNSIGNED_INT "XYZ1" None;
    R32G32B32X32_SINT RGBA32I RGBA_INTEGER INT "XYZ1" None;
    R8A8_SNORM RG8_SNORM RG BYTE "X00Y" None;
    R16A16_UNORM RG16 RG UNSIGNED_SHORT "X00Y" None;
    R16A16_SNORM RG16_SNORM RG SHORT "X00Y" None;
    R16A16_FLOAT RG16F RG HALF_FLOAT "X00Y" None;
    R32A32_FLOAT RG32F RG FLOAT "X00Y" None;
    R8A8_UINT RG8UI RG_INTEGER UNSIGNED_BYTE "X00Y" None;
    R8A8_SINT RG8I RG_INTEGER BYTE "X00Y" None;
    R16A16_UINT RG16UI RG_INTEGER UNSIGNED_SHORT "X00Y" None;
    R16A16_SINT RG16I RG_INTEGER SHORT "X00Y" None;
    R32A32_UINT RG32UI RG_INTEGER UNSIGNED_INT "X00Y" None;
    R32A32_SINT RG32I RG_INTEGER INT "X00Y" None;
    R10G10B10A2_UINT RGB10_A2UI RGBA_INTEGER UNSIGNED_INT_2_10_10_10_REV "XYZW" None;
    BPTC_RGBA_UNORM COMPRESSED_RGBA_BPTC_UNORM RGBA UNSIGNED_BYTE "XYZW" None;
    BPTC_SRGBA COMPRESSED_SRGB_ALPHA_BPTC_UNORM RGBA UNSIGNED_BYTE "XYZW" None;
    BPTC_RGB_FLOAT COMPRESSED_RGB_BPTC_SIGNED_FLOAT RGB FLOAT "XYZW" None;
    BPTC_RGB_UFLOAT COMPRESSED_RGB_BPTC_UNSIGNED_FLOAT RGB FLOAT "XYZW" None;
    G8R8_UNORM RG8 RG UNSIGNED_BYTE "YX01" None;
    G8R8_SNORM RG8_SNORM RG BYTE "YX01" None;
    G16R16_UNORM RG16 RG UNSIGNED_SHORT "YX01" None;
    G16R16_SNORM RG16_SNORM RG SHORT "YX01" None;
    ETC2_RGB8 COMPRESSED_RGB8_ETC2 RGB UNSIGNED_BYTE "XYZW" None;
    ETC2_SRGB8 COMPRESSED_SRGB8_ETC2 RGB UNSIGNED_BYTE "XYZW" None;
    ETC2_RGB8A1 COMPRESSED_RGB8_PUNCHTHROUGH_ALPHA1_ETC2 RGBA UNSIGNED_BYTE "XYZW" None;
    ETC2_SRGB8A1 COMPRESSED_SRGB8_PUNCHTHROUGH_ALPHA1_ETC2 RGBA UNSIGNED_BYTE "XYZW" None;
    ETC2_RGBA8 COMPRESSED_RGBA8_ETC2_EAC RGBA UNSIGNED_BYTE "XYZW" None;
    ETC2_SRGBA8 COMPRESSED_SRGB8_ALPHA8_ETC2_EAC RGBA UNSIGNED_BYTE "XYZW" None;
    ETC2_R11_UNORM COMPRESSED_R11_EAC RED UNSIGNED_BYTE "XYZW" None;
    ETC2_R11_SNORM COMPRESSED_SIGNED_R11_EAC RED BYTE "XYZW" None;
    ETC2_RG11_UNORM COMPRESSED_RG11_EAC RG UNSIGNED_BYTE "XYZW" None;
    ETC2_RG11_SNORM COMPRESSED_SIGNED_RG11_EAC RG BYTE "XYZW" None;
    R10G10B10X2_UNORM RGB10_A2 RGBA UNSIGNED_INT_2_10_10_10_REV "XYZ1" None;
    A4B4G4R4_UNORM RGBA4 RGBA UNSIGNED_SHORT_4_4_4_4 "XYZW" None;
    R8_SRGB SR8_EXT RED UNSIGNED_BYTE "XYZW" None;
    R8G8_SRGB SRG8_EXT RG UNSIGNED_BYTE "XYZW" None;
    R3G3B2_UNORM R3_G3_B2 RGB UNSIGNED_BYTE_2_3_3_REV "XYZ1" None;
    R4G4B4A4_UNORM RGBA4 RGBA UNSIGNED_SHORT_4_4_4_4_REV "XYZW" None;
    R5G5B5A1_UNORM RGB5_A1 RGBA UNSIGNED_SHORT_1_5_5_5_REV "XYZW" None;
    R5G6B5_UNORM RGB565 RGB UNSIGNED_SHORT_5_6_5_REV "XYZ1" None;
    A1B5G5R5_UNORM RGB5_A1 RGBA UNSIGNED_SHORT_5_5_5_1 "XYZW" None;
    A1R5G5B5_UNORM RGB5_A1 BGRA UNSIGNED_SHORT_5_5_5_1 "XYZW" None;
    A2B10G10R10_UNORM RGB10_A2 RGBA UNSIGNED_INT_10_10_10_2 "XYZW" None;
    A2R10G10B10_UNORM RGB10_A2 BGRA UNSIGNED_INT_10_10_10_2 "XYZW" None;
    A4R4G4B4_UNORM RGBA4 BGRA UNSIGNED_SHORT_4_4_4_4 "XYZW" None;
    ASTC_4X4 COMPRESSED_RGBA_ASTC_4X4_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_4X4_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_4X4_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_5X4 COMPRESSED_RGBA_ASTC_5X4_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_5X4_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_5X4_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_5X5 COMPRESSED_RGBA_ASTC_5X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_5X5_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_5X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_6X5 COMPRESSED_RGBA_ASTC_6X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_6X5_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_6X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_6X6 COMPRESSED_RGBA_ASTC_6X6_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_6X6_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_6X6_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_8X5 COMPRESSED_RGBA_ASTC_8X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_8X5_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_8X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_8X6 COMPRESSED_RGBA_ASTC_8X6_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_8X6_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_8X6_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_8X8 COMPRESSED_RGBA_ASTC_8X8_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_8X8_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_8X8_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X5 COMPRESSED_RGBA_ASTC_10X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X5_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_10X5_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X6 COMPRESSED_RGBA_ASTC_10X6_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X6_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_10X6_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X8 COMPRESSED_RGBA_ASTC_10X8_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X8_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_10X8_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X10 COMPRESSED_RGBA_ASTC_10X10_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_10X10_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_10X10_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_12X10 COMPRESSED_RGBA_ASTC_12X10_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_12X10_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_12X10_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_12X12 COMPRESSED_RGBA_ASTC_12X12_KHR RGBA UNSIGNED_BYTE "XYZW" None;
    ASTC_12X12_SRGB COMPRESSED_SRGB8_ALPHA8_ASTC_12X12_KHR RGBA UNSIGNED_BYTE "XYZW" None;
}

// Where OpenGL ES differs.
gl_formats! { ES:
    B8G8R8A8_UNORM RGBA8 RGBA UNSIGNED_BYTE "XYZW" SwapRedBlue8;
    B8G8R8X8_UNORM RGBA8 RGBA UNSIGNED_BYTE "XYZ1" SwapRedBlue8;
    B8G8R8A8_SRGB SRGB8_ALPHA8 RGBA UNSIGNED_BYTE "XYZW" SwapRedBlue8;
    B8G8R8X8_SRGB SRGB8_ALPHA8 RGBA UNSIGNED_BYTE "XYZ1" SwapRedBlue8;
    B10G10R10A2_UNORM RGB10_A2 RGBA UNSIGNED_INT_2_10_10_10_REV "XYZW" SwapRedBlue10;
    B10G10R10X2_UNORM RGB10_A2 RGBA UNSIGNED_INT_2_10_10_10_REV "XYZ1" SwapRedBlue10;
    B10G10R10A2_UINT RGB10_A2UI RGBA_INTEGER UNSIGNED_INT_2_10_10_10_REV "XYZW" SwapRedBlue10;
    Z32_UNORM DEPTH_COMPONENT24 DEPTH_COMPONENT UNSIGNED_INT "XYZW" None;
}

/// GL's numbers, without `GL_`.
mod numbers {
    pub(super) const BGRA: u32 = 0x80e1;
    pub(super) const BGRA_INTEGER: u32 = 0x8d9b;
    pub(super) const BYTE: u32 = 0x1400;
    pub(super) const COMPRESSED_R11_EAC: u32 = 0x9270;
    pub(super) const COMPRESSED_RED_RGTC1: u32 = 0x8dbb;
    pub(super) const COMPRESSED_RG11_EAC: u32 = 0x9272;
    pub(super) const COMPRESSED_RGB8_ETC2: u32 = 0x9274;
    pub(super) const COMPRESSED_RGB8_PUNCHTHROUGH_ALPHA1_ETC2: u32 = 0x9276;
    pub(super) const COMPRESSED_RGBA8_ETC2_EAC: u32 = 0x9278;
    pub(super) const COMPRESSED_RGBA_ASTC_10X10_KHR: u32 = 0x93bb;
    pub(super) const COMPRESSED_RGBA_ASTC_10X5_KHR: u32 = 0x93b8;
    pub(super) const COMPRESSED_RGBA_ASTC_10X6_KHR: u32 = 0x93b9;
    pub(super) const COMPRESSED_RGBA_ASTC_10X8_KHR: u32 = 0x93ba;
    pub(super) const COMPRESSED_RGBA_ASTC_12X10_KHR: u32 = 0x93bc;
    pub(super) const COMPRESSED_RGBA_ASTC_12X12_KHR: u32 = 0x93bd;
    pub(super) const COMPRESSED_RGBA_ASTC_4X4_KHR: u32 = 0x93b0;
    pub(super) const COMPRESSED_RGBA_ASTC_5X4_KHR: u32 = 0x93b1;
    pub(super) const COMPRESSED_RGBA_ASTC_5X5_KHR: u32 = 0x93b2;
    pub(super) const COMPRESSED_RGBA_ASTC_6X5_KHR: u32 = 0x93b3;
    pub(super) const COMPRESSED_RGBA_ASTC_6X6_KHR: u32 = 0x93b4;
    pub(super) const COMPRESSED_RGBA_ASTC_8X5_KHR: u32 = 0x93b5;
    pub(super) const COMPRESSED_RGBA_ASTC_8X6_KHR: u32 = 0x93b6;
    pub(super) const COMPRESSED_RGBA_ASTC_8X8_KHR: u32 = 0x93b7;
    pub(super) const COMPRESSED_RGBA_BPTC_UNORM: u32 = 0x8e8c;
    pub(super) const COMPRESSED_RGBA_S3TC_DXT1_EXT: u32 = 0x83f1;
    pub(super) const COMPRESSED_RGBA_S3TC_DXT3_EXT: u32 = 0x83f2;
    pub(super) const COMPRESSED_RGBA_S3TC_DXT5_EXT: u32 = 0x83f3;
    pub(super) const COMPRESSED_RGB_BPTC_SIGNED_FLOAT: u32 = 0x8e8e;
    pub(super) const COMPRESSED_RGB_BPTC_UNSIGNED_FLOAT: u32 = 0x8e8f;
    pub(super) const COMPRESSED_RGB_S3TC_DXT1_EXT: u32 = 0x83f0;
    pub(super) const COMPRESSED_RG_RGTC2: u32 = 0x8dbd;
    pub(super) const COMPRESSED_SIGNED_R11_EAC: u32 = 0x9271;
    pub(super) const COMPRESSED_SIGNED_RED_RGTC1: u32 = 0x8dbc;
    pub(super) const COMPRESSED_SIGNED_RG11_EAC: u32 = 0x9273;
    pub(super) const COMPRESSED_SIGNED_RG_RGTC2: u32 = 0x8dbe;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_10X10_KHR: u32 = 0x93db;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_10X5_KHR: u32 = 0x93d8;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_10X6_KHR: u32 = 0x93d9;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_10X8_KHR: u32 = 0x93da;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_12X10_KHR: u32 = 0x93dc;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_12X12_KHR: u32 = 0x93dd;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_4X4_KHR: u32 = 0x93d0;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_5X4_KHR: u32 = 0x93d1;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_5X5_KHR: u32 = 0x93d2;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_6X5_KHR: u32 = 0x93d3;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_6X6_KHR: u32 = 0x93d4;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_8X5_KHR: u32 = 0x93d5;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_8X6_KHR: u32 = 0x93d6;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ASTC_8X8_KHR: u32 = 0x93d7;
    pub(super) const COMPRESSED_SRGB8_ALPHA8_ETC2_EAC: u32 = 0x9279;
    pub(super) const COMPRESSED_SRGB8_ETC2: u32 = 0x9275;
    pub(super) const COMPRESSED_SRGB8_PUNCHTHROUGH_ALPHA1_ETC2: u32 = 0x9277;
    pub(super) const COMPRESSED_SRGB_ALPHA_BPTC_UNORM: u32 = 0x8e8d;
    pub(super) const COMPRESSED_SRGB_ALPHA_S3TC_DXT1_EXT: u32 = 0x8c4d;
    pub(super) const COMPRESSED_SRGB_ALPHA_S3TC_DXT3_EXT: u32 = 0x8c4e;
    pub(super) const COMPRESSED_SRGB_ALPHA_S3TC_DXT5_EXT: u32 = 0x8c4f;
    pub(super) const COMPRESSED_SRGB_S3TC_DXT1_EXT: u32 = 0x8c4c;
    pub(super) const DEPTH24_STENCIL8: u32 = 0x88f0;
    pub(super) const DEPTH32F_STENCIL8: u32 = 0x8cad;
    pub(super) const DEPTH_COMPONENT: u32 = 0x1902;
    pub(super) const DEPTH_COMPONENT16: u32 = 0x81a5;
    pub(super) const DEPTH_COMPONENT24: u32 = 0x81a6;
    pub(super) const DEPTH_COMPONENT32: u32 = 0x81a7;
    pub(super) const DEPTH_COMPONENT32F: u32 = 0x8cac;
    pub(super) const DEPTH_STENCIL: u32 = 0x84f9;
    pub(super) const FLOAT: u32 = 0x1406;
    pub(super) const FLOAT_32_UNSIGNED_INT_24_8_REV: u32 = 0x8dad;
    pub(super) const HALF_FLOAT: u32 = 0x140b;
    pub(super) const INT: u32 = 0x1404;
    pub(super) const R11F_G11F_B10F: u32 = 0x8c3a;
    pub(super) const R16: u32 = 0x822a;
    pub(super) const R16F: u32 = 0x822d;
    pub(super) const R16I: u32 = 0x8233;
    pub(super) const R16UI: u32 = 0x8234;
    pub(super) const R16_SNORM: u32 = 0x8f98;
    pub(super) const R32F: u32 = 0x822e;
    pub(super) const R32I: u32 = 0x8235;
    pub(super) const R32UI: u32 = 0x8236;
    pub(super) const R3_G3_B2: u32 = 0x2a10;
    pub(super) const R8: u32 = 0x8229;
    pub(super) const R8I: u32 = 0x8231;
    pub(super) const R8UI: u32 = 0x8232;
    pub(super) const R8_SNORM: u32 = 0x8f94;
    pub(super) const RED: u32 = 0x1903;
    pub(super) const RED_INTEGER: u32 = 0x8d94;
    pub(super) const RG: u32 = 0x8227;
    pub(super) const RG16: u32 = 0x822c;
    pub(super) const RG16F: u32 = 0x822f;
    pub(super) const RG16I: u32 = 0x8239;
    pub(super) const RG16UI: u32 = 0x823a;
    pub(super) const RG16_SNORM: u32 = 0x8f99;
    pub(super) const RG32F: u32 = 0x8230;
    pub(super) const RG32I: u32 = 0x823b;
    pub(super) const RG32UI: u32 = 0x823c;
    pub(super) const RG8: u32 = 0x822b;
    pub(super) const RG8I: u32 = 0x8237;
    pub(super) const RG8UI: u32 = 0x8238;
    pub(super) const RG8_SNORM: u32 = 0x8f95;
    pub(super) const RGB: u32 = 0x1907;
    pub(super) const RGB10_A2: u32 = 0x8059;
    pub(super) const RGB10_A2UI: u32 = 0x906f;
    pub(super) const RGB32F: u32 = 0x8815;
    pub(super) const RGB32I: u32 = 0x8d83;
    pub(super) const RGB32UI: u32 = 0x8d71;
    pub(super) const RGB565: u32 = 0x8d62;
    pub(super) const RGB5_A1: u32 = 0x8057;
    pub(super) const RGB9_E5: u32 = 0x8c3d;
    pub(super) const RGBA: u32 = 0x1908;
    pub(super) const RGBA16: u32 = 0x805b;
    pub(super) const RGBA16F: u32 = 0x881a;
    pub(super) const RGBA16I: u32 = 0x8d88;
    pub(super) const RGBA16UI: u32 = 0x8d76;
    pub(super) const RGBA16_SNORM: u32 = 0x8f9b;
    pub(super) const RGBA32F: u32 = 0x8814;
    pub(super) const RGBA32I: u32 = 0x8d82;
    pub(super) const RGBA32UI: u32 = 0x8d70;
    pub(super) const RGBA4: u32 = 0x8056;
    pub(super) const RGBA8: u32 = 0x8058;
    pub(super) const RGBA8I: u32 = 0x8d8e;
    pub(super) const RGBA8UI: u32 = 0x8d7c;
    pub(super) const RGBA8_SNORM: u32 = 0x8f97;
    pub(super) const RGBA_INTEGER: u32 = 0x8d99;
    pub(super) const RGB_INTEGER: u32 = 0x8d98;
    pub(super) const RG_INTEGER: u32 = 0x8228;
    pub(super) const SHORT: u32 = 0x1402;
    pub(super) const SR8_EXT: u32 = 0x8fbd;
    pub(super) const SRG8_EXT: u32 = 0x8fbe;
    pub(super) const SRGB8_ALPHA8: u32 = 0x8c43;
    pub(super) const STENCIL_INDEX: u32 = 0x1901;
    pub(super) const STENCIL_INDEX8: u32 = 0x8d48;
    pub(super) const UNSIGNED_BYTE: u32 = 0x1401;
    pub(super) const UNSIGNED_BYTE_2_3_3_REV: u32 = 0x8362;
    pub(super) const UNSIGNED_BYTE_3_3_2: u32 = 0x8032;
    pub(super) const UNSIGNED_INT: u32 = 0x1405;
    pub(super) const UNSIGNED_INT_10F_11F_11F_REV: u32 = 0x8c3b;
    pub(super) const UNSIGNED_INT_10_10_10_2: u32 = 0x8036;
    pub(super) const UNSIGNED_INT_24_8: u32 = 0x84fa;
    pub(super) const UNSIGNED_INT_2_10_10_10_REV: u32 = 0x8368;
    pub(super) const UNSIGNED_INT_5_9_9_9_REV: u32 = 0x8c3e;
    pub(super) const UNSIGNED_INT_8_8_8_8: u32 = 0x8035;
    pub(super) const UNSIGNED_SHORT: u32 = 0x1403;
    pub(super) const UNSIGNED_SHORT_1_5_5_5_REV: u32 = 0x8366;
    pub(super) const UNSIGNED_SHORT_4_4_4_4: u32 = 0x8033;
    pub(super) const UNSIGNED_SHORT_4_4_4_4_REV: u32 = 0x8365;
    pub(super) const UNSIGNED_SHORT_5_5_5_1: u32 = 0x8034;
    pub(super) const UNSIGNED_SHORT_5_6_5: u32 = 0x8363;
    pub(super) const UNSIGNED_SHORT_5_6_5_REV: u32 = 0x8364;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColorSpace, Layout};

    fn rows() -> impl Iterator<Item = (Format, &'static GlFormat)> {
        Format::all().filter_map(|format| Some((format, format.gl()?)))
    }

    #[test]
    fn every_row_is_in_the_table() {
        assert_eq!(rows().count(), ROWS.len());
        assert!(ES.iter().all(|(format, _)| format.gl().is_some()));
    }

    #[test]
    fn alpha_is_one_where_there_is_none() {
        for (format, gl) in rows() {
            let description = format.description();
            let is_color = !matches!(description.color_space, ColorSpace::Zs);
            if description.layout != Layout::Plain || !is_color {
                continue;
            }
            let is_swizzled = gl.swizzle != swizzle("XYZW");
            let [.., alpha] = gl.swizzle;
            if is_swizzled && !description.has_alpha() {
                assert_eq!(alpha, Swizzle::One, "{format}");
            }
        }
    }

    #[test]
    fn swizzled_channels_are_the_formats_own() {
        for (format, gl) in rows() {
            let description = format.description();
            let is_swizzled = !gl.is_in_place();
            if description.layout == Layout::Plain && is_swizzled {
                assert_eq!(gl.swizzle, description.swizzle, "{format}");
            }
        }
    }

    #[test]
    fn conversions_come_back() {
        let conversions = [
            Conversion::None,
            Conversion::SwapRedBlue8,
            Conversion::SwapRedBlue10,
            Conversion::RotateDepthStencil,
        ];
        let pixels: Vec<u8> = (0..64u32).map(|n| (n * 37 % 251) as u8).collect();
        for conversion in conversions {
            let mut there = pixels.clone();
            conversion.to_gl(&mut there);
            assert_eq!(there != pixels, conversion != Conversion::None);
            conversion.to_virgl(&mut there);
            assert_eq!(there, pixels);
        }
        let mut depth = 0x0012_3456u32.to_le_bytes();
        Conversion::ShiftDepth.to_gl(&mut depth);
        assert_eq!(u32::from_le_bytes(depth), 0x1234_5612);
        Conversion::ShiftDepth.to_virgl(&mut depth);
        assert_eq!(u32::from_le_bytes(depth), 0x12_3456);
    }

    #[test]
    fn es_has_no_bgra() {
        let bgra = Format::B8G8R8A8_UNORM.gles().unwrap();
        assert_eq!(bgra.conversion, Conversion::SwapRedBlue8);
        assert_eq!(Format::B4G4R4A4_UNORM.gles(), None);
        assert_eq!(Format::R8_UNORM.gles(), Format::R8_UNORM.gl());
        assert_eq!(Format::R64_FLOAT.gl(), None);
    }
}
