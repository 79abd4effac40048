//! The table. One row a format; nothing else in the workspace says these things.
//!
//! ```text
//! number NAME "name"? layout colour-space (block width, height, depth) [channels] [planes] "swizzle";
//! ```
//!
//! Constants are in upper case; where the protocol's name is not, it stands behind the constant.
//! Where Mesa's table only says that a format cannot be described, the row says what the
//! format is: the packed YUV formats 371, 429, 471 and 472 have their real blocks here.

use crate::Format;
use crate::channel::{Channel, ChannelKind, Swizzle};
use crate::description::{Block, ColorSpace, Description, Layout, Plane};

macro_rules! formats {
    ($(
        $number:literal $constant:ident $($name:literal)? $layout:ident $space:ident
        ($width:literal, $height:literal, $depth:literal)
        [$($channel:expr),*] [$($plane:expr),*] $swizzle:literal;
    )*) => {
        #[allow(missing_docs, reason = "the names are their documentation")]
        impl Format {
            $(pub const $constant: Self = Self::at($number);)*
        }

        /// The constants, for the test that each has a row.
        #[cfg(test)]
        pub(crate) const CONSTANTS: &[Format] = &[$(Format::$constant),*];

        /// The rows by number.
        pub(crate) static TABLE: [Option<Description>; Format::LAST as usize + 1] = {
            let mut table = [const { None }; Format::LAST as usize + 1];
            $(
                table[$number] = Some(Description {
                    name: name(stringify!($constant), &[$($name)?]),
                    layout: Layout::$layout,
                    color_space: ColorSpace::$space,
                    block: block(($width, $height, $depth), &[$($channel),*]),
                    channels: &[$($channel),*],
                    planes: &[$($plane),*],
                    swizzle: swizzle($swizzle),
                });
            )*
            table
        };
    };
}

