//! Contexts, the groups that share objects, and which context is current where.

mod recipe;

use std::cell::{Cell, OnceCell};
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use crate::functions::Functions;
use crate::garbage::{Dead, Garbage};
use crate::kept::Kept;
use crate::memory::{self, Charge, Held, MemoryLimit};
use crate::object::{Handle, Owner};
use crate::shared_buffer::Lendings;
use crate::{Caps, Display, Error, Framebuffer, GlError, debug, enums as gl};

use recipe::Recipe;

/// Which API is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ApiChoice {
    /// The first there is of: core profile, compatibility profile, OpenGL ES.
    #[default]
    Auto,
    /// OpenGL, core profile, 3.2 or newer.
    Core,
    /// OpenGL, compatibility profile, 3.2 or newer.
    Compatibility,
    /// OpenGL ES 3.0 or newer.
    Es,
}

/// What contexts of a group are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContextConfig {
    /// The API.
    pub api: ApiChoice,
    /// Whether the driver's messages (`KHR_debug`) go to the log.
    pub debug: bool,
}

/// What contexts share textures, buffers, samplers, shaders and programs in.
///
/// Objects' handles keep it alive. It has a context of its own, the root, with which the others are
/// made to share, so that they can be made and ended in any order. The first that is asked for is
/// the root itself: contexts are dear, megabytes and milliseconds of the driver's each, and most
/// groups have one or two.
pub struct ShareGroup {
    display: Arc<Display>,
    recipe: Recipe,
    root: *mut c_void,
    /// Whether the root is a [`Context`], or was.
    is_root_lent: AtomicBool,
    /// What is bound in the root, once it is no [`Context`] any more.
    rooted: Mutex<Vec<Arc<Charge>>>,
    id: u64,
    memory: Arc<MemoryLimit>,
    caps: OnceLock<Arc<Caps>>,
    garbage: Arc<Garbage>,
    pub(crate) lendings: Lendings,
}

// SAFETY: EGL contexts belong to no thread while they are not current; `root` is current only through the one `Context` that it may be, which keeps the group; and EGL's functions may be called on any thread.
unsafe impl Send for ShareGroup {}
// SAFETY: as above; what changes, the garbage, has a lock of its own.
unsafe impl Sync for ShareGroup {}

/// A rendering context. It may move between threads, and be used on one at a time.
pub struct Context {
    group: Arc<ShareGroup>,
    handle: *mut c_void,
    id: u64,
    garbage: Arc<Garbage>,
    is_set_up: Cell<bool>,
    active_unit: Cell<u32>,
    /// The names that are bound: for drawing, and for reading.
    pub(crate) framebuffers: [Cell<u32>; 2],
    /// The program in use.
    pub(crate) program: Cell<u32>,
    /// The vertex array that is bound.
    pub(crate) vertex_array: Cell<u32>,
    /// What [`Self::pretend_reset`] was given.
    pretended: Cell<Option<Reset>>,
    /// A framebuffer for work inside this crate.
    pub(crate) scratch: OnceCell<Framebuffer>,
    /// Another, which nothing is drawn to.
    pub(crate) scratch_to_read: OnceCell<Framebuffer>,
    pub(crate) held: Held,
    pub(crate) kept: Kept,
    _charge: Charge,
}

// SAFETY: an EGL context is bound to a thread only while it is current there; where it is
// current elsewhere, EGL refuses to bind it, and `make_current` says so.
unsafe impl Send for Context {}

/// A context that is current on this thread for as long as this lives. Every call of GL is
/// one of its methods.
///
/// The context stays bound afterwards, so that becoming current again costs nothing;
/// [`Context::release`] unbinds it.
pub struct Current<'c> {
    pub(crate) context: &'c Context,
    functions: &'c Functions,
    // Not for another thread.
    _here: PhantomData<*const ()>,
}

/// Why the GPU was reset (`glGetGraphicsResetStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reset {
    /// This context's work caused it.
    Guilty,
    /// Another context's work caused it.
    Innocent,
    /// Nobody knows.
    Unknown,
}

#[derive(Clone, Copy, Default)]
struct Bound {
    /// The context that is bound to this thread; 0 is none.
    context: u64,
    /// How many [`Current`]s of it live.
    guards: u32,
}

