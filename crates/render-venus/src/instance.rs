//! `VkInstance`, and the devices that it shows.

use std::sync::Arc;

use host_vulkan::{DriverError, Instance as HostInstance, Library};
use vulkan_types as t;

use crate::Fatal;
use crate::extensions::{Support, properties, support};
use crate::objects::Held;
use crate::physical_device::PhysicalDevice;
use crate::scope::Scope;

/// `VK_API_VERSION_1_1`: the least that the protocol works with.
const API_1_1: u32 = 1 << 22 | 1 << 12;

/// A guest's instance.
pub(crate) struct Instance {
    host: Arc<HostInstance>,
    physical_devices: Vec<Arc<PhysicalDevice>>,
}

impl Instance {
    pub(crate) fn host(&self) -> &Arc<HostInstance> {
        &self.host
    }
}

pub(crate) fn enumerate_instance_version(
    s: &Scope<'_>,
    _: &t::EnumerateInstanceVersion,
) -> Result<t::EnumerateInstanceVersionReply, Fatal> {
    let cx = host_vulkan::Lowering::new(s.arena, &host_vulkan::Identity);
    host_vulkan::Call::call(
        &t::EnumerateInstanceVersion {},
        s.shared.library.functions(),
        &cx,
    )
    .map_err(|error| Fatal::Call {
        command: "vkEnumerateInstanceVersion",
        error,
    })
}

/// The protocol's own extensions: a guest's driver has all others of an instance itself.
pub(crate) fn enumerate_instance_extension_properties<'a>(
    s: &Scope<'a>,
    c: &t::EnumerateInstanceExtensionProperties<'_>,
) -> Result<t::EnumerateInstanceExtensionPropertiesReply<'a>, Fatal> {
    let own: Vec<_> = t::EXTENSIONS
        .iter()
        .filter(|extension| support(extension.name) == Support::Protocol)
        .map(|extension| properties(extension.name, extension.spec_version))
        .collect();
    let (ret, property_count, properties) = fill(s, &own, c.property_count, c.properties_room);
    Ok(t::EnumerateInstanceExtensionPropertiesReply {
        ret,
        property_count,
        properties,
    })
}

pub(crate) fn enumerate_instance_layer_properties<'a>(
    _: &Scope<'a>,
    _: &t::EnumerateInstanceLayerProperties,
) -> Result<t::EnumerateInstanceLayerPropertiesReply<'a>, Fatal> {
    Ok(t::EnumerateInstanceLayerPropertiesReply {
        ret: t::VkResult::SUCCESS,
        property_count: 0,
        properties: &[],
    })
}

pub(crate) fn create_instance(
    s: &Scope<'_>,
    c: &t::CreateInstance<'_>,
) -> Result<t::CreateInstanceReply, Fatal> {
    s.shared.objects.check_fresh(c.instance.0)?;
    let reply = |ret| {
        Ok(t::CreateInstanceReply {
            ret,
            instance: c.instance,
        })
    };
    // Layers and extensions of the host are the host's business.
    if !c.create_info.enabled_layer_names.is_empty() {
        return reply(t::VkResult::ERROR_LAYER_NOT_PRESENT);
    }
    if !c.create_info.enabled_extension_names.is_empty() {
        return reply(t::VkResult::ERROR_EXTENSION_NOT_PRESENT);
    }
    let application = c.create_info.application_info.copied().unwrap_or_default();
    s.shared.counters.application(&application);
    tracing::info!(
        context = s.shared.life.id().0,
        application = ?application.application_name.unwrap_or_default(),
        engine = ?application.engine_name.unwrap_or_default(),
        "instance"
    );
    let host = match host_instance(&s.shared.library, c.create_info) {
        Ok(host) => host,
        Err(error) => return reply(error.0),
    };
    let found = match host.physical_devices() {
        Ok(found) => found,
        Err(error) => return reply(error.0),
    };
    let images = s.shared.options.exchanged_images;
    let physical_devices = found
        .into_iter()
        .enumerate()
        .filter(|(at, device)| s.shared.options.devices.picks(*at, device))
        .map(|(_, device)| Arc::new(PhysicalDevice::new(device, images)))
        .collect();
    s.shared.objects.insert(
        c.instance.0,
        Held::Instance(Arc::new(Instance {
            host,
            physical_devices,
        })),
    )?;
    reply(t::VkResult::SUCCESS)
}

/// The host's instance, new enough for the protocol whatever the application asks for.
pub(crate) fn host_instance(
    library: &Arc<Library>,
    info: &t::InstanceCreateInfo<'_>,
) -> Result<Arc<HostInstance>, DriverError> {
    let mut application = info.application_info.copied().unwrap_or_default();
    application.api_version = application.api_version.max(API_1_1);
    HostInstance::create(
        library,
        &t::InstanceCreateInfo {
            application_info: Some(&application),
            ..*info
        },
    )
}

