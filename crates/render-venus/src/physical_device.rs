//! `VkPhysicalDevice`: the host's answers, less what cannot be remoted, plus what is provided.

use std::sync::Arc;

use host_vulkan::{PhysicalDevice as HostPhysicalDevice, Rung};
use vulkan_types as t;

use crate::Fatal;
use crate::exchange::Exchange;
use crate::extensions::{DMA_BUF, Support, properties, protocol_version, support};
use crate::instance::fill;
use crate::objects::Held;
use crate::renderer::ExchangedImages;
use crate::scope::Scope;

/// The newest Vulkan that the protocol carries: 1.4.
const MAX_API: (u32, u32) = (1, 4);

/// What is provided in the host's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emulation {
    /// Nothing: the host's dma-bufs map.
    None,
    /// Exportable memory on imported pages, and images with the LINEAR modifier on it.
    DmaBuf,
}

/// A physical device as guests see it.
pub(crate) struct PhysicalDevice {
    host: Arc<HostPhysicalDevice>,
    emulation: Emulation,
    exchange: Option<Exchange>,
    stages_images: bool,
    extensions: Vec<t::ExtensionProperties>,
}

impl Emulation {
    /// What a host's device needs.
    pub fn of(host: &Arc<HostPhysicalDevice>) -> Self {
        let rungs = host.ladder().rungs();
        // Foreign queue families are in guests' barriers, and nothing stands in for them.
        let pages =
            rungs.contains(&Rung::HostPointer) && host.has_extension("VK_EXT_queue_family_foreign");
        if pages && !rungs.contains(&Rung::DmaBuf) {
            Self::DmaBuf
        } else {
            Self::None
        }
    }

    /// The extensions of a host's device that a guest gets, with the host's or our reasons.
    pub fn extension(self, host: &HostPhysicalDevice, name: &str) -> Option<Support> {
        protocol_version(name)?;
        if self == Self::DmaBuf && DMA_BUF.contains(&name) {
            return Some(Support::Provided("on memory pages shared with the guest"));
        }
        match support(name) {
            Support::Passed if !host.has_extension(name) => None,
            Support::Protocol => None,
            other => Some(other),
        }
    }
}

impl PhysicalDevice {
    pub(crate) fn new(host: Arc<HostPhysicalDevice>, images: ExchangedImages) -> Self {
        let emulation = Emulation::of(&host);
        let extensions = t::EXTENSIONS
            .iter()
            .filter(|carried| {
                let offered = emulation.extension(&host, carried.name);
                matches!(offered, Some(Support::Passed | Support::Provided(_)))
            })
            .map(|carried| properties(carried.name, carried.spec_version))
            .collect();
        let exchange = (emulation == Emulation::DmaBuf)
            .then(|| Exchange::of(&host))
            .flatten();
        let stages_images = match images {
            ExchangedImages::Auto => exchange.is_some(),
            ExchangedImages::Direct => false,
            ExchangedImages::Staged => emulation == Emulation::DmaBuf,
        };
        Self {
            host,
            emulation,
            exchange,
            stages_images,
            extensions,
        }
    }

    pub(crate) fn host(&self) -> &Arc<HostPhysicalDevice> {
        &self.host
    }

    pub(crate) fn emulates_dma_buf(&self) -> bool {
        self.emulation == Emulation::DmaBuf
    }

    /// The guest's own memory type, for images that it may exchange.
    pub(crate) fn exchange(&self) -> Option<Exchange> {
        self.exchange
    }

    /// Those of the host's memory types that are pages of ours, and the guest's own beside them.
    pub(crate) fn page_types(&self, among: u32) -> u32 {
        let pages = among & self.host.ladder().types_on(Rung::HostPointer);
        pages | self.exchange.map_or(0, |exchange| exchange.bit_in(pages))
    }

    /// The host's memory type that a guest's index names.
    pub(crate) fn host_memory_type(&self, index: u32) -> Option<u32> {
        if let Some(exchange) = self.exchange
            && exchange.index == index
        {
            return Some(exchange.host_index);
        }
        (self.host.memory_types().len() > index as usize).then_some(index)
    }

    /// True when images that guests exchange are drawn in device memory and copied.
    pub(crate) fn stages_images(&self) -> bool {
        self.stages_images
    }

    /// True when guests may enable this extension.
    pub(crate) fn offers(&self, name: &str) -> bool {
        matches!(
            self.emulation.extension(&self.host, name),
            Some(Support::Passed | Support::Provided(_))
        )
    }

