//! The configuration space (`struct virtio_gpu_config`).

use wire::{ParseError, Reader, Writer};

use crate::codec::check_limit;
use crate::limits::MAX_SCANOUTS;

bitflags::bitflags! {
    /// What the driver is to look at (`VIRTIO_GPU_EVENT_*`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Events: u32 {
        /// Screens have changed: ask for [`crate::DisplayInfo`] and the EDIDs.
        const DISPLAY = 1 << 0;
    }
}

/// Where `events_clear` lies.
const EVENTS_CLEAR: std::ops::Range<u32> = 4..8;

/// What the driver reads (virtio 1.4, 5.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// `events_read`: what has happened since it was cleared.
    pub events: Events,
    /// From 1 to [`MAX_SCANOUTS`].
    pub num_scanouts: u32,
    /// How many capsets there are.
    pub num_capsets: u32,
    /// Bytes, a power of two, that blobs' sizes and places are multiples of. With
    /// [`crate::Features::BLOB_ALIGNMENT`] alone, and so not before virtio 1.4.
    pub blob_alignment: Option<u32>,
}

impl Config {
    /// Bytes without `blob_alignment`: virtio 1.3, and QEMU up to 11.
    pub const SHORT_SIZE: usize = 16;
    /// Bytes with it.
    pub const LONG_SIZE: usize = 20;

    /// Reads the space as a driver does.
    ///
    /// # Errors
    ///
    /// It has neither size, or says what the specification forbids.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let events = Events::from_bits_truncate(reader.u32()?);
        reader.skip(4)?;
        let num_scanouts = check_limit("num_scanouts", reader.u32()?, MAX_SCANOUTS)?;
        let config = Self {
            events,
            num_scanouts: check(num_scanouts != 0, "num_scanouts", num_scanouts)?,
            num_capsets: reader.u32()?,
            blob_alignment: match reader.remaining() {
                0 => None,
                _ => Some(parse_alignment(reader.u32()?)?),
            },
        };
        reader.finish()?;
        Ok(config)
    }

    /// The space's bytes: [`Config::LONG_SIZE`] with an alignment, else [`Config::SHORT_SIZE`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(Self::LONG_SIZE);
        writer
            .u32(self.events.bits())
            .u32(0)
            .u32(self.num_scanouts)
            .u32(self.num_capsets);
        if let Some(alignment) = self.blob_alignment {
            writer.u32(alignment);
        }
        writer.into_bytes()
    }
}

impl Events {
    /// The events that a write clears: `bytes` from `offset` on. QEMU passes on the whole space
    /// when the driver writes to it (`vhost_user_gpu_set_config` in `hw/display/vhost-user-gpu.c`),
    /// others the word alone. What a driver writes elsewhere has no effect.
    pub fn cleared_by(offset: u32, bytes: &[u8]) -> Self {
        let mut word = [0; 4];
        for (at, byte) in (u64::from(offset)..).zip(bytes).take(Config::LONG_SIZE) {
            let place = at.checked_sub(EVENTS_CLEAR.start.into());
            let place = place.and_then(|place| usize::try_from(place).ok());
            if let Some(to) = place.and_then(|place| word.get_mut(place)) {
                *to = *byte;
            }
        }
        Self::from_bits_truncate(u32::from_le_bytes(word))
    }

    /// The bytes of a write that clears these events, and where they go.
    pub const fn to_clear(self) -> (u32, [u8; 4]) {
        (EVENTS_CLEAR.start, self.bits().to_le_bytes())
    }
}

fn parse_alignment(alignment: u32) -> Result<u32, ParseError> {
    check(alignment.is_power_of_two(), "blob_alignment", alignment)
}

fn check(holds: bool, what: &'static str, value: u32) -> Result<u32, ParseError> {
    match holds {
        true => Ok(value),
        false => Err(ParseError::BadValue {
            what,
            value: value.into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Config = Config {
        events: Events::DISPLAY,
        num_scanouts: 2,
        num_capsets: 3,
        blob_alignment: None,
    };

    #[test]
    fn bytes_lie_as_in_the_specification() {
        let bytes = PLAIN.to_bytes();
        assert_eq!(bytes, [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
        let aligned = Config {
            blob_alignment: Some(0x4000),
            ..PLAIN
        };
        let bytes = aligned.to_bytes();
        assert_eq!(bytes.len(), Config::LONG_SIZE);
        assert_eq!(bytes.get(16..), Some([0, 0x40, 0, 0].as_slice()));
    }

    #[test]
    fn what_the_specification_forbids_is_refused() {
        for (at, word) in [(8, 0u32), (8, 17), (16, 0), (16, 3)] {
            let mut bytes = Config {
                blob_alignment: Some(1),
                ..PLAIN
            }
            .to_bytes();
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
            assert!(Config::parse(&bytes).is_err(), "{word} at {at}");
        }
        let bytes = [PLAIN.to_bytes(), PLAIN.to_bytes()].concat();
        for size in (0..32).filter(|size| ![16, 20].contains(size)) {
            assert!(Config::parse(&bytes[..size]).is_err(), "{size} bytes");
        }
    }

    #[test]
    fn events_are_cleared_by_the_word_and_by_all_of_the_space() {
        let (offset, bytes) = Events::DISPLAY.to_clear();
        assert_eq!((offset, bytes), (4, [1, 0, 0, 0]));
        assert_eq!(Events::cleared_by(offset, &bytes), Events::DISPLAY);
        let mut space = [0u8; 16];
        assert_eq!(Events::cleared_by(0, &space), Events::empty());
        space[4] = 1;
        assert_eq!(Events::cleared_by(0, &space), Events::DISPLAY);
        assert_eq!(Events::cleared_by(4, &[1]), Events::DISPLAY);
        assert_eq!(Events::cleared_by(8, &[1; 8]), Events::empty());
        assert_eq!(Events::cleared_by(u32::MAX, &[1; 8]), Events::empty());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            display: bool, num_scanouts in 1..=MAX_SCANOUTS, num_capsets: u32,
            shift in proptest::option::of(0..32u32),
        ) {
            let events = if display { Events::DISPLAY } else { Events::empty() };
            let blob_alignment = shift.map(|shift| 1 << shift);
            let config = Config { events, num_scanouts, num_capsets, blob_alignment };
            prop_assert_eq!(Config::parse(&config.to_bytes()), Ok(config));
        }

        #[test]
        fn any_write_is_taken(offset: u32, bytes: Vec<u8>) {
            let _ = Events::cleared_by(offset, &bytes);
        }
    }
}
