//! What values are called, and what they mean to people.

use worker::venus::{
    DeviceReport, Emulation, ExtensionState, MemoryPropertyFlags as Flags, PhysicalDeviceType, Rung,
};

/// A packed Vulkan version (`VK_API_VERSION_MAJOR`, `_MINOR`, `_PATCH`).
pub(crate) fn version(packed: u32) -> String {
    format!(
        "{}.{}.{}",
        packed >> 22 & 0x7f,
        packed >> 12 & 0x3ff,
        packed & 0xfff
    )
}

/// `VkPhysicalDeviceType`, short.
pub(crate) fn device_type(of: PhysicalDeviceType) -> &'static str {
    match of {
        PhysicalDeviceType::INTEGRATED_GPU => "integrated",
        PhysicalDeviceType::DISCRETE_GPU => "discrete",
        PhysicalDeviceType::VIRTUAL_GPU => "virtual",
        PhysicalDeviceType::CPU => "cpu",
        _ => "other",
    }
}

/// `VkMemoryPropertyFlagBits` that are set; those that the registry does not name are left
/// out.
pub(crate) fn flags(set: Flags) -> Vec<&'static str> {
    let names = [
        (Flags::DEVICE_LOCAL, "device-local"),
        (Flags::HOST_VISIBLE, "host-visible"),
        (Flags::HOST_COHERENT, "host-coherent"),
        (Flags::HOST_CACHED, "host-cached"),
        (Flags::LAZILY_ALLOCATED, "lazily-allocated"),
        (Flags::PROTECTED, "protected"),
        (Flags::DEVICE_COHERENT_AMD, "device-coherent"),
        (Flags::DEVICE_UNCACHED_AMD, "device-uncached"),
    ];
    let set = names.into_iter().filter(|(flag, _)| set.contains(*flag));
    set.map(|(_, name)| name).collect()
}

/// A rung's short name.
pub(crate) fn rung(rung: Rung) -> &'static str {
    match rung {
        Rung::DmaBuf => "dma-buf",
        Rung::HostPointer => "host-pointer",
        Rung::Udmabuf => "udmabuf",
        Rung::OpaqueFd => "opaque-fd",
        Rung::Hidden => "hidden",
        Rung::DeviceOnly => "device-only",
    }
}

/// What a rung means to a guest.
pub(crate) fn meaning(rung: Rung) -> &'static str {
    match rung {
        Rung::DmaBuf => "guests map the driver's own memory, which it exports as dma-buf",
        Rung::HostPointer => {
            "guests map pages of Paravane's that the driver imports (VK_EXT_external_memory_host)"
        }
        Rung::Udmabuf => {
            "guests map pages of Paravane's that the driver imports as dma-buf (/dev/udmabuf)"
        }
        Rung::OpaqueFd => "guests map the driver's own memory by an opaque descriptor",
        Rung::Hidden => {
            "guests cannot map it and do not see it as host-visible: the driver neither exports \
             it in a way that maps nor imports pages as it"
        }
        Rung::DeviceOnly => "not host-visible: there is nothing to map",
    }
}

/// What guests, and their swapchains, get for dma-bufs.
pub(crate) fn dma_bufs(device: &DeviceReport) -> &'static str {
    let has = |rung| device.memory_types.iter().any(|of| of.rung == rung);
    match device.emulation {
        Emulation::DmaBuf if device.stages_images => {
            "dma-bufs on memory of the rung host-pointer, and images with the LINEAR modifier, \
             drawn in the GPU's memory and copied there: the driver exports none that map, and \
             swapchains need them"
        }
        Emulation::DmaBuf => {
            "dma-bufs and images with the LINEAR modifier, on memory of the rung host-pointer: \
             the driver exports none that map, and swapchains need them"
        }
        Emulation::None if has(Rung::DmaBuf) => "nothing for dma-bufs: the driver's own map",
        Emulation::None if passes_dma_bufs(device) && has(Rung::Udmabuf) => {
            "nothing for dma-bufs: the driver imports those of /dev/udmabuf"
        }
        Emulation::None if passes_dma_bufs(device) => {
            "nothing for dma-bufs: the driver's own are passed on, and guests cannot map them"
        }
        Emulation::None if has(Rung::HostPointer) => {
            "nothing for dma-bufs, so that guests have no swapchains: the driver lacks \
             VK_EXT_queue_family_foreign"
        }
        Emulation::None => {
            "nothing for dma-bufs, so that guests have no swapchains: the driver has none, and \
             no memory type is on the rung host-pointer"
        }
    }
}

fn passes_dma_bufs(device: &DeviceReport) -> bool {
    device.extensions.iter().any(|extension| {
        extension.name == "VK_EXT_external_memory_dma_buf"
            && extension.state == ExtensionState::Passed
    })
}

/// What is provided on every host.
pub(crate) const SYNC_FILES: &str =
    "sync files, for fences and semaphores, through commands of the protocol";

/// A number of bytes, for people.
pub(crate) fn bytes(count: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = None;
    for next in units {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = Some(next);
    }
    match unit {
        None => format!("{count} bytes"),
        Some(unit) => format!("{value:.1} {unit}"),
    }
}
