//! Pixels between resources and memory.

use std::sync::{Arc, PoisonError};

use context::{Backing, Transfer, TransferSource, TransferTarget};
use format::Format;
use host_gl::{Box3, Buffer, Current, Texels, Texture};
use wire_virgl::{
    Box3d, CopyTransfer3d, CopyTransferFlags, InlineWrite, Transfer3d, TransferDirection,
    TransferRegion,
};

use crate::error::{Error, Result};
use crate::formats::Formats;
use crate::guest::Scope;
use crate::resource::{Resource, Storage};
use crate::twin::Use;

/// Bytes of a large transfer that are copied at a time. Memory for all of it would be new pages
/// each time, which cost more than the copy; this much is found again, and stays in the cache
/// until GL has read it. Much less would be calls of GL without end.
const PIECE: usize = 1 << 20;

/// Which bytes of memory the rows of a transfer are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rows {
    /// Where the first starts.
    offset: u64,
    /// Bytes of a row.
    bytes: usize,
    /// Rows of a layer.
    count: usize,
    /// Layers.
    layers: usize,
    /// From row to row.
    stride: u64,
    /// From layer to layer.
    layer_stride: u64,
}

impl Rows {
    /// Of a part of a texture's level; `len` bytes are there.
    fn of_texture(format: Format, level: [u32; 3], transfer: &Transfer, len: u64) -> Result<Self> {
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
    fn size(&self) -> Result<usize> {
        let rows = self.count.checked_mul(self.layers);
        let size = rows.and_then(|rows| rows.checked_mul(self.bytes));
        size.ok_or(Error::Outside("the size of a transfer"))
    }

    fn is_tight(&self) -> bool {
        let layer = (self.bytes as u64).saturating_mul(self.count as u64);
        let rows_are = self.count <= 1 || self.stride == self.bytes as u64;
        rows_are && (self.layers <= 1 || self.layer_stride == layer)
    }

    /// Where each row starts in the memory.
    fn starts(&self) -> impl Iterator<Item = u64> {
        let this = *self;
        (0..this.layers as u64).flat_map(move |layer| {
            let layer = this
                .offset
                .saturating_add(layer.saturating_mul(this.layer_stride));
            (0..this.count as u64)
                .map(move |row| layer.saturating_add(row.saturating_mul(this.stride)))
        })
    }

    /// These rows in bands of at most [`PIECE`] bytes (or one row), each with its region of the
    /// texture's; in one where they are few, or of a format with blocks.
    fn bands(&self, region: &context::Box3d) -> Vec<(Self, Box3)> {
        let whole = region_of(region);
        let [x, y, z] = whole.origin;
        let [width, height, depth] = whole.size;
        let is_plain = self.count == height as usize && self.layers == depth as usize;
        if !is_plain || self.size().is_ok_and(|size| size <= PIECE) {
            return vec![(*self, whole)];
        }
        let most = u32::try_from(PIECE / self.bytes.max(1)).unwrap_or(u32::MAX);
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
    fn gather(&self, source: &Source<'_>, pixels: &mut Vec<u8>) -> Result<()> {
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

    fn scatter(&self, pixels: &[u8], target: &mut Target<'_>) -> Result<()> {
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

/// Memory that pixels come from.
pub(crate) enum Source<'a> {
    Backing(Backing),
    Bytes(&'a [u8]),
}

/// Memory that pixels go to.
pub(crate) enum Target<'a> {
    Backing(Backing),
    Bytes(&'a mut [u8]),
    Memory(&'a Backing),
}

const NOT_THERE: Error = Error::Outside("the memory of a transfer");

impl Source<'_> {
    pub(crate) fn of<'a>(resource: &Resource, source: TransferSource<'a>) -> Result<Source<'a>> {
        match source {
            TransferSource::Backing => backing_of(resource).map(Source::Backing),
            TransferSource::Bytes(bytes) => Ok(Source::Bytes(bytes)),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Backing(backing) => backing.len(),
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    fn read(&self, offset: u64, to: &mut [u8]) -> Result<()> {
        match self {
            Self::Backing(backing) => backing.read(offset, to).map_err(|_| NOT_THERE),
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).map_err(|_| NOT_THERE)?;
                let from = bytes.get(start..).and_then(|bytes| bytes.get(..to.len()));
                to.copy_from_slice(from.ok_or(NOT_THERE)?);
                Ok(())
            }
        }
    }
}

impl Target<'_> {
    pub(crate) fn of<'a>(resource: &Resource, target: TransferTarget<'a>) -> Result<Target<'a>> {
        match target {
            TransferTarget::Backing => backing_of(resource).map(Target::Backing),
            TransferTarget::Bytes(bytes) => Ok(Target::Bytes(bytes)),
            TransferTarget::Memory(memory) => Ok(Target::Memory(memory)),
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Backing(backing) => backing.len(),
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Memory(memory) => memory.len(),
        }
    }