thread_local! {
    static BOUND: Cell<Bound> = const { Cell::new(Bound { context: 0, guards: 0 }) };
}

/// The next id of a group or a context. Never 0.
static IDS: AtomicU64 = AtomicU64::new(1);

impl ShareGroup {
    /// Starts a group on `display` with the newest version there is.
    ///
    /// # Errors
    /// [`Error::NoContext`] says what was tried; [`Error::InUse`] if a context is in use on
    /// this thread.
    pub fn new(display: &Arc<Display>, config: ContextConfig) -> Result<Arc<Self>, Error> {
        let (recipe, root) = Recipe::find(display, config)?;
        let memory = MemoryLimit::none();
        let group = Self::of(display, recipe, root, memory, OnceLock::new());
        let context = group.context()?;
        let caps = Caps::probe(&context.make_current()?, recipe.api);
        group.caps.get_or_init(|| Arc::new(caps));
        Ok(group)
    }

    /// Starts another group like this one, which shares nothing with it, and whose objects take
    /// no more memory than that. What contexts can do is known already.
    ///
    /// # Errors
    /// The driver has no context left.
    pub fn alike(&self, memory: &Arc<MemoryLimit>) -> Result<Arc<Self>, Error> {
        let root = self.recipe.create(&self.display, std::ptr::null_mut())?;
        let caps = self.caps.clone();
        let memory = Arc::clone(memory);
        Ok(Self::of(&self.display, self.recipe, root, memory, caps))
    }

    fn of(
        display: &Arc<Display>,
        recipe: Recipe,
        root: *mut c_void,
        memory: Arc<MemoryLimit>,
        caps: OnceLock<Arc<Caps>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            display: Arc::clone(display),
            recipe,
            root,
            is_root_lent: AtomicBool::new(false),
            rooted: Mutex::default(),
            id: IDS.fetch_add(1, Ordering::Relaxed),
            memory,
            caps,
            garbage: Arc::default(),
            lendings: Lendings::default(),
        })
    }

    /// The display.
    pub fn display(&self) -> &Arc<Display> {
        &self.display
    }

    /// What its contexts can do.
    pub fn caps(&self) -> &Caps {
        static UNKNOWN: LazyLock<Caps> = LazyLock::new(Caps::default);
        // Unknown only to the probe itself.
        self.caps.get().map_or(&*UNKNOWN, |caps| &**caps)
    }

    /// Makes a context of the group.
    ///
    /// # Errors
    /// The driver has none left.
    pub fn context(self: &Arc<Self>) -> Result<Context, Error> {
        let charge = self.memory.charge(memory::CONTEXT)?;
        let handle = match self.is_root_lent.swap(true, Ordering::Relaxed) {
            false => self.root,
            true => self.recipe.create(&self.display, self.root)?,
        };
        Ok(Context::new(Arc::clone(self), handle, charge))
    }

    /// How much memory its objects may take, and take.
    pub fn memory(&self) -> &Arc<MemoryLimit> {
        &self.memory
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for ShareGroup {
    fn drop(&mut self) {
        destroy(&self.display, self.root);
    }
}

impl fmt::Debug for ShareGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ShareGroup").field(&self.id).finish()
    }
}

impl Context {
    fn new(group: Arc<ShareGroup>, handle: *mut c_void, charge: Charge) -> Self {
        Self {
            group,
            handle,
            id: IDS.fetch_add(1, Ordering::Relaxed),
            garbage: Arc::default(),
            is_set_up: Cell::new(false),
            active_unit: Cell::new(0),
            framebuffers: [Cell::new(0), Cell::new(0)],
            program: Cell::new(0),
            vertex_array: Cell::new(0),
            pretended: Cell::new(None),
            scratch: OnceCell::new(),
            scratch_to_read: OnceCell::new(),
            held: Held::default(),
            kept: Kept::default(),
            _charge: charge,
        }
    }

    /// The group.
    pub fn group(&self) -> &Arc<ShareGroup> {
        &self.group
    }

    /// For tests: from now on [`Current::reset`] tells of this reset. Real ones cannot be
    /// brought about at will.
    pub fn pretend_reset(&self, reset: Reset) {
        self.pretended.set(Some(reset));
    }

