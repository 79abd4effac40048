//! How single values lie in words; everything else is made of these.

use wire::{ParseError, Reader, Writer};

/// A value with a place in the stream.
pub(crate) trait Wire: Sized {
    /// Takes the value off the front.
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError>;

    /// Appends the value.
    fn encode(&self, writer: &mut Writer);
}

impl Wire for u32 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u32()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(*self);
    }
}

impl Wire for i32 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.i32()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.i32(*self);
    }
}

impl Wire for u64 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u64()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u64(*self);
    }
}

impl Wire for f32 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.f32()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.f32(*self);
    }
}

impl Wire for f64 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.f64()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.f64(*self);
    }
}

/// A word of which only zero is false.
impl Wire for bool {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u32().map(|word| word != 0)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32((*self).into());
    }
}

impl<T: Wire + Copy + Default, const N: usize> Wire for [T; N] {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let mut values = [T::default(); N];
        for value in &mut values {
            *value = T::parse(reader)?;
        }
        Ok(values)
    }

    fn encode(&self, writer: &mut Writer) {
        for value in self {
            value.encode(writer);
        }
    }
}

/// Takes the values that fill the rest of a payload, into slots from `start` on.
pub(crate) fn parse_slots<T: Wire>(
    reader: &mut Reader<'_>,
    what: &'static str,
    start: u32,
    limit: u32,
) -> Result<Vec<T>, ParseError> {
    let mut values = Vec::new();
    let mut end = start;
    check_limit(what, end, limit)?;
    while reader.remaining() > 0 {
        end = end.saturating_add(1);
        check_limit(what, end, limit)?;
        values.push(T::parse(reader)?);
    }
    Ok(values)
}

pub(crate) fn encode_all<T: Wire>(values: &[T], writer: &mut Writer) {
    for value in values {
        value.encode(writer);
    }
}

pub(crate) fn check_limit(what: &'static str, got: u32, limit: u32) -> Result<u32, ParseError> {
    match got <= limit {
        true => Ok(got),
        false => Err(ParseError::Limit {
            what,
            limit: limit.into(),
            got: got.into(),
        }),
    }
}

/// The `count` bits of `word` from bit `shift` on.
pub(crate) const fn bits(word: u32, shift: u32, count: u32) -> u32 {
    (word >> shift) & ((1 << count) - 1)
}

/// Puts the low `count` bits of `value` at bit `shift`.
pub(crate) const fn place(value: u32, shift: u32, count: u32) -> u32 {
    (value & ((1 << count) - 1)) << shift
}

/// The low and the high half of a word.
pub(crate) const fn halves(word: u32) -> (u16, u16) {
    (word as u16, (word >> 16) as u16)
}

/// A word of two halves.
pub(crate) const fn word_of((low, high): (u16, u16)) -> u32 {
    low as u32 | (high as u32) << 16
}

/// A struct whose fields follow each other in the stream as they do in the source.
macro_rules! payload {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $($(#[$field_attribute:meta])* pub $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_attribute])* pub $field: $type,)*
        }

        impl $crate::codec::Wire for $name {
            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, ::wire::ParseError> {
                Ok(Self { $($field: $crate::codec::Wire::parse(reader)?,)* })
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                $($crate::codec::Wire::encode(&self.$field, writer);)*
            }
        }
    )*};
}

/// A closed set of numbers. The first variant given is the default.
macro_rules! numbers {
    ($(
        $(#[$attribute:meta])*
        pub enum $name:ident $what:literal {
            $($number:literal $variant:ident $wire:literal,)*
        }
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum $name {
            $(#[doc = concat!("`", $wire, "`")] $variant = $number,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The value with this number.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The number on the wire.
            pub const fn number(self) -> u32 {
                self as u32
            }

            #[allow(dead_code, reason = "not every set is read from a word of its own")]
            pub(crate) fn parse_number(number: u32) -> Result<Self, ::wire::ParseError> {
                Self::from_number(number).ok_or(::wire::ParseError::BadValue {
                    what: $what,
                    value: number.into(),
                })
            }
        }

        impl $crate::codec::Wire for $name {
            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, ::wire::ParseError> {
                Self::parse_number(reader.u32()?)
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                writer.u32(self.number());
            }
        }
    )*};
}

/// Bit sets that are a word; bits without a name are dropped on parsing.
macro_rules! flag_words {
    ($($name:ident,)*) => {$(
        impl $crate::codec::Wire for $name {
            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, ::wire::ParseError> {
                reader.u32().map(Self::from_bits_truncate)
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                writer.u32(self.bits());
            }
        }
    )*};
}

pub(crate) use {flag_words, numbers, payload};
