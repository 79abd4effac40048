//! Which bytes of memory texels are in.

use context::Transfer;
use format::Format;
use host_gl::{Box3, Pitch, Texture};

use super::memory::{Source, Target};
use crate::error::{Error, Result};

/// Which bytes of memory the rows of a transfer are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// Where the first starts.
    pub(super) offset: u64,
    /// Bytes of a row.
    pub(super) bytes: usize,
    /// Rows of a layer.
    pub(super) count: usize,
    /// Layers.
    pub(super) layers: usize,
    /// From row to row.
    pub(super) stride: u64,
    /// From layer to layer.
    pub(super) layer_stride: u64,
}

impl Rows {
    /// Of a part of a texture's level; `len` bytes are there.
    pub(super) fn of_texture(
        format: Format,
        level: [u32; 3],
        transfer: &Transfer,
        len: u64,
    ) -> Result<Self> {
        let outside = Error::Outside("the memory of a transfer");
        let region = &transfer.region;
        let row = |width| format.row_bytes(0, width);
        let rows = |height| format.block_rows(0, height);
        let (Some(bytes), Some(count)) = (row(region.width), rows(region.height)) else {
            return Err(outside);
        };
        let [width, height, _] = level;
        let stride = match transfer.stride {
            0 => row(width).unwrap_or(u32::MAX),
            stride if stride < bytes && count > 1 => {
                return Err(Error::Misbehaved("a transfer's rows overlap"));
            }
            stride => stride,
        };
        let layer_stride = match transfer.layer_stride {
            0 => u64::from(stride).saturating_mul(rows(height).unwrap_or(u32::MAX).into()),
            layer_stride => layer_stride.into(),
        };
        let layers = format.block_slices(region.depth);
        let size = (region.width, region.height, region.depth);
        let used = format.strided_size(size, stride, layer_stride);
        let end = used.and_then(|used| used.checked_add(transfer.offset));
        if end.is_none_or(|end| end > len) {
            return Err(outside);
        }
        Ok(Self {
            offset: transfer.offset,
            bytes: bytes as usize,
            count: count as usize,
            layers: layers as usize,
            stride: stride.into(),
            layer_stride,
        })
    }

    /// Bytes of all rows together.
    pub(super) fn size(&self) -> Result<usize> {
        let rows = self.count.checked_mul(self.layers);
        let size = rows.and_then(|rows| rows.checked_mul(self.bytes));
        size.ok_or(Error::Outside("the size of a transfer"))
    }

    pub(super) fn is_tight(&self) -> bool {
        let layer = (self.bytes as u64).saturating_mul(self.count as u64);
        let rows_are = self.count <= 1 || self.stride == self.bytes as u64;
        rows_are && (self.layers <= 1 || self.layer_stride == layer)
    }

    /// Where each row starts in the memory.
    pub(super) fn starts(&self) -> impl Iterator<Item = u64> {
        let this = *self;
        (0..this.layers as u64).flat_map(move |layer| {
            let layer = this
                .offset
                .saturating_add(layer.saturating_mul(this.layer_stride));
            (0..this.count as u64)
                .map(move |row| layer.saturating_add(row.saturating_mul(this.stride)))
        })
    }

    /// From the first byte to the last; none if there are none.
    fn span(&self) -> Option<u64> {
        let behind = |count: usize, stride: u64| (count.checked_sub(1)? as u64).checked_mul(stride);
        let last = behind(self.layers, self.layer_stride)?
            .checked_add(behind(self.count, self.stride)?)?;
        last.checked_add(self.bytes as u64)
            .filter(|_| self.bytes > 0)
    }

    /// How GL can take them as they are or put them there, and how many bytes that is.
    pub(super) fn as_they_are(&self, texture: &Texture, region: &Box3) -> Option<(Pitch, u64)> {
        let pitch = texture.pitch(region, self.stride, self.layer_stride)?;
        Some((pitch, self.span()?))
    }

    /// These rows in bands of at most `most` bytes (or one row), each with its region of the
    /// texture's; in one where they are few, or of a format with blocks.
    pub(super) fn bands(&self, whole: Box3, most: usize) -> Vec<(Self, Box3)> {
        let [x, y, z] = whole.origin;
        let [width, height, depth] = whole.size;
        let is_plain = self.count == height as usize && self.layers == depth as usize;
        if !is_plain || self.size().is_ok_and(|size| size <= most) {
            return vec![(*self, whole)];
        }
        let most = u32::try_from(most / self.bytes.max(1)).unwrap_or(u32::MAX);
        let most = most.max(1);
        let band = |layer: u32, row: u32| {
            let count = most.min(height.saturating_sub(row));
            let layer_starts = u64::from(layer).saturating_mul(self.layer_stride);
            let starts = u64::from(row).saturating_mul(self.stride);
            let rows = Self {
                offset: self
                    .offset
                    .saturating_add(layer_starts)
                    .saturating_add(starts),
                count: count as usize,
                layers: 1,
                ..*self
            };
            let region = Box3 {
                origin: [x, y.saturating_add(row), z.saturating_add(layer)],
                size: [width, count, 1],
            };
            (rows, region)
        };
        let starts = || (0..height).step_by(most as usize);
        (0..depth)
            .flat_map(|layer| starts().map(move |row| (layer, row)))
            .map(|(layer, row)| band(layer, row))
            .collect()
    }

    /// Reads them one after the other.
    pub(super) fn gather(&self, source: &Source<'_>, pixels: &mut Vec<u8>) -> Result<()> {
        pixels.resize(self.size()?, 0);
        if self.is_tight() {
            return source.read(self.offset, pixels);
        }
        let rows = pixels.chunks_exact_mut(self.bytes.max(1));
        for (start, row) in self.starts().zip(rows) {
            source.read(start, row)?;
        }
        Ok(())
    }

    pub(super) fn scatter(&self, pixels: &[u8], target: &mut Target<'_>) -> Result<()> {
        if self.is_tight() {
            return target.write(self.offset, pixels);
        }
        let rows = pixels.chunks_exact(self.bytes.max(1));
        for (start, row) in self.starts().zip(rows) {
            target.write(start, row)?;
        }
        Ok(())
    }
}
