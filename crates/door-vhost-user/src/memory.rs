//! The guest's memory, as the front end's tables tell it.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use context::{Backing, Piece};
use host_memory::Mapping;
use vhost::vhost_user::message::VhostUserMemoryRegion;
use vm_memory::{GuestAddress, GuestMemoryMmap, GuestRegionMmap, MmapRegion};
use wire_virtio_gpu::MemEntry;

/// What the guest's addresses mean, at one moment. A new table makes a new value; what was taken
/// from an old one stays mapped for as long as it is held.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// By rising addresses, and apart.
    regions: Vec<Region>,
    /// The same, for the queues' own structures.
    queues: GuestMemoryMmap,
}

/// A stretch of guest-physical addresses.
#[derive(Clone, Debug)]
struct Region {
    start: u64,
    len: u64,
    /// Where the front end sees it, which is how it names the queues' places.
    front_end: u64,
    what: What,
    pages: Mapping,
    mmap: Arc<MmapRegion>,
}

/// Which bytes of which file: tables that are sent again name the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct What {
    device: u64,
    inode: u64,
    offset: u64,
    len: u64,
}

/// Addresses at which the guest has no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no memory for {len} bytes at {address:#x}")]
pub(crate) struct NoMemory {
    pub(crate) address: u64,
    pub(crate) len: u64,
}

/// A table of regions that cannot be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    #[error("a region ends past the last address")]
    Address,
    #[error("regions overlap")]
    Overlap,
    #[error("region at {address:#x}: {source}")]
    Map { address: u64, source: io::Error },
    #[error("region at {address:#x}: {source}")]
    Vhost {
        address: u64,
        source: vhost::vhost_user::Error,
    },
}

impl Memory {
    /// The memory of a table. What `old` has mapped is not mapped again: a front end sends its
    /// whole table each time that a blob comes or goes. A blob may be a region, too, and one that
    /// cannot be mapped here is left out: then the guest has no memory there.
    pub(crate) fn new(
        table: impl IntoIterator<Item = (VhostUserMemoryRegion, File)>,
        old: &Self,
    ) -> Result<Self, TableError> {
        let mut regions = Vec::new();
        for (region, file) in table {
            match Region::new(&region, file, old) {
                Ok(region) => regions.push(region),
                Err(error) => tracing::warn!("guest memory is left out: {error}"),
            }
        }
        Self::of_regions(regions)
    }

    /// The same memory and a region more.
    pub(crate) fn with(
        &self,
        region: &VhostUserMemoryRegion,
        file: File,
    ) -> Result<Self, TableError> {
        let mut regions = self.regions.clone();
        match Region::new(region, file, self) {
            Ok(region) => regions.push(region),
            Err(error) => tracing::warn!("guest memory is left out: {error}"),
        }
        Self::of_regions(regions)
    }

    /// The same memory without a region. One that was left out is not there either.
    pub(crate) fn without(&self, region: &VhostUserMemoryRegion) -> Result<Self, TableError> {
        let (start, len, front_end) =
            (region.guest_phys_addr, region.memory_size, region.user_addr);
        let is_other = |it: &&Region| (it.start, it.len, it.front_end) != (start, len, front_end);
        Self::of_regions(self.regions.iter().filter(is_other).cloned().collect())
    }

    fn of_regions(mut regions: Vec<Region>) -> Result<Self, TableError> {
        regions.sort_by_key(|region| region.start);
        let queues = regions.iter().map(|region| {
            GuestRegionMmap::with_arc(Arc::clone(&region.mmap), GuestAddress(region.start))
                .ok_or(TableError::Address)
        });
        let queues = GuestMemoryMmap::from_regions(queues.collect::<Result<_, _>>()?);
        match queues {
            Ok(queues) => Ok(Self { regions, queues }),
            Err(_) if regions.is_empty() => Ok(Self::default()),
            Err(_) => Err(TableError::Overlap),
        }
    }

    /// For [`virtio_queue::Queue`].
    pub(crate) fn queues(&self) -> &GuestMemoryMmap {
        &self.queues
    }

    /// The guest-physical address of what the front end sees at `front_end`.
    pub(crate) fn address_of(&self, front_end: u64) -> Option<u64> {
        self.regions.iter().find_map(|region| {
            let offset = front_end.checked_sub(region.front_end)?;
            let address = region.start.checked_add(offset)?;
            (offset < region.len).then_some(address)
        })
    }

    /// Copies out what is at `address`.
    pub(crate) fn read(&self, address: u64, buf: &mut [u8]) -> Result<(), NoMemory> {
        let mut rest = buf;
        self.walk(address, rest.len() as u64, |pages, offset, len| {
            let len = usize::try_from(len).unwrap_or(usize::MAX).min(rest.len());
            let (part, behind) = std::mem::take(&mut rest).split_at_mut(len);
            rest = behind;
            pages.read(offset, part).is_ok()
        })
    }

