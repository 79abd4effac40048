use std::os::fd::OwnedFd;
use std::sync::Arc;

use format::{Format, ScanoutPixel};
use host_memory::Backing;

use crate::Rect;
use crate::cursor::with_alpha;

/// Where an image's pixels lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One of [`Format::SCANOUT`].
    pub format: Format,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Bytes from row to row.
    pub stride: u32,
    /// Bytes into the memory.
    pub offset: u64,
}

impl Layout {
    /// Bytes of a row's pixels.
    fn row(&self) -> u64 {
        u64::from(self.width).saturating_mul(ScanoutPixel::BYTES.into())
    }

    /// Where a pixel's bytes start in the memory.
    pub fn at(&self, x: u32, y: u32) -> u64 {
        let x = u64::from(x).saturating_mul(ScanoutPixel::BYTES.into());
        let y = u64::from(y).saturating_mul(self.stride.into());
        self.offset.saturating_add(y).saturating_add(x)
    }

    /// Whether all pixels lie in `len` bytes and no two rows overlap.
    fn is_within(&self, len: u64) -> bool {
        let Some(last) = self.height.checked_sub(1) else {
            return false;
        };
        let end = self.at(0, last).saturating_add(self.row());
        self.width != 0 && end <= len && (last == 0 || u64::from(self.stride) >= self.row())
    }

    /// The layout of a part of the image; none if it is not inside.
    fn part(&self, rect: &Rect) -> Option<Self> {
        rect.is_within(self.width, self.height).then(|| Self {
            width: rect.width,
            height: rect.height,
            offset: self.at(rect.x, rect.y),
            ..*self
        })
    }
}

/// A frame's memory as a dma-buf, for who can import one.
#[derive(Clone, Debug)]
pub struct DmaBuf {
    /// The memory.
    pub fd: Arc<OwnedFd>,
    /// Bytes into it: where the frame's first pixel is.
    pub offset: u64,
    /// How the pixels are arranged (`DRM_FORMAT_MOD_*` in `drm_fourcc.h`); 0 is linear.
    pub modifier: u64,
}

/// What a screen shows: pixels in memory that others write to, to be read at any time and from any
/// thread. Clones share the memory.
#[derive(Clone, Debug)]
pub struct Frame {
    memory: Backing,
    layout: Layout,
    pixel: ScanoutPixel,
    dma_buf: Option<DmaBuf>,
}

impl Frame {
    /// The image in `memory`. None if it is empty, does not lie inside, has overlapping rows, or a
    /// format that no screen shows.
    pub fn new(memory: Backing, layout: Layout) -> Option<Self> {
        let pixel = layout.format.scanout_pixel()?;
        layout.is_within(memory.len()).then_some(Self {
            memory,
            layout,
            pixel,
            dma_buf: None,
        })
    }

    /// A part of it; none if that is empty or not inside.
    pub fn part(&self, rect: &Rect) -> Option<Self> {
        let layout = self.layout.part(rect)?;
        let mut part = Self::new(self.memory.clone(), layout)?;
        let moved = layout.offset.saturating_sub(self.layout.offset);
        part.dma_buf = self.dma_buf.clone().map(|dma_buf| DmaBuf {
            offset: dma_buf.offset.saturating_add(moved),
            ..dma_buf
        });
        Some(part)
    }

    /// The same, with its memory as a dma-buf.
    pub fn with_dma_buf(self, dma_buf: DmaBuf) -> Self {
        Self {
            dma_buf: Some(dma_buf),
            ..self
        }
    }

    /// The same, with alpha in a format that has none.
    pub(crate) fn with_alpha(&self) -> Self {
        Self {
            pixel: with_alpha(self.pixel),
            ..self.clone()
        }
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.layout.width
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.layout.height
    }

    /// All of it.
    pub fn rect(&self) -> Rect {
        Rect::of_size(self.width(), self.height())
    }

    /// How the pixels lie in the memory, and in the dma-buf but for its own offset.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The memory as a dma-buf, if it is one.
    pub fn dma_buf(&self) -> Option<&DmaBuf> {
        self.dma_buf.as_ref()
    }

    /// Reads a rectangle's pixels as they are now: tightly packed, blue in the byte at the lowest
    /// address, then green, red, and alpha (`DRM_FORMAT_ARGB8888`; `PIXMAN_a8r8g8b8` on
    /// little-endian hosts). A format without alpha gives 255. What lies outside the frame is left
    /// out: the rectangle that was read is returned, none if it is empty.
    ///
    /// `pixels` holds exactly those bytes afterwards, and keeps its memory.
    pub fn read(&self, rect: Rect, pixels: &mut Vec<u8>) -> Option<Rect> {
        let read = self.read_inside(rect, pixels);
        if read.is_none() {
            pixels.clear();
        }
        read
    }

    fn read_inside(&self, rect: Rect, pixels: &mut Vec<u8>) -> Option<Rect> {
        let rect = rect.intersection(&self.rect())?;
        let size = rect.area().saturating_mul(ScanoutPixel::BYTES.into());
        // What was there is overwritten.
        pixels.resize(usize::try_from(size).ok()?, 0);
        let row = rect.width.saturating_mul(ScanoutPixel::BYTES);
        let is_tight = row == self.layout.stride;
        let at_once = if is_tight { PIECE } else { row as usize };
        let mut from = self.layout.at(rect.x, rect.y);
        for piece in pixels.chunks_mut(at_once.max(1)) {
            // The layout lies inside the memory.
            self.memory.read(from, piece).ok()?;
            to_argb(self.pixel, piece);
            let step = if is_tight {
                PIECE as u64
            } else {
                self.layout.stride.into()
            };
            from = from.saturating_add(step);
        }
        Some(rect)
    }
}

/// Bytes of whole pixels that are copied, and then put in order while they are in the cache.
const PIECE: usize = 1 << 14;

/// Puts the channels of each pixel where [`Frame::read`] says.
pub(crate) fn to_argb(pixel: ScanoutPixel, pixels: &mut [u8]) {
    let ScanoutPixel {
        red,
        green,
        blue,
        alpha,
    } = pixel;
    let (pixels, _) = pixels.as_chunks_mut::<4>();
    match (blue, green, red, alpha) {
        (0, 1, 2, Some(3)) => {}
        (0, 1, 2, None) => pixels.iter_mut().for_each(|pixel| pixel[3] = u8::MAX),
        _ => {
            for pixel in pixels {
                let channel = |at: usize| pixel.get(at).copied().unwrap_or(u8::MAX);
                *pixel = [
                    channel(blue),
                    channel(green),
                    channel(red),
                    alpha.map_or(u8::MAX, channel),
                ];
            }
        }
    }
}
