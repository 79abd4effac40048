use wire::{ParseError, Reader, Writer};

use crate::ResourceHandle;
use crate::extent::check_limit;
use crate::limits::MAX_TRANSFER;

/// A part of a resource, in pixels and layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Box3d {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// First layer.
    pub z: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Layers.
    pub depth: u32,
}

impl Box3d {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            x: reader.u32()?,
            y: reader.u32()?,
            z: reader.u32()?,
            width: reader.u32()?,
            height: reader.u32()?,
            depth: reader.u32()?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        writer
            .u32(self.x)
            .u32(self.y)
            .u32(self.z)
            .u32(self.width)
            .u32(self.height)
            .u32(self.depth);
    }
}

/// A transfer whose pixels travel through the socket (`VCMD_TRANSFER_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// From or to where.
    pub resource: ResourceHandle,
    /// The mip level.
    pub level: u32,
    /// Bytes from row to row.
    pub stride: u32,
    /// Bytes from layer to layer.
    pub layer_stride: u32,
    /// Which part.
    pub region: Box3d,
    /// Bytes of pixels, at most [`MAX_TRANSFER`].
    pub data_size: u32,
}

/// Words before `data_size` in a [`Transfer`] (`VCMD_TRANSFER_DATA_SIZE`).
const DATA_SIZE_OFFSET: usize = 10 * 4;

/// The size of the pixels that follow a `TRANSFER_PUT` body.
pub(crate) fn data_size(body: &[u8]) -> Result<u32, ParseError> {
    let mut reader = Reader::new(body);
    reader.skip(DATA_SIZE_OFFSET)?;
    reader.u32()
}

impl Transfer {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            resource: ResourceHandle(reader.u32()?),
            level: reader.u32()?,
            stride: reader.u32()?,
            layer_stride: reader.u32()?,
            region: Box3d::parse(reader)?,
            data_size: check_limit("transfer size", reader.u32()?, MAX_TRANSFER)?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer
            .u32(self.resource.0)
            .u32(self.level)
            .u32(self.stride)
            .u32(self.layer_stride);
        self.region.encode(writer);
        writer.u32(self.data_size);
    }
}

/// A transfer within the resource's shared memory (`VCMD_TRANSFER2_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer2 {
    /// From or to where.
    pub resource: ResourceHandle,
    /// The mip level.
    pub level: u32,
    /// Which part.
    pub region: Box3d,
    /// Bytes of pixels; the reference server ignores it.
    pub data_size: u32,
    /// Where in the shared memory the pixels start, in bytes.
    pub offset: u32,
}

impl Transfer2 {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            resource: ResourceHandle(reader.u32()?),
            level: reader.u32()?,
            region: Box3d::parse(reader)?,
            data_size: reader.u32()?,
            offset: reader.u32()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer.u32(self.resource.0).u32(self.level);
        self.region.encode(writer);
        writer.u32(self.data_size).u32(self.offset);
    }
}
