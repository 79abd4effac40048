use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use host_memory::Shm;

use crate::BlobId;

/// Where a blob's pages come from (`VIRTIO_GPU_BLOB_MEM_*` in `linux/virtio_gpu.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobMem {
    /// The guest's own pages; the host sees them.
    Guest,
    /// The host's pages; the guest may map them.
    Host3d,
    /// The host's memory with the guest's pages as its shadow.
    Host3dGuest,
}

bitflags::bitflags! {
    /// What the guest wants to do with a blob (`VIRTIO_GPU_BLOB_FLAG_*` in
    /// `linux/virtio_gpu.h`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct BlobFlags: u32 {
        /// Map it.
        const MAPPABLE = 1;
        /// Attach it to another context.
        const SHAREABLE = 2;
        /// Hand it to another device.
        const CROSS_DEVICE = 4;
    }
}

/// A guest's wish for a blob resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRequest {
    /// Whose pages.
    pub mem: BlobMem,
    /// What for.
    pub flags: BlobFlags,
    /// Which memory of the context.
    pub id: BlobId,
    /// How many bytes.
    pub size: u64,
}

/// The memory of a blob resource; clones share it.
#[derive(Clone, Debug)]
pub struct Blob {
    /// The pages.
    pub storage: BlobStorage,
    /// Bytes that the guest may use; the storage is at least as long.
    pub size: u64,
    /// How the guest has to map it.
    pub caching: MapCaching,
}

/// What a blob's pages are to the host.
#[derive(Clone, Debug)]
pub enum BlobStorage {
    /// A memfd made by Paravane.
    Shm(Shm),
    /// A dma-buf.
    DmaBuf(Arc<OwnedFd>),
    /// A driver's own fd: to pass on, not necessarily to map.
    Opaque(Arc<OwnedFd>),
}

/// How a mapping is cached (`VIRTIO_GPU_MAP_CACHE_*` in `linux/virtio_gpu.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MapCaching {
    /// Coherent with the processor's caches.
    Cached,
    /// Never cached.
    Uncached,
    /// Writes are gathered.
    WriteCombined,
}

impl Blob {
    /// A blob of `size` bytes in plain shared memory.
    pub fn from_shm(shm: Shm, size: u64) -> Self {
        Self {
            storage: BlobStorage::Shm(shm),
            size,
            caching: MapCaching::Cached,
        }
    }

    /// The fd that stands for the pages.
    pub fn fd(&self) -> BorrowedFd<'_> {
        match &self.storage {
            BlobStorage::Shm(shm) => shm.fd(),
            BlobStorage::DmaBuf(fd) | BlobStorage::Opaque(fd) => fd.as_fd(),
        }
    }
}
