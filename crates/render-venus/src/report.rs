//! What this host offers to guests, and why not more: for people, not for guests.

use std::sync::Arc;

use bumpalo::Bump;
use host_vulkan::{Call, Identity, Library, Lowering, PhysicalDevice, Rung, extension_name};
use vulkan_types as t;
use wire::ParseError;
use wire_venus::{Capset, Decoder, decode_command};

use crate::extensions::{Support, support};
use crate::instance::host_instance;
use crate::physical_device::{Emulation, PhysicalDevice as GuestsDevice};
use crate::renderer::{Options, StartError, protocol_xml_version};

/// What there is to tell.
#[derive(Clone, Debug)]
pub struct Report {
    /// The Vulkan version of the host's loader (`VK_MAKE_API_VERSION`); none for 1.0.
    pub loader_version: Option<u32>,
    /// All devices of the host, in the order of the loader.
    pub devices: Vec<DeviceReport>,
    /// What guests speak.
    pub protocol: ProtocolReport,
}

/// One device of the host.
#[derive(Clone, Debug)]
pub struct DeviceReport {
    /// The driver's name for it.
    pub name: String,
    /// Whether guests see it.
    pub offered: bool,
    /// The driver's name, empty when it does not tell.
    pub driver_name: String,
    /// The driver's words about itself, empty when it does not tell.
    pub driver_info: String,
    /// The driver's version, in the driver's own encoding.
    pub driver_version: u32,
    /// The Vulkan version of the device (`VK_MAKE_API_VERSION`).
    pub api_version: u32,
    /// The Vulkan version that guests see.
    pub guest_api_version: u32,
    /// `VkPhysicalDeviceType`.
    pub device_type: t::PhysicalDeviceType,
    /// The vendor's PCI or Khronos number.
    pub vendor: u32,
    /// The vendor's number for the device.
    pub device: u32,
    /// The device number of its DRM render node, major and minor.
    pub render_node: Option<(u32, u32)>,
    /// `VkMemoryHeap`s: bytes, and whether they are device-local.
    pub heaps: Vec<(u64, bool)>,
    /// `VkMemoryType`s in their order.
    pub memory_types: Vec<MemoryTypeReport>,
    /// What Paravane provides in the host's place.
    pub emulation: Emulation,
    /// Whether images that guests exchange are drawn in device memory and copied.
    pub stages_images: bool,
    /// The device extensions of the protocol, by name.
    pub extensions: Vec<ExtensionReport>,
    /// The host's device extensions that the protocol does not carry, by name.
    pub not_carried: Vec<String>,
}

/// One memory type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryTypeReport {
    /// Its flags on the host.
    pub flags: t::MemoryPropertyFlags,
    /// Its flags as guests see them.
    pub guest_flags: t::MemoryPropertyFlags,
    /// Its heap's index.
    pub heap: u32,
    /// How guests share it.
    pub rung: Rung,
    /// The host's type that it stands for, where only guests have it: for images that they
    /// exchange.
    pub stands_for: Option<u32>,
}

/// What becomes of one device extension of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionReport {
    /// `VK_...`.
    pub name: &'static str,
    /// What becomes of it.
    pub state: ExtensionState,
}

/// What becomes of an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionState {
    /// The host's, passed on.
    Passed,
    /// Paravane's own, in this way.
    Provided(&'static str),
    /// The host has it and guests do not get it, for this reason.
    LeftOut(&'static str),
    /// The host lacks it.
    Lacking,
}

/// The protocol as this build speaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolReport {
    /// `wire_format_version` of the capset.
    pub wire_format: u32,
    /// The registry it was made from (`VK_MAKE_API_VERSION` with `VK_HEADER_VERSION`).
    pub xml_version: u32,
    /// Commands that are decoded.
    pub commands: usize,
    /// Extensions that it carries.
    pub extensions: usize,
}

/// Looks at the host. Devices that are left out are in the report, and not offered.
///
/// # Errors
/// The host has no Vulkan, or none of its devices is chosen.
pub fn report(options: &Options) -> Result<Report, StartError> {
    let library = Library::open(options.memory_rung)?;
    let instance =
        host_instance(&library, &t::InstanceCreateInfo::default()).map_err(StartError::Instance)?;
    let found = instance.physical_devices().map_err(StartError::Instance)?;
    options.devices.check(&found)?;
    let devices = found
        .into_iter()
        .enumerate()
        .map(|(at, host)| device(options, at, host));
    Ok(Report {
        loader_version: loader_version(&library),
        devices: devices.collect(),
        protocol: protocol(),
    })
}

