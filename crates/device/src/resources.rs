//! What is done to resources, but for showing and mapping them.

use std::os::fd::OwnedFd;

use context::{
    Backing, Blob, BlobMem, BlobRequest, ContextId, Piece, ResourceId, ResourceRequest, Transfer,
    TransferSource, TransferTarget,
};
use display::Rect;
use host_memory::{Mapping, Shm};
use render_2d::Image;

use crate::limits::{MAX_BACKING_PIECES, MAX_BLOB_SIZE, MAX_RESOURCES, MAX_SHM_BYTES};
use crate::scanout::box_of;
use crate::tables::{HostBlob, Kind};
use crate::{Device, Error, check_limit, check_shm};

impl Device {
    /// Makes a 2D resource named `id`, of zeros in plain memory and without a backing
    /// (`VIRTIO_GPU_CMD_RESOURCE_CREATE_2D`). No renderer hears of it. `format` is a number of
    /// `enum virtio_gpu_formats`; sizes are in pixels.
    pub fn create_resource_2d(
        &mut self,
        id: ResourceId,
        format: u32,
        width: u32,
        height: u32,
    ) -> Result<(), Error> {
        self.resources.check_new(id, MAX_RESOURCES)?;
        let image = self.image(format, width, height)?;
        self.resources.insert(id, Kind::Plain(image));
        Ok(())
    }

    /// Makes a classic resource named `id`, without a backing. It is attached to no context yet.
    pub fn create_resource(
        &mut self,
        id: ResourceId,
        request: &ResourceRequest,
    ) -> Result<(), Error> {
        self.resources.check_new(id, MAX_RESOURCES)?;
        self.opened()?.resources()?.create(id, request)?;
        self.resources.insert(id, Kind::Classic(*request));
        Ok(())
    }

    /// Makes a blob resource named `id`: of the context's memory, or of fresh shared memory
    /// for [`BlobMem::Guest`]. It is attached to no context yet.
    pub fn create_blob(
        &mut self,
        ctx: ContextId,
        id: ResourceId,
        request: &BlobRequest,
    ) -> Result<&Blob, Error> {
        check_size(request.size)?;
        self.resources.check_new(id, MAX_RESOURCES)?;
        let context = self.contexts.find(ctx)?;
        let blob = match request.mem {
            BlobMem::Guest => guest_blob(request.size, self.resources.shm_bytes())?,
            BlobMem::Host3d | BlobMem::Host3dGuest => context.create_blob(id, request)?,
        };
        let blob = HostBlob {
            blob,
            mem: request.mem,
            flags: request.flags,
            pages: None,
        };
        match self.resources.insert_blob(id, blob, MAX_SHM_BYTES) {
            Ok(()) => self.blob(id),
            Err(error) => {
                self.opened()?.unref(id);
                Err(error)
            }
        }
    }

    /// Makes a blob resource named `id` of the guest's pages, which are its backing and may come
    /// later ([`BlobMem::Guest`] where the guest has pages of its own). It needs no context, and
    /// no renderer hears of it.
    pub fn create_guest_blob(
        &mut self,
        id: ResourceId,
        size: u64,
        backing: Option<Backing>,
    ) -> Result<(), Error> {
        check_size(size)?;
        self.resources.check_new(id, MAX_RESOURCES)?;
        let backing = match backing {
            Some(backing) => {
                self.check_backing(&backing)?;
                Some(blob_backing(size, &backing)?)
            }
            None => None,
        };
        self.resources.insert(id, Kind::GuestBlob(size));
        match backing {
            Some(backing) => self.resources.remember_backing(id, backing, 0),
            None => Ok(()),
        }
    }

