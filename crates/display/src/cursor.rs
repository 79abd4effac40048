use std::sync::Arc;

use format::{Format, ScanoutPixel};

use crate::frame::to_argb;
use crate::{Frame, Rect};

/// A pointer's picture: 64 x 64 pixels, as virtio's GPU has them (virtio 1.4, 5.7.6.10).
///
/// It is seen through where its alpha says so, in formats without alpha, too: Linux makes the
/// buffers of its pointers in such a one and puts alpha in the fourth byte
/// (`virtio_gpu_mode_dumb_create`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorImage(Box<[u8]>);

impl CursorImage {
    /// In pixels, in each direction.
    pub const SIZE: u32 = 64;
    /// Bytes of all pixels.
    pub const BYTES: usize = 64 * 64 * 4;

    /// The picture that a frame holds now; none if it has another size.
    pub fn of_frame(frame: &Frame) -> Option<Self> {
        let whole = Rect::of_size(Self::SIZE, Self::SIZE);
        if frame.rect() != whole {
            return None;
        }
        let mut pixels = Vec::new();
        frame.with_alpha().read(whole, &mut pixels)?;
        Some(Self(pixels.into()))
    }

    /// The picture whose pixels of a format lie one behind the other; none if they are not 64 x 64
    /// or the format is none of [`Format::SCANOUT`].
    pub fn new(format: Format, pixels: Vec<u8>) -> Option<Self> {
        let pixel = with_alpha(format.scanout_pixel()?);
        let mut pixels = Some(pixels).filter(|pixels| pixels.len() == Self::BYTES)?;
        to_argb(pixel, &mut pixels);
        Some(Self(pixels.into()))
    }

    /// The rows one behind the other, from the top left on, in the layout of [`Frame::read`];
    /// [`CursorImage::BYTES`] of them. Colours are multiplied with alpha already, as Linux gives
    /// them.
    pub fn pixels(&self) -> &[u8] {
        &self.0
    }
}

/// The same with the byte that is no colour for alpha.
pub(crate) fn with_alpha(pixel: ScanoutPixel) -> ScanoutPixel {
    let ScanoutPixel {
        red, green, blue, ..
    } = pixel;
    let alpha = (0..4).find(|at| ![red, green, blue].contains(at));
    ScanoutPixel { alpha, ..pixel }
}

/// Which pixel of a pointer's picture points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HotSpot {
    /// From the picture's left edge.
    pub x: u32,
    /// From the picture's upper edge.
    pub y: u32,
}

/// Where a pointer's hot spot is on its screen. It may stick out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// From the screen's left edge.
    pub x: i32,
    /// From the screen's upper edge.
    pub y: i32,
}

/// A screen's pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// What it looks like; none hides it.
    pub image: Option<Arc<CursorImage>>,
    /// Which of the picture's pixels points.
    pub hot_spot: HotSpot,
    /// Where that pixel is.
    pub position: Position,
}