fn loader_version(library: &Library) -> Option<u32> {
    let arena = Bump::new();
    let reply =
        t::EnumerateInstanceVersion {}.call(library.functions(), &Lowering::new(&arena, &Identity));
    reply.ok().map(|reply| reply.api_version)
}

fn device(options: &Options, at: usize, host: Arc<PhysicalDevice>) -> DeviceReport {
    let offered = options.devices.picks(at, &host);
    let (driver_name, driver_info) = host.driver();
    let properties = *host.properties();
    let guests = GuestsDevice::new(Arc::clone(&host), options.exchanged_images);
    let heaps = host
        .memory()
        .memory_heaps
        .iter()
        .take(host.memory().memory_heap_count as usize);
    let local = t::MemoryHeapFlags::DEVICE_LOCAL;
    DeviceReport {
        name: host.name(),
        offered,
        driver_name,
        driver_info,
        driver_version: properties.driver_version,
        api_version: properties.api_version,
        guest_api_version: crate::physical_device::cap(properties.api_version),
        device_type: properties.device_type,
        vendor: properties.vendor_id,
        device: properties.device_id,
        render_node: host.render_node(),
        heaps: heaps
            .map(|heap| (heap.size, heap.flags.contains(local)))
            .collect(),
        memory_types: memory_types(&guests),
        emulation: Emulation::of(&host),
        stages_images: guests.stages_images(),
        extensions: extensions(&host),
        not_carried: not_carried(&host),
    }
}

fn memory_types(guests: &GuestsDevice) -> Vec<MemoryTypeReport> {
    let host = guests.host();
    let report = |(index, of): (u32, &t::MemoryType)| MemoryTypeReport {
        flags: of.property_flags,
        guest_flags: guests.memory_flags(index),
        heap: of.heap_index,
        rung: host.ladder().rung(index),
        stands_for: None,
    };
    let exchange = guests.exchange().map(|exchange| MemoryTypeReport {
        flags: t::MemoryPropertyFlags::default(),
        guest_flags: exchange.memory_type().property_flags,
        heap: exchange.memory_type().heap_index,
        rung: host.ladder().rung(exchange.host_index),
        stands_for: Some(exchange.host_index),
    });
    let types = (0..).zip(host.memory_types()).map(report);
    types.chain(exchange).collect()
}

fn extensions(host: &Arc<PhysicalDevice>) -> Vec<ExtensionReport> {
    let emulation = Emulation::of(host);
    let carried = t::EXTENSIONS
        .iter()
        .filter(|carried| !carried.instance && support(carried.name) != Support::Protocol);
    let report = |carried: &t::CarriedExtension| ExtensionReport {
        name: carried.name,
        state: match emulation.extension(host, carried.name) {
            Some(Support::Passed) => ExtensionState::Passed,
            Some(Support::Provided(how)) => ExtensionState::Provided(how),
            Some(Support::LeftOut(why)) if host.has_extension(carried.name) => {
                ExtensionState::LeftOut(why)
            }
            Some(Support::LeftOut(_) | Support::Protocol) | None => ExtensionState::Lacking,
        },
    };
    carried.map(report).collect()
}

fn not_carried(host: &PhysicalDevice) -> Vec<String> {
    let carried = |name: &String| t::EXTENSIONS.iter().any(|carried| carried.name == name);
    let mut names: Vec<_> = host
        .extensions()
        .iter()
        .map(extension_name)
        .filter(|name| !carried(name))
        .collect();
    names.sort();
    names
}

/// What the protocol is, whatever the host has.
fn protocol() -> ProtocolReport {
    ProtocolReport {
        wire_format: Capset::WIRE_FORMAT_VERSION,
        xml_version: protocol_xml_version(),
        commands: (0..COMMAND_IDS).filter(|id| is_decoded(*id)).count(),
        extensions: t::EXTENSIONS.len(),
    }
}

/// Past the largest command number: the protocol's are below 346.
const COMMAND_IDS: u32 = 4096;

/// Whether a command number has a meaning: if so, what is wrong with a command that ends after
/// its header is that it ends, or nothing.
fn is_decoded(id: u32) -> bool {
    let arena = Bump::new();
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&id.to_le_bytes());
    let mut decoder = Decoder::new(&bytes, &arena);
    !matches!(decode_command(&mut decoder), Err(ParseError::BadValue { value, .. }) if value == u64::from(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_counted() {
        let protocol = protocol();
        assert_eq!(protocol.wire_format, 1);
        assert_eq!(protocol.extensions, 187);
        // Some numbers of the 346 are of commands that only a driver has.
        assert!((280..=346).contains(&protocol.commands), "{protocol:?}");
        assert!(is_decoded(0) && !is_decoded(COMMAND_IDS));
    }
}
