/// How the bits of a channel become a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// Padding, read as nothing.
    Void,
    /// Unsigned, read as 0 to 1.
    Unorm,
    /// Signed, read as -1 to 1.
    Snorm,
    /// Unsigned, read as a float of the same value.
    Uscaled,
    /// Signed, read as a float of the same value.
    Sscaled,
    /// Unsigned, read as an integer.
    Uint,
    /// Signed, read as an integer.
    Sint,
    /// Floating point.
    Float,
    /// Signed fixed point, half of the bits behind the point.
    Fixed,
}

impl ChannelKind {
    /// Whether a shader reads it through an integer sampler.
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::Uint | Self::Sint)
    }

    /// Whether it holds negative values. `Float` counts as signed.
    pub const fn is_signed(self) -> bool {
        matches!(
            self,
            Self::Snorm | Self::Sscaled | Self::Sint | Self::Float | Self::Fixed
        )
    }
}

/// A run of bits in a block, from the lowest bit of the lowest byte upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Channel {
    /// What the bits mean.
    pub kind: ChannelKind,
    /// How many they are.
    pub bits: u8,
}

/// Where a component (red, green, blue, alpha; depth, stencil) is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Swizzle {
    /// The first channel.
    X,
    /// The second channel.
    Y,
    /// The third channel.
    Z,
    /// The fourth channel.
    W,
    /// The number 0.
    Zero,
    /// The number 1.
    One,
    /// The component does not exist.
    None,
}

impl Swizzle {
    /// The index of the channel that it names.
    pub const fn channel(self) -> Option<usize> {
        match self {
            Self::X => Some(0),
            Self::Y => Some(1),
            Self::Z => Some(2),
            Self::W => Some(3),
            Self::Zero | Self::One | Self::None => None,
        }
    }
}
