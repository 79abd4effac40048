use std::fmt;

use crate::description::{ColorSpace, Description};
use crate::table::TABLE;

/// A pixel format that virgl has a number for. Never `NONE`.
///
/// Every format is an associated constant named as in `enum virgl_formats`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Format(u16);

impl Format {
    /// The highest number (`VIRGL_FORMAT_MAX` less one).
    pub const LAST: u32 = 480;

    /// The format with this number. None for 0, for numbers that were never given or were
    /// withdrawn (259 to 262), and beyond [`Format::LAST`].
    pub fn from_wire(number: u32) -> Option<Self> {
        let index = u16::try_from(number).ok()?;
        TABLE.get(usize::from(index))?.as_ref()?;
        Some(Self(index))
    }

    /// The number on the wire.
    pub const fn to_wire(self) -> u32 {
        self.0 as u32
    }

    /// The format with this name, without `VIRGL_FORMAT_`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name() == name)
    }

    /// Every format, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=Self::LAST).filter_map(Self::from_wire)
    }

    /// The format's row.
    pub fn description(self) -> &'static Description {
        let row = TABLE.get(usize::from(self.0)).and_then(Option::as_ref);
        // Constants and `from_wire` name existing rows only; a test walks the constants.
        row.unwrap_or(&crate::table::MISSING)
    }

    /// The name without `VIRGL_FORMAT_`.
    pub fn name(self) -> &'static str {
        self.description().name
    }

    /// The same format without sRGB's transfer function; itself if it has none.
    pub fn linear(self) -> Self {
        crate::table::SRGB_PAIRS
            .iter()
            .find(|(srgb, _)| *srgb == self)
            .map_or(self, |(_, linear)| *linear)
    }

    /// The same format with sRGB's transfer function, if there is one.
    pub fn srgb(self) -> Option<Self> {
        crate::table::SRGB_PAIRS
            .iter()
            .find(|(srgb, linear)| *linear == self || *srgb == self)
            .map(|(srgb, _)| *srgb)
    }

    /// Whether colour is stored with sRGB's transfer function.
    pub fn is_srgb(self) -> bool {
        matches!(self.description().color_space, ColorSpace::Srgb)
    }

    pub(crate) const fn at(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
