//! Resources with a shape, and the guest memory behind any resource.

use wire::{Reader, Writer};

use crate::codec::{Wire, payload, word_of};
use crate::memory::{encode_list, parse_count};
use crate::{Box3d, Fault, Format, MemEntry, Rect, ResourceId};

payload! {
    /// Makes a 2D resource.
    pub struct ResourceCreate2d + 0 {
        /// Its id from now on.
        pub resource: ResourceId,
        /// Its pixels.
        pub format: Format,
        /// In pixels.
        pub width: u32,
        /// In pixels.
        pub height: u32,
    }

    /// Makes a resource of virgl's, whose numbers are in `virgl_hw.h` and `p_defines.h`.
    pub struct ResourceCreate3d + 1 {
        /// Its id from now on.
        pub resource: ResourceId,
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
        /// What else is to be known.
        pub flags: ResourceFlags,
    }

    /// Gives a resource up.
    pub struct ResourceUnref + 1 {
        /// The resource.
        pub resource: ResourceId,
    }

    /// Shows a part of a resource on all scanouts that it is on.
    pub struct ResourceFlush + 1 {
        /// In pixels of the resource.
        pub rect: Rect,
        /// The resource.
        pub resource: ResourceId,
    }

    /// Copies from the guest memory behind a 2D resource.
    pub struct TransferToHost2d + 1 {
        /// In pixels of the resource.
        pub rect: Rect,
        /// Bytes into the guest memory; the rows of the rectangle are as far apart there as those
        /// of the resource.
        pub offset: u64,
        /// The resource.
        pub resource: ResourceId,
    }

    /// Copies between a resource and the guest memory behind it; the command says which way.
    pub struct TransferHost3d + 0 {
        /// In texels of the level.
        pub region: Box3d,
        /// Bytes into the guest memory.
        pub offset: u64,
        /// The resource.
        pub resource: ResourceId,
        /// The mip level.
        pub level: u32,
        /// Bytes from row to row of the guest memory; 0 when they lie close.
        pub stride: u32,
        /// Bytes from layer to layer of the guest memory; 0 when they lie close.
        pub layer_stride: u32,
    }

    /// Takes the guest memory away from behind a resource.
    pub struct ResourceDetachBacking + 1 {
        /// The resource.
        pub resource: ResourceId,
    }

    /// Asks for a name that other devices know the resource by.
    pub struct ResourceAssignUuid + 1 {
        /// The resource.
        pub resource: ResourceId,
    }
}

bitflags::bitflags! {
    /// `VIRTIO_GPU_RESOURCE_FLAG_*`
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ResourceFlags: u32 {
        /// The first row is the upper one (`VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP`).
        const Y_0_TOP = 1 << 0;
        // The others are virgl's (`VIRGL_RESOURCE_FLAG_*`), and pass through.
        const _ = !0;
    }
}

impl Wire for ResourceFlags {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self::from_bits_retain(reader.u32()?))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.bits());
    }
}

/// Puts guest memory behind a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceAttachBacking {
    /// The resource.
    pub resource: ResourceId,
    /// Its memory, in order; at most [`crate::limits::MAX_MEM_ENTRIES`].
    pub entries: Vec<MemEntry>,
}

impl ResourceAttachBacking {
    /// Takes the fixed part, and how many entries follow.
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<(Self, u32), Fault> {
        let resource = Wire::parse(reader)?;
        let count = parse_count(reader)?;
        let entries = Vec::new();
        Ok((Self { resource, entries }, count))
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.resource.encode(writer);
        writer.u32(word_of(self.entries.len()));
        encode_list(&self.entries, writer);
    }
}
