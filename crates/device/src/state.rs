//! What of a device outlives its process.
//!
//! Firmware, boot consoles and desktops without a GPU need plain memory alone: 2D resources, blobs
//! of the guest's, scanouts and pointers. A door that keeps a [`State`] where its process can die
//! sets up another device like it, under a guest that does not notice. What a renderer made is not
//! part of it: contexts, their blobs and classic resources end with the process, and commands that
//! name them are refused then.

use std::sync::Arc;

use context::{Backing, ResourceId};
use display::{Cursor, CursorImage, HotSpot, Position, Rect};
use format::Format;
use render_2d::Image;

use crate::tables::{Kind, ResourceSlot};
use crate::{BlobImage, Device, Error};

/// What a device can be set up with again.
///
/// The guest's pages are not in it: only the door knows where in the guest's memory they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The resources in plain memory, by number.
    pub resources: Vec<ResourceState>,
    /// The scanouts that show one of those, by number.
    pub scanouts: Vec<ScanoutState>,
    /// The pointers that are not as they were at first, by number.
    pub cursors: Vec<CursorState>,
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceState {
    /// The guest's name for it.
    pub id: ResourceId,
    /// What it is.
    pub shape: ShapeState,
    /// Whether it has a backing.
    pub has_backing: bool,
    /// Its name among the devices of the machine, once it was asked for.
    pub uuid: Option<[u8; 16]>,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeState {
    /// [`Device::create_resource_2d`] made it.
    Image {
        /// A number of `enum virtio_gpu_formats`.
        format: u32,
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// [`Device::create_guest_blob`] made it.
    GuestBlob {
        /// Bytes.
        size: u64,
    },
}

/// What a scanout shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanoutState {
    /// Its number.
    pub scanout: u32,
    /// What of.
    pub resource: ResourceId,
    /// Which part.
    pub rect: Rect,
    /// How the image lies in a blob.
    pub image: Option<BlobImage>,
}

/// A scanout's pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorState {
    /// The scanout's number.
    pub scanout: u32,
    /// Where it is.
    pub position: Position,
    /// Which pixel of the picture points.
    pub hot_spot: HotSpot,
    /// The picture, as [`CursorImage::pixels`] gives it; none if it is hidden.
    pub pixels: Option<Vec<u8>>,
}

impl Device {
    /// A number that is another one whenever [`Device::state`] may be, within the life of a device.
    pub fn state_version(&self) -> u64 {
        self.resources.version().wrapping_add(self.shown_version)
    }

    /// What the device can be set up with again.
    pub fn state(&self) -> State {
        let resources = self.resources.iter();
        let mut resources: Vec<_> = resources
            .filter_map(|(id, slot)| resource(id, slot))
            .collect();
        resources.sort_by_key(|it| it.id);
        let is_kept = |id| {
            resources
                .binary_search_by_key(&id, |it: &ResourceState| it.id)
                .is_ok()
        };
        let scanouts = (0..).zip(&self.scanouts).filter_map(|(scanout, shown)| {
            let shown = shown.as_ref().filter(|shown| is_kept(shown.resource))?;
            Some(shown.state(scanout))
        });
        let scanouts = scanouts.collect();
        let cursors = (0..self.scanouts.len()).filter_map(|at| self.cursor_state(at));
        State {
            scanouts,
            cursors: cursors.collect(),
            resources,
        }
    }

    /// The pixels of a 2D resource, to save, or to load after [`Device::restore`].
    ///
    /// # Errors
    /// [`Error::WrongKind`] for anything else.
    pub fn pixels(&self, id: ResourceId) -> Result<Backing, Error> {
        match &self.resources.find(id)?.kind {
            Kind::Plain(image) => Ok(image.memory()),
            _ => Err(Error::WrongKind {
                resource: id,
                wanted: "a 2D resource",
            }),
        }
    }

