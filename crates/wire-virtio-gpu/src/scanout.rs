//! Screens: what is on them, and what they can do.

use wire::{Reader, Writer};

use crate::codec::{Wire, check_limit, payload, word_of};
use crate::limits::{MAX_EDID, MAX_PLANES, MAX_SCANOUTS};
use crate::{Fault, Format, Rect, ResourceId, ScanoutId};

payload! {
    /// Puts a part of a resource on a screen, or nothing.
    pub struct SetScanout + 0 {
        /// In pixels of the resource.
        pub rect: Rect,
        /// The screen.
        pub scanout: ScanoutId,
        /// The resource; none turns the screen off.
        pub resource: Option<ResourceId>,
    }

    /// Asks for a screen's EDID.
    pub struct GetEdid + 1 {
        /// The screen.
        pub scanout: ScanoutId,
    }
}

/// Puts a part of a blob on a screen, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetScanoutBlob {
    /// In pixels of the image.
    pub rect: Rect,
    /// The screen.
    pub scanout: ScanoutId,
    /// The image; none turns the screen off, and then nothing is said of its layout.
    pub image: Option<BlobImage>,
}

/// An image in a blob. Formats with several planes have a stride and an offset for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobImage {
    /// The blob.
    pub resource: ResourceId,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Its pixels.
    pub format: Format,
    /// Bytes from row to row, of each plane.
    pub strides: [u32; MAX_PLANES],
    /// Bytes into the blob, of each plane.
    pub offsets: [u32; MAX_PLANES],
}

/// Bytes of what is said of an image's layout, when there is one.
const IMAGE_SIZE: usize = 48;

impl Wire for SetScanoutBlob {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let rect = Wire::parse(reader)?;
        let scanout = Wire::parse(reader)?;
        let resource = Wire::parse(reader)?;
        let mut layout = Reader::new(reader.bytes(IMAGE_SIZE)?);
        let image = match resource {
            Some(resource) => Some(BlobImage::parse(resource, &mut layout)?),
            None => None,
        };
        Ok(Self {
            rect,
            scanout,
            image,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        self.rect.encode(writer);
        self.scanout.encode(writer);
        match &self.image {
            Some(image) => image.encode(writer),
            None => drop(writer.u32(0).zeros(IMAGE_SIZE)),
        }
    }
}

impl BlobImage {
    fn parse(resource: ResourceId, reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let width = reader.u32()?;
        let height = reader.u32()?;
        let format = Wire::parse(reader)?;
        reader.skip(4)?;
        Ok(Self {
            resource,
            width,
            height,
            format,
            strides: Wire::parse(reader)?,
            offsets: Wire::parse(reader)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        self.resource.encode(writer);
        writer.u32(self.width).u32(self.height);
        self.format.encode(writer);
        writer.u32(0);
        self.strides.encode(writer);
        self.offsets.encode(writer);
    }
}

/// What each screen is to show, by [`ScanoutId`] (`struct virtio_gpu_resp_display_info`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DisplayInfo {
    /// All that the protocol has; those that a device lacks are off.
    pub scanouts: [DisplayOne; MAX_SCANOUTS as usize],
}

/// What a screen is to show (`struct virtio_gpu_display_one`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DisplayOne {
    /// Where it stands among the screens, and its size.
    pub rect: Rect,
    /// Whether it is plugged in.
    pub enabled: bool,
}

impl Wire for DisplayInfo {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let scanouts = Wire::parse(reader)?;
        Ok(Self { scanouts })
    }

    fn encode(&self, writer: &mut Writer) {
        self.scanouts.encode(writer);
    }
}

/// The flags behind `enabled` have no meaning yet.
impl Wire for DisplayOne {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let rect = Wire::parse(reader)?;
        let enabled = reader.u32()? != 0;
        reader.skip(4)?;
        Ok(Self { rect, enabled })
    }

    fn encode(&self, writer: &mut Writer) {
        self.rect.encode(writer);
        writer.u32(self.enabled.into()).u32(0);
    }
}

/// A screen's EDID (`struct virtio_gpu_resp_edid`), at most [`MAX_EDID`] bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdidBlob(Vec<u8>);

impl EdidBlob {
    /// These bytes; none if they are more than the response has room for.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= MAX_EDID as usize).then_some(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Wire for EdidBlob {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let size = check_limit("EDID size", reader.u32()?, MAX_EDID)?;
        reader.skip(4)?;
        let mut room = Reader::new(reader.bytes(MAX_EDID as usize)?);
        Ok(Self(room.bytes(size as usize)?.to_vec()))
    }

    fn encode(&self, writer: &mut Writer) {
        let room = (MAX_EDID as usize).saturating_sub(self.0.len());
        writer.u32(word_of(self.0.len())).u32(0);
        writer.bytes(&self.0).zeros(room);
    }
}