formats! {
    1 B8G8R8A8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "ZYXW";
    2 B8G8R8X8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8), x(8)] [] "ZYX1";
    3 A8R8G8B8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "YZWX";
    4 X8R8G8B8_UNORM Plain Rgb (1, 1, 1) [x(8), un(8), un(8), un(8)] [] "YZW1";
    5 B5G5R5A1_UNORM Plain Rgb (1, 1, 1) [un(5), un(5), un(5), un(1)] [] "ZYXW";
    6 B4G4R4A4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4), un(4), un(4)] [] "ZYXW";
    7 B5G6R5_UNORM Plain Rgb (1, 1, 1) [un(5), un(6), un(5)] [] "ZYX1";
    8 R10G10B10A2_UNORM Plain Rgb (1, 1, 1) [un(10), un(10), un(10), un(2)] [] "XYZW";
    9 L8_UNORM Plain Rgb (1, 1, 1) [un(8)] [] "XXX1";
    10 A8_UNORM Plain Rgb (1, 1, 1) [un(8)] [] "000X";
    11 I8_UNORM Plain Rgb (1, 1, 1) [un(8)] [] "XXXX";
    12 L8A8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8)] [] "XXXY";
    13 L16_UNORM Plain Rgb (1, 1, 1) [un(16)] [] "XXX1";
    14 U8Y8V8Y8_422_UNORM Subsampled Yuv (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    15 Y8U8Y8V8_422_UNORM Subsampled Yuv (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    16 Z16_UNORM Plain Zs (1, 1, 1) [un(16)] [] "X___";
    17 Z32_UNORM Plain Zs (1, 1, 1) [un(32)] [] "X___";
    18 Z32_FLOAT Plain Zs (1, 1, 1) [f(32)] [] "X___";
    19 Z24_UNORM_S8_UINT Plain Zs (1, 1, 1) [un(24), ui(8)] [] "XY__";
    20 S8_UINT_Z24_UNORM Plain Zs (1, 1, 1) [ui(8), un(24)] [] "YX__";
    21 Z24X8_UNORM Plain Zs (1, 1, 1) [un(24), x(8)] [] "X___";
    22 X8Z24_UNORM Plain Zs (1, 1, 1) [x(8), un(24)] [] "Y___";
    23 S8_UINT Plain Zs (1, 1, 1) [ui(8)] [] "_X__";
    24 R64_FLOAT Plain Rgb (1, 1, 1) [f(64)] [] "X001";
    25 R64G64_FLOAT Plain Rgb (1, 1, 1) [f(64), f(64)] [] "XY01";
    26 R64G64B64_FLOAT Plain Rgb (1, 1, 1) [f(64), f(64), f(64)] [] "XYZ1";
    27 R64G64B64A64_FLOAT Plain Rgb (1, 1, 1) [f(64), f(64), f(64), f(64)] [] "XYZW";
    28 R32_FLOAT Plain Rgb (1, 1, 1) [f(32)] [] "X001";
    29 R32G32_FLOAT Plain Rgb (1, 1, 1) [f(32), f(32)] [] "XY01";
    30 R32G32B32_FLOAT Plain Rgb (1, 1, 1) [f(32), f(32), f(32)] [] "XYZ1";
    31 R32G32B32A32_FLOAT Plain Rgb (1, 1, 1) [f(32), f(32), f(32), f(32)] [] "XYZW";
    32 R32_UNORM Plain Rgb (1, 1, 1) [un(32)] [] "X001";
    33 R32G32_UNORM Plain Rgb (1, 1, 1) [un(32), un(32)] [] "XY01";
    34 R32G32B32_UNORM Plain Rgb (1, 1, 1) [un(32), un(32), un(32)] [] "XYZ1";
    35 R32G32B32A32_UNORM Plain Rgb (1, 1, 1) [un(32), un(32), un(32), un(32)] [] "XYZW";
    36 R32_USCALED Plain Rgb (1, 1, 1) [us(32)] [] "X001";
    37 R32G32_USCALED Plain Rgb (1, 1, 1) [us(32), us(32)] [] "XY01";
    38 R32G32B32_USCALED Plain Rgb (1, 1, 1) [us(32), us(32), us(32)] [] "XYZ1";
    39 R32G32B32A32_USCALED Plain Rgb (1, 1, 1) [us(32), us(32), us(32), us(32)] [] "XYZW";
    40 R32_SNORM Plain Rgb (1, 1, 1) [sn(32)] [] "X001";
    41 R32G32_SNORM Plain Rgb (1, 1, 1) [sn(32), sn(32)] [] "XY01";
    42 R32G32B32_SNORM Plain Rgb (1, 1, 1) [sn(32), sn(32), sn(32)] [] "XYZ1";
    43 R32G32B32A32_SNORM Plain Rgb (1, 1, 1) [sn(32), sn(32), sn(32), sn(32)] [] "XYZW";
    44 R32_SSCALED Plain Rgb (1, 1, 1) [ss(32)] [] "X001";
    45 R32G32_SSCALED Plain Rgb (1, 1, 1) [ss(32), ss(32)] [] "XY01";
    46 R32G32B32_SSCALED Plain Rgb (1, 1, 1) [ss(32), ss(32), ss(32)] [] "XYZ1";
    47 R32G32B32A32_SSCALED Plain Rgb (1, 1, 1) [ss(32), ss(32), ss(32), ss(32)] [] "XYZW";
    48 R16_UNORM Plain Rgb (1, 1, 1) [un(16)] [] "X001";
    49 R16G16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16)] [] "XY01";
    50 R16G16B16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16), un(16)] [] "XYZ1";
    51 R16G16B16A16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16), un(16), un(16)] [] "XYZW";
    52 R16_USCALED Plain Rgb (1, 1, 1) [us(16)] [] "X001";
    53 R16G16_USCALED Plain Rgb (1, 1, 1) [us(16), us(16)] [] "XY01";
    54 R16G16B16_USCALED Plain Rgb (1, 1, 1) [us(16), us(16), us(16)] [] "XYZ1";
    55 R16G16B16A16_USCALED Plain Rgb (1, 1, 1) [us(16), us(16), us(16), us(16)] [] "XYZW";
    56 R16_SNORM Plain Rgb (1, 1, 1) [sn(16)] [] "X001";
    57 R16G16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16)] [] "XY01";
    58 R16G16B16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16), sn(16)] [] "XYZ1";
    59 R16G16B16A16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16), sn(16), sn(16)] [] "XYZW";
    60 R16_SSCALED Plain Rgb (1, 1, 1) [ss(16)] [] "X001";
    61 R16G16_SSCALED Plain Rgb (1, 1, 1) [ss(16), ss(16)] [] "XY01";
    62 R16G16B16_SSCALED Plain Rgb (1, 1, 1) [ss(16), ss(16), ss(16)] [] "XYZ1";
    63 R16G16B16A16_SSCALED Plain Rgb (1, 1, 1) [ss(16), ss(16), ss(16), ss(16)] [] "XYZW";
    64 R8_UNORM Plain Rgb (1, 1, 1) [un(8)] [] "X001";
    65 R8G8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8)] [] "XY01";
    66 R8G8B8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8)] [] "XYZ1";
    67 R8G8B8A8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZW";
    68 X8B8G8R8_UNORM Plain Rgb (1, 1, 1) [x(8), un(8), un(8), un(8)] [] "WZY1";
    69 R8_USCALED Plain Rgb (1, 1, 1) [us(8)] [] "X001";
    70 R8G8_USCALED Plain Rgb (1, 1, 1) [us(8), us(8)] [] "XY01";
    71 R8G8B8_USCALED Plain Rgb (1, 1, 1) [us(8), us(8), us(8)] [] "XYZ1";
    72 R8G8B8A8_USCALED Plain Rgb (1, 1, 1) [us(8), us(8), us(8), us(8)] [] "XYZW";
    74 R8_SNORM Plain Rgb (1, 1, 1) [sn(8)] [] "X001";
    75 R8G8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8)] [] "XY01";
    76 R8G8B8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8)] [] "XYZ1";
    77 R8G8B8A8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8), sn(8)] [] "XYZW";
    82 R8_SSCALED Plain Rgb (1, 1, 1) [ss(8)] [] "X001";
    83 R8G8_SSCALED Plain Rgb (1, 1, 1) [ss(8), ss(8)] [] "XY01";
    84 R8G8B8_SSCALED Plain Rgb (1, 1, 1) [ss(8), ss(8), ss(8)] [] "XYZ1";
    85 R8G8B8A8_SSCALED Plain Rgb (1, 1, 1) [ss(8), ss(8), ss(8), ss(8)] [] "XYZW";
    87 R32_FIXED Plain Rgb (1, 1, 1) [fx(32)] [] "X001";
    88 R32G32_FIXED Plain Rgb (1, 1, 1) [fx(32), fx(32)] [] "XY01";
    89 R32G32B32_FIXED Plain Rgb (1, 1, 1) [fx(32), fx(32), fx(32)] [] "XYZ1";
    90 R32G32B32A32_FIXED Plain Rgb (1, 1, 1) [fx(32), fx(32), fx(32), fx(32)] [] "XYZW";
    91 R16_FLOAT Plain Rgb (1, 1, 1) [f(16)] [] "X001";
    92 R16G16_FLOAT Plain Rgb (1, 1, 1) [f(16), f(16)] [] "XY01";
    93 R16G16B16_FLOAT Plain Rgb (1, 1, 1) [f(16), f(16), f(16)] [] "XYZ1";
    94 R16G16B16A16_FLOAT Plain Rgb (1, 1, 1) [f(16), f(16), f(16), f(16)] [] "XYZW";
    95 L8_SRGB Plain Srgb (1, 1, 1) [un(8)] [] "XXX1";
    96 L8A8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8)] [] "XXXY";
    97 R8G8B8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8)] [] "XYZ1";
    98 A8B8G8R8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "WZYX";
    99 X8B8G8R8_SRGB Plain Srgb (1, 1, 1) [x(8), un(8), un(8), un(8)] [] "WZY1";
    100 B8G8R8A8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "ZYXW";
    101 B8G8R8X8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8), x(8)] [] "ZYX1";
    102 A8R8G8B8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "YZWX";
    103 X8R8G8B8_SRGB Plain Srgb (1, 1, 1) [x(8), un(8), un(8), un(8)] [] "YZW1";
    104 R8G8B8A8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZW";
    105 DXT1_RGB S3tc Rgb (4, 4, 1) [un(64)] [] "XYZ1";
    106 DXT1_RGBA S3tc Rgb (4, 4, 1) [un(64)] [] "XYZW";
    107 DXT3_RGBA S3tc Rgb (4, 4, 1) [un(128)] [] "XYZW";
    108 DXT5_RGBA S3tc Rgb (4, 4, 1) [un(128)] [] "XYZW";
    109 DXT1_SRGB S3tc Srgb (4, 4, 1) [un(64)] [] "XYZ1";
    110 DXT1_SRGBA S3tc Srgb (4, 4, 1) [un(64)] [] "XYZW";
    111 DXT3_SRGBA S3tc Srgb (4, 4, 1) [un(128)] [] "XYZW";
    112 DXT5_SRGBA S3tc Srgb (4, 4, 1) [un(128)] [] "XYZW";
    113 RGTC1_UNORM Rgtc Rgb (4, 4, 1) [un(64)] [] "X001";
    114 RGTC1_SNORM Rgtc Rgb (4, 4, 1) [sn(64)] [] "X001";
    115 RGTC2_UNORM Rgtc Rgb (4, 4, 1) [un(128)] [] "XY01";
    116 RGTC2_SNORM Rgtc Rgb (4, 4, 1) [sn(128)] [] "XY01";
    117 R8G8_B8G8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    118 G8R8_G8B8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    119 R8SG8SB8UX8U_NORM Plain Rgb (1, 1, 1) [sn(8), sn(8), un(8), x(8)] [] "XYZ1";
    120 R5SG5SB6U_NORM Plain Rgb (1, 1, 1) [sn(5), sn(5), un(6)] [] "XYZ1";
    121 A8B8G8R8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "WZYX";
    122 B5G5R5X1_UNORM Plain Rgb (1, 1, 1) [un(5), un(5), un(5), x(1)] [] "ZYX1";
    123 R10G10B10A2_USCALED Plain Rgb (1, 1, 1) [us(10), us(10), us(10), us(2)] [] "XYZW";
    124 R11G11B10_FLOAT Other Rgb (1, 1, 1) [f(11), f(11), f(10)] [] "XYZ1";
    125 R9G9B9E5_FLOAT Other Rgb (1, 1, 1) [f(9), f(9), f(9), x(5)] [] "XYZ1";
    126 Z32_FLOAT_S8X24_UINT Plain Zs (1, 1, 1) [f(32), ui(8), x(24)] [] "XY__";
    127 R1_UNORM Other Rgb (8, 1, 1) [x(8)] [] "X001";
    128 R10G10B10X2_USCALED Plain Rgb (1, 1, 1) [us(10), us(10), us(10), x(2)] [] "XYZ1";
    129 R10G10B10X2_SNORM Plain Rgb (1, 1, 1) [sn(10), sn(10), sn(10), x(2)] [] "XYZ1";
    130 L4A4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4)] [] "XXXY";
    131 B10G10R10A2_UNORM Plain Rgb (1, 1, 1) [un(10), un(10), un(10), un(2)] [] "ZYXW";
    132 R10SG10SB10SA2U_NORM Plain Rgb (1, 1, 1) [sn(10), sn(10), sn(10), un(2)] [] "XYZW";
    133 R8G8BX_SNORM "R8G8Bx_SNORM" Other Rgb (1, 1, 1) [sn(8), sn(8)] [] "XYZ1";
    134 R8G8B8X8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8), x(8)] [] "XYZ1";
    135 B4G4R4X4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4), un(4), x(4)] [] "ZYX1";
    136 X24S8_UINT Plain Zs (1, 1, 1) [x(24), ui(8)] [] "_Y__";
    137 S8X24_UINT Plain Zs (1, 1, 1) [ui(8), x(24)] [] "_X__";
    138 X32_S8X24_UINT Plain Zs (1, 1, 1) [x(32), ui(8), x(24)] [] "_Y__";
    139 B2G3R3_UNORM Plain Rgb (1, 1, 1) [un(2), un(3), un(3)] [] "ZYX1";
    140 L16A16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16)] [] "XXXY";
    141 A16_UNORM Plain Rgb (1, 1, 1) [un(16)] [] "000X";
    142 I16_UNORM Plain Rgb (1, 1, 1) [un(16)] [] "XXXX";
    143 LATC1_UNORM Rgtc Rgb (4, 4, 1) [un(64)] [] "XXX1";
    144 LATC1_SNORM Rgtc Rgb (4, 4, 1) [sn(64)] [] "XXX1";
    145 LATC2_UNORM Rgtc Rgb (4, 4, 1) [un(128)] [] "XXXY";
    146 LATC2_SNORM Rgtc Rgb (4, 4, 1) [sn(128)] [] "XXXY";
    147 A8_SNORM Plain Rgb (1, 1, 1) [sn(8)] [] "000X";
    148 L8_SNORM Plain Rgb (1, 1, 1) [sn(8)] [] "XXX1";
    149 L8A8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8)] [] "XXXY";
    150 I8_SNORM Plain Rgb (1, 1, 1) [sn(8)] [] "XXXX";
    151 A16_SNORM Plain Rgb (1, 1, 1) [sn(16)] [] "000X";
    152 L16_SNORM Plain Rgb (1, 1, 1) [sn(16)] [] "XXX1";
    153 L16A16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16)] [] "XXXY";
    154 I16_SNORM Plain Rgb (1, 1, 1) [sn(16)] [] "XXXX";
    155 A16_FLOAT Plain Rgb (1, 1, 1) [f(16)] [] "000X";
    156 L16_FLOAT Plain Rgb (1, 1, 1) [f(16)] [] "XXX1";
    157 L16A16_FLOAT Plain Rgb (1, 1, 1) [f(16), f(16)] [] "XXXY";
    158 I16_FLOAT Plain Rgb (1, 1, 1) [f(16)] [] "XXXX";
    159 A32_FLOAT Plain Rgb (1, 1, 1) [f(32)] [] "000X";
    160 L32_FLOAT Plain Rgb (1, 1, 1) [f(32)] [] "XXX1";
    161 L32A32_FLOAT Plain Rgb (1, 1, 1) [f(32), f(32)] [] "XXXY";
    162 I32_FLOAT Plain Rgb (1, 1, 1) [f(32)] [] "XXXX";
    163 Y8_V8_U8_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 1), plane(2, 2, 1, 1)] "XYZW";
    164 Y8_V8_U8_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 1, 1, 1), plane(2, 1, 1, 1)] "XYZW";
    165 Y8_U8_V8_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 1), plane(2, 2, 1, 1)] "XYZW";
    166 Y8_U8V8_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 2)] "XYZW";
    167 Y8_V8U8_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 2)] "XYZW";
    168 A4R4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4)] [] "Y00X";
    169 R4A4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4)] [] "X00Y";
    170 R8A8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8)] [] "X00Y";
    171 A8R8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8)] [] "Y00X";
    172 R10G10B10A2_SSCALED Plain Rgb (1, 1, 1) [ss(10), ss(10), ss(10), ss(2)] [] "XYZW";
    173 R10G10B10A2_SNORM Plain Rgb (1, 1, 1) [sn(10), sn(10), sn(10), sn(2)] [] "XYZW";
    174 B10G10R10A2_USCALED Plain Rgb (1, 1, 1) [us(10), us(10), us(10), us(2)] [] "ZYXW";
    175 B10G10R10A2_SSCALED Plain Rgb (1, 1, 1) [ss(10), ss(10), ss(10), ss(2)] [] "ZYXW";
    176 B10G10R10A2_SNORM Plain Rgb (1, 1, 1) [sn(10), sn(10), sn(10), sn(2)] [] "ZYXW";
    177 R8_UINT Plain Rgb (1, 1, 1) [ui(8)] [] "X001";
    178 R8G8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8)] [] "XY01";
    179 R8G8B8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8)] [] "XYZ1";
    180 R8G8B8A8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8), ui(8)] [] "XYZW";
    181 R8_SINT Plain Rgb (1, 1, 1) [si(8)] [] "X001";
    182 R8G8_SINT Plain Rgb (1, 1, 1) [si(8), si(8)] [] "XY01";
    183 R8G8B8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8)] [] "XYZ1";
    184 R8G8B8A8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8), si(8)] [] "XYZW";
    185 R16_UINT Plain Rgb (1, 1, 1) [ui(16)] [] "X001";
    186 R16G16_UINT Plain Rgb (1, 1, 1) [ui(16), ui(16)] [] "XY01";
    187 R16G16B16_UINT Plain Rgb (1, 1, 1) [ui(16), ui(16), ui(16)] [] "XYZ1";
    188 R16G16B16A16_UINT Plain Rgb (1, 1, 1) [ui(16), ui(16), ui(16), ui(16)] [] "XYZW";
    189 R16_SINT Plain Rgb (1, 1, 1) [si(16)] [] "X001";
    190 R16G16_SINT Plain Rgb (1, 1, 1) [si(16), si(16)] [] "XY01";
    191 R16G16B16_SINT Plain Rgb (1, 1, 1) [si(16), si(16), si(16)] [] "XYZ1";
    192 R16G16B16A16_SINT Plain Rgb (1, 1, 1) [si(16), si(16), si(16), si(16)] [] "XYZW";
    193 R32_UINT Plain Rgb (1, 1, 1) [ui(32)] [] "X001";
    194 R32G32_UINT Plain Rgb (1, 1, 1) [ui(32), ui(32)] [] "XY01";
    195 R32G32B32_UINT Plain Rgb (1, 1, 1) [ui(32), ui(32), ui(32)] [] "XYZ1";
    196 R32G32B32A32_UINT Plain Rgb (1, 1, 1) [ui(32), ui(32), ui(32), ui(32)] [] "XYZW";
    197 R32_SINT Plain Rgb (1, 1, 1) [si(32)] [] "X001";
    198 R32G32_SINT Plain Rgb (1, 1, 1) [si(32), si(32)] [] "XY01";
    199 R32G32B32_SINT Plain Rgb (1, 1, 1) [si(32), si(32), si(32)] [] "XYZ1";
    200 R32G32B32A32_SINT Plain Rgb (1, 1, 1) [si(32), si(32), si(32), si(32)] [] "XYZW";
    201 A8_UINT Plain Rgb (1, 1, 1) [ui(8)] [] "000X";
    202 I8_UINT Plain Rgb (1, 1, 1) [ui(8)] [] "XXXX";
    203 L8_UINT Plain Rgb (1, 1, 1) [ui(8)] [] "XXX1";
    204 L8A8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8)] [] "XXXY";
    205 A8_SINT Plain Rgb (1, 1, 1) [si(8)] [] "000X";
    206 I8_SINT Plain Rgb (1, 1, 1) [si(8)] [] "XXXX";
    207 L8_SINT Plain Rgb (1, 1, 1) [si(8)] [] "XXX1";
    208 L8A8_SINT Plain Rgb (1, 1, 1) [si(8), si(8)] [] "XXXY";
    209 A16_UINT Plain Rgb (1, 1, 1) [ui(16)] [] "000X";
    210 I16_UINT Plain Rgb (1, 1, 1) [ui(16)] [] "XXXX";
    211 L16_UINT Plain Rgb (1, 1, 1) [ui(16)] [] "XXX1";
    212 L16A16_UINT Plain Rgb (1, 1, 1) [ui(16), ui(16)] [] "XXXY";
    213 A16_SINT Plain Rgb (1, 1, 1) [si(16)] [] "000X";
    214 I16_SINT Plain Rgb (1, 1, 1) [si(16)] [] "XXXX";
    215 L16_SINT Plain Rgb (1, 1, 1) [si(16)] [] "XXX1";
    216 L16A16_SINT Plain Rgb (1, 1, 1) [si(16), si(16)] [] "XXXY";
    217 A32_UINT Plain Rgb (1, 1, 1) [ui(32)] [] "000X";
    218 I32_UINT Plain Rgb (1, 1, 1) [ui(32)] [] "XXXX";
    219 L32_UINT Plain Rgb (1, 1, 1) [ui(32)] [] "XXX1";
    220 L32A32_UINT Plain Rgb (1, 1, 1) [ui(32), ui(32)] [] "XXXY";
    221 A32_SINT Plain Rgb (1, 1, 1) [si(32)] [] "000X";
    222 I32_SINT Plain Rgb (1, 1, 1) [si(32)] [] "XXXX";
    223 L32_SINT Plain Rgb (1, 1, 1) [si(32)] [] "XXX1";
    224 L32A32_SINT Plain Rgb (1, 1, 1) [si(32), si(32)] [] "XXXY";
    225 B10G10R10A2_UINT Plain Rgb (1, 1, 1) [ui(10), ui(10), ui(10), ui(2)] [] "ZYXW";
    226 ETC1_RGB8 Etc1 Rgb (4, 4, 1) [un(64)] [] "XYZ1";
    227 R8G8_R8B8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "ZYX1";
    228 G8R8_B8R8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "ZYX1";
    229 R8G8B8X8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8), x(8)] [] "XYZ1";
    230 R8G8B8X8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8), x(8)] [] "XYZ1";
    231 R8G8B8X8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8), x(8)] [] "XYZ1";
    232 R8G8B8X8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8), x(8)] [] "XYZ1";
    233 B10G10R10X2_UNORM Plain Rgb (1, 1, 1) [un(10), un(10), un(10), x(2)] [] "ZYX1";
    234 R16G16B16X16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16), un(16), x(16)] [] "XYZ1";
    235 R16G16B16X16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16), sn(16), x(16)] [] "XYZ1";
    236 R16G16B16X16_FLOAT Plain Rgb (1, 1, 1) [f(16), f(16), f(16), x(16)] [] "XYZ1";
    237 R16G16B16X16_UINT Plain Rgb (1, 1, 1) [ui(16), ui(16), ui(16), x(16)] [] "XYZ1";
    238 R16G16B16X16_SINT Plain Rgb (1, 1, 1) [si(16), si(16), si(16), x(16)] [] "XYZ1";
    239 R32G32B32X32_FLOAT Plain Rgb (1, 1, 1) [f(32), f(32), f(32), x(32)] [] "XYZ1";
    240 R32G32B32X32_UINT Plain Rgb (1, 1, 1) [ui(32), ui(32), ui(32), x(32)] [] "XYZ1";
    241 R32G32B32X32_SINT Plain Rgb (1, 1, 1) [si(32), si(32), si(32), x(32)] [] "XYZ1";
    242 R8A8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8)] [] "X00Y";
    243 R16A16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16)] [] "X00Y";
    244 R16A16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16)] [] "X00Y";
    245 R16A16_FLOAT Plain Rgb (1, 1, 1) [f(16), f(16)] [] "X00Y";
    246 R32A32_FLOAT Plain Rgb (1, 1, 1) [f(32), f(32)] [] "X00Y";
    247 R8A8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8)] [] "X00Y";
    248 R8A8_SINT Plain Rgb (1, 1, 1) [si(8), si(8)] [] "X00Y";
    249 R16A16_UINT Plain Rgb (1, 1, 1) [ui(16), ui(16)] [] "X00Y";
    250 R16A16_SINT Plain Rgb (1, 1, 1) [si(16), si(16)] [] "X00Y";
    251 R32A32_UINT Plain Rgb (1, 1, 1) [ui(32), ui(32)] [] "X00Y";
    252 R32A32_SINT Plain Rgb (1, 1, 1) [si(32), si(32)] [] "X00Y";
    253 R10G10B10A2_UINT Plain Rgb (1, 1, 1) [ui(10), ui(10), ui(10), ui(2)] [] "XYZW";
    254 B5G6R5_SRGB Plain Srgb (1, 1, 1) [un(5), un(6), un(5)] [] "ZYX1";
    255 BPTC_RGBA_UNORM Bptc Rgb (4, 4, 1) [un(128)] [] "XYZW";
    256 BPTC_SRGBA Bptc Srgb (4, 4, 1) [un(128)] [] "XYZW";
    257 BPTC_RGB_FLOAT Bptc Rgb (4, 4, 1) [f(128)] [] "XYZ1";
    258 BPTC_RGB_UFLOAT Bptc Rgb (4, 4, 1) [f(128)] [] "XYZ1";
    263 G8R8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8)] [] "YX01";
    264 G8R8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8)] [] "YX01";
    265 G16R16_UNORM Plain Rgb (1, 1, 1) [un(16), un(16)] [] "YX01";
    266 G16R16_SNORM Plain Rgb (1, 1, 1) [sn(16), sn(16)] [] "YX01";
    267 A8B8G8R8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8), sn(8)] [] "WZYX";
    268 X8B8G8R8_SNORM Plain Rgb (1, 1, 1) [x(8), sn(8), sn(8), sn(8)] [] "WZY1";
    269 ETC2_RGB8 Etc2 Rgb (4, 4, 1) [un(64)] [] "XYZ1";
    270 ETC2_SRGB8 Etc2 Srgb (4, 4, 1) [un(64)] [] "XYZ1";
    271 ETC2_RGB8A1 Etc2 Rgb (4, 4, 1) [un(64)] [] "XYZW";
    272 ETC2_SRGB8A1 Etc2 Srgb (4, 4, 1) [un(64)] [] "XYZW";
    273 ETC2_RGBA8 Etc2 Rgb (4, 4, 1) [un(128)] [] "XYZW";
    274 ETC2_SRGBA8 Etc2 Srgb (4, 4, 1) [un(128)] [] "XYZW";
    275 ETC2_R11_UNORM Etc2 Rgb (4, 4, 1) [un(64)] [] "X001";
    276 ETC2_R11_SNORM Etc2 Rgb (4, 4, 1) [sn(64)] [] "X001";
    277 ETC2_RG11_UNORM Etc2 Rgb (4, 4, 1) [un(128)] [] "XY01";
    278 ETC2_RG11_SNORM Etc2 Rgb (4, 4, 1) [sn(128)] [] "XY01";
    279 ASTC_4X4 "ASTC_4x4" Astc Rgb (4, 4, 1) [un(128)] [] "XYZW";
    280 ASTC_5X4 "ASTC_5x4" Astc Rgb (5, 4, 1) [un(128)] [] "XYZW";
    281 ASTC_5X5 "ASTC_5x5" Astc Rgb (5, 5, 1) [un(128)] [] "XYZW";
    282 ASTC_6X5 "ASTC_6x5" Astc Rgb (6, 5, 1) [un(128)] [] "XYZW";
    283 ASTC_6X6 "ASTC_6x6" Astc Rgb (6, 6, 1) [un(128)] [] "XYZW";
    284 ASTC_8X5 "ASTC_8x5" Astc Rgb (8, 5, 1) [un(128)] [] "XYZW";
    285 ASTC_8X6 "ASTC_8x6" Astc Rgb (8, 6, 1) [un(128)] [] "XYZW";
    286 ASTC_8X8 "ASTC_8x8" Astc Rgb (8, 8, 1) [un(128)] [] "XYZW";
    287 ASTC_10X5 "ASTC_10x5" Astc Rgb (10, 5, 1) [un(128)] [] "XYZW";
    288 ASTC_10X6 "ASTC_10x6" Astc Rgb (10, 6, 1) [un(128)] [] "XYZW";
    289 ASTC_10X8 "ASTC_10x8" Astc Rgb (10, 8, 1) [un(128)] [] "XYZW";
    290 ASTC_10X10 "ASTC_10x10" Astc Rgb (10, 10, 1) [un(128)] [] "XYZW";
    291 ASTC_12X10 "ASTC_12x10" Astc Rgb (12, 10, 1) [un(128)] [] "XYZW";
    292 ASTC_12X12 "ASTC_12x12" Astc Rgb (12, 12, 1) [un(128)] [] "XYZW";
    293 ASTC_4X4_SRGB "ASTC_4x4_SRGB" Astc Srgb (4, 4, 1) [un(128)] [] "XYZW";
    294 ASTC_5X4_SRGB "ASTC_5x4_SRGB" Astc Srgb (5, 4, 1) [un(128)] [] "XYZW";
    295 ASTC_5X5_SRGB "ASTC_5x5_SRGB" Astc Srgb (5, 5, 1) [un(128)] [] "XYZW";
    296 ASTC_6X5_SRGB "ASTC_6x5_SRGB" Astc Srgb (6, 5, 1) [un(128)] [] "XYZW";
    297 ASTC_6X6_SRGB "ASTC_6x6_SRGB" Astc Srgb (6, 6, 1) [un(128)] [] "XYZW";
    298 ASTC_8X5_SRGB "ASTC_8x5_SRGB" Astc Srgb (8, 5, 1) [un(128)] [] "XYZW";
    299 ASTC_8X6_SRGB "ASTC_8x6_SRGB" Astc Srgb (8, 6, 1) [un(128)] [] "XYZW";
    300 ASTC_8X8_SRGB "ASTC_8x8_SRGB" Astc Srgb (8, 8, 1) [un(128)] [] "XYZW";
    301 ASTC_10X5_SRGB "ASTC_10x5_SRGB" Astc Srgb (10, 5, 1) [un(128)] [] "XYZW";
    302 ASTC_10X6_SRGB "ASTC_10x6_SRGB" Astc Srgb (10, 6, 1) [un(128)] [] "XYZW";
    303 ASTC_10X8_SRGB "ASTC_10x8_SRGB" Astc Srgb (10, 8, 1) [un(128)] [] "XYZW";
    304 ASTC_10X10_SRGB "ASTC_10x10_SRGB" Astc Srgb (10, 10, 1) [un(128)] [] "XYZW";
    305 ASTC_12X10_SRGB "ASTC_12x10_SRGB" Astc Srgb (12, 10, 1) [un(128)] [] "XYZW";
    306 ASTC_12X12_SRGB "ASTC_12x12_SRGB" Astc Srgb (12, 12, 1) [un(128)] [] "XYZW";
    308 R10G10B10X2_UNORM Plain Rgb (1, 1, 1) [un(10), un(10), un(10), x(2)] [] "XYZ1";
    311 A4B4G4R4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4), un(4), un(4)] [] "WZYX";
    312 R8_SRGB Plain Srgb (1, 1, 1) [un(8)] [] "X001";
    313 R8G8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8)] [] "XY01";
    314 X6Y10_X6U10X6V10_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 4)] "XYZW";
    315 X4Y12_X4U12X4V12_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 4)] "XYZW";
    316 Y16_U16V16_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 4)] "XYZW";
    317 B8G8R8_UNORM Plain Rgb (1, 1, 1) [un(8), un(8), un(8)] [] "ZYX1";
    318 R3G3B2_UNORM Plain Rgb (1, 1, 1) [un(3), un(3), un(2)] [] "XYZ1";
    319 R4G4B4A4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4), un(4), un(4)] [] "XYZW";
    320 R5G5B5A1_UNORM Plain Rgb (1, 1, 1) [un(5), un(5), un(5), un(1)] [] "XYZW";
    321 R5G6B5_UNORM Plain Rgb (1, 1, 1) [un(5), un(6), un(5)] [] "XYZ1";
    322 Y8_400_UNORM Other Yuv (1, 1, 1) [un(8)] [] "X001";
    323 Y8_U8_V8_444_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(1, 1, 1, 1), plane(1, 1, 1, 1)] "XYZW";
    324 Y8_U8_V8_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 1, 1, 1), plane(2, 1, 1, 1)] "XYZW";
    325 Y8_U8V8_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 1, 1, 2)] "XYZW";
    326 Y8_UNORM Other Yuv (1, 1, 1) [un(8)] [] "X001";
    327 Y8V8Y8U8_422_UNORM Subsampled Yuv (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    328 Z16_UNORM_S8_UINT Plain Zs (1, 1, 1) [un(16), ui(8)] [] "XY__";
    329 Z24_UNORM_S8_UINT_AS_R8G8B8A8 Plain Rgb (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZW";
    330 A1B5G5R5_UINT Plain Rgb (1, 1, 1) [ui(1), ui(5), ui(5), ui(5)] [] "WZYX";
    331 A1B5G5R5_UNORM Plain Rgb (1, 1, 1) [un(1), un(5), un(5), un(5)] [] "WZYX";
    332 A1R5G5B5_UINT Plain Rgb (1, 1, 1) [ui(1), ui(5), ui(5), ui(5)] [] "YZWX";
    333 A1R5G5B5_UNORM Plain Rgb (1, 1, 1) [un(1), un(5), un(5), un(5)] [] "YZWX";
    334 A2B10G10R10_UINT Plain Rgb (1, 1, 1) [ui(2), ui(10), ui(10), ui(10)] [] "WZYX";
    335 A2B10G10R10_UNORM Plain Rgb (1, 1, 1) [un(2), un(10), un(10), un(10)] [] "WZYX";
    336 A2R10G10B10_UINT Plain Rgb (1, 1, 1) [ui(2), ui(10), ui(10), ui(10)] [] "YZWX";
    337 A2R10G10B10_UNORM Plain Rgb (1, 1, 1) [un(2), un(10), un(10), un(10)] [] "YZWX";
    338 A4B4G4R4_UINT Plain Rgb (1, 1, 1) [ui(4), ui(4), ui(4), ui(4)] [] "WZYX";
    339 A4R4G4B4_UINT Plain Rgb (1, 1, 1) [ui(4), ui(4), ui(4), ui(4)] [] "YZWX";
    340 A4R4G4B4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4), un(4), un(4)] [] "YZWX";
    341 A8B8G8R8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8), si(8)] [] "WZYX";
    342 A8B8G8R8_SSCALED Plain Rgb (1, 1, 1) [ss(8), ss(8), ss(8), ss(8)] [] "WZYX";
    343 A8B8G8R8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8), ui(8)] [] "WZYX";
    344 A8B8G8R8_USCALED Plain Rgb (1, 1, 1) [us(8), us(8), us(8), us(8)] [] "WZYX";
    345 A8R8G8B8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8), si(8)] [] "YZWX";
    346 A8R8G8B8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8), sn(8)] [] "YZWX";
    347 A8R8G8B8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8), ui(8)] [] "YZWX";
    348 ASTC_3X3X3 "ASTC_3x3x3" Astc Rgb (3, 3, 3) [un(128)] [] "XYZW";
    349 ASTC_3X3X3_SRGB "ASTC_3x3x3_SRGB" Astc Srgb (3, 3, 3) [un(128)] [] "XYZW";
    350 ASTC_4X3X3 "ASTC_4x3x3" Astc Rgb (4, 3, 3) [un(128)] [] "XYZW";
    351 ASTC_4X3X3_SRGB "ASTC_4x3x3_SRGB" Astc Srgb (4, 3, 3) [un(128)] [] "XYZW";
    352 ASTC_4X4X3 "ASTC_4x4x3" Astc Rgb (4, 4, 3) [un(128)] [] "XYZW";
    353 ASTC_4X4X3_SRGB "ASTC_4x4x3_SRGB" Astc Srgb (4, 4, 3) [un(128)] [] "XYZW";
    354 ASTC_4X4X4 "ASTC_4x4x4" Astc Rgb (4, 4, 4) [un(128)] [] "XYZW";
    355 ASTC_4X4X4_SRGB "ASTC_4x4x4_SRGB" Astc Srgb (4, 4, 4) [un(128)] [] "XYZW";
    356 ASTC_5X4X4 "ASTC_5x4x4" Astc Rgb (5, 4, 4) [un(128)] [] "XYZW";
    357 ASTC_5X4X4_SRGB "ASTC_5x4x4_SRGB" Astc Srgb (5, 4, 4) [un(128)] [] "XYZW";
    358 ASTC_5X5X4 "ASTC_5x5x4" Astc Rgb (5, 5, 4) [un(128)] [] "XYZW";
    359 ASTC_5X5X4_SRGB "ASTC_5x5x4_SRGB" Astc Srgb (5, 5, 4) [un(128)] [] "XYZW";
    360 ASTC_5X5X5 "ASTC_5x5x5" Astc Rgb (5, 5, 5) [un(128)] [] "XYZW";
    361 ASTC_5X5X5_SRGB "ASTC_5x5x5_SRGB" Astc Srgb (5, 5, 5) [un(128)] [] "XYZW";
    362 ASTC_6X5X5 "ASTC_6x5x5" Astc Rgb (6, 5, 5) [un(128)] [] "XYZW";
    363 ASTC_6X5X5_SRGB "ASTC_6x5x5_SRGB" Astc Srgb (6, 5, 5) [un(128)] [] "XYZW";
    364 ASTC_6X6X5 "ASTC_6x6x5" Astc Rgb (6, 6, 5) [un(128)] [] "XYZW";
    365 ASTC_6X6X5_SRGB "ASTC_6x6x5_SRGB" Astc Srgb (6, 6, 5) [un(128)] [] "XYZW";
    366 ASTC_6X6X6 "ASTC_6x6x6" Astc Rgb (6, 6, 6) [un(128)] [] "XYZW";
    367 ASTC_6X6X6_SRGB "ASTC_6x6x6_SRGB" Astc Srgb (6, 6, 6) [un(128)] [] "XYZW";
    368 ATC_RGB Atc Rgb (4, 4, 1) [un(64)] [] "XYZ1";
    369 ATC_RGBA_EXPLICIT Atc Rgb (4, 4, 1) [un(128)] [] "XYZW";
    370 ATC_RGBA_INTERPOLATED Atc Rgb (4, 4, 1) [un(128)] [] "XYZW";
    371 A8Y8U8V8_444_UNORM Other Yuv (1, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZW";
    372 B10G10R10A2_SINT Plain Rgb (1, 1, 1) [si(10), si(10), si(10), si(2)] [] "ZYXW";
    373 B10G10R10X2_SINT Plain Rgb (1, 1, 1) [si(10), si(10), si(10), x(2)] [] "ZYX1";
    374 B10G10R10X2_SNORM Plain Rgb (1, 1, 1) [sn(10), sn(10), sn(10), x(2)] [] "ZYX1";
    375 B2G3R3_UINT Plain Rgb (1, 1, 1) [ui(2), ui(3), ui(3)] [] "ZYX1";
    376 B4G4R4A4_UINT Plain Rgb (1, 1, 1) [ui(4), ui(4), ui(4), ui(4)] [] "ZYXW";
    377 B5G5R5A1_UINT Plain Rgb (1, 1, 1) [ui(5), ui(5), ui(5), ui(1)] [] "ZYXW";
    378 B5G6R5_UINT Plain Rgb (1, 1, 1) [ui(5), ui(6), ui(5)] [] "ZYX1";
    379 B8G8R8A8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8), si(8)] [] "ZYXW";
    380 B8G8R8A8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8), sn(8)] [] "ZYXW";
    381 B8G8R8A8_SSCALED Plain Rgb (1, 1, 1) [ss(8), ss(8), ss(8), ss(8)] [] "ZYXW";
    382 B8G8R8A8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8), ui(8)] [] "ZYXW";
    383 B8G8R8A8_USCALED Plain Rgb (1, 1, 1) [us(8), us(8), us(8), us(8)] [] "ZYXW";
    384 B8G8_R8G8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    385 B8G8R8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8)] [] "ZYX1";
    386 B8G8R8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8)] [] "ZYX1";
    387 B8G8R8_SRGB Plain Srgb (1, 1, 1) [un(8), un(8), un(8)] [] "ZYX1";
    388 B8G8R8_SSCALED Plain Rgb (1, 1, 1) [ss(8), ss(8), ss(8)] [] "ZYX1";
    389 B8G8R8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8)] [] "ZYX1";
    390 B8G8R8_USCALED Plain Rgb (1, 1, 1) [us(8), us(8), us(8)] [] "ZYX1";
    391 B8G8R8X8_SINT Plain Rgb (1, 1, 1) [si(8), si(8), si(8), x(8)] [] "ZYX1";
    392 B8G8R8X8_SNORM Plain Rgb (1, 1, 1) [sn(8), sn(8), sn(8), x(8)] [] "ZYX1";
    393 B8G8R8X8_UINT Plain Rgb (1, 1, 1) [ui(8), ui(8), ui(8), x(8)] [] "ZYX1";
    394 B8R8_G8R8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "YXZ1";
    395 FXT1_RGB Fxt1 Rgb (8, 4, 1) [un(128)] [] "XYZ1";
    396 FXT1_RGBA Fxt1 Rgb (8, 4, 1) [un(128)] [] "XYZW";
    397 G16R16_SINT Plain Rgb (1, 1, 1) [si(16), si(16)] [] "YX01";
    398 G8B8_G8R8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    399 G8_B8_R8_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 1), plane(2, 2, 1, 1)] "XYZW";
    400 G8_B8R8_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 2)] "XYZW";
    401 G8R8_SINT Plain Rgb (1, 1, 1) [si(8), si(8)] [] "YX01";
    402 Y10Y10Y10X2_U10V10U10X2V10U10V10X2_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 3, 4), plane(2, 2, 3, 8)] "XYZW";
    403 R10G10B10A2_SINT Plain Rgb (1, 1, 1) [si(10), si(10), si(10), si(2)] [] "XYZW";
    404 R10G10B10X2_SINT Plain Rgb (1, 1, 1) [si(10), si(10), si(10), x(2)] [] "XYZ1";
    405 R3G3B2_UINT Plain Rgb (1, 1, 1) [ui(3), ui(3), ui(2)] [] "XYZ1";
    406 R4G4B4A4_UINT Plain Rgb (1, 1, 1) [ui(4), ui(4), ui(4), ui(4)] [] "XYZW";
    407 R4G4B4X4_UNORM Plain Rgb (1, 1, 1) [un(4), un(4), un(4), x(4)] [] "XYZ1";
    408 R5G5B5A1_UINT Plain Rgb (1, 1, 1) [ui(5), ui(5), ui(5), ui(1)] [] "XYZW";
    409 R5G5B5X1_UNORM Plain Rgb (1, 1, 1) [un(5), un(5), un(5), x(1)] [] "XYZ1";
    410 R5G6B5_SRGB Plain Srgb (1, 1, 1) [un(5), un(6), un(5)] [] "XYZ1";
    411 R5G6B5_UINT Plain Rgb (1, 1, 1) [ui(5), ui(6), ui(5)] [] "XYZ1";
    412 R64G64B64A64_SINT Plain Rgb (1, 1, 1) [si(64), si(64), si(64), si(64)] [] "XYZW";
    413 R64G64B64A64_UINT Plain Rgb (1, 1, 1) [ui(64), ui(64), ui(64), ui(64)] [] "XYZW";
    414 R64G64B64_SINT Plain Rgb (1, 1, 1) [si(64), si(64), si(64)] [] "XYZ1";
    415 R64G64B64_UINT Plain Rgb (1, 1, 1) [ui(64), ui(64), ui(64)] [] "XYZ1";
    416 R64G64_SINT Plain Rgb (1, 1, 1) [si(64), si(64)] [] "XY01";
    417 R64G64_UINT Plain Rgb (1, 1, 1) [ui(64), ui(64)] [] "XY01";
    418 R64_SINT Plain Rgb (1, 1, 1) [si(64)] [] "X001";
    419 R64_UINT Plain Rgb (1, 1, 1) [ui(64)] [] "X001";
    420 R8_B8_G8_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 1), plane(2, 2, 1, 1)] "XYZW";
    421 R8_B8G8_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 2)] "XYZW";
    422 R8B8_R8G8_422_UNORM Subsampled Rgb (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "YXZ1";
    423 R8_G8_B8_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 1), plane(2, 2, 1, 1)] "XYZW";
    424 R8_G8B8_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 2, 1, 2)] "XYZW";
    425 R8_G8_B8_444_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(1, 1, 1, 1), plane(1, 1, 1, 1)] "XYZW";
    426 V8Y8U8Y8_422_UNORM Subsampled Yuv (2, 1, 1) [un(8), un(8), un(8), un(8)] [] "XYZ1";
    427 X1B5G5R5_UNORM Plain Rgb (1, 1, 1) [x(1), un(5), un(5), un(5)] [] "WZY1";
    428 X1R5G5B5_UNORM Plain Rgb (1, 1, 1) [x(1), un(5), un(5), un(5)] [] "YZW1";
    429 X8Y8U8V8_444_UNORM Other Yuv (1, 1, 1) [x(8), un(8), un(8), un(8)] [] "XYZ1";
    430 X8B8G8R8_SINT Plain Rgb (1, 1, 1) [x(8), si(8), si(8), si(8)] [] "WZY1";
    431 X8R8G8B8_SINT Plain Rgb (1, 1, 1) [x(8), si(8), si(8), si(8)] [] "YZW1";
    432 X8R8G8B8_SNORM Plain Rgb (1, 1, 1) [x(8), sn(8), sn(8), sn(8)] [] "YZW1";
    433 Y16_U16_V16_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 2), plane(2, 2, 1, 2)] "XYZW";
    434 Y16_U16_V16_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 1, 1, 2), plane(2, 1, 1, 2)] "XYZW";
    435 Y16_U16V16_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 1, 1, 4)] "XYZW";
    436 Y16_U16_V16_444_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(1, 1, 1, 2), plane(1, 1, 1, 2)] "XYZW";
    437 X6Y10X6U10X6Y10X6V10_422_UNORM Subsampled Yuv (2, 1, 1) [x(64)] [] "XYZ1";
    438 X4Y12X4U12X4Y12X4V12_422_UNORM Subsampled Yuv (2, 1, 1) [x(64)] [] "XYZ1";
    439 Y16U16Y16V16_422_UNORM Subsampled Yuv (2, 1, 1) [x(64)] [] "XYZ1";
    440 U10Y10V10A2_444_UNORM Other Yuv (1, 1, 1) [un(10), un(10), un(10), un(2)] [] "YZXW";
    441 X4U12X4Y12X4V12X4A12_444_UNORM Other Yuv (1, 1, 1) [un(16), un(16), un(16), un(16)] [] "YZXW";
    442 U16Y16V16A16_444_UNORM Other Yuv (1, 1, 1) [un(16), un(16), un(16), un(16)] [] "YZXW";
    443 Y10_U10V10_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 4, 5), plane(2, 2, 2, 5)] "XYZW";
    444 Y10_U10V10_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 4, 5), plane(2, 1, 2, 5)] "XYZW";
    445 Y8_U8_V8_440_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 1), plane(1, 2, 1, 1), plane(1, 2, 1, 1)] "XYZW";
    446 R10_G10B10_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 4, 5), plane(2, 2, 2, 5)] "XYZW";
    447 R10_G10B10_422_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 4, 5), plane(2, 1, 2, 5)] "XYZW";
    448 X6G10_X6B10X6R10_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 4)] "XYZW";
    449 X4G12_X4B12X4R12_420_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 4)] "XYZW";
    450 X6R10_UNORM Plain Rgb (1, 1, 1) [x(6), un(10)] [] "Y001";
    451 X6R10X6G10_UNORM Plain Rgb (1, 1, 1) [x(6), un(10), x(6), un(10)] [] "YW01";
    452 X4R12_UNORM Plain Rgb (1, 1, 1) [x(4), un(12)] [] "Y001";
    453 X4R12X4G12_UNORM Plain Rgb (1, 1, 1) [x(4), un(12), x(4), un(12)] [] "YW01";
    454 R8_G8B8_422_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 1, 1, 2)] "XYZW";
    455 R8_B8G8_422_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 1, 1, 2)] "XYZW";
    456 G8_B8R8_422_UNORM Planar Rgb (1, 1, 1) [] [plane(1, 1, 1, 1), plane(2, 1, 1, 2)] "XYZW";
    457 ASTC_4X4_FLOAT "ASTC_4x4_FLOAT" Astc Rgb (4, 4, 1) [f(128)] [] "XYZW";
    458 ASTC_5X4_FLOAT "ASTC_5x4_FLOAT" Astc Rgb (5, 4, 1) [f(128)] [] "XYZW";
    459 ASTC_5X5_FLOAT "ASTC_5x5_FLOAT" Astc Rgb (5, 5, 1) [f(128)] [] "XYZW";
    460 ASTC_6X5_FLOAT "ASTC_6x5_FLOAT" Astc Rgb (6, 5, 1) [f(128)] [] "XYZW";
    461 ASTC_6X6_FLOAT "ASTC_6x6_FLOAT" Astc Rgb (6, 6, 1) [f(128)] [] "XYZW";
    462 ASTC_8X5_FLOAT "ASTC_8x5_FLOAT" Astc Rgb (8, 5, 1) [f(128)] [] "XYZW";
    463 ASTC_8X6_FLOAT "ASTC_8x6_FLOAT" Astc Rgb (8, 6, 1) [f(128)] [] "XYZW";
    464 ASTC_8X8_FLOAT "ASTC_8x8_FLOAT" Astc Rgb (8, 8, 1) [f(128)] [] "XYZW";
    465 ASTC_10X5_FLOAT "ASTC_10x5_FLOAT" Astc Rgb (10, 5, 1) [f(128)] [] "XYZW";
    466 ASTC_10X6_FLOAT "ASTC_10x6_FLOAT" Astc Rgb (10, 6, 1) [f(128)] [] "XYZW";
    467 ASTC_10X8_FLOAT "ASTC_10x8_FLOAT" Astc Rgb (10, 8, 1) [f(128)] [] "XYZW";
    468 ASTC_10X10_FLOAT "ASTC_10x10_FLOAT" Astc Rgb (10, 10, 1) [f(128)] [] "XYZW";
    469 ASTC_12X10_FLOAT "ASTC_12x10_FLOAT" Astc Rgb (12, 10, 1) [f(128)] [] "XYZW";
    470 ASTC_12X12_FLOAT "ASTC_12x12_FLOAT" Astc Rgb (12, 12, 1) [f(128)] [] "XYZW";
    471 Y8U8V8_420_UNORM_PACKED Subsampled Yuv (2, 2, 1) [x(48)] [] "XYZW";
    472 Y10U10V10_420_UNORM_PACKED Subsampled Yuv (4, 2, 1) [x(120)] [] "XYZW";
    473 R8G8B8_420_UNORM_PACKED Subsampled Rgb (2, 2, 1) [x(48)] [] "XYZ1";
    474 R10G10B10_420_UNORM_PACKED Subsampled Rgb (4, 2, 1) [x(120)] [] "XYZ1";
    475 Y10X6_U10X6_V10X6_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 2), plane(2, 2, 1, 2)] "XYZW";
    476 Y10X6_U10X6_V10X6_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 1, 1, 2), plane(2, 1, 1, 2)] "XYZW";
    477 Y10X6_U10X6_V10X6_444_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(1, 1, 1, 2), plane(1, 1, 1, 2)] "XYZW";
    478 Y12X4_U12X4_V12X4_420_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 2, 1, 2), plane(2, 2, 1, 2)] "XYZW";
    479 Y12X4_U12X4_V12X4_422_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(2, 1, 1, 2), plane(2, 1, 1, 2)] "XYZW";
    480 Y12X4_U12X4_V12X4_444_UNORM Planar Yuv (1, 1, 1) [] [plane(1, 1, 1, 2), plane(1, 1, 1, 2), plane(1, 1, 1, 2)] "XYZW";
}

