//! libEGL, opened at run time: a host without it can still say so.

use std::ffi::{CStr, c_char, c_void};
use std::mem::ManuallyDrop;
use std::sync::{Arc, OnceLock};

use crate::functions::Functions;
use crate::{Error, Extensions};

type Handle = *mut c_void;
type Attributes = *const i32;

macro_rules! egl_functions {
    ($($name:ident = $symbol:ident($($argument:ty),*) -> $result:ty;)*) => {
        /// The functions of EGL 1.4 that are called.
        pub(crate) struct EglFunctions {
            $(pub(crate) $name: unsafe extern "system" fn($($argument),*) -> $result,)*
        }

        impl EglFunctions {
            /// # Safety
            /// `library` is an EGL.
            unsafe fn load(library: &libloading::Library) -> Result<Self, libloading::Error> {
                Ok(Self {
                    // SAFETY: EGL exports this function with this type (`egl.xml`).
                    $($name: unsafe {
                        *library.get(concat!(stringify!($symbol), "\0").as_bytes())?
                    },)*
                })
            }
        }
    };
}

egl_functions! {
    get_error = eglGetError() -> i32;
    query_string = eglQueryString(Handle, i32) -> *const c_char;
    get_proc_address = eglGetProcAddress(*const c_char) -> *const c_void;
    get_display = eglGetDisplay(Handle) -> Handle;
    initialize = eglInitialize(Handle, *mut i32, *mut i32) -> u32;
    bind_api = eglBindAPI(u32) -> u32;
    choose_config = eglChooseConfig(Handle, Attributes, *mut Handle, i32, *mut i32) -> u32;
    create_context = eglCreateContext(Handle, Handle, Handle, Attributes) -> Handle;
    destroy_context = eglDestroyContext(Handle, Handle) -> u32;
    make_current = eglMakeCurrent(Handle, Handle, Handle, Handle) -> u32;
}

/// Functions of extensions that are there before there is a display.
#[derive(Clone, Copy)]
pub(crate) struct ClientFunctions {
    /// `eglGetPlatformDisplayEXT`
    pub(crate) get_platform_display:
        Option<unsafe extern "system" fn(u32, Handle, Attributes) -> Handle>,
    /// `eglQueryDevicesEXT`
    pub(crate) query_devices: Option<unsafe extern "system" fn(i32, *mut Handle, *mut i32) -> u32>,
    /// `eglQueryDeviceStringEXT`
    pub(crate) query_device_string: Option<unsafe extern "system" fn(Handle, i32) -> *const c_char>,
}

/// The system's EGL.
pub struct Library {
    pub(crate) egl: EglFunctions,
    pub(crate) client: ClientFunctions,
    client_extensions: Extensions,
    gl: OnceLock<Functions>,
}

impl Library {
    /// Loads `libEGL.so.1`, once for the process. It is never unloaded: drivers leave threads
    /// and destructors of threads behind, whose code has to stay.
    ///
    /// # Errors
    /// [`Error::NoEgl`]
    pub fn open() -> Result<Arc<Self>, Error> {
        static OPENED: OnceLock<Arc<Library>> = OnceLock::new();
        match OPENED.get() {
            Some(library) => Ok(Arc::clone(library)),
            None => {
                let library = Self::load()?;
                Ok(Arc::clone(OPENED.get_or_init(|| Arc::new(library))))
            }
        }
    }

    fn load() -> Result<Self, Error> {
        let no_egl = |error: libloading::Error| Error::NoEgl(error.to_string());
        // SAFETY: the initialisers are those of the system's own EGL.
        let library = unsafe { libloading::Library::new("libEGL.so.1") }.map_err(no_egl)?;
        let library = ManuallyDrop::new(library);
        // SAFETY: it is an EGL by its name.
        let egl = unsafe { EglFunctions::load(&library) }.map_err(no_egl)?;
        let client_extensions = query(&egl, std::ptr::null_mut());
        Ok(Self {
            client: client_functions(&egl, &client_extensions),
            egl,
            client_extensions,
            gl: OnceLock::new(),
        })
    }

    /// Extensions that need no display.
    pub fn client_extensions(&self) -> &Extensions {
        &self.client_extensions
    }

    /// The extensions of a display, or of the client for null.
    pub(crate) fn extensions_of(&self, display: Handle) -> Extensions {
        query(&self.egl, display)
    }

    /// GL's entry points. EGL's addresses serve every display and context
    /// (`EGL_KHR_get_all_proc_addresses`).
    pub(crate) fn gl(&self) -> &Functions {
        self.gl.get_or_init(|| {
            // SAFETY: `eglGetProcAddress` returns null or the function of that name; the
            // names are GL's own, with the registry's types.
            unsafe { Functions::load(&|name| (self.egl.get_proc_address)(name.as_ptr())) }
        })
    }

    pub(crate) fn error(&self, call: &'static str) -> Error {
        // SAFETY: needs nothing.
        let code = unsafe { (self.egl.get_error)() };
        Error::Egl { call, code }
    }
}

/// `EGL_EXTENSIONS`
const EXTENSIONS: i32 = 0x3055;

fn query(egl: &EglFunctions, display: Handle) -> Extensions {
    // SAFETY: `display` is null, for the client, or a display; the answer is null or a
    // string that lasts as long as EGL.
    let words = unsafe { text((egl.query_string)(display, EXTENSIONS)) };
    Extensions::of_words(&words.unwrap_or_default())
}

/// # Safety
/// `text` is null or a string with a zero byte at its end.
pub(crate) unsafe fn text(text: *const c_char) -> Option<String> {
    // SAFETY: by the contract.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) });
    text.map(|text| text.to_string_lossy().into_owned())
}

fn client_functions(egl: &EglFunctions, extensions: &Extensions) -> ClientFunctions {
    let lookup = |extension: &str, name: &CStr| match extensions.has(extension) {
        // SAFETY: `name` ends in a zero byte.
        true => unsafe { (egl.get_proc_address)(name.as_ptr()) },
        false => std::ptr::null(),
    };
    let devices = "EGL_EXT_device_enumeration";
    let devices = match extensions.has(devices) {
        true => devices,
        false => "EGL_EXT_device_base",
    };
    let strings = match extensions.has("EGL_EXT_device_query") {
        true => "EGL_EXT_device_query",
        false => "EGL_EXT_device_base",
    };
    // SAFETY: null or a function; the types are those of the extensions.
    unsafe {
        ClientFunctions {
            get_platform_display: std::mem::transmute::<
                *const c_void,
                Option<unsafe extern "system" fn(u32, Handle, Attributes) -> Handle>,
            >(lookup(
                "EGL_EXT_platform_base",
                c"eglGetPlatformDisplayEXT",
            )),
            query_devices: std::mem::transmute::<
                *const c_void,
                Option<unsafe extern "system" fn(i32, *mut Handle, *mut i32) -> u32>,
            >(lookup(devices, c"eglQueryDevicesEXT")),
            query_device_string: std::mem::transmute::<
                *const c_void,
                Option<unsafe extern "system" fn(Handle, i32) -> *const c_char>,
            >(lookup(strings, c"eglQueryDeviceStringEXT")),
        }
    }
}