pub(crate) fn destroy_instance(
    s: &Scope<'_>,
    c: &t::DestroyInstance,
) -> Result<t::DestroyInstanceReply, Fatal> {
    if c.instance.0 != 0 {
        let instance = find(s, c.instance)?;
        s.shared
            .objects
            .remove(t::ObjectType::INSTANCE, c.instance.0)?;
        let ours = |device: &Arc<PhysicalDevice>| {
            instance
                .physical_devices
                .iter()
                .any(|d| Arc::ptr_eq(d, device))
        };
        s.shared
            .objects
            .remove_where(|held| matches!(held, Held::PhysicalDevice(device) if ours(device)));
    }
    Ok(t::DestroyInstanceReply {})
}

pub(crate) fn enumerate_physical_devices<'a>(
    s: &Scope<'a>,
    c: &t::EnumeratePhysicalDevices<'a>,
) -> Result<t::EnumeratePhysicalDevicesReply<'a>, Fatal> {
    let instance = find(s, c.instance)?;
    let devices = &instance.physical_devices;
    let count = devices.len() as u32;
    if c.physical_devices.is_empty() {
        let (ret, physical_device_count) = (t::VkResult::SUCCESS, count);
        return Ok(t::EnumeratePhysicalDevicesReply {
            ret,
            physical_device_count,
            physical_devices: &[],
        });
    }
    for (id, device) in c.physical_devices.iter().zip(devices) {
        match s.shared.objects.find(t::ObjectType::PHYSICAL_DEVICE, id.0) {
            // Enumerated before, under the same id.
            Ok(Held::PhysicalDevice(known)) if Arc::ptr_eq(&known, device) => {}
            _ => s
                .shared
                .objects
                .insert(id.0, Held::PhysicalDevice(Arc::clone(device)))?,
        }
    }
    let given = c.physical_devices.len().min(devices.len());
    let ret = if given < devices.len() {
        t::VkResult::INCOMPLETE
    } else {
        t::VkResult::SUCCESS
    };
    Ok(t::EnumeratePhysicalDevicesReply {
        ret,
        physical_device_count: given as u32,
        physical_devices: c.physical_devices.get(..given).unwrap_or_default(),
    })
}

/// Each device is a group of its own: what the host groups is not known to be remotable.
pub(crate) fn enumerate_physical_device_groups<'a>(
    s: &Scope<'a>,
    c: &t::EnumeratePhysicalDeviceGroups<'a>,
) -> Result<t::EnumeratePhysicalDeviceGroupsReply<'a>, Fatal> {
    let instance = find(s, c.instance)?;
    let devices = &instance.physical_devices;
    let room = c.physical_device_group_properties;
    if room.is_empty() {
        return Ok(t::EnumeratePhysicalDeviceGroupsReply {
            ret: t::VkResult::SUCCESS,
            physical_device_group_count: devices.len() as u32,
            physical_device_group_properties: &[],
        });
    }
    let mut groups = Vec::new();
    for (group, device) in room.iter().zip(devices) {
        // The guest named each device when it enumerated them, or names it now.
        let id = s
            .shared
            .objects
            .id_of(|held| matches!(held, Held::PhysicalDevice(d) if Arc::ptr_eq(d, device)));
        let id = match (id, group.physical_devices.first()) {
            (Some(id), _) => id,
            (None, Some(id)) => {
                s.shared
                    .objects
                    .insert(id.0, Held::PhysicalDevice(Arc::clone(device)))?;
                id.0
            }
            (None, None) => return Err(Fatal::IdTaken(0)),
        };
        let mut filled = t::PhysicalDeviceGroupProperties {
            next: group.next,
            ..Default::default()
        };
        filled.physical_device_count = 1;
        if let Some(first) = filled.physical_devices.first_mut() {
            *first = t::PhysicalDeviceId(id);
        }
        groups.push(filled);
    }
    let ret = if groups.len() < devices.len() {
        t::VkResult::INCOMPLETE
    } else {
        t::VkResult::SUCCESS
    };
    Ok(t::EnumeratePhysicalDeviceGroupsReply {
        ret,
        physical_device_group_count: groups.len() as u32,
        physical_device_group_properties: s.arena.alloc_slice_copy(&groups),
    })
}

fn find(s: &Scope<'_>, id: t::InstanceId) -> Result<Arc<Instance>, Fatal> {
    match s.shared.objects.find(t::ObjectType::INSTANCE, id.0)? {
        Held::Instance(instance) => Ok(instance),
        _ => Err(Fatal::Unknown {
            kind: t::ObjectType::INSTANCE,
            id: id.0,
        }),
    }
}

/// The convention of every enumeration: no room asks for the count.
pub(crate) fn fill<'a, T: Copy>(
    s: &Scope<'a>,
    all: &[T],
    asked: u32,
    room: usize,
) -> (t::VkResult, u32, &'a [T]) {
    if room == 0 {
        return (t::VkResult::SUCCESS, all.len() as u32, &[]);
    }
    let given = all.len().min(asked as usize).min(room);
    let ret = if given < all.len() {
        t::VkResult::INCOMPLETE
    } else {
        t::VkResult::SUCCESS
    };
    (
        ret,
        given as u32,
        s.arena
            .alloc_slice_copy(all.get(..given).unwrap_or_default()),
    )
}
