use std::io;

use display::{Frame, Layout, Rect};
use format::{Format, ScanoutPixel};
use host_memory::{Backing, Mapping, OutOfRange, Pages, Piece};

/// A copy of a classic resource's pixels that whoever shows it reads: those of the GPU can only be
/// had on the device's thread.
#[derive(Debug)]
pub(crate) struct Shadow {
    pages: Mapping,
    layout: Layout,
}

/// Bytes that are read from the renderer at once. They stay in the cache on their way.
const PIECE: u32 = 1 << 20;

impl Shadow {
    pub(crate) fn new(format: Format, width: u32, height: u32) -> io::Result<Self> {
        let stride = width.saturating_mul(ScanoutPixel::BYTES);
        let layout = Layout {
            format,
            width,
            height,
            stride,
            offset: 0,
        };
        let size = u64::from(stride).saturating_mul(height.into());
        let (pages, _) = Mapping::with_memfd("paravane-shadow", size)?;
        Ok(Self { pages, layout })
    }

    /// Bytes.
    pub(crate) fn size(&self) -> u64 {
        u64::from(self.layout.stride).saturating_mul(self.layout.height.into())
    }

    pub(crate) fn frame(&self) -> Option<Frame> {
        let piece = Piece::new(Pages::from(self.pages.clone()), 0, self.size()).ok()?;
        Frame::new(Backing::new([piece])?, self.layout)
    }

    /// A rectangle in bands of few enough rows.
    pub(crate) fn bands(rect: Rect) -> impl Iterator<Item = Rect> {
        let row = rect.width.saturating_mul(ScanoutPixel::BYTES).max(1);
        let rows = (PIECE / row).max(1);
        (0..rect.height)
            .step_by(rows as usize)
            .map(move |done| Rect {
                y: rect.y.saturating_add(done),
                height: rows.min(rect.height.saturating_sub(done)),
                ..rect
            })
    }

    /// Takes a rectangle's pixels, tightly packed.
    pub(crate) fn write(&self, rect: Rect, pixels: &[u8]) -> Result<(), OutOfRange> {
        let row = rect.width.saturating_mul(ScanoutPixel::BYTES);
        if row == self.layout.stride {
            return self.pages.write(self.at(rect.x, rect.y), pixels);
        }
        for (y, row) in (rect.y..).zip(pixels.chunks_exact(row.max(1) as usize)) {
            self.pages.write(self.at(rect.x, y), row)?;
        }
        Ok(())
    }

    fn at(&self, x: u32, y: u32) -> u64 {
        let x = u64::from(x).saturating_mul(ScanoutPixel::BYTES.into());
        u64::from(y)
            .saturating_mul(self.layout.stride.into())
            .saturating_add(x)
    }
}
