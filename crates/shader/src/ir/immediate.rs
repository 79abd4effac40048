//! Constants in the text.

use super::ImmediateType;

/// The value of one register of [`super::File::Immediate`].
///
/// Floating-point values are their bits, so that equality is equality of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Immediate {
    /// `FLT32`, as bits.
    Float([u32; 4]),
    /// `UINT32`.
    Uint([u32; 4]),
    /// `INT32`.
    Int([i32; 4]),
    /// `FLT64`, as bits.
    Double([u64; 2]),
    /// `UINT64`.
    Uint64([u64; 2]),
    /// `INT64`.
    Int64([i64; 2]),
}

impl Immediate {
    /// How its numbers are spelled.
    pub const fn kind(self) -> ImmediateType {
        match self {
            Self::Float(_) => ImmediateType::Flt32,
            Self::Uint(_) => ImmediateType::Uint32,
            Self::Int(_) => ImmediateType::Int32,
            Self::Double(_) => ImmediateType::Flt64,
            Self::Uint64(_) => ImmediateType::Uint64,
            Self::Int64(_) => ImmediateType::Int64,
        }
    }

    /// The four components' bits. The low half of a 64-bit value comes first.
    pub fn components(self) -> [u32; 4] {
        match self {
            Self::Float(bits) | Self::Uint(bits) => bits,
            Self::Int(values) => values.map(i32::cast_unsigned),
            Self::Double(values) | Self::Uint64(values) => halves(values),
            Self::Int64(values) => halves(values.map(i64::cast_unsigned)),
        }
    }
}

fn halves([first, second]: [u64; 2]) -> [u32; 4] {
    let low = |value: u64| (value & u64::from(u32::MAX)) as u32;
    let high = |value: u64| (value >> 32) as u32;
    [low(first), high(first), low(second), high(second)]
}
