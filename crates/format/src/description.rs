use crate::{Channel, ChannelKind, Swizzle};

/// What a format is, as its row of the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// The name without `VIRGL_FORMAT_`.
    pub name: &'static str,
    /// The family.
    pub layout: Layout,
    /// What the components are.
    pub color_space: ColorSpace,
    /// The block; for planar formats one pixel of no bytes.
    pub block: Block,
    /// The channels of a block, lowest bits first; for compressed formats one, as long as
    /// the block and of the kind that decoding gives. None for planar formats.
    pub channels: &'static [Channel],
    /// The planes of a planar format; empty for all others.
    pub planes: &'static [Plane],
    /// Red, green, blue and alpha; of depth-stencil formats depth and stencil.
    pub swizzle: [Swizzle; 4],
}

/// The smallest unit that can be addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// In pixels.
    pub width: u8,
    /// In pixels.
    pub height: u8,
    /// In pixels.
    pub depth: u8,
    /// In bytes.
    pub bytes: u8,
}

/// One plane of a planar format: subsampled, and in blocks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plane {
    /// Pixels of the image across one sample of the plane.
    pub width_divisor: u8,
    /// Pixels of the image down one sample of the plane.
    pub height_divisor: u8,
    /// Samples that are packed together, in a row.
    pub block_width: u8,
    /// Bytes of samples packed together.
    pub block_bytes: u8,
}

/// The families of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One pixel a block, up to four channels one behind the other.
    Plain,
    /// Several pixels share their chroma in one block.
    Subsampled,
    /// Two or three planes.
    Planar,
    /// One pixel or a few a block, by a rule of the format's own.
    Other,
    /// S3 texture compression (DXT).
    S3tc,
    /// Red-green texture compression, and its luminance-alpha twin LATC.
    Rgtc,
    /// BPTC (BC6H and BC7).
    Bptc,
    /// Ericsson texture compression 1.
    Etc1,
    /// Ericsson texture compression 2 and EAC.
    Etc2,
    /// Adaptive scalable texture compression, 2D and 3D.
    Astc,
    /// AMD's compression for hand-held devices.
    Atc,
    /// 3dfx's compression.
    Fxt1,
}

impl Layout {
    /// Whether pixels are compressed, so that only whole blocks can be copied.
    pub const fn is_compressed(self) -> bool {
        !matches!(
            self,
            Self::Plain | Self::Subsampled | Self::Planar | Self::Other
        )
    }
}

/// What the components of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorSpace {
    /// Linear colour.
    Rgb,
    /// Colour with sRGB's transfer function; alpha is linear.
    Srgb,
    /// Luma and chroma.
    Yuv,
    /// Depth and stencil.
    Zs,
}

impl Description {
    /// Bits below channel `index` in the block. None if there is no such channel.
    pub fn channel_shift(&self, index: usize) -> Option<u32> {
        let below = self.channels.get(..index)?;
        self.channels.get(index)?;
        Some(below.iter().map(|channel| u32::from(channel.bits)).sum())
    }

    /// The channel that component `index` (0 is red, or depth) comes from.
    pub fn component(&self, index: usize) -> Option<Channel> {
        let channel = self.swizzle.get(index)?.channel()?;
        self.channels.get(channel).copied()
    }

    /// Whether the format holds depth.
    pub fn has_depth(&self) -> bool {
        matches!(self.color_space, ColorSpace::Zs) && self.component(0).is_some()
    }

    /// Whether the format holds stencil.
    pub fn has_stencil(&self) -> bool {
        matches!(self.color_space, ColorSpace::Zs) && self.component(1).is_some()
    }

    /// Whether alpha is stored, and not always 1.
    pub fn has_alpha(&self) -> bool {
        let [_, _, _, alpha] = self.swizzle;
        !matches!(self.color_space, ColorSpace::Zs) && alpha.channel().is_some()
    }

    /// Whether a shader reads colour through an integer sampler.
    pub fn is_integer(&self) -> bool {
        !matches!(self.color_space, ColorSpace::Zs)
            && self
                .channels
                .iter()
                .any(|channel| channel.kind.is_integer())
    }

    /// Whether colour or depth is floating point.
    pub fn is_float(&self) -> bool {
        let float = |channel: &Channel| matches!(channel.kind, ChannelKind::Float);
        self.channels.iter().any(float)
    }
}
