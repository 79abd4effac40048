//! What requests name things by.

use std::num::NonZeroU32;

use wire::{ParseError, Reader, Writer};

use crate::Fault;
use crate::codec::Wire;
use crate::limits::{MAX_RINGS, MAX_SCANOUTS};

macro_rules! ids {
    ($($(#[$attribute:meta])* $name:ident $none:ident,)*) => {$(
        $(#[$attribute])*
        ///
        /// Never 0, which means none.
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
            fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
                Self::new(reader.u32()?).ok_or(Fault::$none)
            }

            fn encode(&self, writer: &mut Writer) {
                writer.u32(self.number());
            }
        }

        impl Wire for Option<$name> {
            fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
                Ok($name::new(reader.u32()?))
            }

            fn encode(&self, writer: &mut Writer) {
                writer.u32(self.map_or(0, $name::number));
            }
        }
    )*};
}

ids! {
    /// A resource; the driver chooses the numbers.
    ResourceId NoResource,
    /// A context; the driver chooses the numbers.
    ContextId NoContext,
}

/// A scanout, below [`MAX_SCANOUTS`]. A device may have fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanoutId(u8);

impl ScanoutId {
    /// The scanout with this number; none from [`MAX_SCANOUTS`] on.
    pub const fn new(number: u32) -> Option<Self> {
        match number < MAX_SCANOUTS {
            true => Some(Self(number as u8)),
            false => None,
        }
    }

    /// The number on the wire.
    pub const fn number(self) -> u32 {
        self.0 as u32
    }
}

impl Wire for ScanoutId {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let number = reader.u32()?;
        Self::new(number).ok_or(Fault::NoScanout(number))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.number());
    }
}

/// A ring of a context, below [`MAX_RINGS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RingIdx(u8);

impl RingIdx {
    /// The ring with this number; none from [`MAX_RINGS`] on.
    pub const fn new(number: u8) -> Option<Self> {
        match (number as u32) < MAX_RINGS {
            true => Some(Self(number)),
            false => None,
        }
    }

    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self.0
    }

    pub(crate) fn parse_number(number: u8) -> Result<Self, ParseError> {
        Self::new(number).ok_or(ParseError::BadValue {
            what: "ring index",
            value: number.into(),
        })
    }
}

/// A kind of context, and of capset (`VIRTIO_GPU_CAPSET_*`). Which there are, the device knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CapsetId(pub u32);

impl CapsetId {
    /// virgl, the first edition.
    pub const VIRGL: Self = Self(1);
    /// virgl, the longer capset.
    pub const VIRGL2: Self = Self(2);
    /// gfxstream.
    pub const GFXSTREAM: Self = Self(3);
    /// Venus.
    pub const VENUS: Self = Self(4);
    /// Wayland and other protocols, passed through.
    pub const CROSS_DOMAIN: Self = Self(5);
}

impl Wire for CapsetId {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self(reader.u32()?))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.0);
    }
}

/// What a context calls a piece of its own memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub u64);

impl Wire for BlobId {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self(reader.u64()?))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u64(self.0);
    }
}

/// A resource's name among the devices of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Wire for Uuid {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self(reader.array()?))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
}
