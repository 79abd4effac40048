use std::sync::Arc;

use context::{Box3d, ResourceId};
use display::{Cursor, Display, Frame, HotSpot, Layout, Position, Rect};

use crate::source::{Shape, blob_layout, image_frame};
use crate::state::ScanoutState;
use crate::tables::Kind;
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
    /// How the image lies in a blob.
    image: Option<BlobImage>,
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

    pub(crate) fn state(&self, scanout: u32) -> ScanoutState {
        ScanoutState {
            scanout,
            resource: self.resource,
            rect: self.rect,
            image: self.image,
        }
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
        self.show(index, resource, (rect, None), frame);
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
        let layout = blob_layout(image).ok_or(Error::BadImage(resource))?;
        let frame = self.blob_frame(resource, layout)?;
        self.show(index, resource, (rect, Some(*image)), part(&frame, rect)?);
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
        self.set_cursor(index, cursor);
        Ok(())
    }

    pub(crate) fn set_cursor(&mut self, index: usize, cursor: Cursor) {
        self.shown_version = self.shown_version.wrapping_add(1);
        self.display.set_cursor(index, cursor);
    }

    /// Gives a scanout's pointer a place (`VIRTIO_GPU_CMD_MOVE_CURSOR`).
    ///
    /// # Errors
    /// [`Error::NoScanout`].
    pub fn move_cursor(&mut self, scanout: u32, position: Position) -> Result<(), Error> {
        let index = self.scanout_index(scanout)?;
        self.shown_version = self.shown_version.wrapping_add(1);
        self.display.move_cursor(index, position);
        Ok(())
    }

    /// A resource whose pixels were in plain memory has become the renderer's, and that memory its
    /// shadow.
    pub(crate) fn shown_from_shadow(&mut self, resource: ResourceId) {
        let shown = self.scanouts.iter_mut().flatten();
        for shown in shown.filter(|shown| shown.resource == resource) {
            shown.source = Source::Shadow { unread: None };
        }
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
            self.shown_version = self.shown_version.wrapping_add(1);
            self.display.show(index, None);
        }
    }

    /// A frame of a resource goes on a scanout. One that is there already stays: nothing of it is
    /// new.
    fn show(
        &mut self,
        index: usize,
        resource: ResourceId,
        (rect, image): (Rect, Option<BlobImage>),
        frame: Frame,
    ) {
        let layout = *frame.layout();
        let shown = self.scanouts.get(index).and_then(Option::as_ref);
        if shown.is_some_and(|it| it.is(resource, rect, &layout)) {
            return;
        }
        let slot = self.resources.find(resource);
        let source = match slot.is_ok_and(|slot| slot.shadow.is_some()) {
            true => Source::Shadow {
                unread: Some(frame),
            },
            false => {
                self.display.show(index, Some(frame));
                Source::InPlace
            }
        };
        self.shown_version = self.shown_version.wrapping_add(1);
        if let Some(slot) = self.scanouts.get_mut(index) {
            *slot = Some(Shown {
                resource,
                rect,
                image,
                layout,
                source,
            });
        }
    }
}

/// The size in pixels of a resource that has one.
fn size_of(kind: &Kind) -> Option<(u32, u32)> {
    match kind {
        Kind::Plain(image) => Some((image.width(), image.height())),
        Kind::Classic(request) => Some((request.width, request.height.max(1))),
        Kind::Blob(_) | Kind::GuestBlob(_) => None,
    }
}

fn part(frame: &Frame, rect: Rect) -> Result<Frame, Error> {
    frame.part(&rect).ok_or(Error::BadRect(rect))
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
