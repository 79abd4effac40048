//! What commands name things by.

use std::num::NonZeroU32;

use wire::{ParseError, Reader, Writer};

use crate::codec::Wire;

macro_rules! ids {
    ($($(#[$attribute:meta])* $name:ident $what:literal,)*) => {$(
        $(#[$attribute])*
        ///
        /// Never 0, which means none: `Option` of it is one word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id with this number; none for 0.
            pub const fn new(number: u32) -> Option<Self> {
                match NonZeroU32::new(number) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// The number on the wire.
            pub const fn number(self) -> u32 {
                self.0.get()
            }
        }

        impl Wire for $name {
            fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
                let number = reader.u32()?;
                Self::new(number).ok_or(ParseError::BadValue { what: $what, value: 0 })
            }

            fn encode(&self, writer: &mut Writer) {
                writer.u32(self.number());
            }
        }

        impl Wire for Option<$name> {
            fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
                reader.u32().map($name::new)
            }

            fn encode(&self, writer: &mut Writer) {
                writer.u32(self.map_or(0, $name::number));
            }
        }
    )*};
}

ids! {
    /// A resource, as the device's other side knows it too.
    ResourceId "resource id",
    /// An object of a sub-context. All types of object share one space of ids.
    ObjectId "object id",
    /// A codec session.
    VideoCodecId "video codec id",
    /// A picture that codecs decode to or encode from.
    VideoBufferId "video buffer id",
}

/// A sub-context of a context. Number 0 is there from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubContextId(pub u32);

impl Wire for SubContextId {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u32().map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.0);
    }
}

/// A pixel format's number, at most [`FormatNumber::LAST`]; 0 is no format
/// (`enum virgl_formats` in `virgl_hw.h`). Not every number has a format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatNumber(u16);

impl FormatNumber {
    /// No format.
    pub const NONE: Self = Self(0);
    /// The highest number (`VIRGL_FORMAT_MAX` less one).
    pub const LAST: u32 = 480;

    /// A number that is at most [`FormatNumber::LAST`].
    pub const fn new(number: u32) -> Option<Self> {
        match number <= Self::LAST {
            true => Some(Self(number as u16)),
            false => None,
        }
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0 as u32
    }

    pub(crate) fn parse_number(number: u32) -> Result<Self, ParseError> {
        Self::new(number).ok_or(ParseError::BadValue {
            what: "format",
            value: number.into(),
        })
    }
}

impl Wire for FormatNumber {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Self::parse_number(reader.u32()?)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.number());
    }
}
