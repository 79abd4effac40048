//! How single values lie in a message; everything else is made of these.

use wire::{ParseError, Reader, Writer};

use crate::Fault;

/// A value with a place in a message.
pub(crate) trait Wire: Sized {
    /// Takes the value off the front.
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault>;

    /// Appends the value.
    fn encode(&self, writer: &mut Writer);
}

impl Wire for u32 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(reader.u32()?)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(*self);
    }
}

impl Wire for u64 {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(reader.u64()?)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u64(*self);
    }
}

impl<T: Wire + Copy + Default, const N: usize> Wire for [T; N] {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
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

/// A word that nobody reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Padding;

impl Wire for Padding {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        reader.skip(4)?;
        Ok(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(0);
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

/// A length as a message's word; what is longer than the protocol's limits is refused when read.
pub(crate) fn word_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A struct whose fields follow each other in the message as they do in the source, and how many
/// words of padding follow.
macro_rules! payload {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident + $padding:literal {
            $($(#[$field_attribute:meta])* pub $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_attribute])* pub $field: $type,)*
        }

        impl $crate::codec::Wire for $name {
            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, $crate::Fault> {
                let value = Self { $($field: $crate::codec::Wire::parse(reader)?,)* };
                <[$crate::codec::Padding; $padding]>::parse(reader)?;
                Ok(value)
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                $($crate::codec::Wire::encode(&self.$field, writer);)*
                [$crate::codec::Padding; $padding].encode(writer);
            }
        }
    )*};
}

/// A closed set of numbers.
macro_rules! numbers {
    ($(
        $(#[$attribute:meta])*
        pub enum $name:ident $what:literal {
            $($number:literal $variant:ident $wire:literal,)*
        }
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

            /// The header's name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)*
                }
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
            fn parse(reader: &mut ::wire::Reader<'_>) -> Result<Self, $crate::Fault> {
                Ok(Self::parse_number(reader.u32()?)?)
            }

            fn encode(&self, writer: &mut ::wire::Writer) {
                writer.u32(self.number());
            }
        }
    )*};
}

pub(crate) use {numbers, payload};
