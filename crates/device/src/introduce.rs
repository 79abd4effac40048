//! 2D resources that programs draw with.
//!
//! Linux makes 2D resources for whoever wants a buffer that the CPU draws to (`DRM_IOCTL_MODE_CREATE_DUMB`),
//! and attaches each to the context of the program that holds it. Most are never used by a GPU, and
//! stay in plain memory, which no renderer has to be there for. One that is attached to a context
//! when that is given commands becomes a classic resource:
//!
//! ```text
//! in plain memory --a context that has it is given commands--> the renderer's
//! ```
//! Its image is what is shown of it from then on.

use context::{ContextId, Resource, ResourceId, ResourceRequest, Transfer, TransferSource};
use display::Rect;
use render_2d::Image;

use crate::scanout::box_of;
use crate::source::PIPE_TEXTURE_2D;
use crate::tables::{Kind, Known};
use crate::{Device, Error};

/// `VIRGL_BIND_RENDER_TARGET` and `VIRGL_BIND_SAMPLER_VIEW` (virglrenderer's `src/virgl_hw.h`).
const BIND: u32 = 1 << 1 | 1 << 3;

/// Bytes of pixels that are handed over at a time.
const PIECE: u64 = 1 << 22;

impl Device {
    /// Lets the commands that a context is about to be given name the 2D resources that are attached
    /// to it. Where the renderer has no use for them, they stay what they are.
    pub(crate) fn introduce(&mut self, ctx: ContextId) {
        for id in self.contexts.take_strangers(ctx) {
            if let Ok(slot) = self.resources.find(id)
                && let Kind::Plain(image) = &slot.kind
            {
                let image = image.clone();
                let _ = self.hand_over(ctx, id, image);
            }
        }
    }

    fn hand_over(&mut self, ctx: ContextId, id: ResourceId, image: Image) -> Result<(), Error> {
        let request = request_for(&image);
        self.opened()?.resources()?.create(id, &request)?;
        let taken = self.contexts.find(ctx)?.attach(id, &Resource::Classic);
        let taken = taken.map_err(Error::from).and_then(|()| {
            self.equip(id, &image)
                .inspect_err(|_| self.withdraw(ctx, id))
        });
        if let Err(error) = taken {
            self.opened()?.unref(id);
            return Err(error);
        }
        self.become_classic(ctx, id, request, image)
    }

    fn withdraw(&mut self, ctx: ContextId, id: ResourceId) {
        if let Ok(context) = self.contexts.find(ctx) {
            context.detach(id);
        }
    }

    /// Gives the renderer the backing and the pixels.
    fn equip(&mut self, id: ResourceId, image: &Image) -> Result<(), Error> {
        let backing = self.resources.find(id)?.backing.clone();
        let resources = self.opened()?.resources()?;
        if let Some(backing) = backing {
            resources.attach_backing(id, backing)?;
        }
        let (memory, mut pixels, mut at) = (image.memory(), Vec::new(), 0);
        for band in bands(image) {
            let size = u64::from(image.stride()).saturating_mul(band.height.into());
            pixels.resize(usize::try_from(size).unwrap_or_default(), 0);
            let read = memory.read(at, &mut pixels);
            read.map_err(|_| Error::Bug("an image is shorter than its rows"))?;
            let transfer = Transfer {
                level: 0,
                stride: image.stride(),
                layer_stride: 0,
                region: box_of(band),
                offset: 0,
            };
            resources.transfer_to_host(None, id, &transfer, TransferSource::Bytes(&pixels))?;
            at = at.saturating_add(size);
        }
        Ok(())
    }

    fn become_classic(
        &mut self,
        ctx: ContextId,
        id: ResourceId,
        request: ResourceRequest,
        image: Image,
    ) -> Result<(), Error> {
        self.resources.change(id, |slot| {
            slot.kind = Kind::Classic(request);
            slot.shadow = Some(image);
        })?;
        self.shown_from_shadow(id);
        self.contexts.remember_resource(ctx, id, Known::Yes);
        for other in self
            .resources
            .find(id)?
            .contexts()
            .filter(|it| *it != ctx)
            .collect::<Vec<_>>()
        {
            let attached = self.contexts.find(other)?.attach(id, &Resource::Classic);
            if attached.is_ok() {
                self.contexts.remember_resource(other, id, Known::Yes);
            }
        }
        Ok(())
    }
}

/// An image's rows, a few at a time.
fn bands(image: &Image) -> impl Iterator<Item = Rect> {
    let (width, height) = (image.width(), image.height());
    let rows = PIECE / u64::from(image.stride()).max(1);
    let rows = u32::try_from(rows).unwrap_or(u32::MAX).max(1);
    (0..height).step_by(rows as usize).map(move |y| Rect {
        x: 0,
        y,
        width,
        height: rows.min(height.saturating_sub(y)),
    })
}

fn request_for(image: &Image) -> ResourceRequest {
    ResourceRequest {
        target: PIPE_TEXTURE_2D,
        format: image.format().to_wire(),
        bind: BIND,
        width: image.width(),
        height: image.height(),
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: 0,
    }
}
