//! A descriptor chain: where a request lies, and where its response goes.

use std::ops::Deref;

use virtio_queue::DescriptorChain;
use vm_memory::{Address, GuestMemory};

use crate::memory::{Memory, NoMemory};

/// One buffer of the driver's, as its descriptors tell it. They are read once; nothing says that
/// there is memory where they point.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The number under which the buffer goes back.
    pub(crate) head: u16,
    readable: Vec<Span>,
    pub(crate) writable: Writable,
}

/// What the device may write to, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writable(Vec<Span>);

/// Bytes at a guest-physical address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    address: u64,
    len: u32,
}

/// Readable descriptors come before writable ones (virtio 1.4, 2.7.4.2); here they do not.
#[derive(Debug, thiserror::Error)]
#[error("a readable descriptor behind a writable one")]
pub(crate) struct OutOfOrder {
    /// The number under which the buffer goes back.
    pub(crate) head: u16,
    /// What could be written to.
    pub(crate) writable: Writable,
}

impl Chain {
    /// Follows a chain to its end. What has no end, or an end outside its table, ends where the
    /// table is through.
    pub(crate) fn collect<M>(chain: DescriptorChain<M>) -> Result<Self, OutOfOrder>
    where
        M: Deref,
        M::Target: GuestMemory,
    {
        let mut collected = Self {
            head: chain.head_index(),
            readable: Vec::new(),
            writable: Writable::default(),
        };
        for descriptor in chain {
            let span = Span {
                address: descriptor.addr().raw_value(),
                len: descriptor.len(),
            };
            match (descriptor.is_write_only(), collected.writable.0.is_empty()) {
                (true, _) => collected.writable.0.push(span),
                (false, true) => collected.readable.push(span),
                (false, false) => {
                    return Err(OutOfOrder {
                        head: collected.head,
                        writable: collected.writable,
                    });
                }
            }
        }
        Ok(collected)
    }

    /// Bytes that the driver sent.
    pub(crate) fn readable_len(&self) -> u64 {
        total(&self.readable)
    }

    /// Copies out `buf.len()` bytes of the request, from `offset` on.
    pub(crate) fn read(
        &self,
        memory: &Memory,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<(), NoMemory> {
        let mut skip = offset;
        let mut rest = buf;
        for span in &self.readable {
            let Some(part) = span.behind(&mut skip) else {
                continue;
            };
            if rest.is_empty() {
                break;
            }
            let len = rest.len().min(part.len as usize);
            let (now, later) = std::mem::take(&mut rest).split_at_mut(len);
            rest = later;
            memory.read(part.address, now)?;
        }
        match rest.len() as u64 {
            0 => Ok(()),
            len => Err(NoMemory { address: 0, len }),
        }
    }
}

impl Writable {
    /// Copies as much of `bytes` as there is room for; returns how much that is.
    pub(crate) fn write(&self, memory: &Memory, bytes: &[u8]) -> Result<u32, NoMemory> {
        let mut rest = bytes;
        let mut written = 0u32;
        for span in &self.0 {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(rest.len().min(span.len as usize));
            rest = later;
            memory.write(span.address, now)?;
            written = written.saturating_add(u32::try_from(now.len()).unwrap_or(u32::MAX));
        }
        Ok(written)
    }

    /// Bytes that there is room for.
    pub(crate) fn len(&self) -> u64 {
        total(&self.0)
    }
}

impl Span {
    /// What is left of the span when the first `skip` bytes are passed over, which are counted
    /// down. None if nothing is.
    fn behind(&self, skip: &mut u64) -> Option<Self> {
        let skipped = u32::try_from(*skip).unwrap_or(u32::MAX).min(self.len);
        *skip = skip.saturating_sub(skipped.into());
        let len = self.len.checked_sub(skipped).filter(|len| *len > 0)?;
        let address = self.address.checked_add(skipped.into())?;
        Some(Self { address, len })
    }
}

fn total(spans: &[Span]) -> u64 {
    spans
        .iter()
        .fold(0, |sum: u64, span| sum.saturating_add(span.len.into()))
}
