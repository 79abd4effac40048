//! DisplayID extensions (DisplayID 1.3, section 2; E-EDID's tag for them is 0x70).

use crate::Monitor;
use crate::block::{BLOCK_SIZE, Block};
use crate::detailed::TYPE_I_SIZE;
use crate::placement::{Placement, TYPE_I_IN_FIRST, TYPE_I_PER_BLOCK};

const TAG: u8 = 0x70;
const VERSION: u8 = 0x13;

/// Bytes of a section's data: all that the extension has room for, zeros at the end. Readers take a
/// shorter one, too, but libdisplay-info 0.3 takes its checksum for data.
const SECTION_SIZE: u8 = 121;

/// What a section describes: a screen on its own; or more of what another section does.
const STANDALONE: u8 = 3;
const MORE: u8 = 0;

/// Product identification, revision 0, with 12 bytes and no name.
const PRODUCT: [u8; 3] = [0x00, 0, 12];

/// In the place of a week: the year is the model's. Years count from 2000.
const MODEL_YEAR: u8 = 0xff;
const FIRST_YEAR: u16 = 2000;

/// Display parameters, revision 0, with 12 bytes.
const PARAMETERS: [u8; 3] = [0x01, 0, 12];

/// No features; gamma 2.2, less one, in hundredths.
const FEATURES_AND_GAMMA: [u8; 2] = [0, 120];

/// 8 bits a colour, less one, at best and natively.
const BITS: u8 = 0x77;

/// The display's interface, revision 0, with 10 bytes: DisplayPort with one link, version 1.1; RGB
/// with 8 bits a colour alone; no content protection; the rest says nothing.
const INTERFACE: [u8; 13] = [0x0f, 0, 10, 0xa1, 0x11, 0x02, 0, 0, 0, 0, 0, 0, 0];

/// Type I detailed timings, revision 0.
const TYPE_I_TIMINGS: [u8; 2] = [0x03, 0];

/// As many extensions as the timings take, none included.
pub(crate) fn blocks(monitor: &Monitor, placement: &Placement) -> Vec<[u8; BLOCK_SIZE]> {
    let timings = placement.display_id.as_slice();
    if timings.is_empty() {
        return Vec::new();
    }
    let split = timings.len().min(TYPE_I_IN_FIRST);
    let (first, others) = timings.split_at_checked(split).unwrap_or_default();
    let others = others.chunks(TYPE_I_PER_BLOCK);
    let mut description = Vec::new();
    description.extend(product(monitor));
    description.extend(parameters(monitor));
    description.extend(INTERFACE);
    let first = block([STANDALONE, byte(others.len())], &description, first);
    let others = others.map(|timings| block([MORE, 0], &[], timings));
    std::iter::once(first).chain(others).collect()
}

/// Who made the screen (section 4.2.1).
fn product(monitor: &Monitor) -> impl Iterator<Item = u8> {
    let year = monitor.year.saturating_sub(FIRST_YEAR);
    PRODUCT
        .into_iter()
        .chain(monitor.manufacturer.letters())
        .chain(monitor.product.to_le_bytes())
        .chain(monitor.plain_serial().to_le_bytes())
        .chain([MODEL_YEAR, byte(year.into()), 0])
}

/// What the screen is (section 4.2.2): its size in tenths of a millimetre, its pixels, and the longer
/// over the shorter side, less one, in hundredths.
fn parameters(monitor: &Monitor) -> impl Iterator<Item = u8> {
    let (width, height) = (monitor.preferred.width(), monitor.preferred.height());
    let size = monitor.size.map_or([0; 2], |size| {
        [size.width_mm(), size.height_mm()].map(|side| side.saturating_mul(10))
    });
    let ratio = width.max(height).saturating_mul(100) / width.min(height).max(1);
    let aspect = u8::try_from(ratio.saturating_sub(100)).unwrap_or(u8::MAX);
    let [across, down] = size;
    let words = [across, down, width, height].map(|word| u16::try_from(word).unwrap_or(u16::MAX));
    PARAMETERS
        .into_iter()
        .chain(words.into_iter().flat_map(u16::to_le_bytes))
        .chain(FEATURES_AND_GAMMA)
        .chain([aspect, BITS])
}

/// An extension of this kind and with so many behind it: a description, then timings.
fn block(
    [kind, behind]: [u8; 2],
    description: &[u8],
    timings: &[[u8; TYPE_I_SIZE]],
) -> [u8; BLOCK_SIZE] {
    let payload = timings.len().saturating_mul(TYPE_I_SIZE);
    let mut block = Block::new();
    block
        .push(&[TAG, VERSION, SECTION_SIZE, kind, behind])
        .push(description)
        .push(&TYPE_I_TIMINGS)
        .push(&[byte(payload)]);
    for timing in timings {
        block.push(timing);
    }
    // Of the section, which begins behind the extension's tag.
    let checksum = block.checksum_from(1);
    block.put_last_but_one(checksum);
    block.finish()
}

fn byte(value: usize) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}
