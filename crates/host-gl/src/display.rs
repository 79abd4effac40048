//! Which GPU's, or which software's, GL is used.

use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;

use crate::egl::text;
use crate::{Error, Extensions, Library};

/// Where the display comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlatformChoice {
    /// The first that works of: a GPU's device, surfaceless, a software device, the default
    /// display.
    #[default]
    Auto,
    /// `EGL_MESA_platform_surfaceless`
    Surfaceless,
    /// The device with this number, as `eglQueryDevicesEXT` counts them.
    Device(usize),
    /// The first device whose node or vendor string contains this text.
    DeviceNamed(String),
    /// `EGL_DEFAULT_DISPLAY`
    Default,
}

/// An initialised EGL display.
///
/// Displays are never terminated: EGL hands the same one to everybody who asks for the same
/// platform, so that terminating it would end contexts of others in the process.
pub struct Display {
    library: Arc<Library>,
    handle: *mut c_void,
    extensions: Extensions,
    version: (i32, i32),
    name: String,
}

// SAFETY: EGL's functions on displays may be called on any thread (EGL 1.5, 2.1 "threads").
unsafe impl Send for Display {}
// SAFETY: as above, and nothing in it changes.
unsafe impl Sync for Display {}

impl Display {
    /// Opens a display that has contexts without surfaces.
    ///
    /// # Errors
    /// [`Error::NoDisplay`] says what was tried.
    pub fn open(library: &Arc<Library>, choice: &PlatformChoice) -> Result<Arc<Self>, Error> {
        let mut failures = Vec::new();
        for candidate in candidates(library, choice) {
            match Self::initialise(library, &candidate) {
                Ok(display) => return Ok(Arc::new(display)),
                Err(reason) => failures.push(format!("{}: {reason}", candidate.name)),
            }
        }
        match failures.is_empty() {
            true => Err(Error::NoDisplay(format!("EGL has no {choice:?}"))),
            false => Err(Error::NoDisplay(failures.join("; "))),
        }
    }

    /// What it is, for people: the platform, and of a device its node.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// EGL's version, major and minor.
    pub fn version(&self) -> (i32, i32) {
        self.version
    }

    /// The display's extensions.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    pub(crate) fn handle(&self) -> *mut c_void {
        self.handle
    }

    pub(crate) fn library(&self) -> &Arc<Library> {
        &self.library
    }

    fn initialise(library: &Arc<Library>, candidate: &Candidate) -> Result<Self, Error> {
        let handle = candidate.display(library);
        if handle.is_null() {
            return Err(Error::NoDisplay("EGL made none".into()));
        }
        let (mut major, mut minor) = (0, 0);
        // SAFETY: `handle` is a display, and the numbers live through the call.
        if unsafe { (library.egl.initialize)(handle, &mut major, &mut minor) } == 0 {
            return Err(library.error("eglInitialize"));
        }
        let extensions = library.extensions_of(handle);
        if !extensions.has("EGL_KHR_surfaceless_context") {
            return Err(Error::NoDisplay("contexts need surfaces".into()));
        }
        Ok(Self {
            library: Arc::clone(library),
            handle,
            extensions,
            version: (major, minor),
            name: candidate.name.clone(),
        })
    }
}

impl fmt::Debug for Display {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Display").field(&self.name).finish()
    }
}

/// A display that may be had.
struct Candidate {
    name: String,
    platform: Option<u32>,
    native: *mut c_void,
}

/// `EGL_PLATFORM_SURFACELESS_MESA`
const SURFACELESS: u32 = 0x31dd;
/// `EGL_PLATFORM_DEVICE_EXT`
const DEVICE: u32 = 0x313f;

impl Candidate {
    fn surfaceless() -> Self {
        Self {
            name: "surfaceless".into(),
            platform: Some(SURFACELESS),
            native: std::ptr::null_mut(),
        }
    }

    fn default_display() -> Self {
        Self {
            name: "default display".into(),
            platform: None,
            native: std::ptr::null_mut(),
        }
    }