    /// Gives a resource its backing, which it does not have yet. A blob of the guest's is no longer
    /// than that.
    pub fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), Error> {
        self.check_backing(&backing)?;
        self.attach_checked(id, backing, 0)
    }

    /// Gives a classic resource a backing of `size` bytes in fresh shared memory, and returns the
    /// memfd for the guest.
    pub fn attach_memfd(&mut self, id: ResourceId, size: u64) -> Result<OwnedFd, Error> {
        check_size(size)?;
        self.resources.check_backing(id, false)?;
        check_shm(self.resources.shm_bytes(), size, MAX_SHM_BYTES)?;
        let (mapping, fd) =
            Mapping::with_memfd("paravane-backing", size).map_err(Error::SharedMemory)?;
        let shm_bytes = mapping.len();
        let backing = Piece::new(mapping.into(), 0, size)
            .ok()
            .and_then(|piece| Backing::new([piece]))
            .ok_or(Error::Bug("fresh memory is too short"))?;
        self.attach_checked(id, backing, shm_bytes)?;
        Ok(fd)
    }

    /// Takes a resource's backing away. A blob of the guest's is off the scanouts then.
    pub fn detach_backing(&mut self, id: ResourceId) -> Result<(), Error> {
        self.resources.check_backing(id, true)?;
        match self.resources.find(id)?.kind {
            Kind::Classic(_) => self.opened()?.resources()?.detach_backing(id)?,
            Kind::GuestBlob(_) => self.hide_resource(id),
            Kind::Plain(_) | Kind::Blob(_) => {}
        }
        self.resources.forget_backing(id)
    }

    /// Moves pixels from the backing of a resource with a shape into it
    /// (`VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D`). Rows lie as far apart in the backing as those of the
    /// resource, and `offset` is where the rectangle's first pixel is there. Nothing has to move
    /// for a blob; Linux asks all the same (`virtio_gpu_update_dumb_bo`).
    pub fn transfer_to_host_2d(
        &mut self,
        id: ResourceId,
        rect: Rect,
        offset: u64,
    ) -> Result<(), Error> {
        let transfer = Transfer {
            level: 0,
            stride: 0,
            layer_stride: 0,
            region: box_of(rect),
            offset,
        };
        match self.resources.find(id)?.kind {
            Kind::Blob(_) | Kind::GuestBlob(_) => Ok(()),
            Kind::Plain(_) | Kind::Classic(_) => {
                self.transfer_to_host(None, id, &transfer, TransferSource::Backing)
            }
        }
    }

    /// Moves pixels into a resource that is attached to `ctx`, or into any without a context.
    /// Returns when the memory has been read.
    pub fn transfer_to_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error> {
        let memory = match source {
            TransferSource::Backing => None,
            TransferSource::Bytes(bytes) => Some(bytes.len() as u64),
        };
        self.check_transfer(ctx, id, transfer, memory)?;
        match self.plain(id, memory)? {
            Plain::Renderer => {
                let resources = self.opened()?.resources()?;
                Ok(resources.transfer_to_host(ctx, id, transfer, source)?)
            }
            Plain::Image(image, backing) => Ok(image.transfer_to_host(transfer, backing)?),
            Plain::SamePages => Ok(()),
        }
    }

    /// Moves pixels out of a resource that is attached to `ctx`, or out of any without a context.
    /// Returns when the memory has been written.
    pub fn transfer_from_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), Error> {
        let memory = match &target {
            TransferTarget::Backing => None,
            TransferTarget::Bytes(bytes) => Some(bytes.len() as u64),
            TransferTarget::Memory(memory) => Some(memory.len()),
        };
        self.check_transfer(ctx, id, transfer, memory)?;
        match self.plain(id, memory)? {
            Plain::Renderer => {
                let resources = self.opened()?.resources()?;
                Ok(resources.transfer_from_host(ctx, id, transfer, target)?)
            }
            Plain::Image(image, backing) => Ok(image.transfer_from_host(transfer, backing)?),
            Plain::SamePages => Ok(()),
        }
    }

    /// The memory of a blob resource of the host's.
    pub fn blob(&self, id: ResourceId) -> Result<&Blob, Error> {
        match &self.resources.find(id)?.kind {
            Kind::Blob(it) => Ok(&it.blob),
            _ => Err(Error::WrongKind {
                resource: id,
                wanted: "a blob of the host's",
            }),
        }
    }

    /// The memory of a resource, to hand to others.
    pub fn export(&mut self, id: ResourceId) -> Result<Blob, Error> {
        match &self.resources.find(id)?.kind {
            Kind::Blob(it) => Ok(it.blob.clone()),
            Kind::Classic(_) => Ok(self.opened()?.resources()?.export(id)?),
            Kind::Plain(_) | Kind::GuestBlob(_) => Err(Error::WrongKind {
                resource: id,
                wanted: "memory of the host's",
            }),
        }
    }

    /// The name that other devices of the machine know a resource by
    /// (`VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID`): a random one (RFC 9562, version 4), the same each
    /// time.
    pub fn assign_uuid(&mut self, id: ResourceId) -> Result<[u8; 16], Error> {
        let uuid = match self.resources.find(id)?.uuid {
            Some(uuid) => uuid,
            None => random_uuid()?,
        };
        self.resources.change(id, |slot| slot.uuid = Some(uuid))?;
        Ok(uuid)
    }

    /// Frees a resource and its name, and detaches it from every context. It is off the scanouts
    /// and out of the host-visible region then.
    pub fn unref(&mut self, resource: ResourceId) -> Result<(), Error> {
        let slot = self.resources.remove(resource)?;
        self.hide_resource(resource);
        self.unmap_gone(slot.mapped_at);
        let is_known = slot.kind.for_context().is_some();
        for ctx in slot.into_attached() {
            self.contexts.detach(ctx, resource)?;
        }
        if let Some(renderer) = self.if_opened().filter(|_| is_known) {
            renderer.unref(resource);
        }
        Ok(())
    }

    /// Memory for pixels, if there is room.
    pub(crate) fn image(&mut self, format: u32, width: u32, height: u32) -> Result<Image, Error> {
        let size = Image::size_of(width, height)?;
        if self.resources.check_image_bytes(size).is_err() {
            self.forget_shadows();
            self.resources.check_image_bytes(size)?;
        }
        Ok(match self.dma_bufs {
            true => Image::for_dma_buf(format, width, height)?,
            false => Image::new(format, width, height)?,
        })
    }

    fn attach_checked(
        &mut self,
        id: ResourceId,
        backing: Backing,
        shm_bytes: u64,
    ) -> Result<(), Error> {
        self.resources.check_backing(id, false)?;
        let backing = match self.resources.find(id)?.kind {
            Kind::Classic(_) => {
                let resources = self.opened()?.resources()?;
                resources.attach_backing(id, backing.clone())?;
                backing
            }
            Kind::GuestBlob(size) => blob_backing(size, &backing)?,
            Kind::Plain(_) | Kind::Blob(_) => backing,
        };
        self.resources.remember_backing(id, backing, shm_bytes)
    }

    fn check_backing(&self, backing: &Backing) -> Result<(), Error> {
        let count = backing.pieces().len();
        check_limit(
            "pieces of a backing",
            count as u64,
            MAX_BACKING_PIECES as u64,
        )?;
        self.resources.check_pieces(count)
    }

    /// Checks what can be told without knowing the resource's layout. `memory` is how many bytes
    /// take part, if not the backing's.
    fn check_transfer(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        memory: Option<u64>,
    ) -> Result<(), Error> {
        if let Some(ctx) = ctx {
            self.contexts.check(ctx)?;
        }
        let len = match (memory, self.resources.find(id)?.memory_len()) {
            (Some(bytes), _) => bytes,
            (None, own) => own.ok_or(Error::NoBacking(id))?,
        };
        if ctx.is_some_and(|ctx| !self.resources.is_attached(id, ctx)) {
            return Err(Error::NotAttached(id));
        }
        match transfer.offset < len {
            true => Ok(()),
            false => Err(Error::OutsideMemory {
                offset: transfer.offset,
                len,
            }),
        }
    }

    /// What a transfer with a resource's own memory moves between. With other memory (whose bytes
    /// `memory` counts) only the renderer can.
    fn plain(&self, id: ResourceId, memory: Option<u64>) -> Result<Plain<'_>, Error> {
        let slot = self.resources.find(id)?;
        match &slot.kind {
            Kind::Classic(_) | Kind::Blob(_) => Ok(Plain::Renderer),
            Kind::Plain(_) | Kind::GuestBlob(_) if memory.is_some() => Err(Error::WrongKind {
                resource: id,
                wanted: "a resource of the renderer's",
            }),
            Kind::Plain(image) => {
                let backing = slot.backing.as_ref().ok_or(Error::NoBacking(id))?;
                Ok(Plain::Image(image, backing))
            }
            Kind::GuestBlob(_) => Ok(Plain::SamePages),
        }
    }
}

