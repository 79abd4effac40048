//! Guest memory behind a resource.

use wire::{ParseError, Reader, Writer};

use crate::Fault;
use crate::codec::{Wire, check_limit};
use crate::limits::MAX_MEM_ENTRIES;

/// Bytes of a [`MemEntry`] (`sizeof(struct virtio_gpu_mem_entry)`).
pub const MEM_ENTRY_SIZE: usize = 16;

/// A piece of guest memory (`struct virtio_gpu_mem_entry`). Its end is an address, too; whether
/// there is memory, only the device knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MemEntry {
    address: u64,
    length: u32,
}

impl MemEntry {
    /// `length` bytes from a guest-physical address on; none if they go past the last address.
    pub const fn new(address: u64, length: u32) -> Option<Self> {
        match address.checked_add(length as u64) {
            Some(_) => Some(Self { address, length }),
            None => None,
        }
    }

    /// The first byte's guest-physical address.
    pub const fn address(&self) -> u64 {
        self.address
    }

    /// Bytes.
    pub const fn length(&self) -> u32 {
        self.length
    }
}

impl Wire for MemEntry {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let address = reader.u64()?;
        let length = reader.u32()?;
        reader.skip(4)?;
        let entry = Self::new(address, length).ok_or(ParseError::BadValue {
            what: "address of a memory entry",
            value: address,
        })?;
        Ok(entry)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u64(self.address).u32(self.length).u32(0);
    }
}

/// How many entries a request says that it has.
pub(crate) fn parse_count(reader: &mut Reader<'_>) -> Result<u32, Fault> {
    Ok(check_limit("nr_entries", reader.u32()?, MAX_MEM_ENTRIES)?)
}

/// Bytes that `count` entries take.
pub(crate) const fn list_size(count: u32) -> usize {
    (count as usize).saturating_mul(MEM_ENTRY_SIZE)
}

/// The entries that `bytes` are, all of them.
pub(crate) fn parse_list(bytes: &[u8]) -> Result<Vec<MemEntry>, Fault> {
    let mut reader = Reader::new(bytes);
    let mut entries = Vec::with_capacity(bytes.len() / MEM_ENTRY_SIZE);
    while reader.remaining() > 0 {
        entries.push(MemEntry::parse(&mut reader)?);
    }
    Ok(entries)
}

pub(crate) fn encode_list(entries: &[MemEntry], writer: &mut Writer) {
    for entry in entries {
        entry.encode(writer);
    }
}
