//! The virtual GPU: what a guest may hold, and for how long.
//!
//! Tables of contexts, resources, scanouts, fences and maps, one method a verb. A door turns its
//! dialect into these verbs; the contexts behind the [`Renderer`] do the work. Nothing here looks
//! into bytes.
//!
//! A device and what it hands work to are called on one thread. What happens beside the verb that
//! was called comes as a [`Notice`]: the door takes them after each verb ([`Device::notices`]), and
//! hands what its contexts tell to [`Device::take_event`].
#![forbid(unsafe_code)]

mod error;
mod fences;
mod introduce;
pub mod limits;
mod region;
mod resources;
mod scanout;
mod screen;
mod source;
mod state;
mod tables;

use std::sync::Arc;

use context::{
    CapsetId, CapsetInfo, ContextId, ContextStats, DeviceRenderer, Event, EventSender, FenceId,
    Renderer, ResourceId, RingIdx,
};
use display::Display;

pub use display::{HotSpot, Position, Rect};
pub use edid::{Mode, Text};
pub use error::{Blame, Error};
pub use fences::Timeline;
pub use region::{Map, MapRange};
pub use scanout::BlobImage;
pub use screen::{Screen, ScreenInfo};
pub use state::{CursorState, ResourceState, ScanoutState, ShapeState, State};

use fences::{FIRST_RING, Fences};
use limits::{MAX_CONTEXTS, MAX_SCANOUTS};
use region::Region;
use scanout::Shown;
use tables::{Contexts, Known, Resources};

/// One guest's view of the GPU. Dropping it ends the contexts, then frees the resources.
pub struct Device {
    renderer: Arc<dyn Renderer>,
    contexts: Contexts,
    /// The renderer's side, from when it is first needed on.
    opened: Option<Box<dyn DeviceRenderer>>,
    resources: Resources,
    fences: Fences,
    region: Region,
    /// By scanout.
    screens: Vec<Screen>,
    /// By scanout.
    scanouts: Vec<Option<Shown>>,
    display: Display,
    notices: Vec<Notice>,
    /// Whether images are to be dma-bufs, where the host makes some.
    dma_bufs: bool,
    /// Another with each change of scanouts and pointers.
    shown_version: u64,
}

/// What a device has beside contexts and resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// A scanout for each, at most [`MAX_SCANOUTS`]. Without any the guest has a GPU to render with
    /// and none to show.
    pub screens: Vec<Screen>,
    /// Bytes of the region that the guest sees blobs in; 0 is no region.
    pub region: u64,
}

/// What the door is to do, beside answering the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The command with this fence is done, and may be answered.
    FenceSignaled(FenceId),
    /// A blob that was in the host-visible region has gone: this part of the region is free. To be
    /// done before the guest is answered.
    Unmapped(MapRange),
    /// Screens were plugged in or out, or have other modes (`VIRTIO_GPU_EVENT_DISPLAY`).
    ScreensChanged,
}

impl Device {
    /// A device with nothing in it and no scanout, whose contexts `renderer` makes.
    pub fn new(renderer: Arc<dyn Renderer>) -> Self {
        Self {
            renderer,
            contexts: Contexts::default(),
            opened: None,
            resources: Resources::default(),
            fences: Fences::default(),
            region: Region::default(),
            screens: Vec::new(),
            scanouts: Vec::new(),
            display: Display::new(0),
            notices: Vec::new(),
            dma_bufs: false,
            shown_version: 0,
        }
    }

    /// The same, with what `config` says.
    ///
    /// # Errors
    /// [`Error::Limit`] for more than [`MAX_SCANOUTS`] screens.
    pub fn with_config(renderer: Arc<dyn Renderer>, config: Config) -> Result<Self, Error> {
        let count = config.screens.len();
        check_limit("scanouts", count as u64, MAX_SCANOUTS as u64)?;
        Ok(Self {
            region: Region::new(config.region),
            screens: config.screens,
            scanouts: (0..count).map(|_| None).collect(),
            display: Display::new(count),
            ..Self::new(renderer)
        })
    }