    /// Copies `bytes` to `address`.
    pub(crate) fn write(&self, address: u64, bytes: &[u8]) -> Result<(), NoMemory> {
        let mut rest = bytes;
        self.walk(address, rest.len() as u64, |pages, offset, len| {
            let len = usize::try_from(len).unwrap_or(usize::MAX).min(rest.len());
            let (part, behind) = rest.split_at(len);
            rest = behind;
            pages.write(offset, part).is_ok()
        })
    }

    /// The pages that the entries name, in their order. Neighbours become one piece.
    pub(crate) fn backing(&self, entries: &[MemEntry]) -> Result<Backing, NoMemory> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for entry in entries {
            let (address, len) = (entry.address(), u64::from(entry.length()));
            match runs.last_mut() {
                Some((start, run)) if start.checked_add(*run) == Some(address) => {
                    *run = run.saturating_add(len);
                }
                _ => runs.push((address, len)),
            }
        }
        let mut pieces = Vec::with_capacity(runs.len());
        for (address, len) in runs {
            self.walk(address, len, |pages, offset, len| {
                let piece = Piece::new(pages.clone().into(), offset, len);
                piece.map(|piece| pieces.push(piece)).is_ok()
            })?;
        }
        Backing::new(pieces).ok_or(NoMemory {
            address: u64::MAX,
            len: 0,
        })
    }

    /// Calls `step` for each run of the `len` bytes at `address` that lies in one region, with
    /// its pages and the place therein.
    fn walk(
        &self,
        address: u64,
        len: u64,
        mut step: impl FnMut(&Mapping, u64, u64) -> bool,
    ) -> Result<(), NoMemory> {
        let none = NoMemory { address, len };
        let (mut at, mut left) = (address, len);
        while left > 0 {
            let region = self.region(at).ok_or(none)?;
            let offset = at.saturating_sub(region.start);
            let run = region.len.saturating_sub(offset).min(left);
            if !step(&region.pages, offset, run) {
                return Err(none);
            }
            left = left.saturating_sub(run);
            at = match at.checked_add(run) {
                Some(next) => next,
                None if left == 0 => break,
                None => return Err(none),
            };
        }
        Ok(())
    }

    /// The region with the byte at `address`.
    fn region(&self, address: u64) -> Option<&Region> {
        let behind = self
            .regions
            .partition_point(|region| region.start <= address);
        let region = self.regions.get(behind.checked_sub(1)?)?;
        (address.checked_sub(region.start)? < region.len).then_some(region)
    }
}

impl Region {
    fn new(region: &VhostUserMemoryRegion, file: File, old: &Memory) -> Result<Self, TableError> {
        let address = region.guest_phys_addr;
        let failed = |source| TableError::Map { address, source };
        let stat = rustix::fs::fstat(&file).map_err(|error| failed(error.into()))?;
        let what = What {
            device: stat.st_dev,
            inode: stat.st_ino,
            offset: region.mmap_offset,
            len: region.memory_size,
        };
        let known = old.regions.iter().find(|known| known.what == what);
        let (pages, mmap) = match known {
            Some(known) => (known.pages.clone(), Arc::clone(&known.mmap)),
            None => {
                let pages = Mapping::of_machine(file.as_fd(), what.offset, what.len);
                let mmap = region.mmap_region(file);
                let mmap = mmap.map_err(|source| TableError::Vhost { address, source })?;
                (pages.map_err(failed)?, Arc::new(mmap))
            }
        };
        Ok(Self {
            start: address,
            len: what.len,
            front_end: region.user_addr,
            what,
            pages,
            mmap,
        })
    }
}

/// The memory as it is now: the thread of the control socket changes it, that of the queues reads.
#[derive(Debug, Default)]
pub(crate) struct CurrentMemory(Mutex<Arc<Memory>>);

impl CurrentMemory {
    pub(crate) fn get(&self) -> Arc<Memory> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set(&self, memory: Memory) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(memory);
    }
}

#[cfg(all(test, not(feature = "xen")))]
mod tests {
    use super::*;
    use host_memory::Shm;

    const PAGE: u64 = 4096;

    fn region(shm: &Shm, start: u64, len: u64, offset: u64) -> (VhostUserMemoryRegion, File) {
        let file = File::from(shm.fd().try_clone_to_owned().unwrap());
        let front_end = start + (1 << 40);
        let region = VhostUserMemoryRegion::new(start, len, front_end, offset);
        (region, file)
    }

    /// Two regions side by side, the pages of one file in the other order, and one further on.
    fn memory() -> (Memory, Shm) {
        let shm = Shm::new("test", 4 * PAGE).unwrap();
        let table = [
            region(&shm, PAGE, PAGE, PAGE),
            region(&shm, 0, PAGE, 2 * PAGE),
            region(&shm, 8 * PAGE, PAGE, 3 * PAGE),
        ];
        let memory = Memory::new(table, &Memory::default()).unwrap();
        (memory, shm)
    }