/// Who moves a transfer's pixels.
enum Plain<'a> {
    /// The renderer.
    Renderer,
    /// An image in plain memory.
    Image(&'a Image, &'a Backing),
    /// Nobody: the guest's pages are the resource.
    SamePages,
}

fn check_size(size: u64) -> Result<(), Error> {
    match size {
        0 => Err(Error::EmptyBlob),
        size => check_limit("blob size", size, MAX_BLOB_SIZE),
    }
}

/// The memory of a blob of the guest's: as much of its pages as it is long.
fn blob_backing(size: u64, pages: &Backing) -> Result<Backing, Error> {
    pages.first(size).ok_or(Error::TooFewPages {
        size,
        len: pages.len(),
    })
}

fn guest_blob(size: u64, in_use: u64) -> Result<Blob, Error> {
    check_shm(in_use, size, MAX_SHM_BYTES)?;
    let shm = Shm::new("paravane-guest-blob", size).map_err(Error::SharedMemory)?;
    Ok(Blob::from_shm(shm, size))
}

fn random_uuid() -> Result<[u8; 16], Error> {
    let mut uuid = [0; 16];
    let filled = rustix::rand::getrandom(&mut uuid, rustix::rand::GetRandomFlags::empty());
    if filled.map_err(|error| Error::SharedMemory(error.into()))? != uuid.len() {
        return Err(Error::Bug("too few random bytes"));
    }
    uuid[6] = uuid[6] & 0x0f | 0x40;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    Ok(uuid)
}
