//! Timings in 18 bytes, and in DisplayID's 20.

use crate::{PhysicalSize, Span, Timing};

/// Bytes of a detailed timing descriptor.
pub(crate) const DETAILED_SIZE: usize = 18;

/// Bytes of a DisplayID type I timing.
pub(crate) const TYPE_I_SIZE: usize = 20;

/// The largest number of 12 bits.
const MAX_12_BITS: u32 = 0xfff;

/// Digital separate sync, horizontal positive, vertical negative.
const SYNC: u8 = 0x1a;

/// A detailed timing descriptor (E-EDID 1.4, section 3.10.2); none if its fields are too small.
pub(crate) fn detailed(timing: &Timing, size: Option<PhysicalSize>) -> Option<[u8; DETAILED_SIZE]> {
    let (h, v) = (&timing.horizontal, &timing.vertical);
    let clock = u16::try_from(timing.clock).ok()?.to_le_bytes();
    let [h_active, h_blank, h_high] = pair(h.active, h.blank())?;
    let [v_active, v_blank, v_high] = pair(v.active, v.blank())?;
    let [width, height, size_high] = size
        .and_then(|size| pair(size.width_mm(), size.height_mm()))
        .unwrap_or_default();
    let [v_porch, porch_high] = porches(h, v)?;
    Some([
        clock[0],
        clock[1],
        h_active,
        h_blank,
        h_high,
        v_active,
        v_blank,
        v_high,
        low_byte(h.front_porch),
        low_byte(h.sync),
        v_porch,
        porch_high,
        width,
        height,
        size_high,
        0,
        0,
        SYNC,
    ])
}

/// Two numbers of 12 bits: both low bytes, then both upper halves.
fn pair(first: u32, second: u32) -> Option<[u8; 3]> {
    let fit = first <= MAX_12_BITS && second <= MAX_12_BITS;
    let high = low_byte(first >> 8) << 4 | low_byte(second >> 8);
    fit.then_some([low_byte(first), low_byte(second), high])
}

/// Porches and pulses: four bits each of the vertical ones, then the upper two bits of all.
fn porches(h: &Span, v: &Span) -> Option<[u8; 2]> {
    let fit = [h.front_porch, h.sync].iter().all(|it| *it < 1 << 10)
        && [v.front_porch, v.sync].iter().all(|it| *it < 1 << 6);
    let vertical = (v.front_porch & 0xf) << 4 | v.sync & 0xf;
    let high =
        (h.front_porch >> 8) << 6 | (h.sync >> 8) << 4 | (v.front_porch >> 4) << 2 | v.sync >> 4;
    fit.then_some([low_byte(vertical), low_byte(high)])
}

/// A type I detailed timing (DisplayID 1.3, section 4.4.1); none if its fields are too small.
pub(crate) fn type_i(timing: &Timing, preferred: bool) -> Option<[u8; TYPE_I_SIZE]> {
    let (h, v) = (&timing.horizontal, &timing.vertical);
    let clock = timing.clock.checked_sub(1)?;
    let [c0, c1, c2, c3] = clock.to_le_bytes();
    let options = if preferred { 0x80 } else { 0 } | aspect(h.active, v.active);
    let mut bytes = [0; TYPE_I_SIZE];
    let words = [
        less_one(h.active)?,
        less_one(h.blank())?,
        less_one(h.front_porch)? | POSITIVE,
        less_one(h.sync)?,
        less_one(v.active)?,
        less_one(v.blank())?,
        less_one(v.front_porch)?,
        less_one(v.sync)?,
    ];
    let words = words.into_iter().flat_map(u16::to_le_bytes);
    let all = [c0, c1, c2, options].into_iter().chain(words);
    for (to, from) in bytes.iter_mut().zip(all) {
        *to = from;
    }
    (c3 == 0).then_some(bytes)
}

/// The bit of a front porch that says that the pulse is positive.
const POSITIVE: u16 = 0x8000;

fn less_one(value: u32) -> Option<u16> {
    u16::try_from(value.checked_sub(1)?).ok()
}

/// Width over height, by DisplayID's numbers; 8 is any other.
const ASPECTS: [(u32, u32); 8] = [
    (1, 1),
    (5, 4),
    (4, 3),
    (15, 9),
    (16, 9),
    (16, 10),
    (64, 27),
    (256, 135),
];

fn aspect(width: u32, height: u32) -> u8 {
    let is =
        |(across, down): &(u32, u32)| width.saturating_mul(*down) == height.saturating_mul(*across);
    let found = ASPECTS.iter().position(is).unwrap_or(ASPECTS.len());
    u8::try_from(found).unwrap_or(8)
}

fn low_byte(value: u32) -> u8 {
    (value & 0xff) as u8
}
