//! How the structures in a buffer lie: as a C compiler lays them out, not in words.

use wire::{Guest, ParseError, Reader, Writer};

use crate::codec::check_limit;
use crate::ids::VideoBufferId;

/// A value with a place in a C structure.
pub(crate) trait Layout: Sized {
    /// Bytes that it takes.
    const SIZE: usize;

    /// Takes the value off the front.
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError>;

    /// Appends the value.
    fn encode(&self, writer: &mut Writer);
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl Layout for $type {
            const SIZE: usize = size_of::<$type>();

            fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
                reader.array().map(Self::from_le_bytes)
            }

            fn encode(&self, writer: &mut Writer) {
                writer.bytes(&self.to_le_bytes());
            }
        }
    )*};
}

integers!(u8 i8 u16 i16 u32 i32);

/// A byte of which only zero is false.
impl Layout for bool {
    const SIZE: usize = 1;

    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u8().map(|byte| byte != 0)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u8((*self).into());
    }
}

impl<T: Layout + Copy, const N: usize> Layout for [T; N] {
    const SIZE: usize = N * T::SIZE;

    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let mut values = [T::parse(reader)?; N];
        for value in values.iter_mut().skip(1) {
            *value = T::parse(reader)?;
        }
        Ok(values)
    }

    fn encode(&self, writer: &mut Writer) {
        self.iter().for_each(|value| value.encode(writer));
    }
}

impl<const N: usize> Layout for Guest<[u8; N]> {
    const SIZE: usize = N;

    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.array().map(Self::new)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_inner());
    }
}

impl Layout for Option<VideoBufferId> {
    const SIZE: usize = u32::SIZE;

    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u32().map(VideoBufferId::new)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.map_or(0, VideoBufferId::number));
    }
}

/// A field of some bits in a word.
pub(crate) trait BitField: Copy {
    fn from_bits(bits: u32) -> Self;
    fn to_bits(self) -> u32;
}

impl BitField for bool {
    fn from_bits(bits: u32) -> Self {
        bits != 0
    }

    fn to_bits(self) -> u32 {
        self.into()
    }
}

impl BitField for u8 {
    fn from_bits(bits: u32) -> Self {
        bits as Self
    }

    fn to_bits(self) -> u32 {
        self.into()
    }
}

/// Structures in a buffer. A field may be a truth that takes more than a byte (`as u32`), have
/// a limit (`=> ..=LIMIT`), and have bytes without meaning behind it (`; N unused`), which
/// hold whatever the guest's stack held. `check` is for what takes more than one field to tell.
/// Each field's documentation begins with its name; where the protocol's differs in more than
/// its case, it says so.
macro_rules! structures {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $(
                $(#[$field_attribute:meta])*
                pub $field:ident: $type:ty $(as $word:ident)? $(=> ..=$limit:expr)?
                    $(; $unused:literal unused)?,
            )*
        }
        $(check $check:ident;)?
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "`")]
                $(#[$field_attribute])*
                pub $field: $type,
            )*
        }

        impl $crate::picture::layout::Layout for $name {
            const SIZE: usize = 0 $(
                + $crate::picture::layout::size!($type $(, $word)?)
                $(+ $unused)?
            )*;

            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, ::wire::ParseError> {
                $(
                    let $field = $crate::picture::layout::read!(reader, $type $(, $word)?);
                    $($crate::codec::check_limit(stringify!($field), $field.into(), $limit)?;)?
                    $(reader.skip($unused)?;)?
                )*
                let this = Self { $($field,)* };
                $(this.$check()?;)?
                Ok(this)
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                $(
                    $crate::picture::layout::write!(writer, self.$field $(, $word)?);
                    $(writer.zeros($unused);)?
                )*
            }
        }
    )*};
}

macro_rules! read {
    ($reader:ident, $type:ty) => {
        <$type as $crate::picture::layout::Layout>::parse($reader)?
    };
    ($reader:ident, $type:ty, $word:ident) => {
        <$word as $crate::picture::layout::Layout>::parse($reader)? != 0
    };
}

macro_rules! size {
    ($type:ty) => {
        <$type as $crate::picture::layout::Layout>::SIZE
    };
    ($type:ty, $word:ident) => {
        <$word as $crate::picture::layout::Layout>::SIZE
    };
}

macro_rules! write {
    ($writer:ident, $value:expr) => {
        $crate::picture::layout::Layout::encode(&$value, $writer)
    };
    ($writer:ident, $value:expr, $word:ident) => {
        $crate::picture::layout::Layout::encode(&$word::from($value), $writer)
    };
}

/// Structures of bit fields, the first in the lowest bits of a word, as C packs them on the
/// machines that virgl runs on. Bits without a name are passed over.
macro_rules! bit_fields {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident: $word:ident {
            $($(#[$field_attribute:meta])* pub $field:ident: $type:ty = $width:literal,)*
        }
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "`")]
                $(#[$field_attribute])*
                pub $field: $type,
            )*
        }

        impl $crate::picture::layout::Layout for $name {
            const SIZE: usize = size_of::<$word>();

            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, ::wire::ParseError> {
                use $crate::picture::layout::{BitField, Layout};
                let mut word = u32::from(<$word as Layout>::parse(reader)?);
                $(
                    let $field = BitField::from_bits($crate::codec::bits(word, 0, $width));
                    word >>= $width;
                )*
                let _without_a_name = word;
                Ok(Self { $($field,)* })
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                use $crate::picture::layout::{BitField, Layout};
                let mut word = 0;
                let mut at = 0;
                $(
                    word |= $crate::codec::place(BitField::to_bits(self.$field), at, $width);
                    at += $width;
                )*
                let _width = at;
                Layout::encode(&(word as $word), writer);
            }
        }
    )*};
}

/// Closed sets whose number takes a byte.
macro_rules! byte_numbers {
    ($($name:ident,)*) => {$(
        impl $crate::picture::layout::Layout for $name {
            const SIZE: usize = 1;

            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, ::wire::ParseError> {
                Self::parse_number(reader.u8()?.into())
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                writer.u8(self.number() as u8);
            }
        }
    )*};
}

pub(crate) use {bit_fields, byte_numbers, read, size, structures, write};

/// At most `N` values: a count, then room for all. What lies in the rest of the room is passed
/// over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpTo<T, const N: usize>(Vec<T>);

impl<T, const N: usize> UpTo<T, N> {
    /// These values; `None` if there are more than `N`.
    pub fn new(values: Vec<T>) -> Option<Self> {
        (values.len() <= N).then_some(Self(values))
    }

    /// The values.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T: Layout, const N: usize> Layout for UpTo<T, N> {
    const SIZE: usize = u32::SIZE + N * T::SIZE;

    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let mut room = Reader::new(reader.bytes(Self::SIZE)?);
        let count = check_limit("slices of a picture", room.u32()?, N as u32)?;
        let values = (0..count).map(|_| T::parse(&mut room));
        values.collect::<Result<_, _>>().map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.0.len() as u32);
        self.0.iter().for_each(|value| value.encode(writer));
        let room = N.saturating_sub(self.0.len());
        writer.zeros(room.saturating_mul(T::SIZE));
    }
}