    fn write(&mut self, offset: u64, from: &[u8]) -> Result<()> {
        match self {
            Self::Backing(backing) => backing.write(offset, from).map_err(|_| NOT_THERE),
            Self::Memory(memory) => memory.write(offset, from).map_err(|_| NOT_THERE),
            Self::Bytes(bytes) => {
                let start = usize::try_from(offset).map_err(|_| NOT_THERE)?;
                let to = bytes
                    .get_mut(start..)
                    .and_then(|bytes| bytes.get_mut(..from.len()));
                to.ok_or(NOT_THERE)?.copy_from_slice(from);
                Ok(())
            }
        }
    }
}

fn backing_of(resource: &Resource) -> Result<Backing> {
    resource
        .backing()
        .ok_or(Error::Misbehaved("a transfer of a resource without memory"))
}

/// Moves pixels from memory into a resource.
pub(crate) fn write(
    gl: &Current<'_>,
    formats: &Formats,
    resource: &Resource,
    transfer: &Transfer,
    source: &Source<'_>,
) -> Result<()> {
    match &resource.storage {
        Storage::Buffer(buffer) => write_buffer(gl, buffer, transfer, source),
        Storage::Texture(texture) => {
            write_texture(gl, formats, resource, texture, transfer, source)
        }
        Storage::System(memory) => {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            let (start, size) = bytes_of(transfer, source.len())?;
            let to = memory
                .get_mut(start..)
                .and_then(|memory| memory.get_mut(..size));
            let to = to.ok_or(Error::Outside("a transfer"))?;
            source.read(transfer.offset, to)?;
            match (resource.backing(), source) {
                // The same bytes, where they are already.
                (Some(_), Source::Backing(_)) | (None, _) => Ok(()),
                (Some(backing), _) => backing.write(start as u64, to).map_err(|_| NOT_THERE),
            }
        }
    }
}

/// Moves pixels from a resource into memory.
pub(crate) fn read(
    gl: &Current<'_>,
    formats: &Formats,
    resource: &Resource,
    transfer: &Transfer,
    target: &mut Target<'_>,
) -> Result<()> {
    match &resource.storage {
        Storage::Buffer(buffer) => {
            let (start, size) = bytes_of(transfer, target.len())?;
            inside(buffer, start, size)?;
            let mut bytes = vec![0; size.min(PIECE)];
            for (at, length) in pieces(size) {
                let piece = bytes.get_mut(..length).unwrap_or_default();
                gl.read_buffer(buffer, (start as u64).saturating_add(at), piece)?;
                target.write(transfer.offset.saturating_add(at), piece)?;
            }
            Ok(())
        }
        Storage::Texture(texture) => read_texture(gl, formats, resource, texture, transfer, target),
        Storage::System(memory) => {
            let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            let (start, size) = bytes_of(transfer, target.len())?;
            let from = memory.get(start..).and_then(|memory| memory.get(..size));
            let from = from.ok_or(Error::Outside("a transfer"))?;
            match (resource.backing(), &target) {
                // Results are written there as they come.
                (Some(_), Target::Backing(_)) => Ok(()),
                _ => target.write(transfer.offset, from),
            }
        }
    }
}

/// Where a transfer starts in a buffer, and its size; `len` bytes of memory are there.
fn bytes_of(transfer: &Transfer, len: u64) -> Result<(usize, usize)> {
    let region = &transfer.region;
    let end = transfer.offset.checked_add(region.width.into());
    if end.is_none_or(|end| end > len) {
        return Err(NOT_THERE);
    }
    Ok((region.x as usize, region.width as usize))
}

fn write_buffer(
    gl: &Current<'_>,
    buffer: &Arc<Buffer>,
    transfer: &Transfer,
    source: &Source<'_>,
) -> Result<()> {
    let (start, size) = bytes_of(transfer, source.len())?;
    inside(buffer, start, size)?;
    let mut bytes = vec![0; size.min(PIECE)];
    for (at, length) in pieces(size) {
        let piece = bytes.get_mut(..length).unwrap_or_default();
        source.read(transfer.offset.saturating_add(at), piece)?;
        gl.write_buffer(buffer, (start as u64).saturating_add(at), piece)?;
    }
    Ok(())
}

fn inside(buffer: &Buffer, start: usize, size: usize) -> Result<()> {
    match (start as u64).saturating_add(size as u64) <= buffer.size() {
        true => Ok(()),
        false => Err(Error::Outside("a transfer")),
    }
}

/// Where each piece of so many bytes starts, and its length.
fn pieces(size: usize) -> impl Iterator<Item = (u64, usize)> {
    let starts = (0..size).step_by(PIECE);
    starts.map(move |at| (at as u64, PIECE.min(size.saturating_sub(at))))
}

/// A texture's level, checked against the region, and its format.
fn level_of(
    resource: &Resource,
    texture: &Texture,
    transfer: &Transfer,
) -> Result<(Format, [u32; 3])> {
    let format = resource
        .spec
        .format
        .ok_or(Error::Misbehaved("a texture without a format"))?;
    let level = texture
        .level_size(transfer.level)
        .ok_or(Error::Outside("a level"))?;
    let region = &transfer.region;
    let ends = [
        region.x.checked_add(region.width),
        region.y.checked_add(region.height),
        region.z.checked_add(region.depth),
    ];
    let inside = ends
        .into_iter()
        .zip(level)
        .all(|(end, size)| end.is_some_and(|end| end <= size));
    match inside {
        true => Ok((format, level)),
        false => Err(Error::Outside("a transfer")),
    }
}