    fn device(device: &Device) -> Self {
        Self {
            name: format!("device {} ({})", device.index, device.name),
            platform: Some(DEVICE),
            native: device.handle,
        }
    }

    /// Null if there is none.
    fn display(&self, library: &Library) -> *mut c_void {
        let Some(platform) = self.platform else {
            // SAFETY: null is `EGL_DEFAULT_DISPLAY`.
            return unsafe { (library.egl.get_display)(self.native) };
        };
        let get = library.client.get_platform_display;
        get.map_or(std::ptr::null_mut(), |get| {
            // SAFETY: `native` is what the platform wants: null, or a device that EGL gave.
            unsafe { get(platform, self.native, std::ptr::null()) }
        })
    }
}

fn candidates(library: &Library, choice: &PlatformChoice) -> Vec<Candidate> {
    let has = |extension: &str| library.client_extensions().has(extension);
    let surfaceless = || has("EGL_MESA_platform_surfaceless").then(Candidate::surfaceless);
    let devices = || match has("EGL_EXT_platform_device") {
        true => devices(library),
        false => Vec::new(),
    };
    match choice {
        PlatformChoice::Surfaceless => surfaceless().into_iter().collect(),
        PlatformChoice::Default => vec![Candidate::default_display()],
        PlatformChoice::Device(index) => {
            let devices = devices();
            devices
                .get(*index)
                .map(Candidate::device)
                .into_iter()
                .collect()
        }
        PlatformChoice::DeviceNamed(name) => {
            let devices = devices().into_iter();
            let mut named = devices.filter(|device| device.name.contains(name.as_str()));
            named
                .next()
                .as_ref()
                .map(Candidate::device)
                .into_iter()
                .collect()
        }
        PlatformChoice::Auto => {
            let (software, hardware): (Vec<_>, Vec<_>) =
                devices().into_iter().partition(|device| device.is_software);
            let hardware = hardware.iter().map(Candidate::device);
            let software = software.iter().map(Candidate::device);
            let rest = surfaceless().into_iter().chain(software);
            hardware
                .chain(rest)
                .chain([Candidate::default_display()])
                .collect()
        }
    }
}

struct Device {
    handle: *mut c_void,
    index: usize,
    name: String,
    is_software: bool,
}

/// More than any host has.
const MAX_DEVICES: usize = 64;

fn devices(library: &Library) -> Vec<Device> {
    let Some(query) = library.client.query_devices else {
        return Vec::new();
    };
    let mut handles = [std::ptr::null_mut(); MAX_DEVICES];
    let mut count = 0;
    // SAFETY: there is room for as many devices as are asked for.
    let ok = unsafe { query(MAX_DEVICES as i32, handles.as_mut_ptr(), &mut count) };
    let count = if ok == 0 {
        0
    } else {
        usize::try_from(count).unwrap_or(0)
    };
    let handles = handles.into_iter().take(count).enumerate();
    handles
        .map(|(index, handle)| device(library, index, handle))
        .collect()
}

fn device(library: &Library, index: usize, handle: *mut c_void) -> Device {
    const EXTENSIONS: i32 = 0x3055;
    const DRM_DEVICE_FILE: i32 = 0x3233;
    const DRM_RENDER_NODE_FILE: i32 = 0x3377;
    let string = |name: i32| {
        // SAFETY: EGL gave the device, and answers with null or a string that lasts.
        library
            .client
            .query_device_string
            .and_then(|query| unsafe { text(query(handle, name)) })
    };
    let extensions = Extensions::of_words(&string(EXTENSIONS).unwrap_or_default());
    let node =
        |extension: &str, name: i32| extensions.has(extension).then(|| string(name)).flatten();
    let is_software = extensions.has("EGL_MESA_device_software");
    let name = node("EGL_EXT_device_drm_render_node", DRM_RENDER_NODE_FILE)
        .or_else(|| node("EGL_EXT_device_drm", DRM_DEVICE_FILE))
        .unwrap_or_else(|| if is_software { "software" } else { "no node" }.into());
    Device {
        handle,
        index,
        name,
        is_software,
    }
}