/// Formats with sRGB's transfer function, each with the format that differs in nothing else.
pub(crate) const SRGB_PAIRS: &[(Format, Format)] = &[
    (Format::L8_SRGB, Format::L8_UNORM),
    (Format::L8A8_SRGB, Format::L8A8_UNORM),
    (Format::R8G8B8_SRGB, Format::R8G8B8_UNORM),
    (Format::A8B8G8R8_SRGB, Format::A8B8G8R8_UNORM),
    (Format::X8B8G8R8_SRGB, Format::X8B8G8R8_UNORM),
    (Format::B8G8R8A8_SRGB, Format::B8G8R8A8_UNORM),
    (Format::B8G8R8X8_SRGB, Format::B8G8R8X8_UNORM),
    (Format::A8R8G8B8_SRGB, Format::A8R8G8B8_UNORM),
    (Format::X8R8G8B8_SRGB, Format::X8R8G8B8_UNORM),
    (Format::R8G8B8A8_SRGB, Format::R8G8B8A8_UNORM),
    (Format::DXT1_SRGB, Format::DXT1_RGB),
    (Format::DXT1_SRGBA, Format::DXT1_RGBA),
    (Format::DXT3_SRGBA, Format::DXT3_RGBA),
    (Format::DXT5_SRGBA, Format::DXT5_RGBA),
    (Format::R8G8B8X8_SRGB, Format::R8G8B8X8_UNORM),
    (Format::B5G6R5_SRGB, Format::B5G6R5_UNORM),
    (Format::BPTC_SRGBA, Format::BPTC_RGBA_UNORM),
    (Format::ETC2_SRGB8, Format::ETC2_RGB8),
    (Format::ETC2_SRGB8A1, Format::ETC2_RGB8A1),
    (Format::ETC2_SRGBA8, Format::ETC2_RGBA8),
    (Format::ASTC_4X4_SRGB, Format::ASTC_4X4),
    (Format::ASTC_5X4_SRGB, Format::ASTC_5X4),
    (Format::ASTC_5X5_SRGB, Format::ASTC_5X5),
    (Format::ASTC_6X5_SRGB, Format::ASTC_6X5),
    (Format::ASTC_6X6_SRGB, Format::ASTC_6X6),
    (Format::ASTC_8X5_SRGB, Format::ASTC_8X5),
    (Format::ASTC_8X6_SRGB, Format::ASTC_8X6),
    (Format::ASTC_8X8_SRGB, Format::ASTC_8X8),
    (Format::ASTC_10X5_SRGB, Format::ASTC_10X5),
    (Format::ASTC_10X6_SRGB, Format::ASTC_10X6),
    (Format::ASTC_10X8_SRGB, Format::ASTC_10X8),
    (Format::ASTC_10X10_SRGB, Format::ASTC_10X10),
    (Format::ASTC_12X10_SRGB, Format::ASTC_12X10),
    (Format::ASTC_12X12_SRGB, Format::ASTC_12X12),
    (Format::R8_SRGB, Format::R8_UNORM),
    (Format::R8G8_SRGB, Format::R8G8_UNORM),
    (Format::ASTC_3X3X3_SRGB, Format::ASTC_3X3X3),
    (Format::ASTC_4X3X3_SRGB, Format::ASTC_4X3X3),
    (Format::ASTC_4X4X3_SRGB, Format::ASTC_4X4X3),
    (Format::ASTC_4X4X4_SRGB, Format::ASTC_4X4X4),
    (Format::ASTC_5X4X4_SRGB, Format::ASTC_5X4X4),
    (Format::ASTC_5X5X4_SRGB, Format::ASTC_5X5X4),
    (Format::ASTC_5X5X5_SRGB, Format::ASTC_5X5X5),
    (Format::ASTC_6X5X5_SRGB, Format::ASTC_6X5X5),
    (Format::ASTC_6X6X5_SRGB, Format::ASTC_6X6X5),
    (Format::ASTC_6X6X6_SRGB, Format::ASTC_6X6X6),
    (Format::B8G8R8_SRGB, Format::B8G8R8_UNORM),
    (Format::R5G6B5_SRGB, Format::R5G6B5_UNORM),
];

