//! Modes that have a name: a bit of the established timings, a number of CTA-861's, or two bytes.

use crate::Mode;

/// The shortest way to say a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    /// A bit of the two bytes of established timings, as one number: the first byte is the upper.
    Established(u16),
    /// A CTA-861 video identification code.
    Vic(u8),
    /// A standard timing.
    Standard([u8; 2]),
}

/// E-EDID 1.4, table 3.18, with the rates that VESA calls the modes by.
const ESTABLISHED: &[(u32, u32, u32, u16)] = &[
    (640, 480, 60_000, 1 << 13),
    (640, 480, 72_000, 1 << 11),
    (640, 480, 75_000, 1 << 10),
    (800, 600, 56_000, 1 << 9),
    (800, 600, 60_000, 1 << 8),
    (800, 600, 72_000, 1 << 7),
    (800, 600, 75_000, 1 << 6),
    (1024, 768, 60_000, 1 << 3),
    (1024, 768, 70_000, 1 << 2),
    (1024, 768, 75_000, 1 << 1),
    (1280, 1024, 75_000, 1 << 0),
];

/// CTA-861-G, table 3: progressive modes with square pixels.
const VICS: &[(u32, u32, u32, u8)] = &[
    (1280, 720, 60_000, 4),
    (1920, 1080, 60_000, 16),
    (1280, 720, 50_000, 19),
    (1920, 1080, 50_000, 31),
    (1920, 1080, 24_000, 32),
    (1920, 1080, 25_000, 33),
    (1920, 1080, 30_000, 34),
    (1280, 720, 120_000, 47),
    (1920, 1080, 120_000, 63),
    (2560, 1080, 60_000, 90),
    (3840, 2160, 24_000, 93),
    (3840, 2160, 25_000, 94),
    (3840, 2160, 30_000, 95),
    (3840, 2160, 50_000, 96),
    (3840, 2160, 60_000, 97),
    (4096, 2160, 24_000, 98),
    (4096, 2160, 25_000, 99),
    (4096, 2160, 30_000, 100),
    (4096, 2160, 50_000, 101),
    (4096, 2160, 60_000, 102),
    (3840, 2160, 120_000, 118),
    (5120, 2160, 60_000, 126),
];

/// Width over height of standard timings, by their number.
const ASPECTS: [(u32, u32); 4] = [(16, 10), (4, 3), (5, 4), (16, 9)];

impl Short {
    /// The shortest way to say this mode, with or without codes; none if it takes a timing.
    pub(crate) fn of(mode: Mode, with_vics: bool) -> Option<Self> {
        let established = find(ESTABLISHED, mode).map(Self::Established);
        let vic = || find(VICS, mode).filter(|_| with_vics).map(Self::Vic);
        let standard = || standard(mode).map(Self::Standard);
        established.or_else(vic).or_else(standard)
    }
}

fn find<T: Copy>(table: &[(u32, u32, u32, T)], mode: Mode) -> Option<T> {
    let wanted = (mode.width(), mode.height(), mode.refresh_millihertz());
    let named = |row: &&(u32, u32, u32, T)| (row.0, row.1, row.2) == wanted;
    table.iter().find(named).map(|row| row.3)
}

/// E-EDID 1.4, section 3.9: a width that 8 divides, from 256 to 2288 pixels, one of four aspect
/// ratios, and whole hertz from 60 to 123.
fn standard(mode: Mode) -> Option<[u8; 2]> {
    let width = mode.width();
    let hertz = mode.refresh_millihertz() / 1000;
    let whole = width.is_multiple_of(8) && mode.refresh_millihertz().is_multiple_of(1000);
    let in_range = (256..=2288).contains(&width) && (60..=123).contains(&hertz);
    let aspect = ASPECTS.iter().position(|(across, down)| {
        width.saturating_mul(*down) == mode.height().saturating_mul(*across)
    })?;
    let columns = u8::try_from((width / 8).saturating_sub(31)).ok()?;
    let rate = u8::try_from(hertz.saturating_sub(60)).ok()?;
    let aspect = u8::try_from(aspect).ok()?;
    let bytes = [columns, aspect << 6 | rate];
    // 256 x 160 at 61 Hz looks like an unused entry.
    (whole && in_range && bytes != UNUSED_STANDARD).then_some(bytes)
}

/// What a standard timing that says nothing is.
pub(crate) const UNUSED_STANDARD: [u8; 2] = [1, 1];
