//! The few commands and structures that the protocol does not carry: mapping, importing and
//! exporting memory. Layouts: `vulkan_core.h`, "Memory Allocation" and "External Memory".

use std::ffi::{CStr, c_char, c_int, c_void};

use vulkan_types as t;

use crate::Instance;

/// `VkImportMemoryHostPointerInfoEXT`.
#[repr(C)]
pub(crate) struct ImportMemoryHostPointerInfo {
    pub(crate) s_type: t::StructureType,
    pub(crate) next: *const c_void,
    pub(crate) handle_type: u32,
    pub(crate) host_pointer: *mut c_void,
}

/// `VkMemoryHostPointerPropertiesEXT`.
#[repr(C)]
pub(crate) struct MemoryHostPointerProperties {
    pub(crate) s_type: t::StructureType,
    pub(crate) next: *mut c_void,
    pub(crate) memory_type_bits: u32,
}

/// `VkMemoryGetFdInfoKHR`.
#[repr(C)]
pub(crate) struct MemoryGetFdInfo {
    pub(crate) s_type: t::StructureType,
    pub(crate) next: *const c_void,
    pub(crate) memory: u64,
    pub(crate) handle_type: u32,
}

/// `VkImportMemoryFdInfoKHR`.
#[repr(C)]
pub(crate) struct ImportMemoryFdInfo {
    pub(crate) s_type: t::StructureType,
    pub(crate) next: *const c_void,
    pub(crate) handle_type: u32,
    pub(crate) fd: c_int,
}

/// `VkMemoryFdPropertiesKHR`.
#[repr(C)]
pub(crate) struct MemoryFdProperties {
    pub(crate) s_type: t::StructureType,
    pub(crate) next: *mut c_void,
    pub(crate) memory_type_bits: u32,
}

type GetMemoryHostPointerProperties = unsafe extern "system" fn(
    u64,
    u32,
    *const c_void,
    *mut MemoryHostPointerProperties,
) -> t::VkResult;
type GetMemoryFd =
    unsafe extern "system" fn(u64, *const MemoryGetFdInfo, *mut c_int) -> t::VkResult;
type GetMemoryFdProperties =
    unsafe extern "system" fn(u64, u32, c_int, *mut MemoryFdProperties) -> t::VkResult;
type MapMemory =
    unsafe extern "system" fn(u64, u64, u64, u64, u32, *mut *mut c_void) -> t::VkResult;
type HostCopy = unsafe extern "system" fn(u64, *const crate::host_copy::Info) -> t::VkResult;
type GetDeviceProcAddr = unsafe extern "system" fn(u64, *const c_char) -> *const c_void;

/// Commands of one device.
#[derive(Clone, Copy)]
pub(crate) struct Extra {
    pub(crate) get_memory_host_pointer_properties: Option<GetMemoryHostPointerProperties>,
    pub(crate) get_memory_fd: Option<GetMemoryFd>,
    pub(crate) get_memory_fd_properties: Option<GetMemoryFdProperties>,
    pub(crate) map_memory: Option<MapMemory>,
    pub(crate) copy_image_to_memory: Option<HostCopy>,
    pub(crate) copy_memory_to_image: Option<HostCopy>,
}

impl Extra {
    /// Looks commands of a device up.
    pub(crate) fn device_lookup(
        instance: &Instance,
        device: u64,
    ) -> impl Fn(&CStr) -> *const c_void {
        let found = instance
            .library()
            .lookup(instance.raw(), c"vkGetDeviceProcAddr");
        // SAFETY: the loader's function of that name has this type; null becomes `None`.
        let get = unsafe { std::mem::transmute::<*const c_void, Option<GetDeviceProcAddr>>(found) };
        move |name| match get {
            // SAFETY: the device is live: the caller is making its table.
            Some(get) => unsafe { get(device, name.as_ptr()) },
            None => std::ptr::null(),
        }
    }

