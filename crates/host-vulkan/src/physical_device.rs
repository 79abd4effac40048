use std::sync::{Arc, OnceLock};

use bumpalo::Bump;
use vulkan_types as t;

use crate::generated::Functions;
use crate::instance::initialization_failed;
use crate::lower::{Call, Identity, Lowering};
use crate::memory::{DeviceIdentity, Ladder};
use crate::{Device, DriverError, Instance};

/// `VkPhysicalDevice`, with what the host side asks of it again and again.
pub struct PhysicalDevice {
    raw: u64,
    instance: Arc<Instance>,
    properties: t::PhysicalDeviceProperties,
    extensions: Vec<t::ExtensionProperties>,
    queue_families: Vec<t::QueueFamilyProperties>,
    memory: t::PhysicalDeviceMemoryProperties,
    ladder: OnceLock<Arc<Ladder>>,
}

impl PhysicalDevice {
    pub(crate) fn new(raw: u64, instance: &Arc<Instance>) -> Arc<Self> {
        let functions = instance.functions();
        Arc::new(Self {
            raw,
            instance: Arc::clone(instance),
            properties: properties(raw, functions),
            extensions: extensions(raw, functions),
            queue_families: queue_families(raw, functions),
            memory: memory(raw, functions),
            ladder: OnceLock::new(),
        })
    }

    /// Makes a device.
    ///
    /// # Errors
    /// The driver refuses.
    pub fn create_device(
        self: &Arc<Self>,
        info: &t::DeviceCreateInfo<'_>,
    ) -> Result<Arc<Device>, DriverError> {
        let arena = Bump::new();
        let cx = Lowering::new(&arena, &Identity);
        let command = t::CreateDevice {
            physical_device: t::PhysicalDeviceId(self.raw),
            create_info: info,
            device: t::DeviceId(0),
        };
        let reply = command
            .call(self.functions(), &cx)
            .map_err(|_| initialization_failed())?;
        let raw = cx.into_created().first().copied().unwrap_or_default();
        if reply.ret != t::VkResult::SUCCESS || raw == 0 {
            return Err(DriverError(reply.ret));
        }
        Ok(Device::new(raw, self))
    }

    /// How each memory type is shared with a guest: probed on real allocations, once in the
    /// life of the [`Library`](crate::Library), since it is a property of the host's device
    /// and not of the instance that shows it.
    pub fn ladder(self: &Arc<Self>) -> &Ladder {
        let ladders = self.instance.library().ladders();
        self.ladder.get_or_init(|| ladders.of(self))
    }

    pub(crate) fn identity(&self) -> DeviceIdentity {
        let arena = Bump::new();
        let room = t::PhysicalDeviceIDProperties::default();
        let properties = t::PhysicalDeviceProperties2 {
            next: t::Chain(
                arena.alloc([t::Extension::PhysicalDeviceIDProperties(arena.alloc(room))]),
            ),
            ..Default::default()
        };
        let command = t::GetPhysicalDeviceProperties2 {
            physical_device: t::PhysicalDeviceId(self.raw),
            properties: arena.alloc(properties),
        };
        let reply = command
            .call(self.functions(), &Lowering::new(&arena, &Identity))
            .ok();
        let ids = reply.and_then(|reply| {
            reply
                .properties
                .next
                .find::<t::PhysicalDeviceIDProperties<'_>>()
        });
        DeviceIdentity {
            vendor: self.properties.vendor_id,
            device: self.properties.device_id,
            driver_version: self.properties.driver_version,
            pipeline_cache: self.properties.pipeline_cache_uuid,
            // Zeroes where the driver does not tell: devices alike in all of this share memory
            // alike, too.
            uuids: ids.map_or_else(Default::default, |ids| (ids.device_uuid, ids.driver_uuid)),
            types: self
                .memory_types()
                .iter()
                .map(|of| (of.property_flags.0, of.heap_index))
                .collect(),
        }
    }

    /// Whether an image can be made like this (`vkGetPhysicalDeviceImageFormatProperties2`).
    pub fn supports_image(&self, info: &t::ImageCreateInfo<'_>) -> bool {
        self.external_image_features(info, None).is_some()
    }