    /// True when Paravane provides it, whatever the host has.
    pub(crate) fn provides(&self, name: &str) -> bool {
        matches!(
            self.emulation.extension(&self.host, name),
            Some(Support::Provided(_))
        )
    }

    /// A memory type's properties as guests see them.
    pub(crate) fn memory_flags(&self, memory_type: u32) -> t::MemoryPropertyFlags {
        let flags = self
            .host
            .memory_types()
            .get(memory_type as usize)
            .map_or_else(Default::default, |m| m.property_flags);
        if self.host.ladder().rung(memory_type) != Rung::Hidden {
            return flags;
        }
        flags.without(
            t::MemoryPropertyFlags::HOST_VISIBLE
                | t::MemoryPropertyFlags::HOST_COHERENT
                | t::MemoryPropertyFlags::HOST_CACHED,
        )
    }

    fn memory_properties(
        &self,
        mut properties: t::PhysicalDeviceMemoryProperties,
    ) -> t::PhysicalDeviceMemoryProperties {
        for (index, memory_type) in (0u32..).zip(properties.memory_types.iter_mut()) {
            if index < properties.memory_type_count {
                memory_type.property_flags = self.memory_flags(index);
            }
        }
        if let Some(exchange) = self.exchange
            && let Some(room) = properties.memory_types.get_mut(exchange.index as usize)
        {
            *room = exchange.memory_type();
            properties.memory_type_count = exchange.index + 1;
        }
        properties
    }
}

pub(crate) fn enumerate_device_extension_properties<'a>(
    s: &Scope<'a>,
    c: &t::EnumerateDeviceExtensionProperties<'_>,
) -> Result<t::EnumerateDeviceExtensionPropertiesReply<'a>, Fatal> {
    if c.layer_name.is_some() {
        return Err(Fatal::misuse(
            "vkEnumerateDeviceExtensionProperties",
            "layers are the guest's own",
        ));
    }
    let device = find(s, c.physical_device)?;
    let (ret, property_count, properties) =
        fill(s, &device.extensions, c.property_count, c.properties_room);
    Ok(t::EnumerateDeviceExtensionPropertiesReply {
        ret,
        property_count,
        properties,
    })
}

pub(crate) fn enumerate_device_layer_properties<'a>(
    _: &Scope<'a>,
    _: &t::EnumerateDeviceLayerProperties,
) -> Result<t::EnumerateDeviceLayerPropertiesReply<'a>, Fatal> {
    Ok(t::EnumerateDeviceLayerPropertiesReply {
        ret: t::VkResult::SUCCESS,
        property_count: 0,
        properties: &[],
    })
}

/// Features that need the host's addresses in the guest, or an extension that is left out.
pub(crate) fn get_physical_device_features2<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceFeatures2<'a>,
) -> Result<t::GetPhysicalDeviceFeatures2Reply<'a>, Fatal> {
    use t::Extension as E;
    let reply = s.call(c)?;
    let next = map_chain(s, reply.features.next, |link| match link {
        E::PhysicalDeviceAccelerationStructureFeaturesKHR(f) => {
            let f = t::PhysicalDeviceAccelerationStructureFeaturesKHR {
                acceleration_structure_host_commands: 0,
                ..*f
            };
            E::PhysicalDeviceAccelerationStructureFeaturesKHR(s.arena.alloc(f))
        }
        E::PhysicalDeviceDescriptorHeapFeaturesEXT(f) => {
            let f = t::PhysicalDeviceDescriptorHeapFeaturesEXT {
                next: f.next,
                ..Default::default()
            };
            E::PhysicalDeviceDescriptorHeapFeaturesEXT(s.arena.alloc(f))
        }
        other => other,
    });
    Ok(t::GetPhysicalDeviceFeatures2Reply {
        features: s.arena.alloc(t::PhysicalDeviceFeatures2 {
            next,
            ..*reply.features
        }),
    })
}

pub(crate) fn get_physical_device_properties(
    s: &Scope<'_>,
    c: &t::GetPhysicalDeviceProperties,
) -> Result<t::GetPhysicalDevicePropertiesReply, Fatal> {
    let mut reply = s.call(c)?;
    reply.properties.api_version = cap(reply.properties.api_version);
    Ok(reply)
}

pub(crate) fn get_physical_device_properties2<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceProperties2<'a>,
) -> Result<t::GetPhysicalDeviceProperties2Reply<'a>, Fatal> {
    let mut properties = *s.call(c)?.properties;
    properties.properties.api_version = cap(properties.properties.api_version);
    Ok(t::GetPhysicalDeviceProperties2Reply {
        properties: s.arena.alloc(properties),
    })
}

