//! A context's state, and the way of a stream through it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use context::{ContextId, ContextStats, EventSender, FenceId, ResourceRequest, RingIdx};
use host_gl::{Current, Reset, ShareGroup};
use wire_virgl::{Command, CommandStream, ResourceId, SubContextId};

use crate::error::{Error, Result};
use crate::fence::{Fences, SLICE};
use crate::formats::Formats;
use crate::limits::{MAX_LOGGED_FAILURES, MAX_SUB_CONTEXTS};
use crate::renderer::Host;
use crate::resource::Resource;
use crate::sub_context::{State, SubContext};
use crate::twin::Twins;

/// One context of a guest.
pub(crate) struct Guest {
    pub(crate) host: Arc<Host>,
    group: Arc<ShareGroup>,
    name: String,
    resources: HashMap<ResourceId, Arc<Resource>>,
    sub_contexts: HashMap<SubContextId, SubContext>,
    /// Sub-context 0, which cannot end. It is there from the start for the guest, and made when it
    /// is first used: Mesa's driver makes one of its own at once.
    first: Option<SubContext>,
    current: SubContextId,
    fences: Fences,
    stats: ContextStats,
    /// Resources that are going to be blobs, by the guest's numbers.
    pub(crate) wishes: HashMap<u32, ResourceRequest>,
    twins: Twins,
    /// The point behind all that was given, where nothing came since: drivers take a point that
    /// comes with the work, and one more way to the GPU for one that comes after it.
    behind: Option<host_gl::Sync>,
    /// Set for good once a stream could not be parsed or the GPU was reset.
    ended: bool,
    /// The GPU was reset, and the context with it.
    lost: Option<Reset>,
}

/// What a command is executed with: the sub-context that is current, and what it may name.
pub(crate) struct Scope<'s> {
    pub(crate) gl: &'s Current<'s>,
    pub(crate) host: &'s Host,
    pub(crate) resources: &'s HashMap<ResourceId, Arc<Resource>>,
    pub(crate) state: &'s mut State,
    pub(crate) stats: &'s mut ContextStats,
    pub(crate) wishes: &'s mut HashMap<u32, ResourceRequest>,
    pub(crate) twins: &'s mut Twins,
}

impl<'s> Scope<'s> {
    /// The resource of this id.
    pub(crate) fn resource(&self, id: ResourceId) -> Result<Arc<Resource>> {
        self.resources
            .get(&id)
            .map(Arc::clone)
            .ok_or(Error::UnknownResource(id))
    }

    pub(crate) fn formats(&self) -> &'s Formats {
        &self.host.formats
    }
}

impl Guest {
    pub(crate) fn new(
        host: &Arc<Host>,
        group: &Arc<ShareGroup>,
        id: ContextId,
        name: &str,
        events: EventSender,
    ) -> Self {
        Self {
            host: Arc::clone(host),
            group: Arc::clone(group),
            name: name.to_owned(),
            resources: HashMap::new(),
            sub_contexts: HashMap::new(),
            first: None,
            current: FIRST,
            fences: Fences::new(group, id, events),
            stats: ContextStats {
                gpus: vec![group.caps().renderer.clone()],
                ..Default::default()
            },
            wishes: HashMap::new(),
            twins: Twins::default(),
            behind: None,
            ended: false,
            lost: None,
        }
    }

    /// The GL context that is current in the order of commands; none if nothing was executed in
    /// it yet.
    pub(crate) fn gl(&self) -> Option<&host_gl::Context> {
        let current = self.sub_contexts.get(&self.current);
        current.or(self.first.as_ref()).map(|sub| &sub.gl)
    }

    /// Notes that something was given by another way than [`Self::submit`].
    pub(crate) fn was_given(&mut self) {
        self.behind = None;
    }

    /// The sub-context that is current.
    pub(crate) fn current(&mut self) -> Result<&mut SubContext> {
        self.was_given();
        let (sub_contexts, first) = (&mut self.sub_contexts, &mut self.first);
        current_of(sub_contexts, first, self.current, &self.group)
    }

    pub(crate) fn attach(&mut self, id: context::ResourceId, resource: Arc<Resource>) {
        self.twins.any |= resource.twin().is_some();
        if let Some(id) = ResourceId::new(id.0) {
            self.resources.insert(id, resource);
        }
    }

    pub(crate) fn detach(&mut self, id: context::ResourceId) {
        if let Some(id) = ResourceId::new(id.0) {
            self.resources.remove(&id);
        }
    }

    pub(crate) fn stats(&self) -> ContextStats {
        self.stats.clone()
    }

    /// Executes a stream. A command that fails is passed over; one that cannot be parsed, and
    /// a lost GPU, end the context.
    pub(crate) fn submit(&mut self, commands: &[u8]) -> Result<(), context::Error> {
        if self.ended {
            return Err(context::Error::Ended);
        }
        self.stats.submissions = self.stats.submissions.saturating_add(1);
        self.twins.begin();
        self.behind = None;
        let done = self.execute(commands).and_then(|()| self.flush());
        self.ended = done.is_err();
        Ok(done?)
    }