/// What a format without a row would be. There is none: [`Format`] is only made of rows.
pub(crate) static MISSING: Description = Description {
    name: "NONE",
    layout: Layout::Other,
    color_space: ColorSpace::Rgb,
    block: block((1, 1, 1), &[us(8)]),
    channels: &[us(8)],
    planes: &[],
    swizzle: swizzle("X001"),
};

const fn channel(kind: ChannelKind, bits: u8) -> Channel {
    Channel { kind, bits }
}

const fn x(bits: u8) -> Channel {
    channel(ChannelKind::Void, bits)
}

const fn un(bits: u8) -> Channel {
    channel(ChannelKind::Unorm, bits)
}

const fn sn(bits: u8) -> Channel {
    channel(ChannelKind::Snorm, bits)
}

const fn us(bits: u8) -> Channel {
    channel(ChannelKind::Uscaled, bits)
}

const fn ss(bits: u8) -> Channel {
    channel(ChannelKind::Sscaled, bits)
}

const fn ui(bits: u8) -> Channel {
    channel(ChannelKind::Uint, bits)
}

const fn si(bits: u8) -> Channel {
    channel(ChannelKind::Sint, bits)
}

const fn f(bits: u8) -> Channel {
    channel(ChannelKind::Float, bits)
}

const fn fx(bits: u8) -> Channel {
    channel(ChannelKind::Fixed, bits)
}