pub(crate) fn get_physical_device_memory_properties(
    s: &Scope<'_>,
    c: &t::GetPhysicalDeviceMemoryProperties,
) -> Result<t::GetPhysicalDeviceMemoryPropertiesReply, Fatal> {
    let device = find(s, c.physical_device)?;
    let mut reply = s.call(c)?;
    reply.memory_properties = device.memory_properties(reply.memory_properties);
    Ok(reply)
}

pub(crate) fn get_physical_device_memory_properties2<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceMemoryProperties2<'a>,
) -> Result<t::GetPhysicalDeviceMemoryProperties2Reply<'a>, Fatal> {
    let device = find(s, c.physical_device)?;
    let mut properties = *s.call(c)?.memory_properties;
    properties.memory_properties = device.memory_properties(properties.memory_properties);
    Ok(t::GetPhysicalDeviceMemoryProperties2Reply {
        memory_properties: s.arena.alloc(properties),
    })
}

pub(crate) fn get_physical_device_external_buffer_properties<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceExternalBufferProperties<'a>,
) -> Result<t::GetPhysicalDeviceExternalBufferPropertiesReply<'a>, Fatal> {
    let dma_buf = t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
    if !find(s, c.physical_device)?.emulates_dma_buf() {
        return s.call(c);
    }
    if c.external_buffer_info.handle_type != dma_buf {
        return Ok(t::GetPhysicalDeviceExternalBufferPropertiesReply {
            external_buffer_properties: c.external_buffer_properties,
        });
    }
    let info = s.arena.alloc(t::PhysicalDeviceExternalBufferInfo {
        handle_type: t::ExternalMemoryHandleTypeFlags::HOST_ALLOCATION_EXT,
        ..*c.external_buffer_info
    });
    let mut properties = *s
        .call(&t::GetPhysicalDeviceExternalBufferProperties {
            external_buffer_info: info,
            ..*c
        })?
        .external_buffer_properties;
    properties.external_memory_properties = shareable(properties.external_memory_properties);
    Ok(t::GetPhysicalDeviceExternalBufferPropertiesReply {
        external_buffer_properties: s.arena.alloc(properties),
    })
}

/// Sync files are provided for binary semaphores; nothing else is exchanged.
pub(crate) fn get_physical_device_external_semaphore_properties<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceExternalSemaphoreProperties<'a>,
) -> Result<t::GetPhysicalDeviceExternalSemaphorePropertiesReply<'a>, Fatal> {
    let sync_fd = t::ExternalSemaphoreHandleTypeFlags::SYNC_FD;
    let info = c.external_semaphore_info;
    let timeline = info
        .next
        .find::<t::SemaphoreTypeCreateInfo<'_>>()
        .is_some_and(|info| info.semaphore_type == t::SemaphoreType::TIMELINE);
    let mut properties = *c.external_semaphore_properties;
    if info.handle_type == sync_fd && !timeline {
        properties.export_from_imported_handle_types = sync_fd;
        properties.compatible_handle_types = sync_fd;
        properties.external_semaphore_features = t::ExternalSemaphoreFeatureFlags::EXPORTABLE
            | t::ExternalSemaphoreFeatureFlags::IMPORTABLE;
    }
    Ok(t::GetPhysicalDeviceExternalSemaphorePropertiesReply {
        external_semaphore_properties: s.arena.alloc(properties),
    })
}

/// As for semaphores.
pub(crate) fn get_physical_device_external_fence_properties<'a>(
    s: &Scope<'a>,
    c: &t::GetPhysicalDeviceExternalFenceProperties<'a>,
) -> Result<t::GetPhysicalDeviceExternalFencePropertiesReply<'a>, Fatal> {
    let sync_fd = t::ExternalFenceHandleTypeFlags::SYNC_FD;
    let mut properties = *c.external_fence_properties;
    if c.external_fence_info.handle_type == sync_fd {
        properties.export_from_imported_handle_types = sync_fd;
        properties.compatible_handle_types = sync_fd;
        properties.external_fence_features =
            t::ExternalFenceFeatureFlags::EXPORTABLE | t::ExternalFenceFeatureFlags::IMPORTABLE;
    }
    Ok(t::GetPhysicalDeviceExternalFencePropertiesReply {
        external_fence_properties: s.arena.alloc(properties),
    })
}

