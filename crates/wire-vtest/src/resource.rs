use wire::{ParseError, Reader, Writer};

/// A resource, as the client names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceHandle(pub u32);

/// A virgl resource's shape (`VCMD_RES_CREATE_*`, `VCMD_RES_CREATE2_*`), in virgl's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceCreate {
    /// The client's choice below version 3, and 0 from then on.
    pub handle: ResourceHandle,
    /// `PIPE_TEXTURE_*`.
    pub target: u32,
    /// `VIRGL_FORMAT_*`.
    pub format: u32,
    /// `VIRGL_BIND_*`.
    pub bind: u32,
    /// In pixels, or bytes of a buffer.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In pixels.
    pub depth: u32,
    /// In layers.
    pub array_size: u32,
    /// Mip levels less one.
    pub last_level: u32,
    /// Samples a pixel; 0 is one.
    pub nr_samples: u32,
}

impl ResourceCreate {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            handle: ResourceHandle(reader.u32()?),
            target: reader.u32()?,
            format: reader.u32()?,
            bind: reader.u32()?,
            width: reader.u32()?,
            height: reader.u32()?,
            depth: reader.u32()?,
            array_size: reader.u32()?,
            last_level: reader.u32()?,
            nr_samples: reader.u32()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer
            .u32(self.handle.0)
            .u32(self.target)
            .u32(self.format)
            .u32(self.bind)
            .u32(self.width)
            .u32(self.height)
            .u32(self.depth)
            .u32(self.array_size)
            .u32(self.last_level)
            .u32(self.nr_samples);
    }
}

/// Whose pages a blob has (`enum vcmd_blob_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobType {
    /// The client's; in vtest, shared memory that the server makes for it.
    Guest,
    /// The host's.
    Host3d,
    /// The host's with the client's as their shadow.
    Host3dGuest,
}

impl BlobType {
    const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Guest),
            2 => Some(Self::Host3d),
            3 => Some(Self::Host3dGuest),
            _ => None,
        }
    }

    const fn number(self) -> u32 {
        match self {
            Self::Guest => 1,
            Self::Host3d => 2,
            Self::Host3dGuest => 3,
        }
    }
}

bitflags::bitflags! {
    /// What a blob is for (`enum vcmd_blob_flag`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct BlobFlags: u32 {
        /// To be mapped.
        const MAPPABLE = 1;
        /// To be shared with another context.
        const SHAREABLE = 2;
        /// To be shared with another device.
        const CROSS_DEVICE = 4;
    }
}

/// A wish for a blob resource (`VCMD_RES_CREATE_BLOB_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceCreateBlob {
    /// Whose pages.
    pub blob_type: BlobType,
    /// What for.
    pub flags: BlobFlags,
    /// Bytes.
    pub size: u64,
    /// The context's name for the memory.
    pub blob_id: u64,
}

impl ResourceCreateBlob {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let blob_type = reader.u32()?;
        let flags = reader.u32()?;
        Ok(Self {
            blob_type: BlobType::from_number(blob_type).ok_or(ParseError::BadValue {
                what: "blob type",
                value: blob_type.into(),
            })?,
            flags: BlobFlags::from_bits(flags).ok_or(ParseError::BadValue {
                what: "blob flags",
                value: flags.into(),
            })?,
            size: reader.u64()?,
            blob_id: reader.u64()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer
            .u32(self.blob_type.number())
            .u32(self.flags.bits())
            .u64(self.size)
            .u64(self.blob_id);
    }
}

bitflags::bitflags! {
    /// How to ask whether a resource is busy (`VCMD_BUSY_WAIT_FLAG_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct BusyWaitFlags: u32 {
        /// Answer only when it is idle.
        const WAIT = 1;
    }
}
