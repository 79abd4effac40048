use std::sync::Arc;

use context::{
    Backing, BlobStorage, Box3d, Piece, ResourceId, ResourceRequest, Transfer, TransferTarget,
};
use display::{Cursor, CursorImage, Display, DmaBuf, Frame, HotSpot, Layout, Position, Rect};
use format::{Format, ScanoutPixel};
use host_memory::{Mapping, Pages};

use crate::shadow::Shadow;
use crate::tables::{HostBlob, Kind};
use crate::{Device, Error};

/// An image in a blob, as the guest says that it is (`struct virtio_gpu_set_scanout_blob`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobImage {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// A number of `enum virtio_gpu_formats`.
    pub format: u32,
    /// Bytes from row to row. The formats have one plane; the others are not looked at.
    pub strides: [u32; 4],
    /// Bytes into the blob.
    pub offsets: [u32; 4],
}

/// What a scanout shows.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) resource: ResourceId,
    /// Which part of the resource or of the blob's image.
    rect: Rect,
    layout: Layout,
    source: Source,
}

/// Where the pixels come from.
#[derive(Debug)]
enum Source {
    /// They are in the frame's memory already.
    InPlace,
    /// From the renderer, when the guest flushes. The frame is shown from the first time on:
    /// until then what the GPU has drawn is not in it.
    Shadow { unread: Option<Frame> },
}

impl Shown {
    fn is(&self, resource: ResourceId, rect: Rect, layout: &Layout) -> bool {
        (self.resource, self.rect, &self.layout) == (resource, rect, layout)
    }
}

impl Device {
    /// The screens, for those who look at them.
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// Puts a part of a 2D or a classic resource on a scanout, or nothing
    /// (`VIRTIO_GPU_CMD_SET_SCANOUT`). What a GPU has drawn is seen with the first flush.
    ///
    /// # Errors
    /// [`Error::NoScanout`]; [`Error::WrongKind`] for a blob or what no screen can show;
    /// [`Error::BadRect`] for an empty part or one outside.
    pub fn set_scanout(
        &mut self,
        scanout: u32,
        rect: Rect,
        resource: Option<ResourceId>,
    ) -> Result<(), Error> {
        let index = self.scanout_index(scanout)?;
        let Some(resource) = resource else {
            self.hide(index);
            return Ok(());
        };
        let frame = match &self.resources.find(resource)?.kind {
            Kind::Plain(image) => part(&image_frame(image)?, rect)?,
            Kind::Classic(request) => {
                let shape = Shape::of(resource, request)?;
                part(&self.shadow_frame(resource, shape)?, rect)?
            }
            Kind::Blob(_) | Kind::GuestBlob(_) => {
                return Err(Error::WrongKind {
                    resource,
                    wanted: "a resource with a shape",
                });
            }
        };
        self.show(index, resource, rect, frame);
        Ok(())
    }

    /// Puts a part of an image in a blob on a scanout (`VIRTIO_GPU_CMD_SET_SCANOUT_BLOB`); without
    /// a blob that is [`Device::set_scanout`].
    ///
    /// # Errors
    /// [`Error::NoScanout`]; [`Error::WrongKind`] for what is no blob or cannot be mapped;
    /// [`Error::NoBacking`]; [`Error::BadImage`] for one that does not lie in the blob;
    /// [`Error::BadRect`].
    pub fn set_scanout_blob(
        &mut self,
        scanout: u32,
        rect: Rect,
        resource: ResourceId,
        image: &BlobImage,
    ) -> Result<(), Error> {
        let index = self.scanout_index(scanout)?;
        let layout = layout_of(image).ok_or(Error::BadImage(resource))?;
        let frame = self.blob_frame(resource, layout)?;
        self.show(index, resource, rect, part(&frame, rect)?);
        Ok(())
    }

    /// Makes what is new in a part of a resource visible on the scanouts that it is on
    /// (`VIRTIO_GPU_CMD_RESOURCE_FLUSH`). Returns when a GPU's pixels have been read.
    ///
    /// # Errors
    /// [`Error::BadRect`] for a part outside a resource with a shape; the renderer's.
    pub fn flush(&mut self, resource: ResourceId, rect: Rect) -> Result<(), Error> {
        if let Some((width, height)) = size_of(&self.resources.find(resource)?.kind)
            && !rect.is_within(width, height)
        {
            return Err(Error::BadRect(rect));
        }
        for index in 0..self.scanouts.len() {
            self.flush_scanout(index, resource, rect)?;
        }
        Ok(())
    }

