use std::ffi::CStr;
use std::sync::Arc;

use bumpalo::Bump;
use vulkan_types as t;

use crate::generated::Functions;
use crate::lower::{Call, Identity, Lowering};
use crate::physical_device::PhysicalDevice;
use crate::{DriverError, Library};

/// `VkInstance`, destroyed with the last reference.
pub struct Instance {
    raw: u64,
    functions: Functions,
    api_version: u32,
    library: Arc<Library>,
}

impl Instance {
    /// Makes an instance.
    ///
    /// # Errors
    /// The loader or a driver refuses.
    pub fn create(
        library: &Arc<Library>,
        info: &t::InstanceCreateInfo<'_>,
    ) -> Result<Arc<Self>, DriverError> {
        let arena = Bump::new();
        let cx = Lowering::new(&arena, &Identity);
        let command = t::CreateInstance {
            create_info: info,
            instance: t::InstanceId(0),
        };
        let reply = command
            .call(library.functions(), &cx)
            .map_err(|_| initialization_failed())?;
        let raw = cx.into_created().first().copied().unwrap_or_default();
        if reply.ret != t::VkResult::SUCCESS || raw == 0 {
            return Err(DriverError(reply.ret));
        }
        // SAFETY: the loader returns functions of the types that go with their names, or null.
        let functions =
            unsafe { Functions::load_instance(&|name: &CStr| library.lookup(raw, name)) };
        let api_version = info
            .application_info
            .map_or(0, |application| application.api_version);
        Ok(Arc::new(Self {
            raw,
            functions,
            api_version,
            library: Arc::clone(library),
        }))
    }

    /// Its physical devices.
    ///
    /// # Errors
    /// A driver refuses.
    pub fn physical_devices(self: &Arc<Self>) -> Result<Vec<Arc<PhysicalDevice>>, DriverError> {
        let arena = Bump::new();
        let mut count = 0;
        let mut found = Vec::new();
        // First how many, then which.
        for _ in 0..2 {
            let cx = Lowering::new(&arena, &Identity);
            let ids = arena.alloc_slice_fill_copy(count as usize, t::PhysicalDeviceId(0));
            let command = t::EnumeratePhysicalDevices {
                instance: t::InstanceId(self.raw),
                physical_device_count: count,
                physical_devices: ids,
            };
            let reply = command
                .call(&self.functions, &cx)
                .map_err(|_| initialization_failed())?;
            if reply.ret.0 < 0 {
                return Err(DriverError(reply.ret));
            }
            count = reply.physical_device_count;
            found = cx.into_created();
        }
        found.truncate(count as usize);
        Ok(found
            .into_iter()
            .map(|raw| PhysicalDevice::new(raw, self))
            .collect())
    }

    /// The host's handle.
    pub fn raw(&self) -> u64 {
        self.raw
    }

    /// Its commands.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The version that the application asked for.
    pub fn api_version(&self) -> u32 {
        self.api_version
    }

    pub(crate) fn library(&self) -> &Library {
        &self.library
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let arena = Bump::new();
        let command = t::DestroyInstance {
            instance: t::InstanceId(self.raw),
        };
        // All that was made from it held it: nothing of it is in use.
        let _ = command.call(&self.functions, &Lowering::new(&arena, &Identity));
    }
}

pub(crate) fn initialization_failed() -> DriverError {
    DriverError(t::VkResult::ERROR_INITIALIZATION_FAILED)
}
