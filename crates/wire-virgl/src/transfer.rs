//! Pixels between resources, and between resources and memory.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, halves, numbers, payload, place, word_of};
use crate::enums::ImageFilter;
use crate::ids::{FormatNumber, ResourceId};
use crate::state::Scissor;

payload! {
    /// A part of a resource, in pixels and layers, or in bytes of a buffer.
    #[derive(Eq)]
    pub struct Box3d {
        /// The left edge.
        pub x: u32,
        /// The top edge.
        pub y: u32,
        /// The first layer.
        pub z: u32,
        /// Columns.
        pub width: u32,
        /// Rows.
        pub height: u32,
        /// Layers.
        pub depth: u32,
    }

    /// A part of a resource with a direction: negative sizes mirror.
    #[derive(Eq)]
    pub struct BlitBox {
        /// The left edge.
        pub x: i32,
        /// The top edge.
        pub y: i32,
        /// The first layer.
        pub z: i32,
        /// Columns.
        pub width: i32,
        /// Rows.
        pub height: i32,
        /// Layers.
        pub depth: i32,
    }

    /// A copy without conversion (`VIRGL_CMD_RCR_*`).
    #[derive(Eq)]
    pub struct ResourceCopyRegion {
        /// Where to.
        pub dst: ResourceId,
        /// The mip level.
        pub dst_level: u32,
        /// The corner, in x, y and z.
        pub dst_origin: [u32; 3],
        /// Where from.
        pub src: ResourceId,
        /// The mip level.
        pub src_level: u32,
        /// Which part.
        pub src_box: Box3d,
    }

    /// One end of a blit.
    #[derive(Eq)]
    pub struct BlitEnd {
        /// The resource.
        pub resource: ResourceId,
        /// The mip level.
        pub level: u32,
        /// How it is read or written.
        pub format: FormatNumber,
        /// Which part.
        pub region: BlitBox,
    }

    /// A resource's end of a transfer: what all transfers start with
    /// (`VIRGL_RESOURCE_IW_*`).
    #[derive(Eq)]
    pub struct TransferRegion {
        /// The resource.
        pub resource: ResourceId,
        /// The mip level.
        pub level: u32,
        /// How the guest's driver mapped it; the numbers are the guest's own.
        pub usage: u32,
        /// Bytes from row to row in the memory; 0 is tightly packed.
        pub stride: u32,
        /// Bytes from layer to layer in the memory; 0 is tightly packed.
        pub layer_stride: u32,
        /// Which part of the resource.
        pub region: Box3d,
    }

    /// Pixels between a resource and its own backing (`VIRGL_TRANSFER3D_*`).
    #[derive(Eq)]
    pub struct Transfer3d {
        /// The resource's end.
        pub region: TransferRegion,
        /// Bytes into the backing.
        pub offset: u32,
        /// Which way.
        pub direction: TransferDirection,
    }

    /// Pixels between a resource and another one's backing (`VIRGL_COPY_TRANSFER3D_*`).
    #[derive(Eq)]
    pub struct CopyTransfer3d {
        /// The resource's end.
        pub region: TransferRegion,
        /// The resource whose backing takes part.
        pub staging: ResourceId,
        /// Bytes into that backing.
        pub staging_offset: u32,
        /// How.
        pub flags: CopyTransferFlags,
    }
}

numbers! {
    /// Which way pixels go.
    pub enum TransferDirection "transfer direction" {
        1 ToHost "VIRGL_TRANSFER_TO_HOST",
        2 FromHost "VIRGL_TRANSFER_FROM_HOST",
    }
}

bitflags::bitflags! {
    /// How a copy transfer goes (`VIRGL_COPY_TRANSFER3D_FLAGS_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct CopyTransferFlags: u32 {
        /// It waits for what the GPU does with the resource.
        const SYNCHRONIZED = 1;
        /// From the resource to the staging memory; otherwise the other way.
        const READ_FROM_HOST = 2;
    }

    /// What a blit copies (`PIPE_MASK_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct BlitMask: u32 {
        /// Red.
        const R = 1;
        /// Green.
        const G = 2;
        /// Blue.
        const B = 4;
        /// Alpha.
        const A = 8;
        /// Depth.
        const Z = 16;
        /// Stencil.
        const S = 32;
    }
}

crate::codec::flag_words! { CopyTransferFlags, }

/// A copy that may scale, convert, resolve and mirror (`VIRGL_CMD_BLIT_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blit {
    /// What is copied.
    pub mask: BlitMask,
    /// Between pixels.
    pub filter: ImageFilter,
    /// Pixels outside stay as they are.
    pub scissor: Option<Scissor>,
    /// Whether the render condition counts.
    pub render_condition: bool,
    /// Whether alpha blends.
    pub alpha_blend: bool,
    /// Where to.
    pub dst: BlitEnd,
    /// Where from.
    pub src: BlitEnd,
}

impl Wire for Blit {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let s0 = reader.u32()?;
        let scissor = Scissor {
            min: halves(reader.u32()?),
            max: halves(reader.u32()?),
        };
        Ok(Self {
            mask: BlitMask::from_bits_truncate(bits(s0, 0, 8)),
            filter: ImageFilter::parse_number(bits(s0, 8, 2))?,
            scissor: (bits(s0, 10, 1) != 0).then_some(scissor),
            render_condition: bits(s0, 11, 1) != 0,
            alpha_blend: bits(s0, 12, 1) != 0,
            dst: Wire::parse(reader)?,
            src: Wire::parse(reader)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let s0 = self.mask.bits()
            | place(self.filter.number(), 8, 2)
            | place(self.scissor.is_some().into(), 10, 1)
            | place(self.render_condition.into(), 11, 1)
            | place(self.alpha_blend.into(), 12, 1);
        let (min, max) = self.scissor.map_or(((0, 0), (0, 0)), |s| (s.min, s.max));
        writer.u32(s0).u32(word_of(min)).u32(word_of(max));
        self.dst.encode(writer);
        self.src.encode(writer);
    }
}

/// Pixels in the command itself (`VIRGL_RESOURCE_IW_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlineWrite<'a> {
    /// The resource's end.
    pub region: TransferRegion,
    /// Whole words of pixels, at least one.
    pub data: &'a [u8],
}

impl<'a> InlineWrite<'a> {
    pub(crate) fn parse(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        let region = Wire::parse(reader)?;
        let needed = reader.remaining().max(4);
        Ok(Self {
            region,
            data: reader.bytes(needed)?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.region.encode(writer);
        writer.bytes(self.data);
    }
}
