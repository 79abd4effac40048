use std::io::{self, Write};

use png::{BitDepth, ColorType, Encoder, EncodingError};

use crate::{Frame, Rect};

/// Bytes of pixels that are held at a time.
const PIECE: u64 = 1 << 20;

/// Writes what a frame holds now as a PNG file. A screen is opaque, and so is the picture: alpha
/// is left out.
///
/// # Errors
/// Those of `to`.
pub fn write_png(frame: &Frame, to: impl Write) -> io::Result<()> {
    let mut encoder = Encoder::new(to, frame.width(), frame.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(io_error)?;
    let mut rows = writer.stream_writer().map_err(io_error)?;
    let (mut pixels, mut colours) = (Vec::new(), Vec::new());
    for band in bands(frame) {
        frame.read(band, &mut pixels);
        let (pixels, _) = pixels.as_chunks::<4>();
        colours.clear();
        colours.extend(
            pixels
                .iter()
                .flat_map(|[blue, green, red, _]| [*red, *green, *blue]),
        );
        rows.write_all(&colours)?;
    }
    rows.finish().map_err(io_error)?;
    writer.finish().map_err(io_error)
}

/// A frame's rows, a few at a time.
fn bands(frame: &Frame) -> impl Iterator<Item = Rect> {
    let whole = frame.rect();
    let row = u64::from(whole.width).saturating_mul(4).max(1);
    let rows = u32::try_from(PIECE / row).unwrap_or(u32::MAX).max(1);
    (0..whole.height).step_by(rows as usize).map(move |y| Rect {
        y,
        height: rows.min(whole.height.saturating_sub(y)),
        ..whole
    })
}

fn io_error(error: EncodingError) -> io::Error {
    match error {
        EncodingError::IoError(error) => error,
        error => io::Error::other(error),
    }
}
