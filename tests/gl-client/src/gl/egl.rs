//! A context without a window: EGL's surfaceless platform.

use std::marker::PhantomData;
use std::rc::Rc;

use khronos_egl as egl;

use crate::error::{Error, Result};

type Library = egl::DynamicInstance<egl::EGL1_5>;

/// `EGL_PLATFORM_SURFACELESS_MESA` of `EGL_MESA_platform_surfaceless`.
const SURFACELESS: egl::Enum = 0x31dd;

/// A core profile of the newest version that the driver has, 3.3 or later, current on the
/// thread that made it.
pub(super) struct Current {
    library: Library,
    display: egl::Display,
    context: egl::Context,
    /// What is current on a thread stays there.
    here: PhantomData<Rc<()>>,
}

impl Current {
    pub(super) fn open() -> Result<Self> {
        // SAFETY: the system's EGL library is loaded as any program loads it; its initialisers
        // have no demands on the program.
        let library = unsafe { Library::load_required() };
        let library = library.map_err(|error| Error::Loader(error.to_string()))?;
        let no_display = egl::DEFAULT_DISPLAY;
        // SAFETY: the surfaceless platform takes no native display but the default one.
        let display =
            unsafe { library.get_platform_display(SURFACELESS, no_display, &[egl::ATTRIB_NONE]) };
        let display = display.map_err(named("eglGetPlatformDisplay"))?;
        library
            .initialize(display)
            .map_err(named("eglInitialize"))?;
        library
            .bind_api(egl::OPENGL_API)
            .map_err(named("eglBindAPI"))?;
        let context = make(&library, display)?;
        let current = Self {
            library,
            display,
            context,
            here: PhantomData,
        };
        current.make_current(Some(context))?;
        Ok(current)
    }

    /// The address of an OpenGL function, or null.
    pub(super) fn address(&self, name: &str) -> *const std::ffi::c_void {
        let function = self.library.get_proc_address(name);
        function.map_or(std::ptr::null(), |function| function as *const _)
    }

    fn make_current(&self, context: Option<egl::Context>) -> Result<()> {
        self.library
            .make_current(self.display, None, None, context)
            .map_err(named("eglMakeCurrent"))
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        // The program is done with the context: that it cannot be ended changes no result.
        let _ = self.make_current(None);
        let _ = self.library.destroy_context(self.display, self.context);
    }
}

fn make(library: &Library, display: egl::Display) -> Result<egl::Context> {
    let wanted = [
        egl::RENDERABLE_TYPE,
        egl::OPENGL_BIT,
        egl::SURFACE_TYPE,
        egl::PBUFFER_BIT,
        egl::NONE,
    ];
    let config = library
        .choose_first_config(display, &wanted)
        .map_err(named("eglChooseConfig"))?
        .ok_or_else(|| Error::Loader("no configuration for OpenGL".to_owned()))?;
    let attributes = [
        egl::CONTEXT_MAJOR_VERSION,
        3,
        egl::CONTEXT_MINOR_VERSION,
        3,
        egl::CONTEXT_OPENGL_PROFILE_MASK,
        egl::CONTEXT_OPENGL_CORE_PROFILE_BIT,
        egl::NONE,
    ];
    library
        .create_context(display, config, None, &attributes)
        .map_err(named("eglCreateContext"))
}

fn named(call: &'static str) -> impl Fn(egl::Error) -> Error {
    move |source| Error::Egl { call, source }
}
