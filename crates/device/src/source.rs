//! Where the pixels of a scanout and of a pointer are.

use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::sync::Arc;

use context::{Backing, BlobStorage, Piece, ResourceId, ResourceRequest, Transfer, TransferTarget};
use display::{CursorImage, DmaBuf, Frame, Layout, Rect};
use format::{Format, ScanoutPixel};
use host_memory::{Mapping, Pages};
use render_2d::Image;

use crate::scanout::{BlobImage, box_of};
use crate::tables::{HostBlob, Kind};
use crate::{Device, Error};

impl Device {
    /// The frame that a classic resource's pixels are copied to.
    pub(crate) fn shadow_frame(&mut self, id: ResourceId, shape: Shape) -> Result<Frame, Error> {
        if self.resources.find(id)?.shadow.is_none() {
            let shadow = self.image(shape.format.to_wire(), shape.width, shape.height)?;
            self.resources
                .change(id, |slot| slot.shadow = Some(shadow))?;
        }
        let shadow = self.resources.find(id)?.shadow.as_ref();
        image_frame(shadow.ok_or(Error::Bug("no shadow to show"))?)
    }

    /// Frees the shadows of what is not on a scanout. They are kept otherwise: guests flip between a
    /// few resources, and fresh memory costs as much as the copy.
    pub(crate) fn forget_shadows(&mut self) {
        let shown = self.scanouts.iter().flatten();
        let shown: BTreeSet<_> = shown.map(|shown| shown.resource).collect();
        self.resources.forget_shadows(|id| shown.contains(&id));
    }

    /// Copies pixels of a classic resource to its shadow, as they are behind all that was submitted.
    pub(crate) fn read_back(&mut self, id: ResourceId, rect: Rect) -> Result<(), Error> {
        let shadow = self.resources.find(id)?.shadow.as_ref();
        let shadow = shadow.ok_or(Error::Bug("no shadow to read to"))?;
        let memory = shadow.memory();
        let transfer = Transfer {
            level: 0,
            stride: shadow.stride(),
            layer_stride: 0,
            region: box_of(rect),
            offset: layout_of(shadow).at(rect.x, rect.y),
        };
        let target = TransferTarget::Memory(&memory);
        let resources = self.opened()?.resources()?;
        Ok(resources.transfer_from_host(None, id, &transfer, target)?)
    }

    pub(crate) fn blob_frame(&mut self, id: ResourceId, layout: Layout) -> Result<Frame, Error> {
        let dma_buf = match &self.resources.find(id)?.kind {
            Kind::Blob(HostBlob { blob, .. }) => dma_buf_of(&blob.storage, layout.offset),
            _ => None,
        };
        let frame = Frame::new(self.blob_memory(id)?, layout).ok_or(Error::BadImage(id))?;
        Ok(match dma_buf {
            Some(dma_buf) => frame.with_dma_buf(dma_buf),
            None => frame,
        })
    }

    /// A blob's memory, as far as the guest may use it.
    fn blob_memory(&mut self, id: ResourceId) -> Result<Backing, Error> {
        let slot = self.resources.find(id)?;
        match &slot.kind {
            Kind::GuestBlob(_) => slot.backing.clone().ok_or(Error::NoBacking(id)),
            Kind::Blob(blob) => {
                let size = blob.blob.size;
                let pages = pages_of(id, blob)?;
                let piece = Piece::new(pages.clone(), 0, size).ok();
                let memory = piece.and_then(|piece| Backing::new([piece]));
                self.resources.change(id, |slot| slot.keep_pages(pages))?;
                memory.ok_or(Error::Bug("a blob is longer than its memory"))
            }
            Kind::Plain(_) | Kind::Classic(_) => Err(Error::WrongKind {
                resource: id,
                wanted: "a blob",
            }),
        }
    }

    pub(crate) fn cursor_image(&mut self, id: ResourceId) -> Result<CursorImage, Error> {
        let bad = Error::BadCursor(id);
        let size = CursorImage::SIZE;
        let slot = self.resources.find(id)?;
        let frame = match &slot.kind {
            Kind::Plain(image) => image_frame(image)?,
            Kind::Classic(request) => {
                let shape = Shape::of(id, request)?;
                if (shape.width, shape.height) != (size, size) {
                    return Err(bad);
                }
                let pixels = self.read_cursor(id)?;
                return CursorImage::new(shape.format, pixels).ok_or(bad);
            }
            // It has no shape: Linux makes it of as many bytes (`virtio_gpu_cursor_plane_update`).
            Kind::Blob(_) | Kind::GuestBlob(_) => {
                let layout = Layout {
                    format: Format::B8G8R8A8_UNORM,
                    width: size,
                    height: size,
                    stride: size.saturating_mul(ScanoutPixel::BYTES),
                    offset: 0,
                };
                Frame::new(self.blob_memory(id)?, layout).ok_or(Error::BadCursor(id))?
            }
        };
        CursorImage::of_frame(&frame).ok_or(bad)
    }