    /// Has frames in plain memory come with a dma-buf, where the host has `/dev/udmabuf`. Their
    /// pages are pinned, and each costs two descriptors.
    pub fn with_dma_bufs(self) -> Self {
        Self {
            dma_bufs: true,
            ..self
        }
    }

    /// Takes what the door is to do, in the order in which it came about.
    pub fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Leaves nothing behind that a guest made: as new, but for what is plugged in. Nobody answers
    /// the fences that were waited for; what was mapped is to be unmapped, as
    /// [`Device::notices`] tells.
    pub fn reset(&mut self) {
        self.contexts.clear();
        self.opened = None;
        self.resources.clear();
        self.fences = Fences::default();
        for index in 0..self.scanouts.len() {
            self.hide(index);
            self.set_cursor(index, display::Cursor::default());
        }
        let keep = |notice: &Notice| !matches!(notice, Notice::FenceSignaled(_));
        self.notices.retain(keep);
        let unmapped = self.region.clear().into_iter().map(Notice::Unmapped);
        self.notices.extend(unmapped);
    }

    /// The kinds of context offered.
    pub fn capsets(&self) -> Vec<CapsetInfo> {
        self.renderer.capsets()
    }

    /// The kind of context with this number, from 0 on.
    pub fn capset_info(&self, index: u32) -> Option<CapsetInfo> {
        let index = usize::try_from(index).ok()?;
        self.capsets().into_iter().nth(index)
    }

