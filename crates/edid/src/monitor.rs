use crate::block::BLOCK_SIZE;
use crate::placement::Placement;
use crate::{Error, Mode, base, cta, display_id};

/// Bytes of the longest EDID: what virtio-gpu's response has room for.
pub const MAX_SIZE: usize = 1024;

/// Extensions behind the base block, at most.
pub(crate) const MAX_EXTENSIONS: usize = MAX_SIZE / BLOCK_SIZE - 1;

/// A screen, as it is to be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// Who made it.
    pub manufacturer: Manufacturer,
    /// The maker's number for the kind of monitor.
    pub product: u16,
    /// The maker's number for this one; 0 is none. Guests keep a screen's settings by maker,
    /// product and serial number, so several screens of one guest need different ones. Where there
    /// is a text, it alone is said.
    pub serial: u32,
    /// The serial number as text, if there is one.
    pub serial_text: Option<Text>,
    /// The year of the model, from 1990 to 2245.
    pub year: u16,
    /// What users call it.
    pub name: Text,
    /// Its size; none is unknown.
    pub size: Option<PhysicalSize>,
    /// The mode to use, first in the EDID.
    pub preferred: Mode,
    /// Others to choose from. Doubles are left out.
    pub modes: Vec<Mode>,
}

impl Monitor {
    /// A monitor with the size that `preferred` has at 96 dots per inch, and the usual modes that
    /// are no larger.
    pub fn new(manufacturer: Manufacturer, name: Text, preferred: Mode) -> Self {
        let no_larger =
            |mode: &&Mode| mode.width() <= preferred.width() && mode.height() <= preferred.height();
        Self {
            manufacturer,
            product: 1,
            serial: 0,
            serial_text: None,
            year: 2026,
            name,
            size: Some(PhysicalSize::at_dpi(preferred, 96)),
            preferred,
            modes: Mode::USUAL.iter().filter(no_larger).copied().collect(),
        }
    }

    /// The serial number where no text stands for it.
    pub(crate) const fn plain_serial(&self) -> u32 {
        match self.serial_text {
            Some(_) => 0,
            None => self.serial,
        }
    }

    /// The EDID: 256 bytes, or more in steps of 128 where modes need it, up to [`MAX_SIZE`].
    ///
    /// # Errors
    ///
    /// The year cannot be said, or there is no room for all modes.
    pub fn edid(&self) -> Result<Vec<u8>, Error> {
        let placement = Placement::of(self)?;
        let display_ids = display_id::blocks(self, &placement);
        let extensions = display_ids.len().saturating_add(1);
        let base = base::block(self, &placement, extensions)?;
        let mut bytes = base.to_vec();
        bytes.extend(cta::block(&placement));
        bytes.extend(display_ids.into_iter().flatten());
        Ok(bytes)
    }
}

/// A maker's code (a PNP id): three letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Manufacturer([u8; 3]);

impl Manufacturer {
    /// The maker with this code.
    ///
    /// # Errors
    ///
    /// It is not three letters from A to Z.
    pub fn new(code: &str) -> Result<Self, Error> {
        let letters: Option<[u8; 3]> = code.as_bytes().try_into().ok();
        letters
            .filter(|letters| letters.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or(Error::BadManufacturer)
    }

    /// The letters.
    pub(crate) const fn letters(self) -> [u8; 3] {
        self.0
    }

    /// Five bits a letter, the first one the highest.
    pub(crate) fn to_bytes(self) -> [u8; 2] {
        let letter = |byte: u8| u16::from(byte & 0x1f);
        let [a, b, c] = self.0.map(letter);
        (a << 10 | b << 5 | c).to_be_bytes()
    }
}

/// A name or a serial number: 1 to 13 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text(String);

impl Text {
    /// Characters of the longest one.
    pub const MAX_LENGTH: usize = 13;

    /// A name.
    ///
    /// # Errors
    ///
    /// It is empty, too long, not printable ASCII, or ends in a blank.
    pub fn new(text: &str) -> Result<Self, Error> {
        let printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        match printable && fits && !text.ends_with(' ') {
            true => Ok(Self(text.to_owned())),
            false => Err(Error::BadText),
        }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A screen's size in millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PhysicalSize {
    width_mm: u32,
    height_mm: u32,
}

impl PhysicalSize {
    /// A size; none if it cannot be said, which is below half a centimetre or over 2.55 metres.
    pub fn new(width_mm: u32, height_mm: u32) -> Option<Self> {
        let size = Self {
            width_mm,
            height_mm,
        };
        size.centimetres().map(|_| size)
    }

    /// The size of a mode's pixels, side by side. Where that cannot be said, the nearest that can,
    /// in each direction.
    pub fn at_dpi(mode: Mode, dpi: u32) -> Self {
        let millimetres = |pixels: u32| {
            let tenths = pixels.saturating_mul(254) / dpi.max(1);
            (tenths / 10).clamp(5, 2550)
        };
        Self {
            width_mm: millimetres(mode.width()),
            height_mm: millimetres(mode.height()),
        }
    }

    /// In millimetres.
    pub const fn width_mm(&self) -> u32 {
        self.width_mm
    }

    /// In millimetres.
    pub const fn height_mm(&self) -> u32 {
        self.height_mm
    }

    /// Rounded to centimetres, as the base block has it.
    pub(crate) fn centimetres(&self) -> Option<[u8; 2]> {
        let rounded = |millimetres: u32| {
            let centimetres = millimetres.saturating_add(5) / 10;
            u8::try_from(centimetres).ok().filter(|it| *it != 0)
        };
        Some([rounded(self.width_mm)?, rounded(self.height_mm)?])
    }
}