    /// The pixels of a classic resource that is a pointer's picture, tightly packed.
    fn read_cursor(&mut self, id: ResourceId) -> Result<Vec<u8>, Error> {
        let size = CursorImage::SIZE;
        let transfer = Transfer {
            level: 0,
            stride: 0,
            layer_stride: 0,
            region: box_of(Rect::of_size(size, size)),
            offset: 0,
        };
        let mut pixels = vec![0; CursorImage::BYTES];
        let target = TransferTarget::Bytes(&mut pixels);
        let resources = self.opened()?.resources()?;
        resources.transfer_from_host(None, id, &transfer, target)?;
        Ok(pixels)
    }
}

/// What a screen has to know of a classic resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    format: Format,
    width: u32,
    height: u32,
}

impl Shape {
    /// The shape of one that a screen can show: a flat image of one sample and of a format of
    /// [`Format::SCANOUT`], or its sRGB twin.
    pub(crate) fn of(id: ResourceId, request: &ResourceRequest) -> Result<Self, Error> {
        let known = Format::from_wire(request.format).map(Format::linear);
        let format = known.filter(|format| Format::SCANOUT.contains(format));
        let is_flat = [PIPE_TEXTURE_2D, PIPE_TEXTURE_RECT].contains(&request.target)
            && request.nr_samples <= 1;
        match format.filter(|_| is_flat) {
            Some(format) => Ok(Self {
                format,
                width: request.width,
                height: request.height.max(1),
            }),
            None => Err(Error::WrongKind {
                resource: id,
                wanted: "an image that a screen can show",
            }),
        }
    }
}

/// Numbers of `enum pipe_texture_target` (Mesa's `src/gallium/include/pipe/p_defines.h`).
pub(crate) const PIPE_TEXTURE_2D: u32 = 2;
const PIPE_TEXTURE_RECT: u32 = 5;

pub(crate) fn image_frame(image: &Image) -> Result<Frame, Error> {
    let frame = Frame::new(image.memory(), layout_of(image));
    let frame = frame.ok_or(Error::Bug("an image without a frame"))?;
    Ok(match image.dma_buf() {
        Some(fd) => frame.with_dma_buf(DmaBuf {
            fd,
            offset: 0,
            modifier: LINEAR,
        }),
        None => frame,
    })
}

fn layout_of(image: &Image) -> Layout {
    Layout {
        format: image.format(),
        width: image.width(),
        height: image.height(),
        stride: image.stride(),
        offset: 0,
    }
}

/// `DRM_FORMAT_MOD_LINEAR` (`drm_fourcc.h`).
const LINEAR: u64 = 0;

pub(crate) fn blob_layout(image: &BlobImage) -> Option<Layout> {
    let format = Format::from_wire(image.format)?;
    let ([stride, ..], [offset, ..]) = (image.strides, image.offsets);
    Image::size_of(image.width, image.height).ok()?;
    Some(Layout {
        format,
        width: image.width,
        height: image.height,
        stride,
        offset: offset.into(),
    })
}

fn dma_buf_of(storage: &BlobStorage, offset: u64) -> Option<DmaBuf> {
    match storage {
        // The command has no modifier: such images are linear.
        BlobStorage::DmaBuf(fd) => Some(DmaBuf {
            fd: Arc::clone(fd),
            offset,
            modifier: LINEAR,
        }),
        BlobStorage::Shm(_) | BlobStorage::Opaque(_) => None,
    }
}

/// A blob's memory, mapped once.
fn pages_of(id: ResourceId, blob: &HostBlob) -> Result<Pages, Error> {
    match (&blob.pages, &blob.blob.storage) {
        (Some(pages), _) => Ok(pages.clone()),
        (None, BlobStorage::Shm(shm)) => Ok(shm.clone().into()),
        (None, BlobStorage::DmaBuf(fd)) => {
            let mapping = Mapping::new(fd.as_fd(), blob.blob.size);
            Ok(mapping.map_err(Error::SharedMemory)?.into())
        }
        (None, BlobStorage::Opaque(_)) => Err(Error::WrongKind {
            resource: id,
            wanted: "memory that can be mapped",
        }),
    }
}
