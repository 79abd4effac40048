use wire::{ParseError, Reader, Writer};

use crate::{ContextId, Features, RingIdx};

/// Bytes of a [`Header`] (`sizeof(struct virtio_gpu_ctrl_hdr)`).
pub const HEADER_SIZE: usize = 24;

bitflags::bitflags! {
    /// `VIRTIO_GPU_FLAG_*`
    #[derive(Clone, Copy)]
    struct Flags: u32 {
        const FENCE = 1 << 0;
        const INFO_RING_IDX = 1 << 1;
    }
}

/// What a request and its response begin with (`struct virtio_gpu_ctrl_hdr`), the number of the
/// command or the response apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Header {
    /// The response waits until all is done, and carries this number (`VIRTIO_GPU_FLAG_FENCE`).
    pub fence: Option<Fence>,
    /// The context.
    pub context: Option<ContextId>,
    /// The context's ring that a fence is on (`VIRTIO_GPU_FLAG_INFO_RING_IDX`).
    pub ring: Option<RingIdx>,
}

/// A fence's number: the driver's choice, and without a ring not necessarily in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

impl Header {
    /// Takes a header, and the number at its start. The ring comes as it lies in the bytes, if the
    /// flag says that there is one.
    pub(crate) fn parse_raw(
        reader: &mut Reader<'_>,
    ) -> Result<(u32, Self, Option<u8>), ParseError> {
        let number = reader.u32()?;
        let flags = Flags::from_bits_truncate(reader.u32()?);
        let fence = reader.u64()?;
        let context = ContextId::new(reader.u32()?);
        let ring = reader.u8()?;
        reader.skip(3)?;
        let header = Self {
            fence: flags.contains(Flags::FENCE).then_some(Fence(fence)),
            context,
            ring: None,
        };
        Ok((
            number,
            header,
            flags.contains(Flags::INFO_RING_IDX).then_some(ring),
        ))
    }

    pub(crate) fn encode(&self, number: u32, writer: &mut Writer) {
        let mut flags = Flags::empty();
        flags.set(Flags::FENCE, self.fence.is_some());
        flags.set(Flags::INFO_RING_IDX, self.ring.is_some());
        writer
            .u32(number)
            .u32(flags.bits())
            .u64(self.fence.map_or(0, |fence| fence.0))
            .u32(self.context.map_or(0, ContextId::number))
            .u8(self.ring.map_or(0, RingIdx::number))
            .zeros(3);
    }

    /// The header of the response to a request with this one: with a fence, all of it comes back;
    /// without, there is nothing to tell (virtio 1.4, 5.7.6.7).
    pub fn of_response(&self) -> Self {
        match self.fence {
            Some(_) => *self,
            None => Self::default(),
        }
    }

    /// The ring that a request names. Without the feature for it, the byte is padding.
    pub(crate) fn ring_of(
        raw: Option<u8>,
        features: Features,
    ) -> Result<Option<RingIdx>, ParseError> {
        match raw {
            Some(raw) if features.contains(Features::CONTEXT_INIT) => {
                RingIdx::parse_number(raw).map(Some)
            }
            _ => Ok(None),
        }
    }
}
