use std::collections::BTreeMap;

use context::{Blob, BlobFlags, BlobStorage, ResourceId};
use host_memory::{page_align, page_size};

use crate::tables::{HostBlob, Kind};
use crate::{Device, Error, Notice};

/// A part of the host-visible region, in bytes; whole pages of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapRange {
    /// From the region's start.
    pub offset: u64,
    /// How many.
    pub len: u64,
}

/// What is to be mapped.
#[derive(Debug)]
pub struct Map<'a> {
    /// Where in the region.
    pub range: MapRange,
    /// The memory, from its first byte on, and how the guest is to map it.
    pub blob: &'a Blob,
}

/// The host-visible region (virtio 1.4, 5.7.3): which blobs are where.
#[derive(Debug, Default)]
pub(crate) struct Region {
    /// Bytes; 0 is no region.
    size: u64,
    /// By offset. They do not overlap.
    maps: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    len: u64,
    resource: ResourceId,
}

impl Region {
    pub(crate) fn new(size: u64) -> Self {
        let maps = BTreeMap::new();
        Self { size, maps }
    }

    /// Checks that a place is inside, whole pages, and free.
    fn place(&self, offset: u64, size: u64) -> Result<MapRange, Error> {
        let refusal = Error::BadPlace {
            offset,
            size,
            region: self.size,
        };
        let len = page_align(size).filter(|_| offset.is_multiple_of(page_size() as u64));
        let Some((len, end)) = len.and_then(|len| Some((len, offset.checked_add(len)?))) else {
            return Err(refusal);
        };
        let before = self.maps.range(..end).next_back();
        let is_free = before.is_none_or(|(at, map)| at.saturating_add(map.len) <= offset);
        match end <= self.size && is_free {
            true => Ok(MapRange { offset, len }),
            false => Err(refusal),
        }
    }

    fn insert(&mut self, range: MapRange, resource: ResourceId) {
        let entry = Entry {
            len: range.len,
            resource,
        };
        self.maps.insert(range.offset, entry);
    }

    pub(crate) fn remove(&mut self, offset: u64) -> Option<MapRange> {
        let len = self.maps.remove(&offset)?.len;
        Some(MapRange { offset, len })
    }

    pub(crate) fn clear(&mut self) -> Vec<MapRange> {
        let maps = std::mem::take(&mut self.maps).into_iter();
        maps.map(|(offset, Entry { len, .. })| MapRange { offset, len })
            .collect()
    }

    /// Whether these resources, and no others, are where they think.
    pub(crate) fn is_of(&self, mapped: &BTreeMap<u64, ResourceId>) -> bool {
        let maps = self.maps.iter().map(|(at, map)| (*at, map.resource));
        let ends = self.maps.iter().map(|(at, map)| at.saturating_add(map.len));
        let next = self.maps.keys().skip(1).copied().chain([self.size]);
        maps.eq(mapped.iter().map(|(at, id)| (*at, *id)))
            && ends.zip(next).all(|(end, next)| end <= next)
    }
}

impl Device {
    /// Puts a blob into the host-visible region, `offset` bytes from its start. The door does what
    /// the answer says, and [`Device::unmap_blob`] if it cannot.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for what is no blob of the host's, was not made to be mapped, or has
    /// memory that only a driver can map; [`Error::AlreadyMapped`]; [`Error::BadPlace`].
    pub fn map_blob(&mut self, id: ResourceId, offset: u64) -> Result<Map<'_>, Error> {
        let slot = self.resources.find(id)?;
        if slot.mapped_at.is_some() {
            return Err(Error::AlreadyMapped(id));
        }
        let blob = mappable(id, &slot.kind)?;
        let range = self.region.place(offset, blob.blob.size)?;
        self.region.insert(range, id);
        self.resources
            .change(id, |slot| slot.mapped_at = Some(offset))?;
        let blob = self.blob(id)?;
        Ok(Map { range, blob })
    }

    /// Takes a blob out of the host-visible region; returns where it was.
    ///
    /// # Errors
    /// [`Error::NotMapped`].
    pub fn unmap_blob(&mut self, id: ResourceId) -> Result<MapRange, Error> {
        let offset = self.resources.find(id)?.mapped_at;
        let range = offset.and_then(|offset| self.region.remove(offset));
        self.resources.change(id, |slot| slot.mapped_at = None)?;
        range.ok_or(Error::NotMapped(id))
    }

    /// A resource that was there has gone.
    pub(crate) fn unmap_gone(&mut self, mapped_at: Option<u64>) {
        let range = mapped_at.and_then(|offset| self.region.remove(offset));
        self.notices.extend(range.map(Notice::Unmapped));
    }
}

fn mappable(resource: ResourceId, kind: &Kind) -> Result<&HostBlob, Error> {
    let wanted = match kind {
        Kind::Blob(it) if !it.flags.contains(BlobFlags::MAPPABLE) => "a blob to be mapped",
        Kind::Blob(it) if matches!(it.blob.storage, BlobStorage::Opaque(_)) => {
            "memory that can be mapped"
        }
        Kind::Blob(it) => return Ok(it),
        _ => "a blob of the host's",
    };
    Err(Error::WrongKind { resource, wanted })
}