    /// # Safety
    /// What `lookup` returns for a name is null or a function of that name's type.
    pub(crate) unsafe fn load(lookup: &dyn Fn(&CStr) -> *const c_void) -> Self {
        let first = |names: [&CStr; 2]| {
            names
                .into_iter()
                .map(lookup)
                .find(|f| !f.is_null())
                .unwrap_or(std::ptr::null())
        };
        // SAFETY: by this function's contract; null becomes `None`.
        unsafe {
            Self {
                get_memory_host_pointer_properties: std::mem::transmute::<
                    *const c_void,
                    Option<GetMemoryHostPointerProperties>,
                >(lookup(
                    c"vkGetMemoryHostPointerPropertiesEXT",
                )),
                get_memory_fd: std::mem::transmute::<*const c_void, Option<GetMemoryFd>>(lookup(
                    c"vkGetMemoryFdKHR",
                )),
                get_memory_fd_properties: std::mem::transmute::<
                    *const c_void,
                    Option<GetMemoryFdProperties>,
                >(lookup(c"vkGetMemoryFdPropertiesKHR")),
                map_memory: std::mem::transmute::<*const c_void, Option<MapMemory>>(lookup(
                    c"vkMapMemory",
                )),
                copy_image_to_memory: std::mem::transmute::<*const c_void, Option<HostCopy>>(
                    first([c"vkCopyImageToMemory", c"vkCopyImageToMemoryEXT"]),
                ),
                copy_memory_to_image: std::mem::transmute::<*const c_void, Option<HostCopy>>(
                    first([c"vkCopyMemoryToImage", c"vkCopyMemoryToImageEXT"]),
                ),
            }
        }
    }
}

/// `VkPhysicalDeviceExternalMemoryHostPropertiesEXT`.
#[repr(C)]
struct ExternalMemoryHostProperties {
    s_type: t::StructureType,
    next: *mut c_void,
    min_imported_host_pointer_alignment: u64,
}

/// `minImportedHostPointerAlignment`, bytes; none when the driver has no such query.
pub(crate) fn host_pointer_alignment(physical: &crate::PhysicalDevice) -> Option<u64> {
    let mut host = ExternalMemoryHostProperties {
        s_type: t::StructureType::PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT,
        next: std::ptr::null_mut(),
        min_imported_host_pointer_alignment: 0,
    };
    let mut properties = crate::generated::PhysicalDeviceProperties2 {
        s_type: t::StructureType::PHYSICAL_DEVICE_PROPERTIES_2,
        next: std::ptr::from_mut(&mut host).cast(),
        properties: t::PhysicalDeviceProperties::default(),
    };
    let query = physical.functions().get_physical_device_properties2?;
    // SAFETY: both structures are of the types that their `sType`s name.
    unsafe { query(physical.raw(), &mut properties) };
    (host.min_imported_host_pointer_alignment != 0)
        .then_some(host.min_imported_host_pointer_alignment)
}

/// `VkPhysicalDeviceDrmPropertiesEXT`.
#[repr(C)]
struct DrmProperties {
    s_type: t::StructureType,
    next: *mut c_void,
    has_primary: u32,
    has_render: u32,
    primary_major: i64,
    primary_minor: i64,
    render_major: i64,
    render_minor: i64,
}

/// The device number of the render node, major and minor; none when there is none. Only where
/// the driver has `VK_EXT_physical_device_drm`.
pub(crate) fn render_node(physical: &crate::PhysicalDevice) -> Option<(u32, u32)> {
    let mut drm = DrmProperties {
        s_type: t::StructureType::PHYSICAL_DEVICE_DRM_PROPERTIES_EXT,
        next: std::ptr::null_mut(),
        has_primary: 0,
        has_render: 0,
        primary_major: 0,
        primary_minor: 0,
        render_major: 0,
        render_minor: 0,
    };
    let mut properties = crate::generated::PhysicalDeviceProperties2 {
        s_type: t::StructureType::PHYSICAL_DEVICE_PROPERTIES_2,
        next: std::ptr::from_mut(&mut drm).cast(),
        properties: t::PhysicalDeviceProperties::default(),
    };
    let query = physical.functions().get_physical_device_properties2?;
    // SAFETY: both structures are of the types that their `sType`s name.
    unsafe { query(physical.raw(), &mut properties) };
    let number = |value: i64| u32::try_from(value).ok();
    if drm.has_render == 0 {
        None
    } else {
        Some((number(drm.render_major)?, number(drm.render_minor)?))
    }
}