    /// Has the GPU begin with what it was given: nobody may ask for more. Finds out whether it was
    /// reset meanwhile.
    fn flush(&mut self) -> Result<()> {
        let (mut lost, mut behind) = (None, None);
        if let Some(gl) = self.gl() {
            let gl = gl.make_current()?;
            behind = gl.fence().ok();
            lost = gl.reset();
        }
        (self.lost, self.behind) = (lost, behind);
        lost.map_or(Ok(()), |reset| Err(Error::Reset(reset)))
    }

    /// Whether its GL can do no more.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Signals `fence` when all that was given so far is done. When the GPU was reset it is
    /// signalled at once.
    pub(crate) fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<()> {
        if !self.deliver()? {
            self.fences.add_lost(ring, fence);
            return Ok(());
        }
        let (behind, written) = (self.behind.take(), self.twins.has_written());
        if let Some(behind) = behind.filter(|_| !written) {
            return self.fences.add(behind, Vec::new(), ring, fence);
        }
        let (sub_contexts, first) = (&mut self.sub_contexts, &mut self.first);
        let current = current_of(sub_contexts, first, self.current, &self.group)?;
        let gl = current.gl.make_current()?;
        let promises = self.twins.promise(&gl);
        self.fences.add(gl.fence()?, promises, ring, fence)
    }

    /// Waits until all that was given so far is done, lost, or nobody waits any more.
    pub(crate) fn finish(&mut self) -> Result<()> {
        // Nothing is under way in what is not made yet.
        if self.gl().is_none() {
            return Ok(());
        }
        match self.settle()? {
            Some(sync) => self.wait(&sync),
            None => Ok(()),
        }
    }

    fn wait(&mut self, sync: &host_gl::Sync) -> Result<()> {
        if let Some(gl) = self.gl()
            && watch(&gl.make_current()?, sync)
        {
            return Ok(());
        }
        while let Some(gl) = self.gl().filter(|_| !self.fences.is_unheard()) {
            let waited = gl.make_current()?.wait(sync, SLICE);
            match waited {
                Ok(true) => break,
                _ if self.look_for_reset()? => break,
                waited => waited?,
            };
        }
        Ok(())
    }

    /// Whether the GPU was reset; when that is new it ends the context.
    fn look_for_reset(&mut self) -> Result<bool> {
        if self.lost.is_none()
            && let Some(gl) = self.gl()
        {
            let reset = gl.make_current()?.reset();
            self.lost = reset;
            if let Some(reset) = self.lost {
                self.ended = true;
                self.fences.end(Error::Reset(reset).to_string());
            }
        }
        Ok(self.is_lost())
    }

    /// Has results of queries and what GL wrote to mapped buffers delivered, and notes how far
    /// the work has come. None if the GPU was reset.
    fn settle(&mut self) -> Result<Option<host_gl::Sync>> {
        if !self.deliver()? {
            return Ok(None);
        }
        let (behind, written) = (self.behind.take(), self.twins.has_new());
        if let Some(behind) = behind.filter(|_| !written) {
            return Ok(Some(behind));
        }
        let (sub_contexts, first) = (&mut self.sub_contexts, &mut self.first);
        let current = current_of(sub_contexts, first, self.current, &self.group)?;
        let gl = current.gl.make_current()?;
        self.twins.read_back(&gl)?;
        Ok(Some(gl.fence()?))
    }

    /// Has results of queries delivered; false if the GPU was reset.
    fn deliver(&mut self) -> Result<bool> {
        if self.look_for_reset()? {
            return Ok(false);
        }
        let (sub_contexts, first) = (&mut self.sub_contexts, &mut self.first);
        for sub in sub_contexts.values_mut().chain(first.as_mut()) {
            if sub.state.has_wanted_results() {
                self.behind = None;
                sub.state.deliver_results(&sub.gl.make_current()?)?;
            }
        }
        Ok(true)
    }

    fn execute(&mut self, commands: &[u8]) -> Result<()> {
        let mut stream = CommandStream::new(commands);
        while let Some(command) = stream.next() {
            let command = command?;
            let command = match is_about_sub_contexts(&command) {
                true => Some(command),
                false => self.run(command, &mut stream)?,
            };
            let Some(command) = command else {
                return Ok(());
            };
            self.stats.commands = self.stats.commands.saturating_add(1);
            if let Err(error) = self.sub_context_command(&command) {
                log(&self.name, &mut self.stats, command.id(), &error);
            }
        }
        Ok(())
    }

