//! The CTA-861 extension (CTA-861-G, section 7.5), version 3.

use crate::block::{BLOCK_SIZE, Block};
use crate::placement::Placement;

const TAG: u8 = 0x02;
const VERSION: u8 = 3;

/// The picture is not cut at the edges of the screen.
const UNDERSCAN: u8 = 0x80;

/// A data block's tag in its upper three bits: video.
const VIDEO: u8 = 2 << 5;

/// The video capability data block (section 7.5.6): the range of RGB can be chosen, and no picture
/// is cut at the edges of the screen.
const VIDEO_CAPABILITY: [u8; 3] = [0xe2, 0, 0x4a];

/// Where data blocks begin.
const HEADER_SIZE: usize = 4;

pub(crate) fn block(placement: &Placement) -> [u8; BLOCK_SIZE] {
    let codes = placement.vics.len();
    let data = match codes {
        0 => 0,
        codes => codes.saturating_add(1),
    };
    let byte = |value: usize| u8::try_from(value).unwrap_or(u8::MAX);
    let native = u8::from(placement.preferred_is_first);
    let timings = HEADER_SIZE
        .saturating_add(data)
        .saturating_add(VIDEO_CAPABILITY.len());
    let mut block = Block::new();
    block.push(&[TAG, VERSION, byte(timings), UNDERSCAN | native]);
    if codes > 0 {
        block.push(&[VIDEO | byte(codes)]).push(&placement.vics);
    }
    block.push(&VIDEO_CAPABILITY);
    for timing in &placement.cta {
        block.push(timing);
    }
    block.finish()
}