    /// A capset's bytes, or `None` if `id` or `version` is not offered.
    pub fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        self.renderer.capset(id, version)
    }

    /// Makes a context. Its events go to `events`.
    pub fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<(), Error> {
        self.contexts.check_new(id, MAX_CONTEXTS)?;
        let context = self.opened()?.create_context(id, capset, name, events)?;
        self.contexts.insert(id, context);
        Ok(())
    }

    /// Ends a context, whose fences are signalled by that. Resources that were attached to it stay.
    pub fn destroy_context(&mut self, id: ContextId) -> Result<(), Error> {
        let attached = self.contexts.remove(id)?;
        for resource in attached {
            self.resources.forget_context(resource, id);
        }
        let signalled = self.fences.end(id);
        self.note_signalled(signalled);
        Ok(())
    }

    /// Hands a command stream to a context.
    pub fn submit(&mut self, ctx: ContextId, commands: &[u8]) -> Result<(), Error> {
        self.introduce(ctx);
        Ok(self.contexts.find_for_work(ctx)?.submit(commands)?)
    }

    /// Asks for a fence behind everything submitted to the context's ring so far. The context alone
    /// tells of it; [`Device::fence_on`] is for doors that leave the order of fences to the device.
    pub fn fence(&mut self, ctx: ContextId, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        Ok(self.contexts.find(ctx)?.fence(ring, fence)?)
    }

    /// Asks for [`Notice::FenceSignaled`] when what the timeline was given before is done; that may
    /// be now. No two fences that are waited for have the same number, whatever their timelines.
    ///
    /// # Errors
    /// The context's: nobody will signal the fence.
    pub fn fence_on(&mut self, timeline: Timeline, fence: FenceId) -> Result<(), Error> {
        self.fences.check_new()?;
        match timeline {
            Timeline::Ring(ctx, ring) => {
                self.fence(ctx, ring, fence)?;
                self.fences.add(ctx, ring, fence);
            }
            Timeline::Global => self.fence_globally(fence),
        }
        Ok(())
    }

    /// A context that has ended has nothing under way.
    fn fence_globally(&mut self, fence: FenceId) {
        let fenced = self.contexts.take_working().filter_map(|(id, context)| {
            let fenced = context.fence(FIRST_RING, fence);
            fenced.is_ok().then_some(id)
        });
        let fenced: Vec<_> = fenced.collect();
        self.fences.add_global(fence, &fenced);
        let signalled = self.fences.pass();
        self.note_signalled(signalled);
    }

    /// Takes what a context has told. Whoever leaves fences to [`Device::fence_on`] hands every
    /// event on.
    pub fn take_event(&mut self, event: &Event) {
        let signalled = match event {
            Event::FenceSignaled { ctx, ring, fence } => self.fences.signal(*ctx, *ring, *fence),
            Event::ContextLost { ctx, .. } => self.fences.end(*ctx),
        };
        self.note_signalled(signalled);
    }

    fn note_signalled(&mut self, signalled: Vec<FenceId>) {
        let notices = signalled.into_iter().map(Notice::FenceSignaled);
        self.notices.extend(notices);
    }

    /// Waits until everything submitted to the context so far is done, or nobody waits for its
    /// events any more.
    pub fn finish(&mut self, ctx: ContextId) -> Result<(), Error> {
        Ok(self.contexts.find(ctx)?.finish()?)
    }

    /// Lets a context's commands name a resource. Once is enough; twice is no error. A 2D resource
    /// is the renderer's from the next commands on, if it takes it; a blob of the guest's is only
    /// noted, since no renderer knows the guest's pages.
    pub fn attach(&mut self, ctx: ContextId, resource: ResourceId) -> Result<(), Error> {
        let context = self.contexts.find(ctx)?;
        let slot = self.resources.find(resource)?;
        if self.resources.is_attached(resource, ctx) {
            return Ok(());
        }
        let known = match slot.kind.for_context() {
            Some(what) => {
                context.attach(resource, &what)?;
                Known::Yes
            }
            None => Known::No,
        };
        self.resources.remember_context(resource, ctx);
        self.contexts.remember_resource(ctx, resource, known);
        Ok(())
    }

    /// Ends what [`Device::attach`] began; no error if it never did.
    pub fn detach(&mut self, ctx: ContextId, resource: ResourceId) -> Result<(), Error> {
        self.resources.find(resource)?;
        self.contexts.detach(ctx, resource)?;
        self.resources.forget_context(resource, ctx);
        Ok(())
    }

    /// What a context has done so far; none if there is no such context.
    pub fn stats(&self, ctx: ContextId) -> Option<ContextStats> {
        self.contexts.stats(ctx)
    }

    /// How many contexts live.
    pub fn context_count(&self) -> usize {
        self.contexts.len()
    }

    /// How many resources live.
    pub fn resource_count(&self) -> usize {
        self.resources.len()
    }

    /// How many fences of [`Device::fence_on`] are waited for.
    pub fn fence_count(&self) -> usize {
        self.fences.len()
    }

    /// Checks that all tables tell the same story; a difference is a bug.
    pub fn verify_invariants(&self) -> Result<(), Error> {
        let of_contexts = self.contexts.attachments() == self.resources.attachments();
        let shown = self.scanouts.iter().flatten();
        let rules = [
            (of_contexts, "the tables of contexts and resources disagree"),
            (self.resources.is_counted(), "resources are counted wrongly"),
            (
                self.region.is_of(&self.resources.mapped()),
                "the region and the resources disagree",
            ),
            (
                shown
                    .into_iter()
                    .all(|it| self.resources.find(it.resource).is_ok()),
                "a scanout shows what is not there",
            ),
            (
                self.scanouts.len() == self.screens.len()
                    && self.scanouts.len() == self.display.screen_count(),
                "scanouts and screens disagree",
            ),
            (
                self.fences.is_consistent()
                    && self
                        .fences
                        .contexts()
                        .all(|id| self.contexts.check(id).is_ok()),
                "a fence waits for nothing",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, broken)) => Err(Error::Bug(broken)),
            None => Ok(()),
        }
    }

    fn opened(&mut self) -> Result<&mut dyn DeviceRenderer, Error> {
        match &mut self.opened {
            Some(device) => Ok(device.as_mut()),
            none => Ok(none.insert(self.renderer.open_device()?).as_mut()),
        }
    }

    /// The renderer's side if it was ever needed.
    fn if_opened(&mut self) -> Option<&mut Box<dyn DeviceRenderer>> {
        self.opened.as_mut()
    }
}

pub(crate) fn check_limit(what: &'static str, got: u64, limit: u64) -> Result<(), Error> {
    match got <= limit {
        true => Ok(()),
        false => Err(Error::Limit { what, limit, got }),
    }
}

pub(crate) fn check_shm(in_use: u64, more: u64, limit: u64) -> Result<(), Error> {
    check_limit("total of shared memory", in_use.saturating_add(more), limit)
}
