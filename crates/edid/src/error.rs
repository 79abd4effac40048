/// Why there is no EDID for a monitor. Every variant is the caller's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A manufacturer's code is three letters from A to Z.
    #[error("a manufacturer's code is three capital letters")]
    BadManufacturer,
    /// A name is 1 to 13 printable ASCII characters, and no blank ends it.
    #[error("a name is 1 to 13 printable ASCII characters without a blank at the end")]
    BadText,
    /// A mode's width and height are 16 to 16384 pixels, its refresh rate 1 to 500 Hz.
    #[error("no mode: {width} x {height} at {refresh_millihertz} mHz")]
    BadMode {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// In thousandths of a hertz.
        refresh_millihertz: u32,
    },
    /// A monitor was made in 1990 or up to 2245.
    #[error("year {0} cannot be said")]
    BadYear(u16),
    /// The modes need more than the seven extensions of an EDID of [`crate::MAX_SIZE`] bytes.
    #[error("{left_over} modes have no room")]
    TooManyModes {
        /// Modes without room.
        left_over: usize,
    },
}