/// A loader has these commands for every device, and calls what a device without the extension
/// does not have.
macro_rules! of_extensions {
    ($($function:ident: $command:ty => $reply:ty, $name:literal, $extensions:expr;)*) => {
        $(pub(crate) fn $function<'a>(s: &Scope<'a>, c: &$command) -> Result<$reply, Fatal> {
            let device = find(s, c.physical_device)?;
            if !$extensions.iter().any(|name| device.offers(name)) {
                return Err(Fatal::misuse($name, "of an extension that the device does not have"));
            }
            s.call(c)
        })*
    };
}

of_extensions! {
    get_physical_device_fragment_shading_rates_khr: t::GetPhysicalDeviceFragmentShadingRatesKHR<'a> => t::GetPhysicalDeviceFragmentShadingRatesKHRReply<'a>, "vkGetPhysicalDeviceFragmentShadingRatesKHR", ["VK_KHR_fragment_shading_rate"];
    get_physical_device_multisample_properties_ext: t::GetPhysicalDeviceMultisamplePropertiesEXT<'a> => t::GetPhysicalDeviceMultisamplePropertiesEXTReply<'a>, "vkGetPhysicalDeviceMultisamplePropertiesEXT", ["VK_EXT_sample_locations"];
    get_physical_device_calibrateable_time_domains_khr: t::GetPhysicalDeviceCalibrateableTimeDomainsKHR => t::GetPhysicalDeviceCalibrateableTimeDomainsKHRReply<'a>, "vkGetPhysicalDeviceCalibrateableTimeDomainsKHR", ["VK_KHR_calibrated_timestamps", "VK_EXT_calibrated_timestamps"];
    get_physical_device_cooperative_matrix_properties_khr: t::GetPhysicalDeviceCooperativeMatrixPropertiesKHR<'a> => t::GetPhysicalDeviceCooperativeMatrixPropertiesKHRReply<'a>, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR", ["VK_KHR_cooperative_matrix"];
    get_physical_device_descriptor_size_ext: t::GetPhysicalDeviceDescriptorSizeEXT => t::GetPhysicalDeviceDescriptorSizeEXTReply, "vkGetPhysicalDeviceDescriptorSizeEXT", ["VK_EXT_descriptor_heap"];
}

pub(crate) fn find(s: &Scope<'_>, id: t::PhysicalDeviceId) -> Result<Arc<PhysicalDevice>, Fatal> {
    match s
        .shared
        .objects
        .find(t::ObjectType::PHYSICAL_DEVICE, id.0)?
    {
        Held::PhysicalDevice(device) => Ok(device),
        _ => Err(Fatal::Unknown {
            kind: t::ObjectType::PHYSICAL_DEVICE,
            id: id.0,
        }),
    }
}

/// A chain with each link changed.
pub(crate) fn map_chain<'a>(
    s: &Scope<'a>,
    chain: t::Chain<'a>,
    change: impl Fn(t::Extension<'a>) -> t::Extension<'a>,
) -> t::Chain<'a> {
    t::Chain(
        s.arena
            .alloc_slice_fill_iter(chain.0.iter().map(|link| change(*link))),
    )
}

/// A chain with some links only.
pub(crate) fn filter_chain<'a>(
    s: &Scope<'a>,
    chain: t::Chain<'a>,
    keep: impl Fn(&t::Extension<'a>) -> bool,
) -> t::Chain<'a> {
    let kept: Vec<_> = chain.0.iter().filter(|link| keep(link)).copied().collect();
    t::Chain(s.arena.alloc_slice_copy(&kept))
}

/// What the host can import, a guest can exchange as a dma-buf.
pub(crate) fn shareable(host: t::ExternalMemoryProperties) -> t::ExternalMemoryProperties {
    let importable = t::ExternalMemoryFeatureFlags::IMPORTABLE;
    if !host.external_memory_features.contains(importable) {
        return t::ExternalMemoryProperties::default();
    }
    let dma_buf = t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
    t::ExternalMemoryProperties {
        external_memory_features: importable | t::ExternalMemoryFeatureFlags::EXPORTABLE,
        export_from_imported_handle_types: dma_buf,
        compatible_handle_types: dma_buf,
    }
}

/// A device's version as guests see it.
pub(crate) fn cap(version: u32) -> u32 {
    // VK_API_VERSION_MAJOR, _MINOR.
    let (major, minor) = (version >> 22 & 0x7f, version >> 12 & 0x3ff);
    if (major, minor) > MAX_API {
        MAX_API.0 << 22 | MAX_API.1 << 12
    } else {
        version
    }
}
