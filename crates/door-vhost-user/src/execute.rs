//! What each request has the device do.

use context::{CapsetId, TransferSource, TransferTarget};
use device::Device;
use wire_virtio_gpu::{self as wire, Command, Header, MapInfo, Request, Response, ScanoutId, Uuid};

use crate::front_end::Question;
use crate::memory::Memory;
use crate::offer::is_virgl;
use crate::requests::{self, Refusal, context, rect, resource};
use crate::worker::{Outcome, Worker};

type Done = Result<Response, Refusal>;

const NODATA: Done = Ok(Response::Nodata);

impl Worker {
    pub(crate) fn execute(&mut self, memory: &Memory, request: &Request<'_>) -> Outcome {
        tracing::trace!(command = %request.command.command_type(), header = ?request.header);
        let done = match &request.command {
            Command::GetDisplayInfo => match self.front_end {
                Some(_) => return Outcome::Ask(Question::Screens),
                None => Ok(self.own_display_info()),
            },
            Command::GetEdid(it) => match (self.scanout(it.scanout), &self.front_end) {
                (Ok(scanout), Some(_)) => return Outcome::Ask(Question::Edid(scanout as usize)),
                (Ok(scanout), None) => Ok(self.own_edid(scanout as usize)),
                (Err(refusal), _) => Err(refusal),
            },
            Command::UpdateCursor(_) | Command::MoveCursor(_) => self.cursor(&request.command),
            Command::SetScanout(_) | Command::SetScanoutBlob(_) => self.show(&request.command),
            Command::GetCapsetInfo(_) | Command::GetCapset(_) => self.capset(&request.command),
            Command::ResourceMapBlob(it) => self.map(it),
            Command::ResourceUnmapBlob(it) => self.unmap(it),
            Command::ResourceAttachBacking(it) => self.attach_backing(memory, it),
            Command::ResourceCreateBlob(it) => self.create_blob(memory, request.header, it),
            Command::CtxCreate(it) => self.create_context(request.header, it),
            command => with_device(&mut self.device, request.header, command),
        };
        Outcome::Done(done.unwrap_or_else(|refusal| self.refuse(&refusal)))
    }

    /// A scanout that the guest was told of. A front end that shows the screens tells the guest
    /// how many there are.
    fn scanout(&self, id: ScanoutId) -> Result<u32, Refusal> {
        let number = id.number();
        match self.front_end.is_some() || number < self.shared.offer.num_scanouts {
            true => Ok(number),
            false => Err(Refusal::NoScanout(number)),
        }
    }

    fn show(&mut self, command: &Command<'_>) -> Done {
        match command {
            Command::SetScanout(it) => {
                let (scanout, shown) = (self.scanout(it.scanout)?, it.resource.map(resource));
                self.device.set_scanout(scanout, rect(it.rect), shown)?;
            }
            Command::SetScanoutBlob(it) => {
                let (scanout, part) = (self.scanout(it.scanout)?, rect(it.rect));
                match &it.image {
                    None => self.device.set_scanout(scanout, part, None)?,
                    Some(image) => {
                        let (id, layout) = (resource(image.resource), requests::blob_image(image));
                        self.device.set_scanout_blob(scanout, part, id, &layout)?;
                    }
                }
            }
            _ => return Err(Refusal::Bug("no command for scanouts")),
        }
        NODATA
    }

    fn cursor(&mut self, command: &Command<'_>) -> Done {
        match command {
            Command::UpdateCursor(it) => {
                let scanout = self.scanout(it.position.scanout)?;
                let (position, hot_spot) =
                    (requests::position(it.position), requests::hot_spot(it));
                let image = it.resource.map(resource);
                self.device
                    .update_cursor(scanout, position, hot_spot, image)?;
            }
            Command::MoveCursor(it) => {
                let scanout = self.scanout(it.position.scanout)?;
                self.device
                    .move_cursor(scanout, requests::position(it.position))?;
            }
            _ => return Err(Refusal::Bug("no command for pointers")),
        }
        NODATA
    }

    fn capset(&self, command: &Command<'_>) -> Done {
        let mut capsets = self.shared.capsets();
        match command {
            Command::GetCapsetInfo(it) => {
                let info = capsets.nth(it.index as usize).ok_or(Refusal::NoCapset)?;
                Ok(Response::CapsetInfo(requests::capset_info(*info)))
            }
            Command::GetCapset(it) => {
                let id = requests::capset(it.capset);
                let info = capsets.find(|info| info.id == id);
                let capset = info.and_then(|info| self.device.capset(info.id, it.version));
                capset.map(Response::Capset).ok_or(Refusal::NoCapset)
            }
            _ => Err(Refusal::Bug("no command for capsets")),
        }
    }