    /// Whether imported pages can back an image made like this.
    pub fn imports_images(&self, info: &t::ImageCreateInfo<'_>) -> bool {
        let pages = t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT;
        self.external_image_features(info, Some(pages))
            .is_some_and(|features| features.contains(t::ExternalMemoryFeatureFlags::IMPORTABLE))
    }

    /// What can be done with memory of a kind behind an image; none where there can be no such
    /// image.
    fn external_image_features(
        &self,
        info: &t::ImageCreateInfo<'_>,
        kind: Option<t::ExternalMemoryHandleTypeFlags>,
    ) -> Option<t::ExternalMemoryFeatureFlags> {
        let arena = Bump::new();
        let external = t::PhysicalDeviceExternalImageFormatInfo {
            handle_type: kind.unwrap_or_default(),
            ..Default::default()
        };
        // What the usage of an image depends on besides: its formats and its stencil usage.
        let mut links = Vec::new();
        if kind.is_some() {
            links.push(t::Extension::PhysicalDeviceExternalImageFormatInfo(
                &external,
            ));
        }
        links.extend(info.next.iter().copied().filter(|link| {
            matches!(
                link,
                t::Extension::ImageFormatListCreateInfo(_)
                    | t::Extension::ImageStencilUsageCreateInfo(_)
            )
        }));
        let query = t::PhysicalDeviceImageFormatInfo2 {
            next: t::Chain(&links),
            format: info.format,
            type_: info.image_type,
            tiling: info.tiling,
            usage: info.usage,
            flags: info.flags,
        };
        let external = [t::Extension::ExternalImageFormatProperties(
            arena.alloc(t::ExternalImageFormatProperties::default()),
        )];
        let asked = kind.map_or(0, |_| external.len());
        let room = t::ImageFormatProperties2 {
            next: t::Chain(arena.alloc_slice_copy(external.get(..asked).unwrap_or_default())),
            ..Default::default()
        };
        let command = t::GetPhysicalDeviceImageFormatProperties2 {
            physical_device: t::PhysicalDeviceId(self.raw),
            image_format_info: &query,
            image_format_properties: arena.alloc(room),
        };
        let reply = command
            .call(self.functions(), &Lowering::new(&arena, &Identity))
            .ok()?;
        let most = reply.image_format_properties.image_format_properties;
        let fits = reply.ret == t::VkResult::SUCCESS
            && info.extent.width <= most.max_extent.width
            && info.extent.height <= most.max_extent.height
            && info.extent.depth <= most.max_extent.depth
            && info.mip_levels <= most.max_mip_levels
            && info.array_layers <= most.max_array_layers
            && most.sample_counts.contains(info.samples);
        let properties = reply
            .image_format_properties
            .next
            .find::<t::ExternalImageFormatProperties<'_>>();
        fits.then(|| {
            properties.map_or_else(Default::default, |properties| {
                properties
                    .external_memory_properties
                    .external_memory_features
            })
        })
    }

    /// The host's handle.
    pub fn raw(&self) -> u64 {
        self.raw
    }

    /// What made it.
    pub fn instance(&self) -> &Arc<Instance> {
        &self.instance
    }

    /// The instance's commands.
    pub fn functions(&self) -> &Functions {
        self.instance.functions()
    }

    /// `VkPhysicalDeviceProperties`.
    pub fn properties(&self) -> &t::PhysicalDeviceProperties {
        &self.properties
    }

    /// The name that the driver gives it.
    pub fn name(&self) -> String {
        text(&self.properties.device_name)
    }

    /// `VkPhysicalDeviceDriverProperties`: the driver's name and its own words about itself;
    /// empty when the driver is older than that query.
    pub fn driver(&self) -> (String, String) {
        let arena = Bump::new();
        let room = t::PhysicalDeviceDriverProperties::default();
        let properties = t::PhysicalDeviceProperties2 {
            next: t::Chain(arena.alloc([t::Extension::PhysicalDeviceDriverProperties(
                arena.alloc(room),
            )])),
            ..Default::default()
        };
        let command = t::GetPhysicalDeviceProperties2 {
            physical_device: t::PhysicalDeviceId(self.raw),
            properties: arena.alloc(properties),
        };
        let reply = command
            .call(self.functions(), &Lowering::new(&arena, &Identity))
            .ok();
        let driver = reply.and_then(|reply| {
            reply
                .properties
                .next
                .find::<t::PhysicalDeviceDriverProperties<'_>>()
        });
        driver.map_or_else(Default::default, |driver| {
            (text(&driver.driver_name), text(&driver.driver_info))
        })
    }

