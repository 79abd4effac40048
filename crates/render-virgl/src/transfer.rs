//! Pixels between resources and memory.

mod memory;
mod rows;

use std::sync::{Arc, PoisonError};

use context::{Backing, Transfer};
use format::{Conversion, Format};
use host_gl::{Box3, Buffer, BufferWrite, Current, Texture};
use wire_virgl::{
    Box3d, CopyTransfer3d, CopyTransferFlags, InlineWrite, Transfer3d, TransferDirection,
    TransferRegion,
};

use crate::error::{Error, Result};
use crate::formats::Formats;
use crate::guest::Scope;
use crate::resource::{Resource, Storage};
use crate::twin::Use;

use memory::{NOT_THERE, backing_of};
use rows::Rows;

pub(crate) use memory::{Source, Target};

/// Bytes of a large upload that are copied at a time where GL cannot be shown the memory itself.
/// Memory for all of it would be new pages each time, which cost more than the copy; this much is
/// found again, and stays in the cache until GL has read it. Much less would be calls of GL without
/// end.
const PIECE: usize = 1 << 20;

/// The same of what is read: GL is waited for each time, and some drivers copy the whole texture
/// for each part of it.
const READ_PIECE: usize = 16 << 20;

/// Moves pixels from memory into a resource; `how`, where it is a buffer.
pub(crate) fn write(
    gl: &Current<'_>,
    formats: &Formats,
    resource: &Resource,
    transfer: &Transfer,
    source: &Source<'_>,
    how: BufferWrite,
) -> Result<()> {
    match &resource.storage {
        Storage::Buffer(buffer) => write_buffer(gl, buffer, transfer, source, how),
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
        Storage::Buffer(buffer) => read_buffer(gl, buffer, transfer, target),
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
    how: BufferWrite,
) -> Result<()> {
    let (start, size) = bytes_of(transfer, source.len())?;
    inside(buffer, start, size)?;
    if let Some(run) = source.run(transfer.offset, size as u64) {
        return Ok(gl.write_buffer_by(how, buffer, start as u64, run.input()?)?);
    }
    let mut bytes = vec![0; size.min(PIECE)];
    for (at, length) in pieces(size, PIECE) {
        let piece = bytes.get_mut(..length).unwrap_or_default();
        source.read(transfer.offset.saturating_add(at), piece)?;
        let to = (start as u64).saturating_add(at);
        gl.write_buffer_by(how, buffer, to, (&*piece).into())?;
    }
    Ok(())
}

fn read_buffer(
    gl: &Current<'_>,
    buffer: &Arc<Buffer>,
    transfer: &Transfer,
    target: &mut Target<'_>,
) -> Result<()> {
    let (start, size) = bytes_of(transfer, target.len())?;
    inside(buffer, start, size)?;
    if let Some(mut run) = target.run(transfer.offset, size as u64) {
        return Ok(gl.read_buffer_into(buffer, start as u64, run.output()?)?);
    }
    let mut bytes = vec![0; size.min(READ_PIECE)];
    for (at, length) in pieces(size, READ_PIECE) {
        let piece = bytes.get_mut(..length).unwrap_or_default();
        gl.read_buffer(buffer, (start as u64).saturating_add(at), piece)?;
        target.write(transfer.offset.saturating_add(at), piece)?;
    }
    Ok(())
}

fn inside(buffer: &Buffer, start: usize, size: usize) -> Result<()> {
    match (start as u64).saturating_add(size as u64) <= buffer.size() {
        true => Ok(()),
        false => Err(Error::Outside("a transfer")),
    }
}

/// Where each piece of at most so many bytes starts, and its length.
fn pieces(size: usize, most: usize) -> impl Iterator<Item = (u64, usize)> {
    let starts = (0..size).step_by(most);
    starts.map(move |at| (at as u64, most.min(size.saturating_sub(at))))
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
    let region = region_of(&transfer.region);
    let conversion = conversion_of(formats, format);
    if conversion == Conversion::None
        && let Some((pitch, len)) = rows.as_they_are(texture, &region)
        && let Some(run) = source.run(rows.offset, len)
    {
        return Ok(gl.upload_from(texture, transfer.level, &region, pitch, run.input()?)?);
    }
    let mut pixels = Vec::new();
    for (rows, region) in rows.bands(region, PIECE) {
        rows.gather(source, &mut pixels)?;
        conversion.to_gl(&mut pixels);
        gl.upload(texture, transfer.level, &region, &pixels)?;
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
    let region = region_of(&transfer.region);
    let conversion = conversion_of(formats, format);
    if conversion == Conversion::None
        && let Some((pitch, len)) = rows.as_they_are(texture, &region)
        && let Some(mut run) = target.run(rows.offset, len)
    {
        return Ok(gl.read_texture_into(texture, transfer.level, &region, pitch, run.output()?)?);
    }
    let mut pixels = Vec::new();
    for (rows, region) in rows.bands(region, READ_PIECE) {
        pixels.resize(rows.size()?, 0);
        gl.read_texture(texture, transfer.level, &region, &mut pixels)?;
        conversion.to_virgl(&mut pixels);
        rows.scatter(&pixels, target)?;
    }
    Ok(())
}

/// What happens to pixels of the format on the way.
fn conversion_of(formats: &Formats, format: Format) -> Conversion {
    let host = formats.of(format);
    host.map_or(Conversion::None, |host| host.gl.conversion)
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
            self.host.buffer_writes.ordered(),
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
            (transfer.direction, false),
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
        let waits = transfer.flags.contains(CopyTransferFlags::SYNCHRONIZED);
        self.move_pixels(
            &resource,
            memory,
            &transfer.region,
            offset,
            (direction, waits),
        )
    }

    /// `waits` says that the guest has not waited for the commands that use the part of a buffer:
    /// otherwise it has, or does not care.
    fn move_pixels(
        &mut self,
        resource: &Arc<Resource>,
        memory: Backing,
        region: &TransferRegion,
        offset: u32,
        (direction, waits): (TransferDirection, bool),
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
                let writes = self.host.buffer_writes;
                let how = match waits {
                    true => writes.ordered(),
                    false => writes.at_once(),
                };
                let source = Source::Backing(memory);
                write(gl, formats, resource, &transfer, &source, how)
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
