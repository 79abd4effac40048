//! Which extensions are offered: in the protocol, on the host, and correct to remote.

use vulkan_types as t;

/// What becomes of an extension that host and protocol both have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Passed on.
    Passed,
    /// Left out, for this reason.
    LeftOut(&'static str),
    /// The guest sees it whatever the host has: Paravane provides it.
    Provided(&'static str),
    /// Of the protocol itself.
    Protocol,
}

/// Extensions that need more than being passed on; all others of the protocol are passed on.
const SPECIAL: &[(&str, Support)] = &[
    ("VK_EXT_command_serialization", Support::Protocol),
    ("VK_MESA_venus_protocol", Support::Protocol),
    (
        "VK_EXT_descriptor_heap",
        Support::LeftOut("writing descriptors into guest memory is not built"),
    ),
    (
        "VK_KHR_external_semaphore_fd",
        Support::Provided("sync files through the protocol's resource commands"),
    ),
    (
        "VK_KHR_external_fence_fd",
        Support::Provided("sync files through the protocol's resource commands"),
    ),
];

/// Extensions that exchange memory by file descriptor: the host's own where its dma-bufs map,
/// else Paravane's on imported pages.
pub(crate) const DMA_BUF: &[&str] = &[
    "VK_KHR_external_memory_fd",
    "VK_EXT_external_memory_dma_buf",
    "VK_EXT_image_drm_format_modifier",
];

/// What becomes of an extension of the protocol.
pub fn support(name: &str) -> Support {
    SPECIAL
        .iter()
        .find(|(special, _)| *special == name)
        .map_or(Support::Passed, |(_, support)| *support)
}

/// The protocol's extension numbers: what may be sent, whatever the host offers.
pub(crate) fn protocol_numbers() -> impl Iterator<Item = u32> {
    t::EXTENSIONS.iter().map(|extension| extension.number)
}

/// The protocol's version of an extension; none when it does not carry it.
pub(crate) fn protocol_version(name: &str) -> Option<u32> {
    t::EXTENSIONS
        .iter()
        .find(|extension| extension.name == name)
        .map(|extension| extension.spec_version)
}

/// An extension as `vkEnumerate…ExtensionProperties` shows it.
pub(crate) fn properties(name: &str, spec_version: u32) -> t::ExtensionProperties {
    let mut properties = t::ExtensionProperties {
        spec_version,
        ..Default::default()
    };
    // The last byte stays zero.
    let room = properties.extension_name.len() - 1;
    for (to, from) in properties
        .extension_name
        .iter_mut()
        .take(room)
        .zip(name.bytes())
    {
        *to = from;
    }
    properties
}