    fn create_context(&mut self, header: Header, create: &wire::CtxCreate) -> Done {
        let id = context(header.context.ok_or(Refusal::NoContext)?);
        let offered = |id: &CapsetId| {
            let mut capsets = self.shared.capsets();
            capsets.any(|info| info.id == *id)
        };
        let kind = match create.capset {
            Some(capset) => Some(requests::capset(capset)).filter(offered),
            None => [CapsetId::VIRGL2, CapsetId::VIRGL]
                .into_iter()
                .find(offered),
        };
        let kind = kind.ok_or(Refusal::NoKind)?;
        debug_assert!(create.capset.is_some() || is_virgl(kind));
        let events = self.events.clone();
        let name = create.debug_name.text();
        self.device.create_context(id, kind, &name, events)?;
        NODATA
    }

    fn attach_backing(&mut self, memory: &Memory, attach: &wire::ResourceAttachBacking) -> Done {
        let backing = memory.backing(&attach.entries)?;
        self.device
            .attach_backing(resource(attach.resource), backing)?;
        NODATA
    }

    fn create_blob(
        &mut self,
        memory: &Memory,
        header: Header,
        create: &wire::ResourceCreateBlob,
    ) -> Done {
        let (id, request) = (resource(create.resource), requests::blob_request(create));
        let backing = match create.entries.is_empty() {
            true => None,
            false => Some(memory.backing(&create.entries)?),
        };
        if create.mem == wire::BlobMem::Guest {
            self.device.create_guest_blob(id, create.size, backing)?;
            return NODATA;
        }
        let ctx = context(header.context.ok_or(Refusal::NoContext)?);
        self.device.create_blob(ctx, id, &request)?;
        if let Some(backing) = backing
            && let Err(error) = self.device.attach_backing(id, backing)
        {
            self.device.unref(id)?;
            return Err(error.into());
        }
        NODATA
    }

    /// The front end has mapped it when the guest is answered.
    fn map(&mut self, map: &wire::ResourceMapBlob) -> Done {
        let id = resource(map.resource);
        let mapped = self.device.map_blob(id, map.offset)?;
        let (range, caching) = (mapped.range, mapped.blob.caching);
        match self.channel.map(mapped.blob.fd(), range.offset, range.len) {
            Ok(()) => Ok(Response::MapInfo(MapInfo {
                cache: requests::map_cache(caching),
            })),
            Err(error) => {
                self.device.unmap_blob(id)?;
                Err(error.into())
            }
        }
    }

    fn unmap(&mut self, unmap: &wire::ResourceUnmapBlob) -> Done {
        let range = self.device.unmap_blob(resource(unmap.resource))?;
        self.channel.unmap(range.offset, range.len)?;
        NODATA
    }
}

/// The requests that are a verb of the device's and nothing else.
fn with_device(device: &mut Device, header: Header, command: &Command<'_>) -> Done {
    let ctx = header.context.map(context);
    let needed = || ctx.ok_or(Refusal::NoContext);
    match command {
        Command::ResourceCreate2d(it) => {
            let (id, format) = (resource(it.resource), it.format.number());
            device.create_resource_2d(id, format, it.width, it.height)?;
        }
        Command::ResourceCreate3d(it) => {
            device.create_resource(resource(it.resource), &requests::resource_request(it))?;
        }
        Command::ResourceUnref(it) => device.unref(resource(it.resource))?,
        Command::ResourceDetachBacking(it) => device.detach_backing(resource(it.resource))?,
        Command::ResourceFlush(it) => device.flush(resource(it.resource), rect(it.rect))?,
        Command::TransferToHost2d(it) => {
            device.transfer_to_host_2d(resource(it.resource), rect(it.rect), it.offset)?;
        }
        Command::TransferToHost3d(it) => {
            let (id, transfer) = (resource(it.resource), requests::transfer(it));
            device.transfer_to_host(ctx, id, &transfer, TransferSource::Backing)?;
        }
        Command::TransferFromHost3d(it) => {
            let (id, transfer) = (resource(it.resource), requests::transfer(it));
            device.transfer_from_host(ctx, id, &transfer, TransferTarget::Backing)?;
        }
        Command::ResourceAssignUuid(it) => {
            let uuid = device.assign_uuid(resource(it.resource))?;
            return Ok(Response::ResourceUuid(Uuid(uuid)));
        }
        Command::CtxDestroy => device.destroy_context(needed()?)?,
        Command::CtxAttachResource(it) => device.attach(needed()?, resource(it.resource))?,
        Command::CtxDetachResource(it) => device.detach(needed()?, resource(it.resource))?,
        Command::Submit3d(it) => device.submit(needed()?, it.commands.as_inner())?,
        _ => return Err(Refusal::Bug("a command that nobody does")),
    }
    NODATA
}
