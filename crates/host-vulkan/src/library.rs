//! The Vulkan loader, opened at run time: a host without one can still say so.

use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;

use crate::generated::Functions;
use crate::memory::{Ladders, Rung};

type GetInstanceProcAddr = unsafe extern "system" fn(u64, *const c_char) -> *const c_void;

/// The system's Vulkan loader.
pub struct Library {
    get_instance_proc_addr: GetInstanceProcAddr,
    global: Functions,
    ladders: Ladders,
    // Dropped last: the functions above are in it.
    _library: libloading::Library,
}

/// Why there is no Vulkan here.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The loader is not installed.
    #[error(
        "libvulkan.so.1 cannot be loaded ({0}); install the Vulkan loader and a driver (Debian: libvulkan1 mesa-vulkan-drivers)"
    )]
    Missing(#[from] libloading::Error),
}

impl Library {
    /// Loads `libvulkan.so.1`. With `only`, memory is shared with guests on that rung of the
    /// ladder and on no other.
    ///
    /// # Errors
    /// It isn't installed, or isn't a Vulkan loader.
    pub fn open(only: Option<Rung>) -> Result<Arc<Self>, OpenError> {
        // SAFETY: the loader's initialisers are those of the system's own library.
        let library = unsafe { libloading::Library::new("libvulkan.so.1") }?;
        // SAFETY: the loader exports this function with this type ("Command Function
        // Pointers" of the Vulkan specification).
        let get_instance_proc_addr =
            unsafe { *library.get::<GetInstanceProcAddr>(b"vkGetInstanceProcAddr\0")? };
        // SAFETY: with a null instance the loader returns global commands or null.
        let global = unsafe {
            Functions::load_instance(&|name: &CStr| get_instance_proc_addr(0, name.as_ptr()))
        };
        Ok(Arc::new(Self {
            get_instance_proc_addr,
            global,
            ladders: Ladders::new(only),
            _library: library,
        }))
    }

    /// The commands that need no instance.
    pub fn functions(&self) -> &Functions {
        &self.global
    }

    /// The memory ladders of this host's devices, whichever instance shows them.
    pub(crate) fn ladders(&self) -> &Ladders {
        &self.ladders
    }

    /// A command of an instance, or null.
    pub(crate) fn lookup(&self, instance: u64, name: &CStr) -> *const c_void {
        // SAFETY: `instance` is live, by the callers in this crate.
        unsafe { (self.get_instance_proc_addr)(instance, name.as_ptr()) }
    }
}
