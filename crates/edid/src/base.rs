//! The base block (E-EDID 1.4, section 3).

use crate::block::{BLOCK_SIZE, Block};
use crate::detailed::DETAILED_SIZE;
use crate::placement::{DESCRIPTORS, MAX_STANDARD, Placement, Ranges};
use crate::short::UNUSED_STANDARD;
use crate::{Error, Monitor, PhysicalSize, Text};

const HEADER: [u8; 8] = [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];

/// In the place of a week: the year is the model's.
const MODEL_YEAR: u8 = 0xff;

const FIRST_YEAR: u16 = 1990;

const VERSION: [u8; 2] = [1, 4];

/// Digital, 8 bits a colour, DisplayPort.
const VIDEO_INPUT: u8 = 0xa5;

/// Gamma 2.2, less one, in hundredths.
const GAMMA: u8 = 120;

/// The colours are sRGB's; and the first timing is the native one.
const SRGB: u8 = 0x04;
const NATIVE_IS_FIRST: u8 = 0x02;

/// sRGB's primaries and white point, in 1024ths: low bits of all, then the upper eight of each.
/// Red is at (0.640, 0.330), green (0.300, 0.600), blue (0.150, 0.060), white (0.3127, 0.3290).
const CHROMATICITY: [u8; 10] = chromaticity([655, 338, 307, 614, 154, 61, 320, 337]);

const fn chromaticity(c: [u16; 8]) -> [u8; 10] {
    [
        ((c[0] & 3) << 6 | (c[1] & 3) << 4 | (c[2] & 3) << 2 | c[3] & 3) as u8,
        ((c[4] & 3) << 6 | (c[5] & 3) << 4 | (c[6] & 3) << 2 | c[7] & 3) as u8,
        (c[0] >> 2) as u8,
        (c[1] >> 2) as u8,
        (c[2] >> 2) as u8,
        (c[3] >> 2) as u8,
        (c[4] >> 2) as u8,
        (c[5] >> 2) as u8,
        (c[6] >> 2) as u8,
        (c[7] >> 2) as u8,
    ]
}

/// Tags of descriptors that are no timing.
const TAG_SERIAL: u8 = 0xff;
const TAG_RANGES: u8 = 0xfd;
const TAG_NAME: u8 = 0xfc;
const TAG_DUMMY: u8 = 0x10;

type Descriptor = [u8; DETAILED_SIZE];

pub(crate) fn block(
    monitor: &Monitor,
    placement: &Placement,
    extensions: usize,
) -> Result<[u8; BLOCK_SIZE], Error> {
    let year = monitor.year.checked_sub(FIRST_YEAR);
    let year = year.and_then(|year| u8::try_from(year).ok());
    let year = year.ok_or(Error::BadYear(monitor.year))?;
    let size = monitor.size.as_ref().and_then(PhysicalSize::centimetres);
    let native = match placement.preferred_is_first {
        true => NATIVE_IS_FIRST,
        false => 0,
    };
    let mut block = Block::new();
    block
        .push(&HEADER)
        .push(&monitor.manufacturer.to_bytes())
        .push(&monitor.product.to_le_bytes())
        .push(&monitor.plain_serial().to_le_bytes())
        .push(&[MODEL_YEAR, year])
        .push(&VERSION)
        .push(&[VIDEO_INPUT])
        .push(&size.unwrap_or_default())
        .push(&[GAMMA, SRGB | native])
        .push(&CHROMATICITY)
        .push(&placement.established.to_be_bytes())
        .push(&[0]);
    push_standard(&mut block, placement);
    for descriptor in descriptors(monitor, placement) {
        block.push(&descriptor);
    }
    block.push(&[u8::try_from(extensions).unwrap_or(u8::MAX)]);
    Ok(block.finish())
}

fn push_standard(block: &mut Block, placement: &Placement) {
    let unused = std::iter::repeat(&UNUSED_STANDARD);
    for bytes in placement.standard.iter().chain(unused).take(MAX_STANDARD) {
        block.push(bytes);
    }
}

/// Timings first, then the rest.
fn descriptors(monitor: &Monitor, placement: &Placement) -> impl Iterator<Item = Descriptor> {
    let serial = monitor.serial_text.as_ref();
    let name = text(TAG_NAME, &monitor.name);
    let others = [
        ranges(&placement.ranges),
        Some(name),
        serial.map(|serial| text(TAG_SERIAL, serial)),
    ];
    let dummy = std::iter::repeat(display_descriptor(TAG_DUMMY, &[]));
    let timings = placement.base.clone().into_iter();
    timings
        .chain(others.into_iter().flatten())
        .chain(dummy)
        .take(DESCRIPTORS)
}

/// A descriptor that is no timing (section 3.10.3), with up to 13 bytes of its own.
fn display_descriptor(tag: u8, payload: &[u8]) -> Descriptor {
    let head = [0, 0, 0, tag, 0];
    let mut bytes = [0; DETAILED_SIZE];
    for (to, from) in bytes.iter_mut().zip(head.iter().chain(payload)) {
        *to = *from;
    }
    bytes
}

/// A line feed ends a text that is shorter than its room, and blanks fill the rest.
fn text(tag: u8, text: &Text) -> Descriptor {
    let mut padded = [b' '; Text::MAX_LENGTH];
    let characters = text.as_str().bytes().chain([b'\n']);
    for (to, from) in padded.iter_mut().zip(characters) {
        *to = from;
    }
    display_descriptor(tag, &padded)
}

/// Range limits without a formula (section 3.10.3.3); none where a rate cannot be said: below 1 or
/// too high.
fn ranges(ranges: &Ranges) -> Option<Descriptor> {
    let ([v_min, v_max], v_offsets) = rate(ranges.vertical)?;
    let ([h_min, h_max], h_offsets) = rate(ranges.horizontal)?;
    let clock = u8::try_from(ranges.clock.div_ceil(10)).ok()?;
    let mut payload = *b"\0\0\0\0\0\x01\n      ";
    let rates = [v_min, v_max, h_min, h_max, clock];
    for (to, from) in payload.iter_mut().zip(rates) {
        *to = from;
    }
    let mut descriptor = display_descriptor(TAG_RANGES, &payload);
    if let Some(offsets) = descriptor.get_mut(4) {
        *offsets = h_offsets << 2 | v_offsets;
    }
    Some(descriptor)
}

/// Least and most in a byte each, and which of them are to be read with 255 more: 2 for the most,
/// 3 for both.
fn rate((least, most): (u64, u64)) -> Option<([u8; 2], u8)> {
    const OFFSET: u64 = 255;
    let byte = |rate: u64| u8::try_from(rate).ok().filter(|rate| *rate != 0);
    match (least > OFFSET, most > OFFSET) {
        (false, false) => Some(([byte(least)?, byte(most)?], 0)),
        (false, true) => Some(([byte(least)?, byte(most.checked_sub(OFFSET)?)?], 2)),
        (true, _) => {
            let least = byte(least.checked_sub(OFFSET)?)?;
            Some(([least, byte(most.checked_sub(OFFSET)?)?], 3))
        }
    }
}