    fn flush_scanout(
        &mut self,
        index: usize,
        resource: ResourceId,
        rect: Rect,
    ) -> Result<(), Error> {
        let shown = self.scanouts.get(index).and_then(Option::as_ref);
        let Some(shown) = shown.filter(|shown| shown.resource == resource) else {
            return Ok(());
        };
        let whole = shown.rect;
        match &shown.source {
            Source::InPlace => self.damage(index, whole, rect),
            Source::Shadow { unread: None } => {
                if let Some(new) = rect.intersection(&whole) {
                    self.read_back(resource, new)?;
                    self.damage(index, whole, new);
                }
            }
            Source::Shadow { unread: Some(_) } => {
                self.read_back(resource, whole)?;
                self.show_read(index);
            }
        }
        Ok(())
    }

    /// What the GPU has drawn is in the frame now, and is shown.
    fn show_read(&mut self, index: usize) {
        let shown = self.scanouts.get_mut(index).and_then(Option::as_mut);
        if let Some(Source::Shadow { unread }) = shown.map(|shown| &mut shown.source) {
            let frame = unread.take();
            self.display.show(index, frame);
        }
    }

    /// A part of what a scanout shows `whole` of is new.
    fn damage(&self, index: usize, whole: Rect, rect: Rect) {
        let new = rect.intersection(&whole);
        let new = new.and_then(|new| new.relative_to(whole.x, whole.y));
        if let Some(new) = new {
            self.display.damage(index, new);
        }
    }

    /// Gives a scanout's pointer a picture and a place (`VIRTIO_GPU_CMD_UPDATE_CURSOR`); without a
    /// picture it is hidden. The picture is copied: the resource may change or go.
    ///
    /// # Errors
    /// Nothing has changed: [`Error::NoScanout`], [`Error::BadCursor`] for a picture that is not
    /// 64 x 64 pixels, [`Error::NoBacking`], or the renderer's.
    pub fn update_cursor(
        &mut self,
        scanout: u32,
        position: Position,
        hot_spot: HotSpot,
        resource: Option<ResourceId>,
    ) -> Result<(), Error> {
        let index = self.scanout_index(scanout)?;
        let image = match resource {
            Some(resource) => Some(Arc::new(self.cursor_image(resource)?)),
            None => None,
        };
        let cursor = Cursor {
            image,
            hot_spot,
            position,
        };
        self.display.set_cursor(index, cursor);
        Ok(())
    }

    /// Gives a scanout's pointer a place (`VIRTIO_GPU_CMD_MOVE_CURSOR`).
    ///
    /// # Errors
    /// [`Error::NoScanout`].
    pub fn move_cursor(&mut self, scanout: u32, position: Position) -> Result<(), Error> {
        let index = self.scanout_index(scanout)?;
        self.display.move_cursor(index, position);
        Ok(())
    }

    /// Takes a resource that goes, or whose memory goes, off the scanouts.
    pub(crate) fn hide_resource(&mut self, resource: ResourceId) {
        for index in 0..self.scanouts.len() {
            let shown = self.scanouts.get(index).and_then(Option::as_ref);
            if shown.is_some_and(|shown| shown.resource == resource) {
                self.hide(index);
            }
        }
    }

    pub(crate) fn hide(&mut self, index: usize) {
        if let Some(slot) = self.scanouts.get_mut(index) {
            *slot = None;
            self.display.show(index, None);
        }
    }

    /// A frame of a resource goes on a scanout. One that is there already stays: nothing of it is
    /// new.
    fn show(&mut self, index: usize, resource: ResourceId, rect: Rect, frame: Frame) {
        let layout = *frame.layout();
        let shown = self.scanouts.get(index).and_then(Option::as_ref);
        if shown.is_some_and(|it| it.is(resource, rect, &layout)) {
            return;
        }
        let in_place = match self.resources.find(resource) {
            Ok(slot) => slot.shadow.is_none(),
            Err(_) => false,
        };
        let source = match in_place {
            true => {
                self.display.show(index, Some(frame));
                Source::InPlace
            }
            false => Source::Shadow {
                unread: Some(frame),
            },
        };
        if let Some(slot) = self.scanouts.get_mut(index) {
            *slot = Some(Shown {
                resource,
                rect,
                layout,
                source,
            });
        }
    }

    /// The frame that a classic resource's pixels are copied to.
    fn shadow_frame(&mut self, id: ResourceId, shape: Shape) -> Result<Frame, Error> {
        if self.resources.find(id)?.shadow.is_none() {
            let shadow = shape.shadow(|size| self.resources.check_image_bytes(size))?;
            self.resources
                .change(id, |slot| slot.shadow = Some(shadow))?;
        }
        let shadow = self.resources.find(id)?.shadow.as_ref();
        let frame = shadow.and_then(Shadow::frame);
        frame.ok_or(Error::Bug("a shadow without a frame"))
    }