    /// Makes the context current on this thread, unless it is, and deletes what was dropped
    /// since.
    ///
    /// # Errors
    /// [`Error::InUse`] while a [`Current`] of another context lives on this thread, or the
    /// context is bound to another thread.
    #[inline]
    pub fn make_current(&self) -> Result<Current<'_>, Error> {
        let bound = BOUND.get();
        if bound.context != self.id {
            self.bind(bound)?;
        }
        if BOUND.get().guards == 0 {
            // What others did to an object since is seen once it is bound again (OpenGL 4.6, 5.3).
            self.kept.bound.forget();
        }
        let guards = BOUND.get().guards.saturating_add(1);
        BOUND.set(Bound {
            context: self.id,
            guards,
        });
        let current = Current {
            context: self,
            functions: self.group.display.library().gl(),
            _here: PhantomData,
        };
        if !self.is_set_up.replace(true) {
            current.set_up();
        }
        self.group.garbage.empty(&current);
        self.garbage.empty(&current);
        Ok(current)
    }

    /// Unbinds the context if it is bound to this thread, so that another may use it.
    ///
    /// # Errors
    /// [`Error::InUse`] while a [`Current`] lives.
    pub fn release(&self) -> Result<(), Error> {
        match BOUND.get() {
            Bound { context, .. } if context != self.id => Ok(()),
            Bound { guards: 0, .. } => {
                bind(&self.group, std::ptr::null_mut())?;
                BOUND.set(Bound::default());
                Ok(())
            }
            _ => Err(Error::InUse),
        }
    }

    #[cold]
    fn bind(&self, bound: Bound) -> Result<(), Error> {
        if bound.guards != 0 {
            return Err(Error::InUse);
        }
        bind(&self.group, self.handle)?;
        BOUND.set(Bound {
            context: self.id,
            guards: 0,
        });
        Ok(())
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // Nothing borrows `self`: no `Current` of it lives.
        if self.release().is_err() {
            tracing::error!("a GL context cannot be unbound");
        }
        if self.handle == self.group.root {
            // It stays, with what is bound in it, until the group ends.
            let mut rooted = self
                .group
                .rooted
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            rooted.extend(self.held.take());
            return;
        }
        destroy(&self.group.display, self.handle);
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(&self.id).finish()
    }
}

impl Drop for Current<'_> {
    #[inline]
    fn drop(&mut self) {
        let bound = BOUND.get();
        let guards = bound.guards.saturating_sub(1);
        BOUND.set(Bound { guards, ..bound });
    }
}

