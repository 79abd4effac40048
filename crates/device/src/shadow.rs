use std::io;

use context::{Backing, Piece, Transfer};
use display::{Frame, Layout, Rect};
use format::{Format, ScanoutPixel};
use host_memory::Mapping;

use crate::Error;
use crate::scanout::box_of;

/// A copy of a classic resource's pixels that whoever shows it reads: those of the GPU can only be
/// had on the device's thread.
#[derive(Debug)]
pub(crate) struct Shadow {
    memory: Backing,
    layout: Layout,
}

impl Shadow {
    pub(crate) fn new(format: Format, width: u32, height: u32) -> Result<Self, Error> {
        let layout = Layout {
            format,
            width,
            height,
            stride: width.saturating_mul(ScanoutPixel::BYTES),
            offset: 0,
        };
        let size = u64::from(layout.stride).saturating_mul(height.into());
        let memory = memory(size).map_err(Error::SharedMemory)?;
        Ok(Self { memory, layout })
    }

    /// Bytes.
    pub(crate) fn size(&self) -> u64 {
        self.memory.len()
    }

    pub(crate) fn memory(&self) -> &Backing {
        &self.memory
    }

    pub(crate) fn frame(&self) -> Option<Frame> {
        Frame::new(self.memory.clone(), self.layout)
    }

    /// How a rectangle of the resource comes here.
    pub(crate) fn transfer(&self, rect: Rect) -> Transfer {
        Transfer {
            level: 0,
            stride: self.layout.stride,
            layer_stride: 0,
            region: box_of(rect),
            offset: self.layout.at(rect.x, rect.y),
        }
    }
}

fn memory(size: u64) -> io::Result<Backing> {
    let (pages, _) = Mapping::with_memfd("paravane-shadow", size)?;
    let piece = Piece::new(pages.into(), 0, size).ok();
    let memory = piece.and_then(|piece| Backing::new([piece]));
    memory.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