    /// Copies pixels of a classic resource to its shadow.
    fn read_back(&mut self, id: ResourceId, rect: Rect) -> Result<(), Error> {
        let mut pixels = std::mem::take(&mut self.scratch);
        let read = Shadow::bands(rect).try_for_each(|band| {
            self.read_pixels(id, band, &mut pixels)?;
            let shadow = self.resources.find(id)?.shadow.as_ref();
            let shadow = shadow.ok_or(Error::Bug("no shadow to read to"))?;
            let written = shadow.write(band, &pixels);
            written.map_err(|_| Error::Bug("a shadow is too small"))
        });
        self.scratch = pixels;
        read
    }

    /// Reads pixels of a classic resource, tightly packed, behind all that was submitted.
    fn read_pixels(
        &mut self,
        id: ResourceId,
        rect: Rect,
        pixels: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let stride = rect.width.saturating_mul(ScanoutPixel::BYTES);
        let size = u64::from(stride).saturating_mul(rect.height.into());
        pixels.resize(usize::try_from(size).unwrap_or_default(), 0);
        let transfer = Transfer {
            level: 0,
            stride,
            layer_stride: 0,
            region: box_of(rect),
            offset: 0,
        };
        let target = TransferTarget::Bytes(pixels);
        let resources = self.opened()?.resources()?;
        Ok(resources.transfer_from_host(None, id, &transfer, target)?)
    }

    fn blob_frame(&mut self, id: ResourceId, layout: Layout) -> Result<Frame, Error> {
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

    fn cursor_image(&mut self, id: ResourceId) -> Result<CursorImage, Error> {
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
                let mut pixels = Vec::new();
                self.read_pixels(id, Rect::of_size(size, size), &mut pixels)?;
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
}

/// What a screen has to know of a classic resource.
#[derive(Clone, Copy, Debug)]
struct Shape {
    format: Format,
    width: u32,
    height: u32,
}

impl Shape {
    /// The shape of one that a screen can show: a flat image of one sample and of a format of
    /// [`Format::SCANOUT`], or its sRGB twin.
    fn of(id: ResourceId, request: &ResourceRequest) -> Result<Self, Error> {
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

    fn shadow(self, room: impl FnOnce(u64) -> Result<(), Error>) -> Result<Shadow, Error> {
        room(render_2d::Image::size_of(self.width, self.height)?)?;
        Shadow::new(self.format, self.width, self.height).map_err(Error::SharedMemory)
    }
}

/// Numbers of `enum pipe_texture_target` (Mesa's `src/gallium/include/pipe/p_defines.h`).
const PIPE_TEXTURE_2D: u32 = 2;
const PIPE_TEXTURE_RECT: u32 = 5;

/// The size in pixels of a resource that has one.
fn size_of(kind: &Kind) -> Option<(u32, u32)> {
    match kind {
        Kind::Plain(image) => Some((image.width(), image.height())),
        Kind::Classic(request) => Some((request.width, request.height.max(1))),
        Kind::Blob(_) | Kind::GuestBlob(_) => None,
    }
}

fn image_frame(image: &render_2d::Image) -> Result<Frame, Error> {
    let layout = Layout {
        format: image.format(),
        width: image.width(),
        height: image.height(),
        stride: image.stride(),
        offset: 0,
    };
    Frame::new(image.memory(), layout).ok_or(Error::Bug("an image without a frame"))
}

fn part(frame: &Frame, rect: Rect) -> Result<Frame, Error> {
    frame.part(&rect).ok_or(Error::BadRect(rect))
}

fn layout_of(image: &BlobImage) -> Option<Layout> {
    let format = Format::from_wire(image.format)?;
    let ([stride, ..], [offset, ..]) = (image.strides, image.offsets);
    render_2d::Image::size_of(image.width, image.height).ok()?;
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
            modifier: 0,
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
            let mapping = Mapping::new(std::os::fd::AsFd::as_fd(fd), blob.blob.size);
            Ok(mapping.map_err(Error::SharedMemory)?.into())
        }
        (None, BlobStorage::Opaque(_)) => Err(Error::WrongKind {
            resource: id,
            wanted: "memory that can be mapped",
        }),
    }
}

/// A rectangle as a part of a resource.
pub(crate) fn box_of(rect: Rect) -> Box3d {
    Box3d {
        x: rect.x,
        y: rect.y,
        z: 0,
        width: rect.width,
        height: rect.height,
        depth: 1,
    }
}
