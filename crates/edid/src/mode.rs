use crate::Error;

/// A size in pixels, and how often a second it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode {
    width: u32,
    height: u32,
    refresh_millihertz: u32,
}

impl Mode {
    /// The smallest width and height, in pixels: less cannot be told from blanking.
    pub const MIN_SIZE: u32 = 16;
    /// The largest width and height, in pixels: what GPUs draw to.
    pub const MAX_SIZE: u32 = 16_384;
    /// The slowest refresh rate, in thousandths of a hertz.
    pub const MIN_REFRESH: u32 = 1_000;
    /// The fastest refresh rate, in thousandths of a hertz: what range limits can say, rounded.
    pub const MAX_REFRESH: u32 = 500_000;

    /// What a monitor offers beside its preferred mode, unless it is told otherwise: all at 60 Hz.
    pub const USUAL: &[Self] = &[
        Self::at_60(640, 480),
        Self::at_60(800, 600),
        Self::at_60(1024, 768),
        Self::at_60(1280, 720),
        Self::at_60(1280, 800),
        Self::at_60(1280, 1024),
        Self::at_60(1440, 900),
        Self::at_60(1600, 900),
        Self::at_60(1600, 1200),
        Self::at_60(1680, 1050),
        Self::at_60(1920, 1080),
        Self::at_60(1920, 1200),
        Self::at_60(2560, 1080),
        Self::at_60(2560, 1440),
        Self::at_60(3840, 2160),
    ];

    /// A mode.
    ///
    /// # Errors
    ///
    /// A number is out of its range.
    pub const fn new(width: u32, height: u32, refresh_millihertz: u32) -> Result<Self, Error> {
        let fits = is_size(width)
            && is_size(height)
            && refresh_millihertz >= Self::MIN_REFRESH
            && refresh_millihertz <= Self::MAX_REFRESH;
        match fits {
            true => Ok(Self {
                width,
                height,
                refresh_millihertz,
            }),
            false => Err(Error::BadMode {
                width,
                height,
                refresh_millihertz,
            }),
        }
    }

    pub(crate) const fn at_60(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            refresh_millihertz: 60_000,
        }
    }

    /// In pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// In thousandths of a hertz.
    pub const fn refresh_millihertz(&self) -> u32 {
        self.refresh_millihertz
    }
}

const fn is_size(size: u32) -> bool {
    size >= Mode::MIN_SIZE && size <= Mode::MAX_SIZE
}