    /// Executes commands of the current sub-context, up to one about sub-contexts.
    fn run<'a>(
        &mut self,
        mut command: Command<'a>,
        stream: &mut CommandStream<'a>,
    ) -> Result<Option<Command<'a>>> {
        let (sub_contexts, first) = (&mut self.sub_contexts, &mut self.first);
        let sub = current_of(sub_contexts, first, self.current, &self.group)?;
        let gl = sub.gl.make_current()?;
        let mut scope = Scope {
            gl: &gl,
            host: &self.host,
            resources: &self.resources,
            state: &mut sub.state,
            stats: &mut self.stats,
            wishes: &mut self.wishes,
            twins: &mut self.twins,
        };
        loop {
            scope.stats.commands = scope.stats.commands.saturating_add(1);
            if let Err(error) = scope.execute(&command) {
                log(&self.name, scope.stats, command.id(), &error);
            }
            command = match stream.next().transpose()? {
                Some(next) if is_about_sub_contexts(&next) => {
                    scope.close_samples()?;
                    scope.state.ends.release(&gl);
                    return Ok(Some(next));
                }
                Some(next) => next,
                None => break,
            };
        }
        scope.close_samples()?;
        scope.state.ends.release(&gl);
        if let Err(error) = gl.check() {
            tracing::debug!("{}: the driver refused a call: {error}", self.name);
        }
        Ok(None)
    }

    fn sub_context_command(&mut self, command: &Command<'_>) -> Result<()> {
        match *command {
            Command::CreateSubCtx(id) => self.create_sub_context(id),
            Command::SetSubCtx(id) => self.set_sub_context(id),
            Command::DestroySubCtx(id) => self.destroy_sub_context(id),
            _ => Ok(()),
        }
    }

    /// One that is there already stays as it is.
    fn create_sub_context(&mut self, id: SubContextId) -> Result<()> {
        if id == FIRST || self.sub_contexts.contains_key(&id) {
            return Ok(());
        }
        if self.sub_contexts.len() >= MAX_SUB_CONTEXTS {
            return Err(Error::Limit {
                what: "sub-contexts",
                limit: MAX_SUB_CONTEXTS,
            });
        }
        let sub = SubContext::new(&self.group)?;
        self.sub_contexts.insert(id, sub);
        Ok(())
    }

    /// The new one's work comes behind the old one's.
    fn set_sub_context(&mut self, id: SubContextId) -> Result<()> {
        if id != FIRST && !self.sub_contexts.contains_key(&id) {
            return Err(Error::UnknownSubContext(id));
        }
        if id == self.current {
            return Ok(());
        }
        let sync = match self.gl() {
            Some(gl) => Some(gl.make_current()?.fence()?),
            None => None,
        };
        self.current = id;
        let gl = self.current()?.gl.make_current()?;
        if let Some(sync) = sync {
            gl.wait_in_order(&sync);
        }
        Ok(())
    }

    fn destroy_sub_context(&mut self, id: SubContextId) -> Result<()> {
        if id == FIRST {
            return Err(Error::Misbehaved("sub-context 0 cannot end"));
        }
        if id == self.current && self.first.is_some() {
            self.set_sub_context(FIRST)?;
        }
        let ended = self.sub_contexts.remove(&id);
        if let Some(ended) = ended.filter(|_| id == self.current) {
            // No one else is there to wait for its work.
            self.current = FIRST;
            let gl = ended.gl.make_current()?;
            self.fences.wait(&gl, &gl.fence()?)?;
        }
        Ok(())
    }
}

/// Looks at the point again and again for a while, where processors are to spare; whether it is
/// reached. A program that waits for each of its frames waits for tens of microseconds, and
/// drivers that sleep meanwhile wake up late.
fn watch(gl: &Current<'_>, sync: &host_gl::Sync) -> bool {
    /// Processors of which one may watch.
    const MANY: usize = 8;
    /// For how long.
    const WATCH: Duration = Duration::from_millis(1);
    static SPARE: LazyLock<bool> = LazyLock::new(|| {
        std::thread::available_parallelism().is_ok_and(|processors| processors.get() >= MANY)
    });
    if !*SPARE {
        return false;
    }
    let until = Instant::now().checked_add(WATCH);
    while until.is_some_and(|until| Instant::now() < until) {
        match gl.wait(sync, Duration::ZERO) {
            Ok(false) => std::thread::yield_now(),
            waited => return waited.is_ok(),
        }
    }
    false
}

/// The sub-context that is current, of those that there are.
fn current_of<'a>(
    sub_contexts: &'a mut HashMap<SubContextId, SubContext>,
    first: &'a mut Option<SubContext>,
    current: SubContextId,
    group: &Arc<ShareGroup>,
) -> Result<&'a mut SubContext> {
    match (sub_contexts.get_mut(&current), first) {
        (Some(sub), _) | (None, Some(sub)) => Ok(sub),
        (None, first) => Ok(first.insert(SubContext::new(group)?)),
    }
}

/// The sub-context that is there from the start.
const FIRST: SubContextId = SubContextId(0);

const fn is_about_sub_contexts(command: &Command<'_>) -> bool {
    matches!(
        command,
        Command::CreateSubCtx(_) | Command::SetSubCtx(_) | Command::DestroySubCtx(_)
    )
}

/// The first failures of a context are worth a line; what a guest can bring about, no more.
fn log(name: &str, stats: &mut ContextStats, command: wire_virgl::CommandId, error: &Error) {
    stats.failures = stats.failures.saturating_add(1);
    match stats.failures {
        1..=MAX_LOGGED_FAILURES => tracing::warn!("{name}: {command} failed: {error}"),
        _ => tracing::trace!("{name}: {command} failed: {error}"),
    }
}