const fn plane(width_divisor: u8, height_divisor: u8, block_width: u8, block_bytes: u8) -> Plane {
    Plane {
        width_divisor,
        height_divisor,
        block_width,
        block_bytes,
    }
}

const fn block((width, height, depth): (u8, u8, u8), channels: &[Channel]) -> Block {
    let mut bits = 0u32;
    let mut index = 0;
    while index < channels.len() {
        bits += channels[index].bits as u32;
        index += 1;
    }
    assert!(bits.is_multiple_of(8), "blocks are whole bytes");
    Block {
        width,
        height,
        depth,
        bytes: (bits / 8) as u8,
    }
}

const fn name(constant: &'static str, other: &[&'static str]) -> &'static str {
    match other {
        [name] => name,
        _ => constant,
    }
}

pub(crate) const fn swizzle(letters: &str) -> [Swizzle; 4] {
    let letters = letters.as_bytes();
    let mut swizzle = [Swizzle::None; 4];
    let mut index = 0;
    while index < 4 {
        swizzle[index] = match letters[index] {
            b'X' => Swizzle::X,
            b'Y' => Swizzle::Y,
            b'Z' => Swizzle::Z,
            b'W' => Swizzle::W,
            b'0' => Swizzle::Zero,
            b'1' => Swizzle::One,
            b'_' => Swizzle::None,
            _ => panic!("not a swizzle"),
        };
        index += 1;
    }
    swizzle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_constant_has_its_row() {
        assert_eq!(CONSTANTS.len(), 467);
        assert_eq!(Format::all().count(), CONSTANTS.len());
        for format in CONSTANTS {
            assert_eq!(Format::from_wire(format.to_wire()), Some(*format));
            assert_ne!(format.description(), &MISSING);
            assert_eq!(Format::from_name(format.name()), Some(*format));
        }
        for hole in [
            0,
            73,
            78,
            86,
            259,
            262,
            307,
            309,
            310,
            481,
            0x1_0001,
            u32::MAX,
        ] {
            assert_eq!(Format::from_wire(hole), None, "{hole}");
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = Format::all().map(Format::name).collect();
        assert_eq!(names.len(), Format::all().count());
    }

    #[test]
    fn swizzles_name_channels_that_exist() {
        for format in Format::all() {
            let description = format.description();
            if description.layout != Layout::Plain {
                continue;
            }
            for channel in description.swizzle.iter().filter_map(|s| s.channel()) {
                let channel = description.channels.get(channel);
                let kind = channel.map(|channel| channel.kind);
                assert!(
                    kind.is_some_and(|kind| kind != ChannelKind::Void),
                    "{format}"
                );
            }
        }
    }

    /// The digits in the name of a plain format are the bits of its channels.
    #[test]
    fn names_agree_with_channels() {
        for format in Format::all() {
            let description = format.description();
            let (name, _) = format
                .name()
                .split_once("_AS_")
                .unwrap_or((format.name(), ""));
            if description.layout != Layout::Plain {
                continue;
            }
            let digits = name.split(|c: char| !c.is_ascii_digit());
            let in_name: u32 = digits.filter_map(|n| n.parse::<u32>().ok()).sum();
            let bits: u32 = description.channels.iter().map(|c| u32::from(c.bits)).sum();
            assert_eq!(in_name, bits, "{format}");
            assert_eq!(bits, u32::from(description.block.bytes) * 8, "{format}");
        }
    }

    #[test]
    fn planes_and_channels_exclude_each_other() {
        for format in Format::all() {
            let description = format.description();
            let planar = description.layout == Layout::Planar;
            assert_eq!(planar, !description.planes.is_empty(), "{format}");
            assert_eq!(planar, description.channels.is_empty(), "{format}");
            assert_eq!(planar, description.block.bytes == 0, "{format}");
        }
    }

    #[test]
    fn srgb_pairs_differ_in_colour_space_alone() {
        let srgb = Format::all().filter(|format| format.is_srgb());
        for format in srgb {
            let (srgb, linear) = (format.description(), format.linear().description());
            assert_eq!(linear.color_space, ColorSpace::Rgb, "{format}");
            assert_eq!(srgb.block, linear.block, "{format}");
            assert_eq!(srgb.channels, linear.channels, "{format}");
            assert_eq!(srgb.swizzle, linear.swizzle, "{format}");
            assert_eq!(format.linear().srgb(), Some(format));
        }
        assert_eq!(Format::Z16_UNORM.srgb(), None);
    }

    #[test]
    fn known_formats() {
        let bgra = Format::B8G8R8A8_UNORM.description();
        assert_eq!(Format::B8G8R8A8_UNORM.to_wire(), 1);
        assert_eq!(bgra.block.bytes, 4);
        assert_eq!(bgra.component(0), Some(un(8)));
        assert_eq!(bgra.swizzle, swizzle("ZYXW"));
        assert!(bgra.has_alpha() && !Format::B8G8R8X8_UNORM.description().has_alpha());
        let depth_stencil = Format::S8_UINT_Z24_UNORM.description();
        assert!(depth_stencil.has_depth() && depth_stencil.has_stencil());
        assert_eq!(depth_stencil.channel_shift(1), Some(8));
        assert_eq!(depth_stencil.channel_shift(2), None);
        assert!(!Format::X24S8_UINT.description().has_depth());
        assert!(!Format::Z24X8_UNORM.description().has_stencil());
        assert!(Format::R32G32_SINT.description().is_integer());
        assert!(Format::R11G11B10_FLOAT.description().is_float());
        assert!(Format::BPTC_RGB_UFLOAT.description().layout.is_compressed());
        assert_eq!(Format::R8G8BX_SNORM.name(), "R8G8Bx_SNORM");
        assert_eq!(Format::Y12X4_U12X4_V12X4_444_UNORM.to_wire(), 480);
    }
}