    #[test]
    fn bytes_cross_from_region_to_region() {
        let (memory, shm) = memory();
        memory.write(PAGE - 2, b"abcd").unwrap();
        let mut bytes = [0; 2];
        shm.read(3 * PAGE - 2, &mut bytes).unwrap();
        assert_eq!(&bytes, b"ab");
        shm.read(PAGE, &mut bytes).unwrap();
        assert_eq!(&bytes, b"cd");
        let mut bytes = [0; 4];
        memory.read(PAGE - 2, &mut bytes).unwrap();
        assert_eq!(&bytes, b"abcd");
    }

    #[test]
    fn holes_and_ends_are_no_memory() {
        let (memory, _) = memory();
        let mut two = [0; 2];
        for address in [2 * PAGE - 1, 2 * PAGE, 8 * PAGE - 1, 9 * PAGE - 1, u64::MAX] {
            assert!(memory.read(address, &mut two).is_err(), "{address:#x}");
            assert!(memory.write(address, &two).is_err(), "{address:#x}");
        }
        assert!(memory.read(5 * PAGE, &mut []).is_ok());
    }

    #[test]
    fn neighbours_become_one_piece() {
        let (memory, _) = memory();
        let entry = |address, length| MemEntry::new(address, length).unwrap();
        let entries = [entry(16, 16), entry(32, 8), entry(8 * PAGE, 4), entry(0, 0)];
        let backing = memory.backing(&entries).unwrap();
        let pieces: Vec<_> = backing.pieces().map(|p| (p.offset(), p.len())).collect();
        assert_eq!(pieces, [(16, 24), (0, 4)]);
        let across = memory.backing(&[entry(PAGE - 1, 2)]).unwrap();
        assert_eq!(across.pieces().len(), 2);
        assert!(memory.backing(&[entry(2 * PAGE - 1, 2)]).is_err());
    }

    #[test]
    fn the_front_ends_addresses_are_found() {
        let (memory, _) = memory();
        let base = 1u64 << 40;
        assert_eq!(memory.address_of(base + PAGE + 5), Some(PAGE + 5));
        assert_eq!(memory.address_of(base + 2 * PAGE), None);
        assert_eq!(memory.address_of(5), None);
    }

    #[test]
    fn the_same_file_is_not_mapped_again() {
        let (memory, shm) = memory();
        let table = [
            region(&shm, 0, PAGE, 2 * PAGE),
            region(&shm, 64 * PAGE, PAGE, 0),
        ];
        let new = Memory::new(table, &memory).unwrap();
        let base = |memory: &Memory, at: u64| memory.region(at).unwrap().pages.base();
        assert_eq!(base(&new, 0), base(&memory, 0));
        assert_ne!(base(&new, 64 * PAGE), base(&memory, 0));
        drop(memory);
        new.write(0, b"still there").unwrap();
    }

    #[test]
    fn regions_that_cannot_be_are_refused() {
        let shm = Shm::new("test", 2 * PAGE).unwrap();
        let refused = |table: Vec<_>| Memory::new(table, &Memory::default()).unwrap_err();
        let overlap = vec![region(&shm, 0, 2 * PAGE, 0), region(&shm, PAGE, PAGE, 0)];
        assert!(matches!(refused(overlap), TableError::Overlap));
        assert!(Memory::new([], &Memory::default()).is_ok());
    }

    #[test]
    fn regions_come_and_go() {
        let (memory, shm) = memory();
        let (added, file) = region(&shm, 64 * PAGE, PAGE, 0);
        let more = memory.with(&added, file).unwrap();
        more.write(64 * PAGE, b"new").unwrap();
        assert!(memory.read(64 * PAGE, &mut [0]).is_err());
        let less = more.without(&added).unwrap();
        assert!(less.read(64 * PAGE, &mut [0]).is_err());
        assert!(less.read(0, &mut [0]).is_ok());
        // One that is not there, and one that is there twice.
        assert!(less.without(&added).is_ok());
        let (again, file) = region(&shm, 0, PAGE, 0);
        assert!(matches!(less.with(&again, file), Err(TableError::Overlap)));
    }

    #[test]
    fn what_cannot_be_mapped_is_left_out() {
        let shm = Shm::new("test", 2 * PAGE).unwrap();
        let table = [
            region(&shm, 0, 4 * PAGE, 0),
            region(&shm, 8 * PAGE, PAGE, 0),
        ];
        let memory = Memory::new(table, &Memory::default()).unwrap();
        assert!(memory.read(0, &mut [0]).is_err());
        assert!(memory.read(8 * PAGE, &mut [0]).is_ok());
    }
}