impl Current<'_> {
    /// What the context can do.
    pub fn caps(&self) -> &Caps {
        self.context.group.caps()
    }

    /// The oldest error of GL since the last call, and none if there was none.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] and [`Error::Refused`]
    pub fn check(&self) -> Result<(), Error> {
        let error = self.gl_get_error();
        if error == gl::NO_ERROR {
            return Ok(());
        }
        self.clear_errors();
        match error {
            gl::OUT_OF_MEMORY => Err(Error::OutOfMemory),
            error => Err(Error::Refused(GlError(error))),
        }
    }

    /// Forgets errors, at most as many as GL can have.
    pub(crate) fn clear_errors(&self) {
        /// A lost context has one without end.
        const KINDS: usize = 8;
        for _ in 0..KINDS {
            if self.gl_get_error() == gl::NO_ERROR {
                return;
            }
        }
    }

    /// Whether the GPU was reset, which ends this context. Always none where contexts don't
    /// tell ([`crate::Features::robustness`]).
    pub fn reset(&self) -> Option<Reset> {
        if let Some(pretended) = self.context.pretended.get() {
            return Some(pretended);
        }
        if !self.caps().features.robustness {
            return None;
        }
        match self.gl_get_graphics_reset_status() {
            gl::NO_ERROR => None,
            gl::GUILTY_CONTEXT_RESET => Some(Reset::Guilty),
            gl::INNOCENT_CONTEXT_RESET => Some(Reset::Innocent),
            _ => Some(Reset::Unknown),
        }
    }

    pub(crate) fn functions(&self) -> &Functions {
        self.functions
    }

    pub(crate) fn group(&self) -> &Arc<ShareGroup> {
        &self.context.group
    }

    /// Who owns a new object that the group shares.
    pub(crate) fn shared_owner(&self) -> Owner {
        Owner::new(self.context.group.id, &self.context.group.garbage)
    }

    /// Where what the group shares goes when it is dropped.
    pub(crate) fn shared_garbage(&self) -> Arc<Garbage> {
        Arc::clone(&self.context.group.garbage)
    }

    /// Who owns a new object of this context alone.
    pub(crate) fn own_owner(&self) -> Owner {
        Owner::new(self.context.id, &self.context.garbage)
    }

    /// Takes memory as if for an object of GL: for what goes with one.
    ///
    /// # Errors
    /// [`Error::OverLimit`]
    pub fn charge(&self, bytes: u64) -> Result<Charge, Error> {
        self.context.group.memory.charge(bytes.max(memory::OBJECT))
    }

    /// The name of an object, if it is the group's or the context's; else 0, which GL
    /// refuses or takes as none: a bug of ours that must not hit another's object.
    pub(crate) fn name(&self, handle: &Handle) -> u32 {
        match handle.owner() == self.context.group.id || handle.owner() == self.context.id {
            true => handle.name(),
            false => {
                tracing::error!("a GL object is used in a context that it isn't of");
                0
            }
        }
    }

    /// Makes a texture unit the active one.
    pub(crate) fn use_unit(&self, unit: u32) {
        if self.context.active_unit.replace(unit) != unit {
            self.gl_active_texture(gl::TEXTURE0.saturating_add(unit));
        }
    }

    /// Binds a texture where no one looks, to work on it.
    pub(crate) fn bind_scratch(&self, target: u32, handle: &Handle) {
        let units = self.caps().limits.max_combined_texture_image_units;
        self.bind_to_unit(units.saturating_sub(1), target, handle);
    }

    pub(crate) fn bind_to_unit(&self, unit: u32, target: u32, handle: &Handle) {
        self.use_unit(unit);
        if self.context.kept.bound.texture(unit, target, handle.id()) {
            self.gl_bind_texture(target, self.name(handle));
            self.context.held.texture(unit, target, handle.charge());
        }
    }

    /// What is deleted is bound no more, and its name may come again.
    pub(crate) fn forget(&self, dead: &Dead) {
        let clear = |bound: &Cell<u32>, name: u32| {
            if bound.get() == name {
                bound.set(0);
            }
        };
        match *dead {
            Dead::Framebuffer(name) => {
                self.context
                    .framebuffers
                    .iter()
                    .for_each(|bound| clear(bound, name));
                self.context.held.forget_framebuffer(name);
            }
            Dead::VertexArray(name) => clear(&self.context.vertex_array, name),
            _ => {}
        }
    }

    fn set_up(&self) {
        self.gl_pixel_storei(gl::PACK_ALIGNMENT, 1);
        self.gl_pixel_storei(gl::UNPACK_ALIGNMENT, 1);
        if !self.caps().api.is_es() {
            // What is read is what is there, signed and beyond 1, too.
            self.clamp_color(gl::CLAMP_READ_COLOR, 0);
        }
        if self.context.group.recipe.debug && self.caps().features.debug {
            debug::install(self);
        }
        self.clear_errors();
    }
}

fn bind(group: &ShareGroup, context: *mut c_void) -> Result<(), Error> {
    const BAD_ACCESS: i32 = 0x3002;
    let library = group.display.library();
    let none = std::ptr::null_mut();
    // SAFETY: display and context are EGL's and live; no surface is a surface
    // (`EGL_KHR_surfaceless_context`).
    let ok = unsafe {
        (library.egl.bind_api)(group.recipe.api.egl());
        (library.egl.make_current)(group.display.handle(), none, none, context)
    };
    if ok != 0 {
        return Ok(());
    }
    match library.error("eglMakeCurrent") {
        Error::Egl {
            code: BAD_ACCESS, ..
        } => Err(Error::InUse),
        error => Err(error),
    }
}

fn destroy(display: &Display, context: *mut c_void) {
    // SAFETY: EGL made the context on this display, and it is not used again.
    unsafe { (display.library().egl.destroy_context)(display.handle(), context) };
}
