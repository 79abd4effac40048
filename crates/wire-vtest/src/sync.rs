use std::time::Duration;

use wire::{ParseError, Reader, Writer};

/// A timeline sync, as the server names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SyncId(pub u32);

/// A value of a sync: to reach, or to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncPoint {
    /// Which sync.
    pub sync: SyncId,
    /// Which value.
    pub value: u64,
}

/// Bytes of a [`SyncPoint`].
pub(crate) const SYNC_POINT_SIZE: usize = 12;

impl SyncPoint {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            sync: SyncId(reader.u32()?),
            value: reader.u64()?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer.u32(self.sync.0).u64(self.value);
    }

    /// Takes points to the end of `reader`.
    pub(crate) fn parse_all(mut reader: Reader<'_>) -> Result<Vec<Self>, ParseError> {
        let mut points = Vec::with_capacity(reader.remaining() / SYNC_POINT_SIZE);
        while reader.remaining() != 0 {
            points.push(Self::parse(&mut reader)?);
        }
        Ok(points)
    }
}

bitflags::bitflags! {
    /// How to wait (`enum vcmd_sync_wait_flag`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct SyncWaitFlags: u32 {
        /// One sync is enough.
        const ANY = 1;
    }
}

/// A wish to be told when syncs reach values (`VCMD_SYNC_WAIT_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncWait {
    /// All or any.
    pub flags: SyncWaitFlags,
    /// How long the client will listen, in milliseconds; more than `i32::MAX` is forever.
    pub timeout_ms: u32,
    /// What to wait for.
    pub points: Vec<SyncPoint>,
}

impl SyncWait {
    /// How long the client will listen; `None` is forever.
    pub fn timeout(&self) -> Option<Duration> {
        i32::try_from(self.timeout_ms)
            .ok()
            .map(|_| Duration::from_millis(self.timeout_ms.into()))
    }

    /// Parses a whole body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(body);
        let flags = reader.u32()?;
        let timeout_ms = reader.u32()?;
        Ok(Self {
            flags: SyncWaitFlags::from_bits(flags).ok_or(ParseError::BadValue {
                what: "sync wait flags",
                value: flags.into(),
            })?,
            timeout_ms,
            points: SyncPoint::parse_all(reader)?,
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer.u32(self.flags.bits()).u32(self.timeout_ms);
        self.points.iter().for_each(|point| point.encode(writer));
    }
}
