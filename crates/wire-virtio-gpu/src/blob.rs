//! Resources that have a size and no shape, and where the driver sees them.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, numbers, payload, word_of};
use crate::memory::{encode_list, parse_count};
use crate::{BlobId, Fault, MemEntry, ResourceId};

numbers! {
    /// Whose memory a blob has.
    pub enum BlobMem "blob_mem" {
        1 Guest "VIRTIO_GPU_BLOB_MEM_GUEST",
        2 Host3d "VIRTIO_GPU_BLOB_MEM_HOST3D",
        3 Host3dGuest "VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST",
    }

    /// How the driver is to map a blob.
    pub enum MapCache "map cache" {
        0 None "VIRTIO_GPU_MAP_CACHE_NONE",
        1 Cached "VIRTIO_GPU_MAP_CACHE_CACHED",
        2 Uncached "VIRTIO_GPU_MAP_CACHE_UNCACHED",
        3 WriteCombined "VIRTIO_GPU_MAP_CACHE_WC",
    }
}

/// `VIRTIO_GPU_MAP_CACHE_MASK`; the other bits have no meaning yet.
const MAP_CACHE_MASK: u32 = 0x0f;

bitflags::bitflags! {
    /// What a blob is for (`VIRTIO_GPU_BLOB_FLAG_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct BlobFlags: u32 {
        /// To be mapped (`USE_MAPPABLE`).
        const MAPPABLE = 1;
        /// To be shared with another instance of the driver (`USE_SHAREABLE`).
        const SHAREABLE = 2;
        /// To be shared with another device (`USE_CROSS_DEVICE`).
        const CROSS_DEVICE = 4;
    }
}

impl Wire for BlobFlags {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let bits = reader.u32()?;
        let flags = Self::from_bits(bits).ok_or(ParseError::BadValue {
            what: "blob_flags",
            value: bits.into(),
        })?;
        Ok(flags)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.bits());
    }
}

/// Makes a blob. Host memory is that of the header's context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceCreateBlob {
    /// Its id from now on.
    pub resource: ResourceId,
    /// Whose memory.
    pub mem: BlobMem,
    /// What for.
    pub flags: BlobFlags,
    /// What the context calls the host's memory.
    pub blob_id: BlobId,
    /// Bytes.
    pub size: u64,
    /// The guest's memory, in order; at most [`crate::limits::MAX_MEM_ENTRIES`]. It may come later
    /// ([`crate::ResourceAttachBacking`]).
    pub entries: Vec<MemEntry>,
}

impl ResourceCreateBlob {
    /// Takes the fixed part, and how many entries follow.
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<(Self, u32), Fault> {
        let resource = Wire::parse(reader)?;
        let mem = Wire::parse(reader)?;
        let flags = Wire::parse(reader)?;
        let count = parse_count(reader)?;
        let blob = Self {
            resource,
            mem,
            flags,
            blob_id: Wire::parse(reader)?,
            size: reader.u64()?,
            entries: Vec::new(),
        };
        Ok((blob, count))
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.resource.encode(writer);
        self.mem.encode(writer);
        self.flags.encode(writer);
        writer.u32(word_of(self.entries.len()));
        self.blob_id.encode(writer);
        writer.u64(self.size);
        encode_list(&self.entries, writer);
    }
}

/// Puts a blob into the host-visible region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceMapBlob {
    /// The blob.
    pub resource: ResourceId,
    /// Bytes into the region.
    pub offset: u64,
}

impl Wire for ResourceMapBlob {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let resource = Wire::parse(reader)?;
        reader.skip(4)?;
        let offset = reader.u64()?;
        Ok(Self { resource, offset })
    }

    fn encode(&self, writer: &mut Writer) {
        self.resource.encode(writer);
        writer.u32(0).u64(self.offset);
    }
}

payload! {
    /// Takes a blob out of the host-visible region.
    pub struct ResourceUnmapBlob + 1 {
        /// The blob.
        pub resource: ResourceId,
    }
}

/// How the driver is to map a blob (`struct virtio_gpu_resp_map_info`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapInfo {
    /// As the host's own mapping does.
    pub cache: MapCache,
}

impl Wire for MapInfo {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let cache = MapCache::parse_number(reader.u32()? & MAP_CACHE_MASK)?;
        reader.skip(4)?;
        Ok(Self { cache })
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.cache.number()).u32(0);
    }
}