    /// Sets a device up as another was, after [`Device::reset`]. `backing` finds the guest's pages
    /// behind a resource that had some. The pixels of a 2D resource are those of its backing,
    /// where drivers keep what they last moved; [`Device::pixels`] is for who has saved them.
    ///
    /// A state comes from outside, and is checked as what a guest asks for is.
    ///
    /// # Errors
    /// Those of the verbs that it stands for, and [`Error::NoBacking`] if there are no pages where
    /// there were some. The device is reset then.
    pub fn restore(
        &mut self,
        state: &State,
        backing: &mut dyn FnMut(ResourceId) -> Option<Backing>,
    ) -> Result<(), Error> {
        self.reset();
        let restored = self.restore_all(state, backing);
        if restored.is_err() {
            self.reset();
        }
        restored
    }

    fn restore_all(
        &mut self,
        state: &State,
        backing: &mut dyn FnMut(ResourceId) -> Option<Backing>,
    ) -> Result<(), Error> {
        for resource in &state.resources {
            self.restore_resource(resource, backing)?;
        }
        for shown in &state.scanouts {
            let ScanoutState {
                scanout,
                resource,
                rect,
                image,
            } = *shown;
            match image {
                Some(image) => self.set_scanout_blob(scanout, rect, resource, &image)?,
                None => self.set_scanout(scanout, rect, Some(resource))?,
            }
        }
        state
            .cursors
            .iter()
            .try_for_each(|it| self.restore_cursor(it))
    }

    fn restore_resource(
        &mut self,
        resource: &ResourceState,
        backing: &mut dyn FnMut(ResourceId) -> Option<Backing>,
    ) -> Result<(), Error> {
        let id = resource.id;
        match resource.shape {
            ShapeState::Image {
                format,
                width,
                height,
            } => self.create_resource_2d(id, format, width, height)?,
            ShapeState::GuestBlob { size } => self.create_guest_blob(id, size, None)?,
        }
        self.resources
            .change(id, |slot| slot.uuid = resource.uuid)?;
        if resource.has_backing {
            let pages = backing(id).ok_or(Error::NoBacking(id))?;
            self.attach_backing(id, pages)?;
            self.load(id)?;
        }
        Ok(())
    }

    /// Takes an image's pixels from its backing, if that has all of them.
    fn load(&mut self, id: ResourceId) -> Result<(), Error> {
        let slot = self.resources.find(id)?;
        let (Kind::Plain(image), Some(backing)) = (&slot.kind, &slot.backing) else {
            return Ok(());
        };
        let whole = Rect::of_size(image.width(), image.height());
        match Image::size_of(whole.width, whole.height)? <= backing.len() {
            true => self.transfer_to_host_2d(id, whole, 0),
            false => Ok(()),
        }
    }

    fn cursor_state(&self, at: usize) -> Option<CursorState> {
        let cursor = self.display.cursor(at)?;
        (cursor != Cursor::default()).then(|| CursorState {
            scanout: u32::try_from(at).unwrap_or(u32::MAX),
            position: cursor.position,
            hot_spot: cursor.hot_spot,
            pixels: cursor.image.map(|image| image.pixels().to_vec()),
        })
    }

    fn restore_cursor(&mut self, cursor: &CursorState) -> Result<(), Error> {
        let index = self.scanout_index(cursor.scanout)?;
        let image = match cursor.pixels.clone() {
            Some(pixels) => {
                let image = CursorImage::new(Format::B8G8R8A8_UNORM, pixels);
                let bad = Error::BadCursor(ResourceId(0));
                Some(Arc::new(image.ok_or(bad)?))
            }
            None => None,
        };
        self.set_cursor(
            index,
            Cursor {
                image,
                hot_spot: cursor.hot_spot,
                position: cursor.position,
            },
        );
        Ok(())
    }
}

fn resource(id: ResourceId, slot: &ResourceSlot) -> Option<ResourceState> {
    let shape = match &slot.kind {
        Kind::Plain(image) => ShapeState::Image {
            format: image.format().to_wire(),
            width: image.width(),
            height: image.height(),
        },
        Kind::GuestBlob(size) => ShapeState::GuestBlob { size: *size },
        Kind::Classic(_) | Kind::Blob(_) => return None,
    };
    Some(ResourceState {
        id,
        shape,
        has_backing: slot.backing.is_some(),
        uuid: slot.uuid,
    })
}