pub(crate) fn region_of(region: &context::Box3d) -> Box3 {
    Box3 {
        origin: [region.x, region.y, region.z],
        size: [region.width, region.height, region.depth],
    }
}

fn write_texture(
    gl: &Current<'_>,
    formats: &Formats,
    resource: &Resource,
    texture: &Texture,
    transfer: &Transfer,
    source: &Source<'_>,
) -> Result<()> {
    let (format, level) = level_of(resource, texture, transfer)?;
    let rows = Rows::of_texture(format, level, transfer, source.len())?;
    let conversion = formats.of(format).map(|host| host.gl.conversion);
    let texels = texture.desc().texels;
    let mut pixels = Vec::new();
    for (rows, region) in rows.bands(&transfer.region) {
        rows.gather(source, &mut pixels)?;
        if let Some(conversion) = conversion {
            conversion.to_gl(&mut pixels);
        }
        gl.upload(texture, transfer.level, &region, texels, &pixels)?;
    }
    Ok(())
}

fn read_texture(
    gl: &Current<'_>,
    formats: &Formats,
    resource: &Resource,
    texture: &Texture,
    transfer: &Transfer,
    target: &mut Target<'_>,
) -> Result<()> {
    let (format, level) = level_of(resource, texture, transfer)?;
    let rows = Rows::of_texture(format, level, transfer, target.len())?;
    let conversion = formats.of(format).map(|host| host.gl.conversion);
    let texels: Texels = texture.desc().texels;
    let mut pixels = Vec::new();
    for (rows, region) in rows.bands(&transfer.region) {
        pixels.resize(rows.size()?, 0);
        gl.read_texture(texture, transfer.level, &region, texels, &mut pixels)?;
        if let Some(conversion) = conversion {
            conversion.to_virgl(&mut pixels);
        }
        rows.scatter(&pixels, target)?;
    }
    Ok(())
}

/// The commands. All of them name a region of a resource and a place in memory.
impl Scope<'_> {
    pub(crate) fn resource_inline_write(&mut self, write_: &InlineWrite<'_>) -> Result<()> {
        let resource = self.resource(write_.region.resource)?;
        let transfer = transfer_of(&write_.region, 0);
        self.prepare(&resource, written(&transfer))?;
        write(
            self.gl,
            self.formats(),
            &resource,
            &transfer,
            &Source::Bytes(write_.data),
        )
    }

    pub(crate) fn transfer_3d(&mut self, transfer: &Transfer3d) -> Result<()> {
        let resource = self.resource(transfer.region.resource)?;
        let memory = backing_of(&resource)?;
        self.move_pixels(
            &resource,
            memory,
            &transfer.region,
            transfer.offset,
            transfer.direction,
        )
    }

    pub(crate) fn copy_transfer_3d(&mut self, transfer: &CopyTransfer3d) -> Result<()> {
        let resource = self.resource(transfer.region.resource)?;
        let memory = backing_of(&*self.resource(transfer.staging)?)?;
        let direction = match transfer.flags.contains(CopyTransferFlags::READ_FROM_HOST) {
            true => TransferDirection::FromHost,
            false => TransferDirection::ToHost,
        };
        let offset = transfer.staging_offset;
        self.move_pixels(&resource, memory, &transfer.region, offset, direction)
    }

    fn move_pixels(
        &mut self,
        resource: &Arc<Resource>,
        memory: Backing,
        region: &TransferRegion,
        offset: u32,
        direction: TransferDirection,
    ) -> Result<()> {
        let transfer = transfer_of(region, offset);
        self.prepare(
            resource,
            match direction {
                TransferDirection::ToHost => written(&transfer),
                TransferDirection::FromHost => Use::Reads,
            },
        )?;
        let (gl, formats) = (self.gl, self.formats());
        match direction {
            TransferDirection::ToHost => {
                write(gl, formats, resource, &transfer, &Source::Backing(memory))
            }
            TransferDirection::FromHost => read(
                gl,
                formats,
                resource,
                &transfer,
                &mut Target::Backing(memory),
            ),
        }
    }
}

/// What a transfer writes to, if it is to a buffer.
fn written(transfer: &Transfer) -> Use {
    let start = u64::from(transfer.region.x);
    Use::Writes(start..start.saturating_add(transfer.region.width.into()))
}

fn transfer_of(region: &TransferRegion, offset: u32) -> Transfer {
    let Box3d {
        x,
        y,
        z,
        width,
        height,
        depth,
    } = region.region;
    Transfer {
        level: region.level,
        stride: region.stride,
        layer_stride: region.layer_stride,
        region: context::Box3d {
            x,
            y,
            z,
            width,
            height,
            depth,
        },
        offset: offset.into(),
    }
}

#[cfg(test)]
mod tests;
