//! Made-up reports.

use worker::venus::{
    DeviceReport, Emulation, ExtensionReport, ExtensionState, MemoryPropertyFlags as Flags,
    MemoryTypeReport, PhysicalDeviceType, ProtocolReport, Report as Venus, Rung,
};
use worker::{Report, virgl};

/// A host with a Vulkan loader alone.
pub(super) fn no_device() -> Report {
    Report {
        venus: no_gpu(),
        virgl: Err("no EGL: libEGL.so.1: cannot open shared object file".into()),
    }
}

/// A host with a graphics card whose memory is on every rung, and with a processor that needs
/// Paravane's own dma-bufs.
pub(super) fn two_devices() -> Report {
    Report {
        venus: Venus {
            loader_version: Some(version(1, 4, 300)),
            devices: vec![card(), processor()],
            ..no_gpu()
        },
        virgl: Ok(virgl::Report {
            renderer: "Example Card 9000".into(),
            vendor: "Example".into(),
            version: "4.6 (Core Profile) 580.1".into(),
            profile: "core profile",
            glsl: 460,
            robust_access: true,
            lacking: vec!["fp64", "group_vote"],
            withheld: vec![("ARB_example", "not built yet")],
        }),
    }
}

fn no_gpu() -> Venus {
    Venus {
        loader_version: None,
        devices: Vec::new(),
        protocol: ProtocolReport {
            wire_format: 1,
            xml_version: version(1, 4, 359),
            commands: 341,
            extensions: 187,
        },
    }
}

fn card() -> DeviceReport {
    let mappable = Flags::HOST_VISIBLE | Flags::HOST_COHERENT;
    DeviceReport {
        name: "Example Card 9000".into(),
        offered: false,
        driver_name: "example".into(),
        driver_info: "580.1".into(),
        driver_version: 0x9100_0040,
        api_version: version(1, 5, 12),
        guest_api_version: version(1, 4, 0),
        device_type: PhysicalDeviceType::DISCRETE_GPU,
        vendor: 0x10de,
        device: 0x2335,
        render_node: Some((226, 128)),
        heaps: vec![(24 << 30, true), (16 << 30, false)],
        memory_types: vec![
            memory_type(Flags::DEVICE_LOCAL, 0, Rung::DeviceOnly),
            memory_type(mappable, 1, Rung::DmaBuf),
            memory_type(mappable | Flags::HOST_CACHED, 1, Rung::Udmabuf),
            memory_type(mappable | Flags::DEVICE_LOCAL, 0, Rung::OpaqueFd),
            MemoryTypeReport {
                guest_flags: Flags::DEVICE_LOCAL,
                ..memory_type(mappable | Flags::DEVICE_LOCAL, 0, Rung::Hidden)
            },
            memory_type(Flags::default(), 1, Rung::DeviceOnly),
            MemoryTypeReport {
                guest_flags: Flags::DEVICE_LOCAL,
                stands_for: Some(1),
                ..memory_type(Flags::default(), 0, Rung::HostPointer)
            },
        ],
        emulation: Emulation::None,
        stages_images: false,
        extensions: vec![
            extension(
                "VK_EXT_descriptor_heap",
                ExtensionState::LeftOut("a reason"),
            ),
            extension(
                "VK_KHR_external_fence_fd",
                ExtensionState::Provided("by sync files"),
            ),
            extension("VK_KHR_maintenance1", ExtensionState::Passed),
        ],
        not_carried: Vec::new(),
    }
}

fn processor() -> DeviceReport {
    let all = Flags::DEVICE_LOCAL | Flags::HOST_VISIBLE | Flags::HOST_COHERENT | Flags::HOST_CACHED;
    DeviceReport {
        name: "llvmpipe (LLVM 22.1, 256 bits)".into(),
        offered: true,
        driver_name: "llvmpipe".into(),
        driver_info: String::new(),
        driver_version: 1,
        api_version: version(1, 4, 354),
        guest_api_version: version(1, 4, 354),
        device_type: PhysicalDeviceType::CPU,
        vendor: 0x10005,
        device: 0,
        render_node: None,
        heaps: vec![(1000, true)],
        memory_types: vec![memory_type(all, 0, Rung::HostPointer)],
        emulation: Emulation::DmaBuf,
        stages_images: true,
        extensions: vec![
            extension(
                "VK_EXT_external_memory_dma_buf",
                ExtensionState::Provided("on shared pages"),
            ),
            extension(
                "VK_KHR_external_memory_fd",
                ExtensionState::Provided("on shared pages"),
            ),
            extension("VK_KHR_maintenance1", ExtensionState::Passed),
            extension("VK_KHR_ray_query", ExtensionState::Lacking),
        ],
        not_carried: vec!["VK_AMD_example".into(), "VK_EXT_display_control".into()],
    }
}

fn memory_type(flags: Flags, heap: u32, rung: Rung) -> MemoryTypeReport {
    MemoryTypeReport {
        flags,
        guest_flags: flags,
        heap,
        rung,
        stands_for: None,
    }
}

fn extension(name: &'static str, state: ExtensionState) -> ExtensionReport {
    ExtensionReport { name, state }
}

fn version(major: u32, minor: u32, patch: u32) -> u32 {
    major << 22 | minor << 12 | patch
}
