use std::io;

use host_memory::OutOfRange;

/// Why an image is not made, or pixels do not move. All but [`Error::OutOfMemory`] are the guest's
/// fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A screen cannot show the format (`VIRGL_FORMAT_*`).
    #[error("no screen shows format {0}")]
    Format(u32),
    /// An image has from 1 to [`crate::MAX_SIZE`] pixels in each direction.
    #[error("an image of {width} x {height}")]
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Pixels of the image are meant that it does not have.
    #[error("outside an image of {width} x {height}")]
    OutsideImage {
        /// The image's, in pixels.
        width: u32,
        /// The image's, in pixels.
        height: u32,
    },
    /// Rows would lie closer in the guest's memory than they are long.
    #[error("rows of {row} bytes lie {stride} apart")]
    Overlap {
        /// Bytes of a row.
        row: u64,
        /// Bytes from row to row.
        stride: u64,
    },
    /// The guest's memory ends before the pixels do.
    #[error(transparent)]
    OutsideMemory(#[from] OutOfRange),
    /// The host has no memory for an image.
    #[error("no memory for an image: {0}")]
    OutOfMemory(#[source] io::Error),
}