    /// Its DRM render node, as a device number: major and minor. None when it has none, or the
    /// driver does not tell (`VK_EXT_physical_device_drm`).
    pub fn render_node(&self) -> Option<(u32, u32)> {
        self.has_extension("VK_EXT_physical_device_drm")
            .then(|| crate::extra::render_node(self))
            .flatten()
    }

    /// `VkPhysicalDeviceMemoryProperties`.
    pub fn memory(&self) -> &t::PhysicalDeviceMemoryProperties {
        &self.memory
    }

    /// Its memory types.
    pub fn memory_types(&self) -> &[t::MemoryType] {
        let count = (self.memory.memory_type_count as usize).min(self.memory.memory_types.len());
        self.memory.memory_types.get(..count).unwrap_or_default()
    }

    /// Bytes of the heap that a memory type is of; none where there is no such type.
    pub(crate) fn heap_size(&self, memory_type: u32) -> u64 {
        self.memory_types()
            .get(memory_type as usize)
            .and_then(|of| self.memory.memory_heaps.get(of.heap_index as usize))
            .map_or(0, |heap| heap.size)
    }

    /// Its queue families.
    pub fn queue_families(&self) -> &[t::QueueFamilyProperties] {
        &self.queue_families
    }

    /// Its device extensions.
    pub fn extensions(&self) -> &[t::ExtensionProperties] {
        &self.extensions
    }

    /// True when it has a device extension.
    pub fn has_extension(&self, name: &str) -> bool {
        self.extensions
            .iter()
            .any(|extension| text(&extension.extension_name) == name)
    }
}

/// The name of an extension.
pub fn extension_name(extension: &t::ExtensionProperties) -> String {
    text(&extension.extension_name)
}

/// A C string in a fixed array.
pub(crate) fn text(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

fn properties(raw: u64, functions: &Functions) -> t::PhysicalDeviceProperties {
    let arena = Bump::new();
    let command = t::GetPhysicalDeviceProperties {
        physical_device: t::PhysicalDeviceId(raw),
    };
    command
        .call(functions, &Lowering::new(&arena, &Identity))
        .map(|reply| reply.properties)
        .unwrap_or_default()
}

fn memory(raw: u64, functions: &Functions) -> t::PhysicalDeviceMemoryProperties {
    let arena = Bump::new();
    let command = t::GetPhysicalDeviceMemoryProperties {
        physical_device: t::PhysicalDeviceId(raw),
    };
    command
        .call(functions, &Lowering::new(&arena, &Identity))
        .map(|reply| reply.memory_properties)
        .unwrap_or_default()
}

fn extensions(raw: u64, functions: &Functions) -> Vec<t::ExtensionProperties> {
    let arena = Bump::new();
    let mut room = 0;
    for _ in 0..2 {
        let command = t::EnumerateDeviceExtensionProperties {
            physical_device: t::PhysicalDeviceId(raw),
            layer_name: None,
            property_count: room as u32,
            properties_room: room,
        };
        let Ok(reply) = command.call(functions, &Lowering::new(&arena, &Identity)) else {
            break;
        };
        if room != 0 {
            return reply.properties.to_vec();
        }
        room = reply.property_count as usize;
    }
    Vec::new()
}

fn queue_families(raw: u64, functions: &Functions) -> Vec<t::QueueFamilyProperties> {
    let arena = Bump::new();
    let mut room = 0;
    for _ in 0..2 {
        let command = t::GetPhysicalDeviceQueueFamilyProperties {
            physical_device: t::PhysicalDeviceId(raw),
            queue_family_property_count: room as u32,
            queue_family_properties_room: room,
        };
        let Ok(reply) = command.call(functions, &Lowering::new(&arena, &Identity)) else {
            break;
        };
        if room != 0 {
            return reply.queue_family_properties.to_vec();
        }
        room = reply.queue_family_property_count as usize;
    }
    Vec::new()
}
